import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sviTotalVariance } from '../src/svi.ts';
import { fitSvi } from '../src/svi-fit.ts';

const places = Array.from({ length: 21 }, (_, i) => -0.6 + 0.06 * i);

describe('SVI calibration', () => {
  test('exact slices come back', () => {
    fc.assert(
      fc.property(
        fc.record({
          a: fc.double({ min: 0.005, max: 0.08, noNaN: true }),
          b: fc.double({ min: 0.03, max: 0.4, noNaN: true }),
          rho: fc.double({ min: -0.85, max: 0.6, noNaN: true }),
          m: fc.double({ min: -0.15, max: 0.15, noNaN: true }),
          sigma: fc.double({ min: 0.04, max: 0.35, noNaN: true }),
        }),
        (slice) => {
          const totalVariance = places.map((k) => sviTotalVariance(slice, k));
          const fit = fitSvi({ logMoneyness: places, totalVariance });
          expect(fit.ok && fit.value.rmse).toBeLessThan(1e-8);
        },
      ),
      { numRuns: 200, seed: 7 },
    );
  });

  test('wings stay within the bound of Lee where the quotes are steeper', () => {
    const totalVariance = places.map((k) => 0.02 + 3 * Math.abs(k));
    const fit = fitSvi({ logMoneyness: places, totalVariance });
    const slope = fit.ok ? fit.value.slice.b * (1 + Math.abs(fit.value.slice.rho)) : Number.NaN;
    expect(slope).toBeLessThanOrEqual(2 + 1e-12);
    expect(slope).toBeGreaterThan(1.9);
  });

  test('bad quotes are refused by code, row and expectation', () => {
    const totalVariance = places.map(() => 0.04);
    const four = { logMoneyness: [0, 1, 2, 3], totalVariance: [1, 1, 1, 1] };
    expect(fitSvi(four)).toMatchObject({ error: { code: 'CRB_SURFACE_TOO_FEW_QUOTES' } });
    expect(fitSvi({ logMoneyness: places, totalVariance: [1] })).toMatchObject({
      error: { code: 'CRB_SURFACE_LENGTH_MISMATCH' },
    });
    totalVariance[3] = Number.NaN;
    expect(fitSvi({ logMoneyness: places, totalVariance })).toMatchObject({
      error: { code: 'CRB_SURFACE_NOT_FINITE', path: 'quotes row 3' },
    });
  });

  test('one place quoted many times, or a flat smile, gives finite parameters', () => {
    const flat = fitSvi({ logMoneyness: places, totalVariance: places.map(() => 0.04) });
    const same = fitSvi({ logMoneyness: places.map(() => 0.1), totalVariance: places });
    for (const fit of [flat, same]) {
      if (fit.ok) expect(Object.values(fit.value.slice).every(Number.isFinite)).toBe(true);
    }
    expect(flat.ok && flat.value.rmse).toBeLessThan(1e-8);
  });
});
