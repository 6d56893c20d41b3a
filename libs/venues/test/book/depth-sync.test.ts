import { unwrap } from '@cerberus/core';
import {
  BINANCE_FUTURES_RULE,
  BINANCE_SPOT_RULE,
  type DepthDelta,
  DepthSynchroniser,
  parseInstrumentGrid,
} from '@cerberus/venues';
import { describe, expect, test } from '@jest/globals';

const GRID = unwrap(parseInstrumentGrid({ symbol: 'BTCUSDT', tick: '0.1', lot: '1' }));

function spot(first: number, final: number, bids: number[] = [], asks: number[] = []): DepthDelta {
  return { firstUpdateId: first, finalUpdateId: final, previousUpdateId: undefined, bids, asks };
}

function futures(previous: number, first: number, final: number): DepthDelta {
  return {
    firstUpdateId: first,
    finalUpdateId: final,
    previousUpdateId: previous,
    bids: [final, 1],
    asks: [],
  };
}

const SNAPSHOT = { lastUpdateId: 100, bids: [10, 5, 9, 4], asks: [11, 3, 12, 2] };

describe('spot rule', () => {
  test('buffers before the snapshot, drops the old, joins on U ≤ id + 1 ≤ u, then follows', () => {
    const sync = new DepthSynchroniser(GRID, BINANCE_SPOT_RULE);
    expect(sync.onDelta(spot(90, 95, [1, 1]))).toEqual({ kind: 'buffered', overflow: false });
    sync.onDelta(spot(96, 100, [2, 2]));
    sync.onDelta(spot(101, 103, [10, 0], [11, 7]));
    expect(sync.needsSnapshot).toBe(true);
    expect(sync.onSnapshot(SNAPSHOT)).toEqual({ kind: 'synced', applied: 1, dropped: 2 });
    expect(sync.book.bestBid).toEqual({ ticks: 9, units: 4 });
    expect(sync.book.bestAsk).toEqual({ ticks: 11, units: 7 });
    expect(sync.onDelta(spot(104, 104, [10, 1]))).toEqual({ kind: 'applied' });
    expect(sync.lastUpdateId).toBe(104);
  });

  test('a snapshot older than the buffer is stale and another one is needed', () => {
    const sync = new DepthSynchroniser(GRID, BINANCE_SPOT_RULE);
    sync.onDelta(spot(105, 106));
    expect(sync.onSnapshot(SNAPSHOT)).toEqual({ kind: 'stale-snapshot' });
    expect(sync.needsSnapshot).toBe(true);
    expect(sync.onSnapshot({ ...SNAPSHOT, lastUpdateId: 104 })).toMatchObject({ kind: 'synced' });
  });

  test('a gap voids the book and keeps the delta for the next snapshot', () => {
    const sync = new DepthSynchroniser(GRID, BINANCE_SPOT_RULE);
    sync.onSnapshot(SNAPSHOT);
    sync.onDelta(spot(99, 101));
    expect(sync.onDelta(spot(103, 104, [10, 9]))).toEqual({
      kind: 'gap',
      expected: 101,
      received: 103,
    });
    expect(sync.synced).toBe(false);
    expect(sync.book.bestBid).toBeUndefined();
    expect(sync.onSnapshot({ ...SNAPSHOT, lastUpdateId: 102 })).toEqual({
      kind: 'synced',
      applied: 1,
      dropped: 0,
    });
    expect(sync.book.bestBid).toEqual({ ticks: 10, units: 9 });
    expect(sync.counts).toMatchObject({ gaps: 1, snapshots: 2 });
  });

  test('an overlapping delta is a gap, a repeated one is dropped and counted', () => {
    const sync = new DepthSynchroniser(GRID, BINANCE_SPOT_RULE);
    sync.onSnapshot(SNAPSHOT);
    sync.onDelta(spot(101, 105));
    expect(sync.onDelta(spot(101, 105))).toEqual({ kind: 'duplicate' });
    expect(sync.onDelta(spot(105, 106))).toMatchObject({ kind: 'gap' });
    expect(sync.counts).toMatchObject({ duplicates: 1, gaps: 1 });
  });

  test('a crossed book is void', () => {
    const sync = new DepthSynchroniser(GRID, BINANCE_SPOT_RULE);
    sync.onSnapshot(SNAPSHOT);
    expect(sync.onDelta(spot(101, 101, [11, 1]))).toEqual({ kind: 'crossed' });
    expect(sync.needsSnapshot).toBe(true);
    expect(sync.counts.crossed).toBe(1);
  });

  test('the buffer is bounded: the oldest goes first and is counted', () => {
    const sync = new DepthSynchroniser(GRID, BINANCE_SPOT_RULE, 2);
    sync.onDelta(spot(98, 100));
    sync.onDelta(spot(101, 102));
    expect(sync.onDelta(spot(103, 104))).toEqual({ kind: 'buffered', overflow: true });
    expect(sync.counts.overflowed).toBe(1);
    expect(sync.onSnapshot(SNAPSHOT)).toMatchObject({ kind: 'synced', applied: 2 });
  });

  test('a gap inside the buffer is found when it is applied', () => {
    const sync = new DepthSynchroniser(GRID, BINANCE_SPOT_RULE);
    sync.onDelta(spot(101, 102));
    sync.onDelta(spot(104, 105));
    sync.onDelta(spot(106, 107));
    expect(sync.onSnapshot(SNAPSHOT)).toMatchObject({ kind: 'gap', expected: 102, received: 104 });
    expect(sync.onSnapshot({ ...SNAPSHOT, lastUpdateId: 103 })).toMatchObject({
      kind: 'synced',
      applied: 2,
    });
  });
});

describe('futures rule', () => {
  test('joins on U ≤ id ≤ u, then follows pu = previous u', () => {
    const sync = new DepthSynchroniser(GRID, BINANCE_FUTURES_RULE);
    sync.onDelta(futures(80, 85, 90));
    sync.onDelta(futures(90, 95, 105));
    expect(sync.onSnapshot({ lastUpdateId: 100, bids: [], asks: [] })).toEqual({
      kind: 'synced',
      applied: 1,
      dropped: 1,
    });
    expect(sync.onDelta(futures(105, 130, 140))).toEqual({ kind: 'applied' });
    expect(sync.onDelta(futures(141, 150, 160))).toEqual({
      kind: 'gap',
      expected: 140,
      received: 141,
    });
  });

  test('a snapshot dated between two deltas of its symbol joins the later one', () => {
    const sync = new DepthSynchroniser(GRID, BINANCE_FUTURES_RULE);
    sync.onDelta(futures(80, 85, 90));
    sync.onDelta(futures(90, 110, 120));
    expect(sync.onSnapshot({ lastUpdateId: 100, bids: [], asks: [] })).toMatchObject({
      kind: 'synced',
      applied: 1,
    });
  });

  test('a snapshot older than the deltas held is stale', () => {
    const sync = new DepthSynchroniser(GRID, BINANCE_FUTURES_RULE);
    sync.onDelta(futures(101, 110, 120));
    expect(sync.onSnapshot({ lastUpdateId: 100, bids: [], asks: [] })).toEqual({
      kind: 'stale-snapshot',
    });
  });
});
