import { CerberusError, type Clock, invariant } from '@cerberus/core';
import type { Producer, Transaction } from 'kafkajs';
import { BUS_ERRORS, busError } from '../errors.ts';
import type { Commit, GroupOffsets, TransactionalProducer } from '../port.ts';
import { checkLedgerRecord } from '../record-checks.ts';
import type { TopicTable } from '../topic-table.ts';
import { type ClientFactory, kafkaErrorTypes, within } from './client-factory.ts';
import { givenPartition, requestLength, topicMessages } from './kafka-records.ts';
import { type Intention, refusalOf } from './refusals.ts';

/** Of the transaction's own time: given up here, it is still ended by us and not by the broker. */
const COMMIT_LIMIT_SHARE = 0.8;
const OPEN_LIMIT_MS = 25_000;
const ABORT_LIMIT_MS = 2000;
const FENCED = new Set(['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED']);

export interface TransactionalOptions {
  readonly id: string;
  readonly clients: ClientFactory;
  readonly topics: TopicTable;
  /**
   * A transaction that its writer left open holds up every reader of its partitions until the broker
   * ends it after this time. Longer than any commit takes: one that is slower fails.
   */
  readonly transactionTimeoutMs: number;
  onError(what: string, error: unknown): void;
  onCommitted(tookMs: number): void;
  onClosed(producer: KafkaTransactionalProducer): void;
}

export class KafkaTransactionalProducer implements TransactionalProducer {
  readonly id: string;
  readonly #options: TransactionalOptions;
  readonly #producer: Producer;
  readonly #clock: Clock;
  #alive = true;
  #committing = false;
  #disconnected: Promise<void> | undefined;

  private constructor(options: TransactionalOptions, producer: Producer) {
    this.id = options.id;
    this.#options = options;
    this.#producer = producer;
    this.#clock = options.clients.connection.clock;
  }

  /** The client takes its epoch with its first transaction, not when it connects: an empty one fences. */
  static async open(options: TransactionalOptions): Promise<KafkaTransactionalProducer> {
    const { id, clients, transactionTimeoutMs } = options;
    const producer = clients.transactional().producer({
      transactionalId: id,
      idempotent: true,
      maxInFlightRequests: 1,
      transactionTimeout: transactionTimeoutMs,
      allowAutoTopicCreation: false,
      createPartitioner: givenPartition,
    });
    const opened = new KafkaTransactionalProducer(options, producer);
    const fence = async () => {
      await producer.connect();
      const empty = await producer.transaction();
      await empty.abort();
    };
    try {
      await opened.#within(OPEN_LIMIT_MS, `opening producer ${id}`, fence());
      return opened;
    } catch (error) {
      opened.#end();
      throw opened.#busErrorOf(error);
    }
  }

  get alive(): boolean {
    return this.#alive;
  }

