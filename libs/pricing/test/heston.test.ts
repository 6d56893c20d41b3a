import { describe, expect, test } from '@jest/globals';
import {
  europeanGreeks,
  type HestonOption,
  hestonCharacteristic,
  hestonMoments,
  hestonValue,
  mertonValue,
} from '../src/index.ts';

const OPTION: HestonOption = {
  spot: 100,
  strike: 105,
  timeYears: 0.75,
  rate: 0.03,
  dividendYield: 0.01,
  parameters: {
    variance: 0.05,
    meanReversion: 1.5,
    longRunVariance: 0.06,
    volatilityOfVariance: 0.7,
    correlation: -0.6,
  },
};

function hestonOf(change: Partial<HestonOption> = {}) {
  const result = hestonValue({ ...OPTION, ...change });
  if (!result.ok) throw new Error(`${result.error.code} ${result.error.path}`);
  return result.value;
}

describe('Heston', () => {
  test('without volatility of variance it is Black-Scholes on the mean variance', () => {
    const parameters = { ...OPTION.parameters, volatilityOfVariance: 0 };
    const moments = hestonMoments(parameters, OPTION.timeYears);
    if (!moments.ok) throw new Error(moments.error.code);
    const volatility = Math.sqrt(moments.value.meanIntegratedVariance / OPTION.timeYears);
    const exact = europeanGreeks({ ...OPTION, kind: 'call', volatility });
    if (!exact.ok) throw new Error(exact.error.code);
    const nearly = { ...parameters, volatilityOfVariance: 1e-5 };
    expect(hestonOf({ parameters }).call).toBeCloseTo(exact.value.price, 11);
    expect(hestonOf({ parameters }).gamma).toBeCloseTo(exact.value.gamma, 11);
    expect(hestonOf({ parameters: nearly }).call).toBeCloseTo(exact.value.price, 4);
  });

  test('Greeks are slopes of the price', () => {
    const h = 1e-3;
    const [up, down] = [hestonOf({ spot: 100 + h }), hestonOf({ spot: 100 - h })];
    const { deltaCall, deltaPut, gamma, varianceVega } = hestonOf();
    expect(deltaCall).toBeCloseTo((up.call - down.call) / (2 * h), 8);
    expect(deltaPut).toBeCloseTo((up.put - down.put) / (2 * h), 8);
    expect(gamma).toBeCloseTo((up.deltaCall - down.deltaCall) / (2 * h), 8);
    const at = (variance: number) =>
      hestonOf({ parameters: { ...OPTION.parameters, variance } }).call;
    expect(varianceVega).toBeCloseTo((at(0.05 + 1e-5) - at(0.05 - 1e-5)) / 2e-5, 6);
  });

  test('Bates without diffusion of variance is Merton', () => {
    const jumps = { intensity: 0.8, logMean: -0.12, logDeviation: 0.2 };
    const parameters = {
      variance: 0.04,
      meanReversion: 1,
      longRunVariance: 0.04,
      volatilityOfVariance: 0,
      correlation: 0,
      jumps,
    };
    for (const strike of [60, 95, 105, 160]) {
      const merton = mertonValue({ ...OPTION, strike, kind: 'put', volatility: 0.2, jumps });
      const bates = hestonOf({ strike, parameters });
      expect(merton.ok && Math.abs(merton.value.price / bates.put - 1)).toBeLessThan(1e-11);
    }
  });

  test('cumulants agree with differences of the characteristic function', () => {
    const jumps = { intensity: 1, logMean: -0.1, logDeviation: 0.15 };
    for (const parameters of [OPTION.parameters, { ...OPTION.parameters, jumps }]) {
      const moments = hestonMoments(parameters, 2);
      if (!moments.ok) throw new Error(moments.error.code);
      const logMoment = (s: number) => {
        const phi = hestonCharacteristic(parameters, 2, { real: 0, imaginary: -s });
        return phi.ok ? Math.log(phi.value.real) : 1e9;
      };
      const h = 0.02;
      const [far, low, high, top] = [-2, -1, 1, 2].map((n) => logMoment(n * h)) as [
        number,
        number,
        number,
        number,
      ];
      const [c1, c2] = moments.value.cumulants;
      expect((8 * (high - low) - (top - far)) / (12 * h)).toBeCloseTo(c1, 6);
      expect((16 * (high + low) - (top + far)) / (12 * h * h)).toBeCloseTo(c2, 5);
    }
  });

  test('at expiry the value is intrinsic', () => {
    expect(hestonOf({ timeYears: 0, spot: 110 })).toMatchObject({ call: 5, put: 0, deltaCall: 1 });
  });

  test.each<[object, string, string]>([
    [{ spot: 0 }, 'CRB_PRICING_NOT_POSITIVE', 'spot'],
    [{ strike: Number.NaN }, 'CRB_PRICING_NOT_FINITE', 'strike'],
    [{ timeYears: -1 }, 'CRB_PRICING_EXPIRED', 'timeYears'],
    [
      { parameters: { ...OPTION.parameters, correlation: -1.5 } },
      'CRB_PRICING_OUT_OF_RANGE',
      'correlation',
    ],
    [
      { parameters: { ...OPTION.parameters, meanReversion: 0 } },
      'CRB_PRICING_NOT_POSITIVE',
      'meanReversion',
    ],
  ])('%j is refused', (change, code, path) => {
    expect(hestonValue({ ...OPTION, ...change })).toMatchObject({ error: { code, path } });
  });
});
