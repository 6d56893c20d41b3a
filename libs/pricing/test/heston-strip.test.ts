import { describe, expect, test } from '@jest/globals';
import {
  calibrateHeston,
  type HestonParameters,
  hestonStripPrices,
  hestonValue,
  impliedVolatility,
  type VolatilityQuote,
} from '../src/index.ts';

const PARAMETERS: HestonParameters = {
  variance: 0.045,
  meanReversion: 1.8,
  longRunVariance: 0.06,
  volatilityOfVariance: 0.8,
  correlation: -0.65,
};

/** Strikes 70 … 130, both kinds. */
const STRIKES = Float64Array.from({ length: 26 }, (_, i) => 70 + 5 * (i >> 1));
const SIGNS = Int8Array.from({ length: 26 }, (_, i) => (i % 2 === 0 ? 1 : -1));

describe('strips by the COS method', () => {
  const jumps = { intensity: 0.6, logMean: -0.1, logDeviation: 0.15 };

  test.each([
    [0.02, PARAMETERS],
    [1, PARAMETERS],
    [10, PARAMETERS],
    [0.5, { ...PARAMETERS, jumps }],
    [2, { ...PARAMETERS, volatilityOfVariance: 0 }],
  ])('T = %d agrees with the saddle-point contour', (timeYears, parameters) => {
    const price = new Float64Array(STRIKES.length);
    const strip = { forward: 101, discount: 0.97, timeYears, parameters };
    const solved = hestonStripPrices(strip, { sign: SIGNS, strike: STRIKES, price });
    expect(solved.ok).toBe(true);
    for (const [row, strike] of STRIKES.entries()) {
      const exact = hestonValue({
        spot: 101,
        strike,
        timeYears,
        rate: 0,
        dividendYield: 0,
        parameters,
      });
      if (!exact.ok) throw new Error(exact.error.code);
      const { call, put } = exact.value;
      expect(Math.abs(price[row]! - 0.97 * (SIGNS[row] === 1 ? call : put))).toBeLessThan(1e-8);
    }
  });

  test('a bad strike is named by its row', () => {
    const strike = Float64Array.of(100, Number.NaN);
    const columns = { sign: Int8Array.of(1, 1), strike, price: new Float64Array(2) };
    const strip = { forward: 100, discount: 1, timeYears: 1, parameters: PARAMETERS };
    expect(hestonStripPrices(strip, columns)).toMatchObject({
      error: { code: 'CRB_PRICING_NOT_FINITE', path: 'row 1 strike' },
    });
    expect(hestonStripPrices(strip, { ...columns, price: new Float64Array(1) })).toMatchObject({
      error: { code: 'CRB_PRICING_LENGTH_MISMATCH', path: 'price' },
    });
  });
});

describe('calibration', () => {
  const quotes: VolatilityQuote[] = [0.1, 0.5, 2].flatMap((timeYears) =>
    [80, 90, 100, 110, 120].map((strike) => {
      const exact = hestonValue({
        spot: 100,
        strike,
        timeYears,
        rate: 0,
        dividendYield: 0,
        parameters: PARAMETERS,
      });
      const implied = impliedVolatility({
        kind: strike < 100 ? 'put' : 'call',
        spot: 100,
        strike,
        timeYears,
        rate: 0,
        dividendYield: 0,
        price: exact.ok ? exact.value.outOfTheMoney * 100 : 0,
      });
      return {
        timeYears,
        forward: 100,
        strike,
        impliedVolatility: implied.ok ? implied.value : Number.NaN,
      };
    }),
  );

  test('returns the parameters a surface was made with', () => {
    const fit = calibrateHeston(quotes);
    if (!fit.ok) throw new Error(fit.error.code);
    expect(fit.value.rootMeanSquareError).toBeLessThan(1e-6);
    for (const name of ['variance', 'meanReversion', 'longRunVariance', 'correlation'] as const) {
      expect(fit.value.parameters[name]).toBeCloseTo(PARAMETERS[name], 3);
    }
    expect(fit.value.fellerHolds).toBe(false);
  });

  test('refuses too few quotes and names a bad one', () => {
    expect(calibrateHeston(quotes.slice(0, 4))).toMatchObject({
      error: { code: 'CRB_PRICING_TOO_FEW_QUOTES' },
    });
    const bad = quotes.map((quote, row) => (row === 3 ? { ...quote, strike: -1 } : quote));
    expect(calibrateHeston(bad)).toMatchObject({
      error: { code: 'CRB_PRICING_NOT_POSITIVE', path: 'quotes row 3 strike' },
    });
  });
});
