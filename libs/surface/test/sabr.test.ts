import { describe, expect, test } from '@jest/globals';
import { sabrVolatilities } from '../src/sabr.ts';
import { fitSabr } from '../src/sabr-fit.ts';

const truth = { alpha: 0.035, beta: 0.6, nu: 0.5, rho: -0.3 };
const strikes = [0.02, 0.025, 0.03, 0.035, 0.04, 0.045, 0.05, 0.06, 0.07];
const market = { forward: 0.04, timeYears: 2 };

function smile() {
  return strikes.map((strike) => {
    const values = sabrVolatilities(truth, { ...market, strike });
    if (!values.ok) throw new Error(values.error.message);
    return values.value.lognormal;
  });
}

describe('SABR', () => {
  test('a free exponent is fitted to the smile it made', () => {
    const fit = fitSabr({ ...market, strikes, volatilities: smile() });
    expect(fit.ok && fit.value.maximumError).toBeLessThan(1e-5);
  });

  test('quotes inside and outside bid and ask are counted', () => {
    const volatilities = smile();
    const fit = fitSabr(
      {
        ...market,
        strikes,
        volatilities,
        bids: volatilities.map((volatility, row) => volatility - (row === 0 ? -0.01 : 0.001)),
        asks: volatilities.map((volatility) => volatility + 0.02),
      },
      { beta: 0.6 },
    );
    expect(fit).toMatchObject({ ok: true, value: { inside: strikes.length - 1, outside: 1 } });
  });

  test('a model far from the money and next to it has no jump', () => {
    const at = (strike: number) => {
      const values = sabrVolatilities(truth, { ...market, strike });
      return values.ok ? values.value.lognormal : Number.NaN;
    };
    const step = 1e-9;
    const slope = (at(0.04 * (1 + step)) - at(0.04 * (1 - step))) / (2 * step);
    const wide = (at(0.04 * 1.0001) - at(0.04 * 0.9999)) / 2e-4;
    expect(slope).toBeCloseTo(wide, 4);
  });

  test('what SABR has no value for is refused by code', () => {
    expect(sabrVolatilities({ ...truth, rho: 1 }, { ...market, strike: 0.04 })).toMatchObject({
      error: { code: 'CRB_SURFACE_OUT_OF_RANGE', path: 'rho' },
    });
    expect(sabrVolatilities(truth, { ...market, strike: -0.01 })).toMatchObject({
      error: { code: 'CRB_SURFACE_NOT_POSITIVE', path: 'strike + shift' },
    });
    expect(fitSabr({ ...market, strikes: [0.04], volatilities: [0.2] })).toMatchObject({
      error: { code: 'CRB_SURFACE_TOO_FEW_QUOTES' },
    });
  });
});
