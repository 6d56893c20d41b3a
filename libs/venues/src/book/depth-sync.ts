import type { InstrumentGrid } from '../grid.ts';
import { type FlatLevels, OrderBook } from './order-book.ts';

/** A change of the book with the venue's sequence numbers; `previousUpdateId` on futures only. */
export interface DepthDelta {
  readonly firstUpdateId: number;
  readonly finalUpdateId: number;
  readonly previousUpdateId: number | undefined;
  readonly bids: FlatLevels;
  readonly asks: FlatLevels;
}

export interface DepthSnapshot {
  readonly lastUpdateId: number;
  readonly bids: FlatLevels;
  readonly asks: FlatLevels;
}

/**
 * How one venue numbers its deltas.
 * `stale`: the delta is wholly contained in a snapshot; `joins`: it may be the first one applied on
 * the snapshot; `follows`: it continues the delta that ended at `previous`.
 */
export interface SequenceRule {
  readonly name: string;
  stale(delta: DepthDelta, snapshotId: number): boolean;
  joins(delta: DepthDelta, snapshotId: number): boolean;
  follows(delta: DepthDelta, previous: number): boolean;
}

/** Binance spot: U ≤ lastUpdateId + 1 ≤ u, then U = previous u + 1. */
export const BINANCE_SPOT_RULE: SequenceRule = {
  name: 'binance-spot',
  stale: (delta, snapshotId) => delta.finalUpdateId <= snapshotId,
  joins: (delta, snapshotId) =>
    delta.firstUpdateId <= snapshotId + 1 && snapshotId + 1 <= delta.finalUpdateId,
  follows: (delta, previous) => delta.firstUpdateId === previous + 1,
};

/**
 * Binance USD-M and coin-M: U ≤ lastUpdateId ≤ u, then pu = previous u. Update ids are shared by all
 * symbols, so a snapshot may be dated between two deltas of its symbol; as nothing changed there,
 * pu ≤ lastUpdateId < U joins too (the published rule alone would refetch for ever on a quiet book).
 */
export const BINANCE_FUTURES_RULE: SequenceRule = {
  name: 'binance-futures',
  stale: (delta, snapshotId) => delta.finalUpdateId < snapshotId,
  joins: (delta, snapshotId) =>
    (delta.previousUpdateId ?? delta.firstUpdateId) <= snapshotId &&
    snapshotId <= delta.finalUpdateId,
  follows: (delta, previous) => delta.previousUpdateId === previous,
};

export type SyncOutcome =
  /** Held until a snapshot comes; `overflow` where the oldest delta was dropped for it. */
  | { readonly kind: 'buffered'; readonly overflow: boolean }
  | { readonly kind: 'applied' }
  | { readonly kind: 'duplicate' }
  /** Sequence broken: the book is void and a snapshot is needed. */
  | { readonly kind: 'gap'; readonly expected: number; readonly received: number }
  /** Applied, but bids reached asks: the book is void and a snapshot is needed. */
  | { readonly kind: 'crossed' }
  | { readonly kind: 'synced'; readonly applied: number; readonly dropped: number }
  /** The snapshot is older than the oldest delta held: fetch another. */
  | { readonly kind: 'stale-snapshot' };

export interface SyncCounts {
  applied: number;
  buffered: number;
  overflowed: number;
  duplicates: number;
  droppedAsOld: number;
  gaps: number;
  crossed: number;
  snapshots: number;
  staleSnapshots: number;
}

/** At 10 deltas a second this is over a minute and a half of waiting for a snapshot. */
const BUFFERED_DELTAS_MAX = 1000;

/**
 * Joins a snapshot and a stream of deltas into one book by a venue's rule. Pure: it says what is
 * needed (`needsSnapshot`), the connection fetches it.
 */
export class DepthSynchroniser {
  readonly book: OrderBook;
  readonly counts: SyncCounts = {
    applied: 0,
    buffered: 0,
    overflowed: 0,
    duplicates: 0,
    droppedAsOld: 0,
    gaps: 0,
    crossed: 0,
    snapshots: 0,
    staleSnapshots: 0,
  };
  readonly #rule: SequenceRule;
  readonly #bufferMax: number;
  #buffer: DepthDelta[] = [];
  #state: 'waiting' | 'joining' | 'live' = 'waiting';
  #lastUpdateId = 0;

