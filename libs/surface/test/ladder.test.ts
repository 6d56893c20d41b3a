import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isArbitrageFree } from '../src/certificate.ts';
import { fitReport } from '../src/fit-report.ts';
import { type FittedSurface, fitSurface, RUNGS } from '../src/ladder.ts';
import { impliedSmiles, type Smile } from '../src/smile.ts';
import { rawFromSsvi } from '../src/ssvi.ts';
import { sviTotalVariance } from '../src/svi.ts';
import { blackExpiry, strikesOf } from './black.ts';

const TIMES = [0.02, 0.1, 0.25, 0.5, 1, 2];

/** Chain of an SSVI surface (ρ = −0.6, φ = 1.1/√θ), the volatilities shaken by `noise(row, expiry)`. */
function smilesOf(noise: (row: number, expiry: number) => number = () => 0): readonly Smile[] {
  const expiries = TIMES.map((timeYears, expiry) => {
    const theta = 0.04 * timeYears;
    const raw = rawFromSsvi({ theta, rho: -0.6, phi: 1.1 / Math.sqrt(theta) });
    if (!raw.ok) throw new Error(raw.error.message);
    const width = 5 * Math.sqrt(theta);
    let row = 0;
    return blackExpiry({
      timeYears,
      forward: 100 * Math.exp(0.02 * timeYears),
      rate: 0.02,
      strikes: strikesOf(100, [Math.exp(-width), Math.exp(0.6 * width)], 41),
      volatilityAt: (k) => {
        row += 1;
        return Math.sqrt(sviTotalVariance(raw.value, k) / timeYears) * (1 + noise(row, expiry));
      },
      halfSpread: (price) => 0.01 * price + 0.002,
    });
  });
  return impliedSmiles(expiries, { exercise: 'european', rate: 0.02 }).smiles;
}

function fittedOf(smiles: readonly Smile[], options = {}): FittedSurface {
  const fitted = fitSurface(smiles, options);
  if (!fitted.ok) throw new Error(fitted.error.message);
  return fitted.value;
}

describe('the ladder', () => {
  test('a clean chain is met inside bid and ask without arbitrage', () => {
    const fitted = fittedOf(smilesOf());
    expect(fitted.rung).toBe('corrected-svi');
    expect(fitted.certificate).toMatchObject({
      moneynessPoints: 400,
      butterflyViolations: 0,
      calendarViolations: 0,
      wingViolations: 0,
    });
    expect(fitted.certificate.maturities).toBeGreaterThanOrEqual(60);
    const report = fitReport(fitted);
    const inside = report.reduce((sum, expiry) => sum + expiry.inside, 0);
    const quotes = report.reduce((sum, expiry) => sum + expiry.quotes, 0);
    expect(inside / quotes).toBeGreaterThan(0.97);
    expect(Math.max(...report.map(({ rmseVolPoints }) => rmseVolPoints))).toBeLessThan(1);
  });

  test.each(RUNGS)('begun at %s it ends free of arbitrage', (from) => {
    const fitted = fittedOf(smilesOf(), { from });
    expect(isArbitrageFree(fitted.certificate)).toBe(true);
    expect(RUNGS.indexOf(fitted.rung)).toBeGreaterThanOrEqual(RUNGS.indexOf(from));
  });

  test('quotes full of arbitrage still end in a surface without', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        const shake = (row: number, expiry: number) =>
          0.5 * Math.sin(seed * 12.9898 * (row + 1) + 78.233 * (expiry + 1));
        const fitted = fittedOf(smilesOf(shake));
        expect(isArbitrageFree(fitted.certificate)).toBe(true);
        expect(Number.isFinite(fitted.certificate.smallestDensity)).toBe(true);
      }),
      { numRuns: 6, seed: 11 },
    );
  }, 120_000);

  test('an inverted term structure is lifted into calendar order', () => {
    const falling = smilesOf((_, expiry) => (expiry === 3 ? -0.6 : 0));
    expect(isArbitrageFree(fittedOf(falling).certificate)).toBe(true);
  });

  test('one expiry of five quotes has a surface', () => {
    const smile = smilesOf()[2]!;
    const pick = (column: Float64Array) =>
      Float64Array.from([4, 12, 20, 28, 36], (i) => column[i]!);
    const small: Smile = {
      ...smile,
      strike: pick(smile.strike),
      logMoneyness: pick(smile.logMoneyness),
      bidVolatility: pick(smile.bidVolatility),
      askVolatility: pick(smile.askVolatility),
      midVolatility: pick(smile.midVolatility),
      weight: pick(smile.weight),
    };
    expect(isArbitrageFree(fittedOf([small]).certificate)).toBe(true);
    expect(fitSurface([])).toMatchObject({ error: { code: 'CRB_SURFACE_NO_EXPIRY' } });
  });

  test('a warm start from the same quotes stays where it is, and fits repeat to the bit', () => {
    const smiles = smilesOf();
    const cold = fittedOf(smiles);
    const warm = fittedOf(smiles, { warm: cold });
    for (const [row, { slice }] of cold.surface.expiries.entries()) {
      const other = warm.surface.expiries[row]!.slice;
      expect(sviTotalVariance(other.svi, 0)).toBeCloseTo(sviTotalVariance(slice.svi, 0), 3);
    }
    expect(fittedOf(smiles).surface.expiries).toEqual(cold.surface.expiries);
  });
});
