import { expectedImpact, fitSquareRootImpact, type ImpactSample } from '@cerberus/algos';
import { unwrap } from '@cerberus/core';
import { PhiloxStream } from '@cerberus/stats';
import { describe, expect, test } from '@jest/globals';

function samples(count: number, noise: number, exponent = 0.5): ImpactSample[] {
  const stream = new PhiloxStream({ seed: 3, stream: 0 });
  return Array.from({ length: count }, () => {
    const participation = 0.001 + 0.2 * stream.nextDouble();
    const volatility = 0.01 + 0.03 * stream.nextDouble();
    const cost = 0.8 * volatility * participation ** exponent + noise * stream.nextNormal();
    return { participation, volatility, cost };
  });
}

describe('square-root impact', () => {
  test('gives back the coefficient and exponent of exact costs', () => {
    const fit = unwrap(fitSquareRootImpact(samples(50, 0)));
    expect(fit.coefficient).toBeCloseTo(0.8, 12);
    expect(fit.freeExponent.exponent).toBeCloseTo(0.5, 7);
    expect(fit.explained).toBeCloseTo(1, 12);
    const cost = expectedImpact(fit, { participation: 0.04, volatility: 0.02 });
    expect(unwrap(cost)).toBeCloseTo(0.8 * 0.02 * 0.2, 12);
  });

  test('noise stays within the stated error, and another law shows in the free exponent', () => {
    const fit = unwrap(fitSquareRootImpact(samples(2000, 0.003)));
    expect(Math.abs(fit.coefficient - 0.8) / fit.coefficientError).toBeLessThan(3);
    expect(unwrap(fitSquareRootImpact(samples(50, 0, 0.8))).freeExponent.exponent).toBeCloseTo(
      0.8,
      6,
    );
  });

  test('too few orders, or one without volume, are refused', () => {
    expect(fitSquareRootImpact(samples(5, 0))).toMatchObject({
      error: { code: 'CRB_ALGO_OUT_OF_DOMAIN', path: 'samples.length' },
    });
    const wrong = samples(20, 0).map((s, i) => (i === 3 ? { ...s, participation: 0 } : s));
    expect(fitSquareRootImpact(wrong)).toMatchObject({
      error: { path: 'samples[3].participation' },
    });
  });
});
