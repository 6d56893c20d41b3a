import { BUS_ERRORS, busError } from '../errors.ts';
import type { Follower, FollowOptions, IncomingRecord, Offsets, Position } from '../port.ts';
import { placeName } from './cluster-map.ts';
import type { Tap } from './feed.ts';
import type { PartitionFetcher } from './partition-fetcher.ts';

export interface FollowerOptions {
  readonly fetcher: PartitionFetcher;
  /** Every partition of the topics. */
  readonly starts: Offsets;
  readonly ends: Offsets;
  readonly patienceMs: FollowOptions['patienceMs'];
  onRecord: FollowOptions['onRecord'];
  onFailure(error: unknown): void;
  onStopped(follower: KafkaFollower): void;
}

interface Reach {
  readonly offsets: Offsets;
  resolve(): void;
  reject(error: unknown): void;
}

/** Hangs a tap on every partition of its topics. */
export class KafkaFollower implements Follower {
  readonly caughtUp: Promise<void>;
  readonly drained: Promise<void>;
  readonly #options: FollowerOptions;
  readonly #taps: ReadonlyMap<string, Tap>;
  #reaches: Reach[] = [];
  readonly #undrained: Set<string>;
  readonly #drain = Promise.withResolvers<void>();
  #isStopped = false;

  constructor(options: FollowerOptions) {
    this.#options = options;
    const { starts, ends, fetcher, patienceMs } = options;
    this.#undrained = new Set(starts.map(placeName));
    this.drained = this.#drain.promise;
    this.#taps = new Map(starts.map((at) => [placeName(at), this.#tap(at)]));
    this.caughtUp = this.reach(ends);
    // Whoever does not wait for them is not to be told of the stop by an unhandled rejection.
    for (const end of [this.caughtUp, this.drained]) end.catch(() => undefined);
    for (const at of starts) fetcher.follow(at, this.#taps.get(placeName(at))!, patienceMs);
  }

  reach(offsets: Offsets): Promise<void> {
    if (this.#isStopped) return Promise.reject(busError(BUS_ERRORS.STOPPED));
    const known = offsets.filter((at) => this.#taps.has(placeName(at)));
    return new Promise((resolve, reject) => {
      this.#reaches.push({ offsets: known, resolve, reject });
      this.#settle();
    });
  }

  stop(): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    this.#isStopped = true;
    for (const tap of this.#taps.values()) this.#options.fetcher.unfollow(tap);
    for (const reach of this.#reaches) reach.reject(busError(BUS_ERRORS.STOPPED));
    this.#reaches = [];
    this.#drain.reject(busError(BUS_ERRORS.STOPPED));
    this.#options.onStopped(this);
    return Promise.resolve();
  }

  #tap(at: Position): Tap {
    return {
      next: at.nextOffset,
      feed: undefined,
      onRecord: (record) => this.#deliver(record),
      onProgress: () => this.#settle(),
      onDrained: () => {
        this.#undrained.delete(placeName(at));
        if (this.#undrained.size === 0) this.#drain.resolve();
      },
    };
  }

  #deliver(record: IncomingRecord): void {
    if (this.#isStopped) return;
    try {
      this.#options.onRecord(record);
    } catch (error) {
      // Before anybody is told: what waits for this record is not to be told that it was handed over.
      void this.stop();
      this.#options.onFailure(error);
    }
  }

  #settle(): void {
    if (this.#reaches.length === 0) return;
    const waiting: Reach[] = [];
    for (const reach of this.#reaches) {
      const isThere = reach.offsets.every(
        (at) => this.#taps.get(placeName(at))!.next >= at.nextOffset,
      );
      if (isThere) reach.resolve();
      else waiting.push(reach);
    }
    this.#reaches = waiting;
  }
}
