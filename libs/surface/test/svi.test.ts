import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sviButterfly } from '../src/butterfly.ts';
import { sviCalendar } from '../src/calendar.ts';
import {
  jumpWingsFromRaw,
  naturalFromRaw,
  rawFromJumpWings,
  rawFromNatural,
  repairedJumpWings,
  type SviRaw,
  sviMinimum,
  sviTotalVariance,
} from '../src/svi.ts';

const raw = fc.record({
  a: fc.double({ min: 0.001, max: 0.1, noNaN: true }),
  b: fc.double({ min: 0.01, max: 0.5, noNaN: true }),
  rho: fc.double({ min: -0.9, max: 0.9, noNaN: true }),
  m: fc.double({ min: -0.3, max: 0.3, noNaN: true }),
  sigma: fc.double({ min: 0.02, max: 0.6, noNaN: true }),
});

function distance(one: SviRaw, other: SviRaw): number {
  const places = [-2, -1, -0.3, 0, 0.3, 1, 2];
  return Math.max(
    ...places.map((k) => Math.abs(sviTotalVariance(one, k) / sviTotalVariance(other, k) - 1)),
  );
}

describe('forms of SVI', () => {
  test('natural and raw are inverse', () => {
    fc.assert(
      fc.property(raw, (slice) => {
        const natural = naturalFromRaw(slice);
        const back = natural.ok ? rawFromNatural(natural.value) : natural;
        expect(back.ok && distance(back.value, slice)).toBeLessThan(1e-11);
      }),
    );
  });

  test('jump wings and raw are inverse where the minimum is not at the money', () => {
    fc.assert(
      fc.property(raw, fc.double({ min: 0.02, max: 5, noNaN: true }), (slice, timeYears) => {
        const gap = sviTotalVariance(slice, 0) / sviMinimum(slice) - 1;
        fc.pre(gap > 1e-3);
        const wings = jumpWingsFromRaw(slice, timeYears);
        const back = wings.ok ? rawFromJumpWings(wings.value, timeYears) : wings;
        expect(back.ok && distance(back.value, slice)).toBeLessThan(1e-7);
      }),
    );
  });

  test("the repair of Vogt's slice gives the wings printed by Gatheral and Jacquier (2014), Example 5.1", () => {
    const vogt = { a: -0.041, b: 0.1331, rho: 0.306, m: 0.3586, sigma: 0.4153 };
    const wings = jumpWingsFromRaw(vogt, 1);
    const repaired = wings.ok ? repairedJumpWings(wings.value) : undefined;
    expect(repaired?.c).toBeCloseTo(0.3493158, 6);
    expect(repaired?.vTilde).toBeCloseTo(0.01548182, 7);
    const slice = repaired && rawFromJumpWings(repaired, 1);
    expect(slice?.ok && sviButterfly(slice.value).isFree).toBe(true);
    expect(sviButterfly(vogt).isFree).toBe(false);
  });

  test('parameters without a counterpart are refused by code', () => {
    const flat = { a: 0.04, b: 0, rho: 0, m: 0, sigma: 0.1 };
    expect(naturalFromRaw(flat)).toMatchObject({ error: { code: 'CRB_SURFACE_NO_JUMP_WINGS' } });
    expect(naturalFromRaw({ ...flat, b: Number.NaN })).toMatchObject({
      error: { code: 'CRB_SURFACE_NOT_FINITE', path: 'svi.b' },
    });
    expect(jumpWingsFromRaw({ ...flat, b: 0.1, rho: 1.5 }, 1)).toMatchObject({
      error: { code: 'CRB_SURFACE_OUT_OF_RANGE', path: 'svi.rho' },
    });
    expect(rawFromJumpWings({ v: 0.04, psi: 3, p: 1, c: 1, vTilde: 0.03 }, 1).ok).toBe(false);
  });
});

describe('calendar order', () => {
  test('a crossing beyond the interval is found by the wings', () => {
    const short = { a: 0.02, b: 0.1, rho: -0.5, m: 0, sigma: 0.2 };
    const long = { a: 0.045, b: 0.1, rho: -0.45, m: 0, sigma: 0.25 };
    const check = sviCalendar(short, long);
    expect(check).toMatchObject({ isFree: false, crossings: [] });
    expect(check.minimum).toBeGreaterThan(0);
  });

  test('a slice never crosses itself shifted up', () => {
    fc.assert(
      fc.property(raw, (slice) => {
        expect(sviCalendar(slice, { ...slice, a: slice.a + 1e-3 }).isFree).toBe(true);
        expect(sviCalendar({ ...slice, a: slice.a + 1e-3 }, slice).isFree).toBe(false);
      }),
      { numRuns: 30 },
    );
  });
});
