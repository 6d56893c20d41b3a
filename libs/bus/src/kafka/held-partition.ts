import type { Clock } from '@cerberus/core';
import type { Batch, IncomingRecord, TopicPartition } from '../port.ts';

const RETRY_FIRST_MS = 20;
const RETRY_MAX_MS = 1000;
/** Records in hand beyond which nothing more is fetched, and below which it is again. */
const QUEUE_RECORDS_HIGH = 4000;
const QUEUE_RECORDS_LOW = 1000;

export interface HeldPartitionOptions extends TopicPartition {
  readonly clock: Clock;
  readonly batchRecords: number;
  eachBatch(batch: Batch): Promise<void>;
  onRetry(at: TopicPartition, error: unknown): void;
  /** Whether more may be fetched. */
  onFlow(held: HeldPartition, isOpen: boolean): void;
}

/**
 * One partition in the hands of this member. Fetching and handling are apart, or a slow partition
 * would hold up all others of its broker: kafkajs fetches again only when every batch is done.
 */
export class HeldPartition implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  readonly #options: HeldPartitionOptions;
  readonly #stopped = new AbortController();
  #queue: IncomingRecord[] = [];
  #fetched: bigint | undefined;
  #position: bigint | undefined;
  #isOpen = true;
  #wake: (() => void) | undefined;
  /** Resolves when the loop has ended. */
  done: Promise<void> = Promise.resolve();

  constructor(options: HeldPartitionOptions) {
    this.topic = options.topic;
    this.partition = options.partition;
    this.#options = options;
  }

  /** Where the next fetch belongs; undefined before the first. */
  get fetched(): bigint | undefined {
    return this.#fetched;
  }

  /** Everything below has been handled; undefined before the first batch. */
  get position(): bigint | undefined {
    return this.#position;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Batches start when `assigned` resolves. */
  start(assigned: Promise<void>): void {
    this.done = assigned.then(() => this.#run());
  }

  /** No further batch starts; the one in hand still ends. */
  stop(): void {
    this.#stopped.abort();
    this.#wake?.();
  }

  get stopped(): boolean {
    return this.#stopped.signal.aborted;
  }

  push(records: readonly IncomingRecord[], nextOffset: bigint): void {
    const from = this.#fetched ?? -1n;
    if (nextOffset <= from) return;
    for (const record of records) if (record.offset >= from) this.#queue.push(record);
    this.#fetched = nextOffset;
    this.#control();
    this.#wake?.();
  }

  async #run(): Promise<void> {
    let retryMs = RETRY_FIRST_MS;
    while (!this.stopped) {
      const records = this.#queue.slice(0, this.#options.batchRecords);
      if (records.length === 0) {
        this.#position = this.#fetched;
        await this.#pushed();
        continue;
      }
      try {
        const { topic, partition } = this;
        await this.#options.eachBatch({ topic, partition, records });
        retryMs = RETRY_FIRST_MS;
      } catch (error) {
        if (this.stopped) return;
        this.#options.onRetry(this, error);
        await this.#options.clock.sleep(retryMs, this.#stopped.signal).catch(() => undefined);
        retryMs = Math.min(2 * retryMs, RETRY_MAX_MS);
        continue;
      }
      this.#queue.splice(0, records.length);
      this.#position = this.#queue.length === 0 ? this.#fetched : records.at(-1)!.offset + 1n;
      this.#control();
    }
  }

  #control(): void {
    const { length } = this.#queue;
    const isOpen = this.#isOpen ? length < QUEUE_RECORDS_HIGH : length < QUEUE_RECORDS_LOW;
    if (isOpen === this.#isOpen) return;
    this.#isOpen = isOpen;
    if (!this.stopped) this.#options.onFlow(this, isOpen);
  }

  #pushed(): Promise<void> {
    if (this.#queue.length > 0 || this.stopped) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }
}
