import { describe, expect, test } from '@jest/globals';
import type { EngineOrder, Execution, Lifetime, Side } from '../../src/matching/engine-order.ts';
import { MatchingEngine } from '../../src/matching/matching-engine.ts';

let nextId = 1;
function order(
  side: Side,
  limitTicks: number | undefined,
  units: number,
  lifetime: Lifetime = 'GTC',
): EngineOrder {
  const orderId = nextId++;
  return { orderId, side, limitTicks, units, lifetime, filledUnits: 0, queueAheadUnits: 0 };
}

function marketBook(): MatchingEngine {
  const engine = new MatchingEngine();
  for (const [ticks, units] of [
    [99, 10],
    [98, 20],
  ] as const) {
    engine.setMarketLevel('BUY', ticks, units);
  }
  for (const [ticks, units] of [
    [101, 10],
    [102, 20],
  ] as const) {
    engine.setMarketLevel('SELL', ticks, units);
  }
  return engine;
}

function brief(executions: readonly Execution[]) {
  return executions.map(({ priceTicks, units, taker, maker }) => [
    priceTicks,
    units,
    taker?.orderId,
    maker?.orderId,
  ]);
}

describe('taking', () => {
  test('walks the levels from the best and stops at the limit; the rest stays in the book', () => {
    const engine = marketBook();
    const buy = order('BUY', 101, 15);
    expect(engine.place(buy)).toMatchObject({ result: 'done', resting: true });
    expect(buy.filledUnits).toBe(10);
    expect(engine.bestTicks('BUY')).toBe(101);
    expect(engine.displayedUnits('BUY', 101)).toBe(5);
    expect(engine.bestTicks('SELL')).toBe(102);
  });

  test('IOC and market orders leave nothing behind', () => {
    const engine = marketBook();
    const market = order('SELL', undefined, 100, 'IOC');
    expect(engine.place(market)).toMatchObject({ resting: false });
    expect(market.filledUnits).toBe(30);
    expect(engine.bestTicks('BUY')).toBeUndefined();
    expect(engine.bestTicks('SELL')).toBe(101);
  });

  test('FOK fills whole or not at all', () => {
    const engine = marketBook();
    expect(engine.place(order('BUY', 102, 31, 'FOK'))).toEqual({ result: 'unfillable' });
    expect(engine.displayedUnits('SELL', 101)).toBe(10);
    expect(engine.place(order('BUY', 102, 30, 'FOK'))).toMatchObject({ result: 'done' });
  });

  test('post-only is refused where it would take', () => {
    const engine = marketBook();
    expect(engine.place(order('BUY', 101, 1, 'POST'))).toEqual({ result: 'would-take' });
    expect(engine.place(order('BUY', 100, 1, 'POST'))).toMatchObject({ resting: true });
  });
});

describe('priority', () => {
  test('better price first, then the earlier order', () => {
    const engine = new MatchingEngine();
    const first = order('SELL', 100, 5);
    const second = order('SELL', 100, 5);
    const better = order('SELL', 99, 5);
    for (const one of [first, second, better]) engine.place(one);
    const taker = order('BUY', 100, 12);
    const placed = engine.place(taker);
    if (placed.result !== 'done') throw new Error(placed.result);
    expect(brief(placed.executions)).toEqual([
      [99, 5, taker.orderId, better.orderId],
      [100, 5, taker.orderId, first.orderId],
      [100, 2, taker.orderId, second.orderId],
    ]);
  });

  test('the displayed quantity that was there first trades before a client order', () => {
    const engine = marketBook();
    const mine = order('BUY', 99, 5);
    engine.place(mine);
    expect(mine.queueAheadUnits).toBe(10);
    expect(engine.onPrint({ takerSide: 'SELL', priceTicks: 99, units: 8 })).toEqual([]);
    expect(mine.queueAheadUnits).toBe(2);
    expect(brief(engine.onPrint({ takerSide: 'SELL', priceTicks: 99, units: 4 }))).toEqual([
      [99, 2, undefined, mine.orderId],
    ]);
  });

  test('a shrinking level moves the queue only where it must', () => {
    const engine = marketBook();
    const mine = order('BUY', 98, 5);
    engine.place(mine);
    engine.setMarketLevel('BUY', 98, 25);
    expect(mine.queueAheadUnits).toBe(20);
    engine.setMarketLevel('BUY', 98, 12);
    expect(mine.queueAheadUnits).toBe(12);
  });

  test('a print through the price fills at the order’s own price, up to its quantity', () => {
    const engine = marketBook();
    const mine = order('BUY', 100, 5);
    engine.place(mine);
    expect(brief(engine.onPrint({ takerSide: 'SELL', priceTicks: 98, units: 3 }))).toEqual([
      [100, 3, undefined, mine.orderId],
    ]);
    expect(engine.onPrint({ takerSide: 'BUY', priceTicks: 98, units: 3 })).toEqual([]);
    expect(engine.onPrint({ takerSide: 'SELL', priceTicks: 101, units: 3 })).toEqual([]);
  });

  test('a market that moves onto a resting order trades with it and is used up', () => {
    const engine = marketBook();
    const mine = order('BUY', 100, 5);
    engine.place(mine);
    engine.setMarketLevel('SELL', 99, 3);
    expect(brief(engine.settle())).toEqual([[100, 3, undefined, mine.orderId]]);
    expect(engine.bestTicks('SELL')).toBe(101);
    expect(engine.cancel(mine)).toBe(true);
    expect(engine.cancel(mine)).toBe(false);
    expect(engine.bestTicks('BUY')).toBe(99);
  });
});

