import { type Clock, invariant } from '@cerberus/core';
import { BUS_ERRORS, busError } from '../errors.ts';
import type { Commit, OutgoingRecord, StreamProducer, TransactionalProducer } from '../port.ts';
import { checkLedgerRecord, checkRecordSize } from '../record-checks.ts';
import type { TopicTable } from '../topic-table.ts';
import { type CommitQueue, incomingRecord } from './commit-queue.ts';
import type { PartitionLog } from './partition-log.ts';

export class LogTransactionalProducer implements TransactionalProducer {
  readonly id: string;
  readonly #epoch: number;
  readonly #queue: CommitQueue;
  readonly #topics: TopicTable;
  #alive = true;
  #committing = false;

  constructor(options: { id: string; epoch: number; queue: CommitQueue; topics: TopicTable }) {
    this.id = options.id;
    this.#epoch = options.epoch;
    this.#queue = options.queue;
    this.#topics = options.topics;
  }

  get alive(): boolean {
    return this.#alive;
  }

  async commit(commit: Commit): Promise<void> {
    invariant(!this.#committing, `producer ${this.id} has one commit in flight at most`);
    if (!this.#alive) throw busError(BUS_ERRORS.PRODUCER_CLOSED, { path: this.id });
    this.#committing = true;
    try {
      for (const record of commit.records) checkLedgerRecord(this.#topics, record);
      await this.#queue.commit(commit, { id: this.id, epoch: this.#epoch });
    } catch (error) {
      this.#alive = false;
      throw error;
    } finally {
      this.#committing = false;
    }
  }

  close(): Promise<void> {
    this.#alive = false;
    return Promise.resolve();
  }
}

export interface StreamProducerOptions {
  readonly topics: TopicTable;
  readonly clock: Clock;
  log(topic: string, partition: number): PartitionLog;
  /** Undefined where the topic is not recorded. */
  recorder(topic: string): CommitQueue | undefined;
  running(): boolean;
}

/**
 * What is sent is in memory, and visible, when `send` returns. Where readers of a topic that may not
 * be conflated are too far behind, the record waits with its promise until they have moved on.
 */
export class LogStreamProducer implements StreamProducer {
  readonly #options: StreamProducerOptions;
  /** Sends waiting for room, by partition: later ones of the partition queue behind. */
  readonly #blocked = new Map<PartitionLog, Promise<void>>();
  #closed = false;

  constructor(options: StreamProducerOptions) {
    this.#options = options;
  }

  send(record: OutgoingRecord): Promise<void> | undefined {
    this.#checkOpen();
    const { topics } = this.#options;
    const spec = topics.get(record.topic);
    if (spec.class !== 'stream') {
      throw busError(BUS_ERRORS.TOPIC_CLASS, { path: record.topic, expected: 'a stream topic' });
    }
    checkRecordSize(record);
    const log = this.#options.log(record.topic, topics.partition(record));
    const ahead = this.#blocked.get(log);
    if (ahead === undefined && !log.full) {
      this.#append(log, record);
      return undefined;
    }
    const sent = this.#appendWithRoom(log, record, ahead);
    this.#blocked.set(log, sent);
    const done = () => {
      if (this.#blocked.get(log) === sent) this.#blocked.delete(log);
    };
    sent.then(done, done);
    return sent;
  }

  async flush(): Promise<void> {
    await Promise.all(this.#blocked.values());
  }

  async close(): Promise<void> {
    if (this.#options.running()) await this.flush();
    this.#closed = true;
  }

  async #appendWithRoom(
    log: PartitionLog,
    record: OutgoingRecord,
    ahead: Promise<void> | undefined,
  ): Promise<void> {
    await ahead;
    while (log.full) {
      await log.room();
      this.#checkOpen();
    }
    this.#append(log, record);
  }

  #append(log: PartitionLog, record: OutgoingRecord): void {
    const incoming = incomingRecord(record, {
      partition: log.partition,
      offset: log.nextOffset,
      timestampUs: this.#options.clock.nowUs(),
    });
    this.#options.recorder(record.topic)?.record(incoming);
    log.append([incoming]);
  }

  #checkOpen(): void {
    if (this.#closed || !this.#options.running()) throw busError(BUS_ERRORS.PRODUCER_CLOSED);
  }
}
