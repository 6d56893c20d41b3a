import type { Clock } from '@cerberus/core';
import type { Batch, TopicPartition } from '../port.ts';
import type { LogReader, PartitionLog } from './partition-log.ts';

const RETRY_FIRST_MS = 20;
const RETRY_MAX_MS = 1000;
/** Batches without a pause before other work of the process gets its turn. */
const BATCHES_PER_TURN = 8;

export interface GroupPartitionOptions {
  readonly log: PartitionLog;
  readonly position: number;
  readonly batchRecords: number;
  readonly clock: Clock;
  eachBatch(batch: Batch): Promise<void>;
  onRetry(at: TopicPartition, error: unknown): void;
}

/** One partition in the hands of one member: a loop of batches that ends when it is taken away. */
export class GroupPartition implements LogReader, TopicPartition {
  readonly topic: string;
  readonly partition: number;
  /** Resolves when the loop has ended. */
  readonly done: Promise<void>;
  position: number;
  readonly #options: GroupPartitionOptions;
  readonly #stopped = new AbortController();
  #wake: (() => void) | undefined;

  /** Batches start when `assigned` resolves. */
  constructor(options: GroupPartitionOptions, assigned: Promise<void>) {
    this.topic = options.log.topic;
    this.partition = options.log.partition;
    this.position = options.position;
    this.#options = options;
    options.log.attach(this);
    this.done = assigned.then(() => this.#run());
  }

  onAppend(): void {
    this.#wake?.();
  }

  /** No further batch starts; the one in hand still ends. */
  stop(): void {
    if (this.#stopped.signal.aborted) return;
    this.#stopped.abort();
    this.#options.log.detach(this);
    this.#wake?.();
  }

  async #run(): Promise<void> {
    const { log, batchRecords } = this.#options;
    let retryMs = RETRY_FIRST_MS;
    let batches = 0;
    while (!this.#stopped.signal.aborted) {
      const end = log.nextOffset;
      const records = log.read(this.position, batchRecords);
      if (records.length === 0) {
        this.position = Math.max(this.position, end);
        await this.#appended();
        continue;
      }
      try {
        await this.#options.eachBatch({ topic: this.topic, partition: this.partition, records });
        retryMs = RETRY_FIRST_MS;
      } catch (error) {
        this.#options.onRetry(this, error);
        await this.#pause(retryMs);
        retryMs = Math.min(2 * retryMs, RETRY_MAX_MS);
        continue;
      }
      this.position = Number(records.at(-1)!.offset) + 1;
      log.progressed();
      batches += 1;
      if (batches % BATCHES_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #appended(): Promise<void> {
    const { log } = this.#options;
    if (this.position < log.nextOffset || this.#stopped.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }

  #pause(delayMs: number): Promise<void> {
    if (this.#stopped.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.#options.clock.after(delayMs, resolve);
      this.#stopped.signal.addEventListener(
        'abort',
        () => {
          timer.cancel();
          resolve();
        },
        { once: true },
      );
    });
  }
}
