import { describe, expect, test } from '@jest/globals';
import {
  allocateEuropeanColumns,
  allocateGreekColumns,
  black76Greeks,
  black76Price,
  type EuropeanOption,
  europeanGreeks,
  europeanGreeksBatch,
  europeanPrice,
  europeanPriceBatch,
  GREEK_NAMES,
  type Greeks,
  greeksAt,
  perYear,
  setEuropeanRow,
} from '../src/index.ts';

const BASE: EuropeanOption = {
  kind: 'call',
  spot: 100,
  strike: 105,
  timeYears: 0.75,
  rate: 0.04,
  dividendYield: 0.015,
  volatility: 0.27,
};

function greeksOf(change: Partial<EuropeanOption> = {}): Greeks {
  const result = europeanGreeks({ ...BASE, ...change });
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
}

/** Fourth-order central difference of one Greek in one input. */
function slope(of: keyof Greeks, by: keyof EuropeanOption, step: number): number {
  const at = (factor: number) =>
    greeksOf({ [by]: (BASE[by] as number) + factor * step } as Partial<EuropeanOption>)[of];
  return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * step);
}

describe('European Greeks', () => {
  test.each<[keyof Greeks, keyof Greeks, keyof EuropeanOption, number]>([
    ['delta', 'price', 'spot', 1],
    ['gamma', 'delta', 'spot', 1],
    ['speed', 'gamma', 'spot', 1],
    ['vega', 'price', 'volatility', 1],
    ['volga', 'vega', 'volatility', 1],
    ['ultima', 'volga', 'volatility', 1],
    ['vanna', 'delta', 'volatility', 1],
    ['zomma', 'gamma', 'volatility', 1],
    ['theta', 'price', 'timeYears', -1 / 365],
    ['charm', 'delta', 'timeYears', -1 / 365],
    ['veta', 'vega', 'timeYears', -1 / 365],
    ['color', 'gamma', 'timeYears', -1 / 365],
    ['rho', 'price', 'rate', 1],
    ['dividendRho', 'price', 'dividendYield', 1],
    ['dualDelta', 'price', 'strike', 1],
    ['dualGamma', 'dualDelta', 'strike', 1],
  ])('%s is the derivative of %s in %s', (name, of, by, unit) => {
    const step = by === 'spot' || by === 'strike' ? 0.05 : 1e-3;
    const exact = greeksOf()[name];
    const numeric = slope(of, by, step) * unit;
    expect(Math.abs(numeric - exact)).toBeLessThan(1e-7 * Math.abs(exact) + 1e-11);
  });

  test('obey put-call parity and the pricing equation', () => {
    const call = greeksOf();
    const put = greeksOf({ kind: 'put' });
    const forward = 100 * Math.exp(-0.015 * 0.75) - 105 * Math.exp(-0.04 * 0.75);
    expect(call.price - put.price).toBeCloseTo(forward, 12);
    expect(call.gamma).toBeCloseTo(put.gamma, 14);
    const { price, delta, gamma, theta } = call;
    const generator = 0.025 * 100 * delta + 0.5 * 0.27 ** 2 * 100 ** 2 * gamma - 0.04 * price;
    expect(perYear(theta) + generator).toBeCloseTo(0, 12);
  });

  test('Black 1976 is the case of a yield equal to the rate', () => {
    const option = { kind: 'put', forward: 19, strike: 20, timeYears: 0.75, rate: 0.1 } as const;
    // Haug (1998) p. 24: futures put, F 19, K 19, T 0.75, r 10 %, vol 28 % = 1.7011.
    const haug = black76Price({ ...option, strike: 19, volatility: 0.28 });
    expect(haug.ok && haug.value).toBeCloseTo(1.7011, 4);
    const greeks = black76Greeks({ ...option, volatility: 0.28 });
    if (!greeks.ok) throw new Error(greeks.error.code);
    expect(greeks.value.rho).toBeCloseTo(-0.75 * greeks.value.price, 12);
    expect(greeks.value.dividendRho).toBe(0);
  });
});

