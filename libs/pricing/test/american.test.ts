import { describe, expect, test } from '@jest/globals';
import {
  type AmericanOption,
  allocateEuropeanColumns,
  americanGreeks,
  americanPrice,
  americanPriceBatch,
  americanValue,
  binomial,
  europeanGreeks,
  finiteDifferences,
  GREEK_NAMES,
  type Greeks,
  setEuropeanRow,
} from '../src/index.ts';

const PUT: AmericanOption = {
  kind: 'put',
  spot: 36,
  strike: 40,
  timeYears: 1,
  rate: 0.06,
  dividendYield: 0.02,
  volatility: 0.2,
};

function priceOf(change: Partial<AmericanOption> = {}): number {
  const result = americanPrice({ ...PUT, ...change }, 'reference');
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
}

function greeksOf(change: Partial<AmericanOption> = {}): Greeks & { regime: string } {
  const result = americanGreeks({ ...PUT, ...change });
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
}

describe('American options', () => {
  test('reproduce the tenth digit of Andersen-Lake-Offengenden (2016), table of premia', () => {
    const option = { spot: 100, strike: 100, dividendYield: 0.05, volatility: 0.25 };
    const premium = (rate: number) => {
      const result = americanValue({ ...PUT, ...option, rate }, 'reference');
      if (!result.ok) throw new Error(result.error.code);
      return result.value.price - result.value.europeanPrice;
    };
    // QuantLib 1.29 QdFp with 48 nodes and tanh-sinh: 0.106952702746719 and 0.367111140624043.
    expect(premium(0.05)).toBeCloseTo(0.106952702747, 10);
    expect(premium(0.075)).toBeCloseTo(0.367111140624, 9);
  });

  test('each accuracy holds its stated error against the reference scheme', () => {
    for (const rate of [0.01, 0.05, 0.15]) {
      for (const dividendYield of [0, 0.03, 0.1]) {
        for (const [volatility, timeYears] of [
          [0.1, 0.1],
          [0.25, 1],
          [0.6, 5],
        ] as const) {
          const option = { ...PUT, rate, dividendYield, volatility, timeYears };
          const exact = priceOf(option);
          const error = (accuracy: 'fast' | 'standard') => {
            const result = americanPrice(option, accuracy);
            return result.ok ? Math.abs(result.value - exact) / option.strike : 1;
          };
          expect(error('fast')).toBeLessThan(3e-6);
          expect(error('standard')).toBeLessThan(3e-8);
        }
      }
    }
  });

  test('a batch gives what single calls give, whatever the regime of the row', () => {
    const rows: AmericanOption[] = [
      PUT,
      { ...PUT, strike: 38 },
      { ...PUT, spot: 20 },
      { ...PUT, kind: 'call', dividendYield: 0.08 },
      { ...PUT, kind: 'call', dividendYield: 0 },
      { ...PUT, rate: -0.01, dividendYield: -0.04 },
      { ...PUT, timeYears: 0 },
      { ...PUT, volatility: 0 },
      { ...PUT, spot: 0 },
    ];
    const columns = allocateEuropeanColumns(rows.length);
    for (const [row, option] of rows.entries()) setEuropeanRow(columns, row, option);
    const out = new Float64Array(rows.length);
    expect(americanPriceBatch(columns, out)).toEqual({ ok: true, value: rows.length });
    for (const [row, option] of rows.entries()) {
      const single = americanPrice(option);
      expect(single.ok && Math.abs(single.value - out[row]!)).toBeLessThan(1e-13);
    }
    columns.strike[4] = 0;
    expect(americanPriceBatch(columns, out)).toMatchObject({
      error: { code: 'CRB_PRICING_NOT_POSITIVE', path: 'row 4 strike' },
    });
  });

  test('calls and puts mirror each other', () => {
    const call = greeksOf({ kind: 'call', spot: 40, strike: 36, rate: 0.02, dividendYield: 0.06 });
    const put = greeksOf({});
    expect(call.price).toBeCloseTo(put.price, 10);
    expect(call.delta).toBeCloseTo(put.dualDelta, 9);
    expect(call.gamma).toBeCloseTo(put.dualGamma, 8);
    expect(call.rho).toBeCloseTo(put.dividendRho, 6);
    expect(call.volga).toBeCloseTo(put.volga, 4);
  });

  test('a call without dividends and a put without interest are European', () => {
    const options = [
      { kind: 'call' as const, dividendYield: 0 },
      { rate: -0.01, dividendYield: 0 },
      { rate: 0, dividendYield: 0.03 },
    ];
    for (const option of options) {
      const european = europeanGreeks({ ...PUT, ...option });
      if (!european.ok) throw new Error(european.error.code);
      expect(greeksOf(option)).toEqual({ ...european.value, regime: 'european' });
    }
  });

  test.each<[keyof Greeks, keyof Greeks, keyof AmericanOption, number]>([
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
  ])('%s is the slope of %s in %s', (name, of, by, unit) => {
    const step = (by === 'spot' || by === 'strike' ? 0.1 : 2e-3) as number;
    for (const kind of ['put', 'call'] as const) {
      const at = (n: number) =>
        greeksOf({ kind, spot: 42, [by]: (by === 'spot' ? 42 : (PUT[by] as number)) + n * step })[
          of
        ];
      const numeric = ((8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * step)) * unit;
      const value = greeksOf({ kind, spot: 42 })[name];
      expect(Math.abs(numeric - value)).toBeLessThan(3e-4 * Math.abs(value) + 1e-6);
    }
  });

  test('in the exercise region the Greeks are those of the intrinsic value', () => {
    expect(greeksOf({ spot: 20 })).toMatchObject({
      regime: 'exercised',
      price: 20,
      delta: -1,
      gamma: 0,
      theta: 0,
      dualDelta: 1,
    });
  });

  test('limits: no time, no volatility, no spot', () => {
    expect(greeksOf({ timeYears: 0 })).toMatchObject({ regime: 'certain', price: 4, delta: -1 });
    expect(priceOf({ spot: 0 })).toBe(40);
    expect(priceOf({ volatility: 0 })).toBe(4);
    // Without volatility a call with q > 0 waits while the strike earns more than the dividend pays.
    const waiting = priceOf({ kind: 'call', spot: 39, rate: 0.2, volatility: 0, timeYears: 10 });
    const best = Math.log((0.2 * 40) / (0.02 * 39)) / 0.18;
    expect(best).toBeGreaterThan(10);
    expect(waiting).toBeCloseTo(39 * Math.exp(-0.2) - 40 * Math.exp(-2), 12);
  });

  test('two boundaries under negative rates agree with the lattice', () => {
    const option = { ...PUT, spot: 100, strike: 105, rate: -0.01, dividendYield: -0.04 };
    const value = americanValue(option);
    // Own 8000 × 8000 Crank-Nicolson of the vectors: 9.69346879082687.
    expect(value).toMatchObject({ ok: true, value: { regime: 'grid' } });
    expect(value.ok && value.value.price).toBeCloseTo(9.69346879, 4);
    const lattice = binomial({
      ...option,
      exercise: 'american',
      lattice: 'leisen-reimer',
      steps: 1001,
    });
    expect(lattice.ok && lattice.value.price).toBeCloseTo(9.69347, 3);
    const greeks = greeksOf(option);
    for (const name of GREEK_NAMES) expect(Number.isFinite(greeks[name])).toBe(true);
  });

  test.each<[Partial<AmericanOption>, string]>([
    [{ spot: -1 }, 'CRB_PRICING_NEGATIVE'],
    [{ strike: 0 }, 'CRB_PRICING_NOT_POSITIVE'],
    [{ volatility: Number.NaN }, 'CRB_PRICING_NOT_FINITE'],
    [{ timeYears: -1 }, 'CRB_PRICING_EXPIRED'],
  ])('%j is refused', (change, code) => {
    expect(americanPrice({ ...PUT, ...change })).toMatchObject({ error: { code } });
    expect(americanGreeks({ ...PUT, ...change })).toMatchObject({ error: { code } });
  });
});