  constructor(grid: InstrumentGrid, rule: SequenceRule, bufferMax = BUFFERED_DELTAS_MAX) {
    this.book = new OrderBook(grid);
    this.#rule = rule;
    this.#bufferMax = bufferMax;
  }

  get needsSnapshot(): boolean {
    return this.#state === 'waiting';
  }

  /** True where `book` is the venue's book as of `lastUpdateId`. */
  get synced(): boolean {
    return this.#state !== 'waiting';
  }

  get lastUpdateId(): number {
    return this.#lastUpdateId;
  }

  /** Forgets everything, as after a disconnect. */
  reset(): void {
    this.#void([]);
  }

  onDelta(delta: DepthDelta): SyncOutcome {
    switch (this.#state) {
      case 'waiting':
        return this.#hold(delta);
      case 'joining':
        return this.#join(delta);
      case 'live':
        return this.#follow(delta);
    }
  }

  onSnapshot(snapshot: DepthSnapshot): SyncOutcome {
    const held = this.#buffer;
    const fresh = held.findIndex((delta) => !this.#rule.stale(delta, snapshot.lastUpdateId));
    const first = fresh < 0 ? undefined : held[fresh];
    if (first !== undefined && !this.#rule.joins(first, snapshot.lastUpdateId)) {
      this.counts.staleSnapshots += 1;
      return { kind: 'stale-snapshot' };
    }
    const dropped = fresh < 0 ? held.length : fresh;
    this.counts.snapshots += 1;
    this.counts.droppedAsOld += dropped;
    this.book.replace(snapshot.bids, snapshot.asks);
    this.#lastUpdateId = snapshot.lastUpdateId;
    this.#state = 'joining';
    this.#buffer = [];
    for (let i = dropped; i < held.length; i += 1) {
      const outcome = this.onDelta(held[i] as DepthDelta);
      if (outcome.kind === 'gap' || outcome.kind === 'crossed') {
        this.#buffer.push(...held.slice(i + 1));
        return outcome;
      }
    }
    if (this.book.crossed) return this.#crossed();
    return { kind: 'synced', applied: held.length - dropped, dropped };
  }

  #hold(delta: DepthDelta): SyncOutcome {
    const overflow = this.#buffer.length >= this.#bufferMax;
    if (overflow) {
      this.#buffer.shift();
      this.counts.overflowed += 1;
    }
    this.#buffer.push(delta);
    this.counts.buffered += 1;
    return { kind: 'buffered', overflow };
  }

  #join(delta: DepthDelta): SyncOutcome {
    if (this.#rule.stale(delta, this.#lastUpdateId)) {
      this.counts.droppedAsOld += 1;
      return { kind: 'duplicate' };
    }
    if (!this.#rule.joins(delta, this.#lastUpdateId)) return this.#gap(delta);
    this.#state = 'live';
    return this.#apply(delta);
  }

  #follow(delta: DepthDelta): SyncOutcome {
    if (delta.finalUpdateId <= this.#lastUpdateId) {
      this.counts.duplicates += 1;
      return { kind: 'duplicate' };
    }
    return this.#rule.follows(delta, this.#lastUpdateId) ? this.#apply(delta) : this.#gap(delta);
  }

  #apply(delta: DepthDelta): SyncOutcome {
    this.book.apply(delta.bids, delta.asks);
    this.#lastUpdateId = delta.finalUpdateId;
    this.counts.applied += 1;
    return this.book.crossed ? this.#crossed() : APPLIED;
  }

  #gap(delta: DepthDelta): SyncOutcome {
    const expected = this.#lastUpdateId;
    this.counts.gaps += 1;
    this.#void([delta]);
    return { kind: 'gap', expected, received: delta.previousUpdateId ?? delta.firstUpdateId };
  }

  #crossed(): SyncOutcome {
    this.counts.crossed += 1;
    this.#void([]);
    return { kind: 'crossed' };
  }

  #void(held: DepthDelta[]): void {
    this.book.clear();
    this.#state = 'waiting';
    this.#buffer = held;
    this.#lastUpdateId = 0;
  }
}

const APPLIED: SyncOutcome = { kind: 'applied' };
