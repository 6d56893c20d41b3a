import { describe, expect, test } from '@jest/globals';
import {
  allocateEuropeanColumns,
  allocateGreekColumns,
  europeanGreeksBatch,
  europeanPriceBatch,
  IMPLIED_VOLATILITY_STATUSES,
  impliedVolatility,
  impliedVolatilityBatch,
  type QuotedOption,
  setEuropeanRow,
} from '../src/index.ts';

const QUOTE: QuotedOption = {
  kind: 'call',
  spot: 100,
  strike: 90,
  timeYears: 0.5,
  rate: 0.04,
  dividendYield: 0.01,
  price: 14,
};

describe('implied volatility', () => {
  test('returns the volatility a price was made with, over the whole plane', () => {
    const volatilities = [0.01, 0.05, 0.2, 0.6, 1.5, 4];
    const strikes = [1, 30, 80, 99, 100, 101, 130, 400, 5000];
    const options = volatilities.flatMap((volatility) =>
      strikes.flatMap((strike) =>
        [0.01, 0.3, 2, 20].map((timeYears) => ({
          ...QUOTE,
          kind: strike < 100 ? ('put' as const) : ('call' as const),
          strike,
          timeYears,
          volatility,
        })),
      ),
    );
    const columns = allocateEuropeanColumns(options.length);
    for (const [row, option] of options.entries()) setEuropeanRow(columns, row, option);
    const price = new Float64Array(options.length);
    europeanPriceBatch(columns, price);
    const greeks = allocateGreekColumns(options.length);
    europeanGreeksBatch(columns, greeks);
    const out = {
      volatility: new Float64Array(options.length),
      status: new Uint8Array(options.length),
    };
    expect(impliedVolatilityBatch({ ...columns, price }, out).ok).toBe(true);
    for (const [row, { volatility }] of options.entries()) {
      if (price[row]! < 1e-290) continue;
      // The pricing kernel leaves a few units in the last place of its larger leg in the price.
      const scale = Math.max(options[row]!.spot, options[row]!.strike);
      const sensitivity = greeks.vega[row]! * volatility;
      const bound = 1e-13 + (1e-14 * Math.min(scale, 1e3 * price[row]!)) / sensitivity;
      const status = IMPLIED_VOLATILITY_STATUSES[out.status[row]!];
      // Far in either wing the double price is one of its bounds.
      if (status === 'price_at_bound') continue;
      expect(status).toBe('ok');
      expect(Math.abs(out.volatility[row]! / volatility - 1)).toBeLessThan(bound);
    }
  });

  test.each<[Partial<QuotedOption>, string, string]>([
    [{ price: -0.01 }, 'CRB_PRICING_IV_PRICE_NEGATIVE', 'price'],
    [{ price: 5 }, 'CRB_PRICING_IV_PRICE_BELOW_INTRINSIC', 'price'],
    [{ price: 100 }, 'CRB_PRICING_IV_PRICE_ABOVE_UPPER_BOUND', 'price'],
    [{ price: 0, strike: 110 }, 'CRB_PRICING_IV_PRICE_ZERO', 'price'],
    [{ price: 10, rate: 0, dividendYield: 0 }, 'CRB_PRICING_IV_PRICE_AT_BOUND', 'price'],
    [{ price: Number.NaN }, 'CRB_PRICING_NOT_FINITE', 'price'],
    [{ spot: 0 }, 'CRB_PRICING_NOT_POSITIVE', 'spot'],
    [{ strike: -1 }, 'CRB_PRICING_NOT_POSITIVE', 'strike'],
    [{ timeYears: 0 }, 'CRB_PRICING_NOT_POSITIVE', 'timeYears'],
    [{ rate: Number.POSITIVE_INFINITY }, 'CRB_PRICING_NOT_FINITE', 'rate'],
  ])('%j is refused as %s', (change, code, path) => {
    expect(impliedVolatility({ ...QUOTE, ...change })).toMatchObject({ error: { code, path } });
  });

  test('a bad quote of a batch keeps its row and its reason', () => {
    const quotes = {
      sign: Int8Array.of(1, 1, 1),
      spot: Float64Array.of(100, 100, 100),
      strike: Float64Array.of(90, 90, 90),
      timeYears: Float64Array.of(0.5, 0.5, 0.5),
      rate: Float64Array.of(0.04, 0.04, Number.NaN),
      dividendYield: Float64Array.of(0, 0, 0),
      price: Float64Array.of(14, 3, 14),
    };
    const out = { volatility: new Float64Array(3), status: new Uint8Array(3) };
    expect(impliedVolatilityBatch(quotes, out)).toEqual({ ok: true, value: 1 });
    expect(Array.from(out.status, (status) => IMPLIED_VOLATILITY_STATUSES[status])).toEqual([
      'ok',
      'price_below_intrinsic',
      'input_refused',
    ]);
    expect(out.volatility[1]).toBe(0);
    expect(impliedVolatilityBatch(quotes, { ...out, status: new Uint8Array(1) })).toMatchObject({
      error: { code: 'CRB_PRICING_LENGTH_MISMATCH', path: 'status' },
    });
  });
});
