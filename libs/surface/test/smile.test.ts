import { describe, expect, test } from '@jest/globals';
import { impliedSmiles } from '../src/smile.ts';
import { blackExpiry, strikesOf } from './black.ts';

const market = {
  timeYears: 0.5,
  forward: 102,
  rate: 0.04,
  strikes: strikesOf(100, [0.7, 1.3], 31),
  volatilityAt: (k: number) => 0.2 - 0.1 * k,
  halfSpread: (price: number) => 0.01 * price + 0.01,
};

describe('from quotes to volatilities', () => {
  test('parity gives back forward and discount factor, stale quotes notwithstanding', () => {
    const expiry = blackExpiry(market);
    const quotes = expiry.quotes.map((quote, row) =>
      row % 9 === 4 ? { ...quote, bid: quote.bid + 3, ask: quote.ask + 3 } : quote,
    );
    const { smiles } = impliedSmiles([{ ...expiry, quotes }], { exercise: 'european' });
    expect(smiles[0]?.forward).toBeCloseTo(102, 2);
    expect(smiles[0]?.discountFactor).toBeCloseTo(Math.exp(-0.02), 3);
  });

  test('bid, mid and ask are inverted around the volatility that made them', () => {
    const { smiles } = impliedSmiles([blackExpiry(market)], { exercise: 'european', rate: 0.04 });
    const smile = smiles[0]!;
    for (const [row, k] of smile.logMoneyness.entries()) {
      expect(smile.midVolatility[row]).toBeCloseTo(market.volatilityAt(k), 3);
      expect(smile.bidVolatility[row]!).toBeLessThan(smile.midVolatility[row]!);
      expect(smile.askVolatility[row]!).toBeGreaterThan(smile.midVolatility[row]!);
    }
  });

  test('every quote is used or counted under one reason', () => {
    const expiry = blackExpiry(market);
    const bad = [
      { kind: 'call', strike: 131, bid: 2, ask: 1 },
      { kind: 'call', strike: 132, bid: 0, ask: 0 },
      { kind: 'call', strike: 133, bid: 0, ask: 1 },
      { kind: 'call', strike: 134, bid: 1, ask: 0 },
      { kind: 'put', strike: Number.NaN, bid: 1, ask: 2 },
      { kind: 'put', strike: 60, bid: -1, ask: 2 },
      { kind: 'put', strike: 61, bid: 59, ask: 70 },
      { kind: 'call', strike: 140, bid: 0.01, ask: 3 },
      expiry.quotes[0]!,
    ] as const;
    const quotes = [...expiry.quotes, ...bad];
    const { smiles } = impliedSmiles([{ ...expiry, quotes }], {
      exercise: 'european',
      maximumRelativeSpread: 1.5,
    });
    const { drops, strike } = smiles[0]!;
    expect(drops).toMatchObject({
      crossed: 1,
      no_quote: 1,
      no_bid: 1 + expiry.quotes.filter(({ bid }) => bid === 0).length,
      no_ask: 1,
      not_finite: 2,
      duplicate: 1,
      outside_bounds: 1,
    });
    const dropped = Object.values(drops).reduce((sum, count) => sum + count, 0);
    expect(strike.length + dropped).toBe(quotes.length);
  });

  test('expiries that cannot be used are named with their reason', () => {
    const expiry = blackExpiry(market);
    const one = blackExpiry({ ...market, timeYears: 0.25, strikes: [100] });
    const { smiles, dropped } = impliedSmiles(
      [{ ...expiry, timeYears: -0.1, id: 'old' }, one, expiry, { ...expiry, id: 'twin' }],
      { exercise: 'european' },
    );
    expect(smiles.map(({ id }) => id)).toEqual([expiry.id]);
    expect(dropped.map(({ id, reason }) => [id, reason])).toEqual([
      ['old', 'expired'],
      [one.id, 'no_forward'],
      ['twin', 'same_time'],
    ]);
  });
});
