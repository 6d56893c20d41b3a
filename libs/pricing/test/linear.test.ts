import { describe, expect, test } from '@jest/globals';
import { forwardPrice, impliedCarry, type LinearPosition, linearValue } from '../src/index.ts';

const LONG: LinearPosition = {
  kind: 'future',
  quantity: 3,
  multiplier: 50,
  entryPrice: 4000,
  markPrice: 4100,
  rateToAccount: 1,
};

function valued(change: Partial<LinearPosition> = {}) {
  const result = linearValue({ ...LONG, ...change });
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
}

describe('linear instruments', () => {
  test('a future is worth its gain, a holding its price', () => {
    expect(valued()).toEqual({
      value: 15_000,
      unrealisedGain: 15_000,
      notional: 615_000,
      delta: 150,
      gamma: 0,
      nextFunding: 0,
    });
    expect(valued({ kind: 'spot', rateToAccount: 1.1 }).value).toBeCloseTo(676_500, 8);
  });

  test('longs of a perpetual pay positive funding and shorts receive it', () => {
    const perpetual = { kind: 'perpetual', fundingRate: 1e-4 } as const;
    expect(valued(perpetual).nextFunding).toBeCloseTo(-61.5, 10);
    expect(valued({ ...perpetual, quantity: -3 }).nextFunding).toBeCloseTo(61.5, 10);
  });

  test('an inverse contract settles in coin and its gain is curved', () => {
    // Deribit BTC perpetual: 1,000 contracts of 10 USD from 50,000 to 60,000 gain 1/30 coin.
    const inverse = {
      kind: 'inverse-perpetual',
      quantity: 1000,
      multiplier: 10,
      entryPrice: 50_000,
      markPrice: 60_000,
      rateToAccount: 60_000,
    } as const;
    const { value, delta, gamma, notional } = valued(inverse);
    expect(value).toBeCloseTo(2000, 9);
    expect(notional).toBeCloseTo(10_000, 9);
    const at = (markPrice: number) => valued({ ...inverse, markPrice }).value;
    expect(delta).toBeCloseTo((at(60_001) - at(59_999)) / 2, 8);
    expect(gamma).toBeCloseTo(at(60_001) - 2 * at(60_000) + at(59_999), 8);
  });

  test('basis passes moves of the underlying on in proportion', () => {
    expect(valued({ underlyingPrice: 4000 }).delta).toBeCloseTo(150 * (4100 / 4000), 10);
  });

  test('forwards and carry invert each other', () => {
    const inputs = { spot: 100, timeYears: 0.5, rate: 0.05, dividendYield: 0.02 };
    const forward = forwardPrice(inputs);
    expect(forward.ok && forward.value).toBeCloseTo(100 * Math.exp(0.015), 12);
    const carry = forward.ok && impliedCarry(100, forward.value, 0.5);
    expect(carry !== false && carry.ok && carry.value).toBeCloseTo(0.03, 14);
  });

  test.each<[Partial<LinearPosition>, string]>([
    [{ markPrice: 0 }, 'CRB_PRICING_NOT_POSITIVE'],
    [{ quantity: Number.NaN }, 'CRB_PRICING_NOT_FINITE'],
    [{ rateToAccount: -1 }, 'CRB_PRICING_NOT_POSITIVE'],
    [{ kind: 'swap' as never }, 'CRB_PRICING_UNKNOWN_VARIANT'],
  ])('%j is refused', (change, code) => {
    expect(linearValue({ ...LONG, ...change })).toMatchObject({ error: { code } });
  });
});
