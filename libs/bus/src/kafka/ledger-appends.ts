import type { Producer } from 'kafkajs';
import { BUS_ERRORS, busError } from '../errors.ts';
import type { OutgoingRecord } from '../port.ts';
import { checkLedgerRecord } from '../record-checks.ts';
import type { TopicTable } from '../topic-table.ts';
import { type ClientFactory, within } from './client-factory.ts';
import { givenPartition, requestLength, topicMessages } from './kafka-records.ts';
import { refusalOf } from './refusals.ts';

/** A broker that stands takes a fraction of it; whoever appends tries again with a new connection. */
const APPEND_LIMIT_MS = 3000;
const ALL_IN_SYNC = -1;

export interface LedgerAppendsOptions {
  readonly clients: ClientFactory;
  readonly topics: TopicTable;
  onError(what: string, error: unknown): void;
}

/** Ledger records outside transactions: one request instead of eight, at least once instead of exactly. */
export class LedgerAppends {
  readonly #options: LedgerAppendsOptions;
  #producer: Producer | undefined;
  #isStopped = false;

  constructor(options: LedgerAppendsOptions) {
    this.#options = options;
  }

  async append(records: readonly OutgoingRecord[]): Promise<void> {
    if (this.#isStopped) throw busError(BUS_ERRORS.STOPPED);
    for (const record of records) checkLedgerRecord(this.#options.topics, record);
    const producer = this.#open();
    const { connection } = this.#options.clients;
    const { clock } = connection;
    try {
      await within(
        { clock, limitMs: APPEND_LIMIT_MS, what: 'appending to ledgers' },
        this.#send(producer, records),
      );
    } catch (error) {
      if (this.#producer === producer) this.#producer = undefined;
      void this.#disconnect(producer);
      const write = records.map(({ topic }) => topic);
      const refusal = refusalOf(error, connection, { write });
      if (refusal !== undefined) throw refusal;
      const message = error instanceof Error ? error.message : String(error);
      throw busError(BUS_ERRORS.COMMIT_FAILED, { path: records[0]?.topic ?? '', message }, error);
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#producer !== undefined) await this.#disconnect(this.#producer);
  }

  #open(): Producer {
    this.#producer ??= this.#options.clients.plain().producer({
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: givenPartition,
    });
    return this.#producer;
  }

  async #send(producer: Producer, records: readonly OutgoingRecord[]): Promise<void> {
    const { topics, clients } = this.#options;
    await producer.connect();
    let rest = records;
    while (rest.length > 0) {
      const length = requestLength(rest);
      const messages = topicMessages(
        rest.slice(0, length),
        topics,
        clients.connection.clock.nowUs(),
      );
      await producer.sendBatch({ topicMessages: messages, acks: ALL_IN_SYNC });
      rest = rest.slice(length);
    }
  }

  async #disconnect(producer: Producer): Promise<void> {
    try {
      await producer.disconnect();
    } catch (error) {
      this.#options.onError('closing the producer of appends', error);
    }
  }
}