describe('limits', () => {
  test('at expiry the value is intrinsic and the slope a step', () => {
    expect(greeksOf({ timeYears: 0, spot: 110 })).toMatchObject({ price: 5, delta: 1, gamma: 0 });
    expect(greeksOf({ timeYears: 0, spot: 100 })).toMatchObject({ price: 0, delta: 0, vega: 0 });
    expect(greeksOf({ timeYears: 0, spot: 105 })).toMatchObject({ price: 0, delta: 0.5, gamma: 0 });
  });

  test('without volatility the value is the discounted intrinsic of the forward', () => {
    const { price, delta, rho, theta } = greeksOf({ volatility: 0, spot: 120 });
    const [share, debt] = [120 * Math.exp(-0.01125), 105 * Math.exp(-0.03)];
    expect(price).toBeCloseTo(share - debt, 12);
    expect(delta).toBeCloseTo(Math.exp(-0.01125), 14);
    expect(rho).toBeCloseTo(0.75 * debt, 12);
    expect(perYear(theta)).toBeCloseTo(0.015 * share - 0.04 * debt, 12);
  });

  test('volatility going to zero reaches the limit', () => {
    for (const spot of [80, 104, 120]) {
      const near = greeksOf({ volatility: 1e-9, spot });
      const limit = greeksOf({ volatility: 0, spot });
      for (const name of GREEK_NAMES) expect(near[name]).toBeCloseTo(limit[name], 10);
    }
  });

  test('a spot of zero leaves the put its discounted strike', () => {
    expect(greeksOf({ spot: 0 })).toMatchObject({ price: 0, delta: 0, gamma: 0, vega: 0 });
    const put = greeksOf({ spot: 0, kind: 'put' });
    expect(put.price).toBeCloseTo(105 * Math.exp(-0.03), 12);
    expect(put.delta).toBeCloseTo(-Math.exp(-0.01125), 14);
    const near = greeksOf({ spot: 1e-9, kind: 'put' });
    expect(near.price).toBeCloseTo(put.price, 8);
  });
});

describe('refusals', () => {
  test.each<[Partial<EuropeanOption>, string, string]>([
    [{ spot: Number.NaN }, 'CRB_PRICING_NOT_FINITE', 'spot'],
    [{ spot: -1 }, 'CRB_PRICING_NEGATIVE', 'spot'],
    [{ strike: 0 }, 'CRB_PRICING_NOT_POSITIVE', 'strike'],
    [{ strike: Number.POSITIVE_INFINITY }, 'CRB_PRICING_NOT_FINITE', 'strike'],
    [{ timeYears: -0.1 }, 'CRB_PRICING_EXPIRED', 'timeYears'],
    [{ rate: Number.NaN }, 'CRB_PRICING_NOT_FINITE', 'rate'],
    [{ dividendYield: Number.NEGATIVE_INFINITY }, 'CRB_PRICING_NOT_FINITE', 'dividendYield'],
    [{ volatility: -0.2 }, 'CRB_PRICING_NEGATIVE', 'volatility'],
    [{ rate: -1e6 }, 'CRB_PRICING_RESULT_OUT_OF_RANGE', 'price'],
  ])('%j gives %s', (change, code, path) => {
    expect(europeanGreeks({ ...BASE, ...change })).toMatchObject({ error: { code, path } });
    expect(europeanPrice({ ...BASE, ...change })).toMatchObject({ error: { code, path } });
  });

  test('a batch names the row and the field', () => {
    const columns = allocateEuropeanColumns(3);
    for (let row = 0; row < 3; row += 1) setEuropeanRow(columns, row, BASE);
    columns.volatility[2] = Number.NaN;
    expect(europeanGreeksBatch(columns, allocateGreekColumns(3))).toMatchObject({
      error: { code: 'CRB_PRICING_NOT_FINITE', path: 'row 2 volatility' },
    });
    expect(europeanPriceBatch(columns, new Float64Array(2))).toMatchObject({
      error: { code: 'CRB_PRICING_LENGTH_MISMATCH' },
    });
    columns.sign[1] = 0;
    expect(europeanPriceBatch(columns, new Float64Array(3))).toMatchObject({
      error: { code: 'CRB_PRICING_UNKNOWN_VARIANT', path: 'row 1 sign' },
    });
  });
});

test('a batch gives what single calls give', () => {
  const count = 200;
  const columns = allocateEuropeanColumns(count);
  const options = Array.from({ length: count }, (_, row): EuropeanOption => {
    const option = { ...BASE, kind: row % 2 === 0 ? 'call' : 'put', strike: 60 + row } as const;
    setEuropeanRow(columns, row, option);
    return option;
  });
  const greeks = allocateGreekColumns(count);
  const prices = new Float64Array(count);
  expect(europeanGreeksBatch(columns, greeks)).toEqual({ ok: true, value: count });
  expect(europeanPriceBatch(columns, prices)).toEqual({ ok: true, value: count });
  for (const [row, option] of options.entries()) {
    expect(europeanGreeks(option)).toEqual({ ok: true, value: greeksAt(greeks, row) });
    expect(Math.abs(prices[row]! - greeks.price[row]!)).toBeLessThan(1e-13);
  }
});
