import { europeanPriceBatch, impliedVolatilityBatch } from '@cerberus/pricing';
import { PhiloxStream } from '@cerberus/stats';
import { describe, expect, test } from '@jest/globals';
import { ImpliedBatch } from '../src/index.ts';

/** Quotes priced by the scalar kernel at random volatilities, some far from the money, some unsolvable. */
function quotesOf(count: number, vectorised?: boolean): ImpliedBatch {
  const batch = new ImpliedBatch(count, impliedVolatilityBatch, vectorised);
  const stream = new PhiloxStream({ seed: 51, stream: 0 });
  const between = (low: number, high: number) => low + (high - low) * stream.nextDouble();
  const { quotes } = batch;
  const volatility = new Float64Array(count);
  for (let row = 0; row < count; row += 1) {
    quotes.sign[row] = row % 2 === 0 ? 1 : -1;
    quotes.spot[row] = Math.exp(between(-3, 11));
    quotes.timeYears[row] = Math.exp(between(-6, 1.5));
    quotes.rate[row] = between(-0.02, 0.1);
    quotes.dividendYield[row] = between(0, 0.06);
    volatility[row] = Math.exp(between(-3.5, 1));
    const width = volatility[row]! * Math.sqrt(quotes.timeYears[row]!);
    const deviations = row % 7 === 0 ? 0 : between(-4, 4);
    quotes.strike[row] = quotes.spot[row]! * Math.exp(width * deviations);
  }
  expect(europeanPriceBatch({ ...quotes, volatility }, quotes.price).ok).toBe(true);
  const wrong = [-1, 0, Number.NaN, 1e30];
  for (const [index, price] of wrong.entries()) quotes.price[100 * (index + 1)] = price;
  quotes.sign[500] = 0;
  quotes.strike[501] = -1;
  return batch;
}

describe('implied batch', () => {
  test('agrees with the scalar kernel to 1e-11 relative, status by status', () => {
    const batch = quotesOf(20_001);
    const expected = {
      volatility: new Float64Array(batch.capacity),
      status: new Uint8Array(batch.capacity),
    };
    const solved = impliedVolatilityBatch(batch.quotes, expected);
    expect({ ok: true, value: batch.invert() }).toEqual(solved);
    expect(Array.from(batch.status)).toEqual(Array.from(expected.status));
    const worst = expected.volatility.reduce((most, volatility, row) => {
      const error = Math.abs(batch.volatility[row]! - volatility);
      return Math.max(most, error === 0 ? 0 : error / volatility);
    }, 0);
    expect(worst).toBeLessThan(1e-11);
  });

  test('is the scalar kernel where there are no vectors', () => {
    const batch = quotesOf(1001, false);
    const expected = { volatility: new Float64Array(1001), status: new Uint8Array(1001) };
    const solved = impliedVolatilityBatch(batch.quotes, expected);
    expect({ ok: true, value: batch.invert() }).toEqual(solved);
    expect(Array.from(batch.volatility)).toEqual(Array.from(expected.volatility));
  });
});