  async commit(commit: Commit): Promise<void> {
    invariant(!this.#committing, `producer ${this.id} has one commit in flight at most`);
    if (!this.#alive) throw busError(BUS_ERRORS.PRODUCER_CLOSED, { path: this.id });
    this.#committing = true;
    const startedMs = this.#clock.monotonicMs();
    try {
      for (const record of commit.records) checkLedgerRecord(this.#options.topics, record);
      if (commit.records.length > 0 || (commit.offsets?.offsets.length ?? 0) > 0) {
        await this.#transact(commit);
        this.#options.onCommitted(this.#clock.monotonicMs() - startedMs);
      }
    } catch (error) {
      this.#end();
      throw this.#isExpired(error, startedMs)
        ? expired(this.id, error)
        : this.#busErrorOf(error, intentionOf(commit));
    } finally {
      this.#committing = false;
    }
  }

  async close(): Promise<void> {
    this.#end();
    await this.#disconnected;
  }

  async #transact(commit: Commit): Promise<void> {
    const transaction = await this.#producer.transaction();
    try {
      const write = this.#write(transaction, commit);
      const limitMs = COMMIT_LIMIT_SHARE * this.#options.transactionTimeoutMs;
      await this.#within(limitMs, `commit of ${this.id}`, write);
    } catch (error) {
      if (!transaction.isActive() || isFencedByBroker(error)) throw error;
      const refusal = await this.#abort(transaction);
      // Given up here, but the broker had ended it before: it knows more of why than we do.
      if (isFencedByBroker(refusal)) throw refusal;
      throw error;
    }
  }

  async #write(transaction: Transaction, { records, offsets }: Commit): Promise<void> {
    let rest = records;
    while (rest.length > 0) {
      const length = requestLength(rest);
      const messages = topicMessages(
        rest.slice(0, length),
        this.#options.topics,
        this.#clock.nowUs(),
      );
      await transaction.sendBatch({ topicMessages: messages, acks: -1 });
      rest = rest.slice(length);
    }
    if (offsets !== undefined && offsets.offsets.length > 0) {
      await transaction.sendOffsets({
        consumerGroupId: offsets.groupId,
        topics: offsetsByTopic(offsets),
      });
    }
    await transaction.commit();
  }

  /** Readers of the partitions need not wait for the broker to notice. Gives what went wrong. */
  async #abort(transaction: Transaction): Promise<unknown> {
    try {
      await this.#within(ABORT_LIMIT_MS, `abort of ${this.id}`, transaction.abort());
      return undefined;
    } catch (error) {
      // The next holder of the id, or the broker's own timeout, ends the transaction.
      this.#options.onError(`aborting a transaction of ${this.id}`, error);
      return error;
    }
  }

  /** The broker ends what was open for too long as if another had opened the id: we were asleep. */
  #isExpired(error: unknown, startedMs: number): boolean {
    const tookMs = this.#clock.monotonicMs() - startedMs;
    return isFencedByBroker(error) && tookMs >= this.#options.transactionTimeoutMs;
  }

  #busErrorOf(error: unknown, intention: Intention = {}): CerberusError {
    if (error instanceof CerberusError) return error;
    const { id } = this;
    if (isFencedByBroker(error)) return busError(BUS_ERRORS.FENCED, { path: id }, error);
    const { connection } = this.#options.clients;
    const refusal = refusalOf(error, connection, { ...intention, transactionalId: id });
    if (refusal !== undefined) return refusal;
    const message = error instanceof Error ? error.message : String(error);
    return busError(BUS_ERRORS.COMMIT_FAILED, { path: id, message }, error);
  }

  #end(): void {
    this.#alive = false;
    this.#disconnected ??= this.#disconnect().then(() => this.#options.onClosed(this));
  }

  async #disconnect(): Promise<void> {
    try {
      await this.#producer.disconnect();
    } catch (error) {
      this.#options.onError(`closing producer ${this.id}`, error);
    }
  }

  /** What is given up goes on inside the client, which then connects again: closed once more after it. */
  #within<T>(limitMs: number, what: string, work: Promise<T>): Promise<T> {
    const closeAgain = () => {
      if (!this.#alive) void this.#disconnect();
    };
    work.then(closeAgain, closeAgain);
    return within({ clock: this.#clock, limitMs, what }, work);
  }
}

function offsetsByTopic({ offsets }: GroupOffsets) {
  const byTopic = new Map<string, { partition: number; offset: string }[]>();
  for (const { topic, partition, nextOffset } of offsets) {
    const partitions = byTopic.get(topic) ?? [];
    byTopic.set(topic, partitions);
    partitions.push({ partition, offset: nextOffset.toString() });
  }
  return [...byTopic].map(([topic, partitions]) => ({ topic, partitions }));
}

function isFencedByBroker(error: unknown): boolean {
  return kafkaErrorTypes(error).some((type) => FENCED.has(type));
}

function expired(id: string, error: unknown): CerberusError {
  return busError(BUS_ERRORS.TRANSACTION_EXPIRED, { path: id }, error);
}

function intentionOf({ records, offsets }: Commit): Intention {
  return {
    write: records.map(({ topic }) => topic),
    ...(offsets && {
      group: offsets.groupId,
      read: offsets.offsets.map(({ topic }) => topic),
    }),
  };
}
