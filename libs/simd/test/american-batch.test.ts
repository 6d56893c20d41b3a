import {
  americanPriceBatch,
  collocationScheme,
  type EuropeanColumns,
  setEuropeanRow,
} from '@cerberus/pricing';
import { PhiloxStream } from '@cerberus/stats';
import { describe, expect, test } from '@jest/globals';
import { AMERICAN_SIZES, AmericanBatch } from '../src/index.ts';

const scheme = collocationScheme(AMERICAN_SIZES);
const standard = (options: EuropeanColumns, out: Float64Array) =>
  americanPriceBatch(options, out, 'standard');

function batchOf(count: number, vectorised?: boolean): AmericanBatch {
  const batch = new AmericanBatch(count, {
    ...{ scheme, scalar: standard },
    ...(vectorised === undefined ? {} : { vectorised }),
  });
  const stream = new PhiloxStream({ seed: 41, stream: 0 });
  const between = (low: number, high: number) => low + (high - low) * stream.nextDouble();
  for (let row = 0; row < count; row += 1) {
    setEuropeanRow(batch.options, row, {
      kind: row % 3 === 0 ? 'call' : 'put',
      ...{ spot: 100, strike: between(85, 118), timeYears: between(1 / 12, 2) },
      ...{ rate: between(0.01, 0.09), dividendYield: between(0.005, 0.09) },
      volatility: between(0.15, 0.6),
    });
  }
  return batch;
}

function worstAgainst(batch: AmericanBatch, expected: Float64Array): number {
  return expected.reduce(
    (most, price, row) => Math.max(most, Math.abs(batch.price[row]! / price - 1)),
    0,
  );
}

describe('American batch', () => {
  test('is good to 1e-6 relative against the reference collocation', () => {
    const batch = batchOf(101);
    const expected = new Float64Array(101);
    expect(americanPriceBatch(batch.options, expected, 'reference').ok).toBe(true);
    expect(batch.prices()).toEqual({ ok: true, value: 101 });
    expect(worstAgainst(batch, expected)).toBeLessThan(1e-6);
  });

  test('keeps to it where rate and yield all but meet, which bends the boundary at expiry', () => {
    const batch = batchOf(120);
    for (let row = 0; row < 120; row += 1) {
      const isPut = batch.options.sign[row]! < 0;
      const [kept, set] = isPut ? ['rate', 'dividendYield'] : ['dividendYield', 'rate'];
      const gap = 10 ** (-5 + (row % 41) / 10);
      const kin = batch.options[kept as 'rate'][row]!;
      batch.options[set as 'rate'][row] = kin * (row % 2 === 0 ? 1 + gap : 1 / (1 + gap));
    }
    const expected = new Float64Array(120);
    expect(americanPriceBatch(batch.options, expected, 'reference').ok).toBe(true);
    expect(batch.prices()).toEqual({ ok: true, value: 120 });
    expect(worstAgainst(batch, expected)).toBeLessThan(1e-6);
  });

  test('a price does not depend on its neighbour', () => {
    const batch = batchOf(64);
    batch.prices();
    const together = batch.price.slice();
    const alone = new AmericanBatch(1, { scheme, scalar: standard });
    for (let row = 0; row < 64; row += 1) {
      for (const name of Object.keys(batch.options) as (keyof EuropeanColumns)[]) {
        alone.options[name][0] = batch.options[name][row]!;
      }
      alone.prices();
      expect(alone.price[0]).toBe(together[row]!);
    }
  });

  test('leaves to the scalar function what collocation does not serve, and its faults', () => {
    const batch = batchOf(160);
    const change: [number, Partial<Record<keyof EuropeanColumns, number>>][] = [
      [3, { timeYears: 0 }],
      [20, { rate: -0.01, dividendYield: -0.02 }],
      [21, { volatility: 0 }],
      [50, { rate: 0, dividendYield: 0.02 }],
      [77, { spot: 20 }],
    ];
    for (const [row, fields] of change) {
      for (const [name, value] of Object.entries(fields)) {
        batch.options[name as keyof EuropeanColumns][row] = value;
      }
    }
    const expected = new Float64Array(160);
    expect(standard(batch.options, expected).ok).toBe(true);
    expect(batch.prices().ok).toBe(true);
    for (const row of [3, 20, 21, 50]) expect(batch.price[row]).toBe(expected[row]!);
    expect(Math.abs(batch.price[77]! - expected[77]!)).toBeLessThan(1e-8);
    batch.options.strike[90] = Number.NaN;
    expect(batch.prices()).toMatchObject({ ok: false, error: { path: 'row 90 strike' } });
  });

  test('is the scalar function where there are no vectors', () => {
    const batch = batchOf(8, false);
    const expected = new Float64Array(8);
    standard(batch.options, expected);
    expect(batch.prices().ok).toBe(true);
    expect(Array.from(batch.price)).toEqual(Array.from(expected));
  });
});