describe('grids and lattices', () => {
  const dividends = [{ timeYears: 0.5, amount: 2 }];

  test('refuse dividends out of order, beyond expiry or worth more than the spot', () => {
    const option = { ...PUT, exercise: 'american' as const };
    const code = (change: object) => {
      const result = finiteDifferences({ ...option, ...change });
      return result.ok ? 'ok' : `${result.error.code} ${result.error.path}`;
    };
    expect(code({ dividends: [{ timeYears: 1, amount: 1 }] })).toBe(
      'CRB_PRICING_DIVIDEND_ORDER dividends row 0 timeYears',
    );
    expect(code({ dividends: [...dividends, ...dividends] })).toBe(
      'CRB_PRICING_DIVIDEND_ORDER dividends row 1 timeYears',
    );
    expect(code({ dividends: [{ timeYears: 0.5, amount: Number.NaN }] })).toBe(
      'CRB_PRICING_NOT_FINITE dividends row 0 amount',
    );
    expect(code({ dividends: [{ timeYears: 0.5, amount: 50 }], dividendModel: 'escrowed' })).toBe(
      'CRB_PRICING_DIVIDENDS_EXCEED_SPOT dividends',
    );
    expect(code({ grid: { space: 2, time: 100 } })).toBe('CRB_PRICING_OUT_OF_RANGE grid.space');
  });

  test('the grid agrees with collocation', () => {
    for (const kind of ['put', 'call'] as const) {
      const option = { ...PUT, kind, dividendYield: 0.08, spot: 41 };
      const grid = finiteDifferences({ ...option, exercise: 'american' });
      const greeks = greeksOf(option);
      if (!grid.ok) throw new Error(grid.error.code);
      expect(grid.value.price).toBeCloseTo(greeks.price, 4);
      expect(grid.value.delta).toBeCloseTo(greeks.delta, 4);
      expect(grid.value.gamma).toBeCloseTo(greeks.gamma, 4);
      expect(grid.value.theta).toBeCloseTo(greeks.theta, 5);
    }
  });

  test('a lattice whose probability leaves [0, 1] is refused', () => {
    const option = { ...PUT, rate: 0.5, volatility: 0.02, exercise: 'american' as const };
    const result = binomial({ ...option, lattice: 'cox-ross-rubinstein', steps: 3 });
    expect(result).toMatchObject({
      error: { code: 'CRB_PRICING_LATTICE_UNSTABLE', path: 'steps' },
    });
    expect(binomial({ ...option, lattice: 'tian', steps: 2.5 })).toMatchObject({
      error: { code: 'CRB_PRICING_OUT_OF_RANGE' },
    });
  });
});