/** Deterministic congruential generator (Numerical Recipes, 3rd ed., section 7.1.7 constants). */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Client orders only, in the plainest form: every resting order in one list, scanned each time. */
class NaiveEngine {
  readonly resting: EngineOrder[] = [];

  place(taker: EngineOrder): number[][] {
    const executions: number[][] = [];
    for (;;) {
      const left = taker.units - taker.filledUnits;
      const [maker] = this.resting
        .filter((one) => one.side !== taker.side && one.filledUnits < one.units)
        .filter((one) => this.#crosses(taker, one))
        .sort((a, b) => this.#order(taker, a, b));
      if (left === 0 || maker === undefined) break;
      const units = Math.min(left, maker.units - maker.filledUnits);
      maker.filledUnits += units;
      taker.filledUnits += units;
      executions.push([maker.limitTicks as number, units, maker.orderId]);
    }
    if (taker.filledUnits < taker.units && taker.lifetime === 'GTC') this.resting.push(taker);
    return executions;
  }

  #crosses(taker: EngineOrder, maker: EngineOrder): boolean {
    const difference = (taker.limitTicks as number) - (maker.limitTicks as number);
    return taker.side === 'BUY' ? difference >= 0 : difference <= 0;
  }

  #order(taker: EngineOrder, a: EngineOrder, b: EngineOrder): number {
    const price = (a.limitTicks as number) - (b.limitTicks as number);
    return (taker.side === 'BUY' ? price : -price) || a.orderId - b.orderId;
  }
}

test('agrees with the plainest engine on any sequence of orders and cancellations', () => {
  for (let seed = 1; seed <= 30; seed += 1) {
    const random = generator(seed);
    const engine = new MatchingEngine();
    const naive = new NaiveEngine();
    const live: [EngineOrder, EngineOrder][] = [];
    for (let step = 0; step < 400; step += 1) {
      if (random(4) === 0 && live.length > 0) {
        const [mine, plain] = live.splice(random(live.length), 1)[0] as [EngineOrder, EngineOrder];
        engine.cancel(mine);
        const index = naive.resting.indexOf(plain);
        if (index >= 0) naive.resting.splice(index, 1);
        continue;
      }
      const lifetime: Lifetime = random(5) === 0 ? 'IOC' : 'GTC';
      const mine = order(
        random(2) === 0 ? 'BUY' : 'SELL',
        95 + random(11),
        1 + random(20),
        lifetime,
      );
      const plain = { ...mine };
      const placed = engine.place(mine);
      if (placed.result !== 'done') throw new Error(placed.result);
      const executions = placed.executions.map((one) => [
        one.priceTicks,
        one.units,
        one.maker?.orderId,
      ]);
      expect(executions).toEqual(naive.place(plain));
      live.push([mine, plain]);
      const bid = engine.bestTicks('BUY');
      const ask = engine.bestTicks('SELL');
      if (bid !== undefined && ask !== undefined) expect(bid).toBeLessThan(ask);
    }
    for (const [mine, plain] of live) expect(mine.filledUnits).toBe(plain.filledUnits);
  }
});
