import type { Clock, TimerHandle } from '@cerberus/core';
import type { LogStore } from './log-store.ts';
import type { PartitionLog } from './partition-log.ts';

const PERIOD_MS = 1000;
/** Work per period: the file is shared with the order path, on the same thread. */
const RECORDS_PER_STEP = 500;
const STEPS_PER_PERIOD = 4;
const PARTITIONS_PER_PERIOD = 16;
/** Records at the end of a partition that compaction leaves alone, so that readers see every change. */
const UNCOMPACTED_RECORDS = 1000;
/** As Kafka's `delete.retention.ms`: late readers still learn of a deletion for a day. */
const TOMBSTONE_HOURS = 24;
const HOUR_US = 3_600_000_000;

/** Retention and compaction of the file, a bounded step at a time, partition after partition. */
export class Upkeep {
  readonly #store: LogStore;
  readonly #clock: Clock;
  readonly #logs: readonly PartitionLog[];
  readonly #onPeriod: () => void;
  readonly #onError: (error: unknown) => void;
  #timer: TimerHandle | undefined;
  #next = 0;

  constructor(options: {
    store: LogStore;
    clock: Clock;
    logs: readonly PartitionLog[];
    /** Called first in every period of the timer. */
    onPeriod(): void;
    onError(error: unknown): void;
  }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#logs = options.logs;
    this.#onPeriod = options.onPeriod;
    this.#onError = options.onError;
  }

  start(): void {
    this.#timer = this.#clock.every(PERIOD_MS, () => {
      this.#onPeriod();
      this.run();
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** Visits the next partitions in turn, as far as the steps of this period allow. */
  run(): void {
    let steps = STEPS_PER_PERIOD;
    try {
      for (
        let visits = Math.min(PARTITIONS_PER_PERIOD, this.#logs.length);
        visits > 0;
        visits -= 1
      ) {
        const log = this.#logs[this.#next % this.#logs.length]!;
        while (steps > 0 && this.#step(log)) steps -= 1;
        if (steps === 0) return; // The same partition goes on in the next period.
        this.#next += 1;
      }
    } catch (error) {
      this.#onError(error);
    }
  }

  /** True where it found a full step of work, so that there may be more. */
  #step(log: PartitionLog): boolean {
    const nowUs = this.#clock.nowUs();
    if (log.spec.cleanup === 'compact') {
      const below = log.nextOffset - UNCOMPACTED_RECORDS;
      if (below - log.stored.compactedTo < RECORDS_PER_STEP) return false;
      const tombstonesBeforeUs = nowUs - TOMBSTONE_HOURS * HOUR_US;
      return this.#store.compact(log.stored, {
        below,
        tombstonesBeforeUs,
        limit: RECORDS_PER_STEP,
      });
    }
    if (log.spec.retentionHours === 0) return false;
    const cutoffUs = nowUs - log.spec.retentionHours * HOUR_US;
    return this.#store.dropOlderThan(log.stored, cutoffUs, RECORDS_PER_STEP);
  }
}
