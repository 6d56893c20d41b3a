import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '@cerberus/core';
import type { IncomingRecord, TopicPartition } from '../port.ts';
import { placeName } from './cluster-map.ts';
import type { AbortedTransaction, FetchedPartition } from './fetch-protocol.ts';
import {
  batchRecords,
  isAbortMarker,
  offsetAfter,
  type RecordBatch,
  recordBatches,
} from './record-batches.ts';

/** Records handed over between two looks at the time. */
const RECORDS_PER_LOOK = 32;

/** One follower's place in one partition. */
export interface Tap {
  /** Everything below has been handed over. */
  next: bigint;
  /** The feed it hangs on; feeds of a partition become one when they meet. */
  feed: Feed | undefined;
  /** Must not throw. */
  onRecord(record: IncomingRecord): void;
  /** `next` may have moved. */
  onProgress(): void;
  /** All that can be read has been handed over; may be told several times. */
  onDrained(): void;
}

/** A partition as it is fetched for the followers of it that read at the same place. */
export class Feed implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  readonly name: string;
  readonly taps = new Set<Tap>();
  /** How long its records may wait for others; undefined: no longer than all do. */
  readonly patienceMs: number | undefined;
  /** Offset of the next fetch. Taps know by themselves what they have had. */
  next: bigint;
  highWatermark: bigint | undefined;

  constructor({ topic, partition }: TopicPartition, next: bigint, patienceMs?: number) {
    this.topic = topic;
    this.partition = partition;
    this.name = placeName({ topic, partition });
    this.next = next;
    this.patienceMs = patienceMs;
  }

  add(tap: Tap): void {
    tap.feed = this;
    this.taps.add(tap);
  }

  /** Takes what was fetched at `next`; `turn` lets others work in between. */
  async deliver(fetched: FetchedPartition, turn: WorkTurn): Promise<void> {
    const from = this.next;
    const end = offsetAfter(fetched.records);
    this.highWatermark = fetched.highWatermark;
    if (end === undefined) return;
    // Moved first: a tap that joins meanwhile and stands behind it must get the rest from elsewhere.
    this.next = end > from ? end : from;
    try {
      await this.#hand(fetched, turn);
    } catch (error) {
      this.next = from;
      throw error;
    }
    this.pass(this.next);
  }

  /** Nothing is left to hand over below the offset. */
  pass(next: bigint): void {
    if (next > this.next) this.next = next;
    for (const tap of this.taps) {
      if (tap.next < next) tap.next = next;
      tap.onProgress();
    }
  }

  async #hand(fetched: FetchedPartition, turn: WorkTurn): Promise<void> {
    const aborted = new AbortedFilter(fetched.abortedTransactions);
    let handed = 0;
    for (const batch of recordBatches(fetched.records)) {
      if (aborted.hides(batch)) continue;
      for (const record of batchRecords(this, batch)) {
        for (const tap of this.taps) {
          if (record.offset < tap.next) continue;
          tap.next = record.offset + 1n;
          tap.onRecord(record);
        }
        handed += 1;
        if (handed % RECORDS_PER_LOOK === 0 && turn.isOver) await turn.pass();
      }
    }
  }
}

/** Leaves out control records and, as the Java client does, the batches of aborted transactions. */
class AbortedFilter {
  readonly #ahead: AbortedTransaction[];
  readonly #producers = new Set<bigint>();

  constructor(aborted: readonly AbortedTransaction[]) {
    this.#ahead = [...aborted].sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
  }

  hides(batch: RecordBatch): boolean {
    while (this.#ahead.length > 0 && this.#ahead[0]!.firstOffset <= batch.lastOffset) {
      this.#producers.add(this.#ahead.shift()!.producerId);
    }
    if (!batch.isControl) return batch.isTransactional && this.#producers.has(batch.producerId);
    if (this.#producers.has(batch.producerId) && isAbortMarker(batch)) {
      this.#producers.delete(batch.producerId);
    }
    return true;
  }
}

/** A stretch of work after which everything else in the process gets its turn. */
export class WorkTurn {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #limitMs: number;
  #startedMs: number;

  constructor(clock: Pick<Clock, 'monotonicMs'>, limitMs: number) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#startedMs = clock.monotonicMs();
  }

  begin(): void {
    this.#startedMs = this.#clock.monotonicMs();
  }

  get isOver(): boolean {
    return this.#clock.monotonicMs() - this.#startedMs >= this.#limitMs;
  }

  async pass(): Promise<void> {
    await nextTurn();
    this.begin();
  }
}
