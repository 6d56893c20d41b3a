import { black76Price } from '@cerberus/pricing';
import { describe, expect, test } from '@jest/globals';
import { smileMetrics, termStructure, volatilityCone } from '../src/metrics.ts';
import { interpolatedVolatility, modelFreeVolatility, stripVariance } from '../src/model-free.ts';
import { sviSlice } from '../src/slice.ts';
import { VolatilitySurface } from '../src/surface.ts';
import type { SviRaw } from '../src/svi.ts';

function surfaceOf(svi: SviRaw): VolatilitySurface {
  const surface = VolatilitySurface.of([
    {
      id: 'one',
      timeYears: 1,
      forward: 100,
      discountFactor: 0.97,
      slice: sviSlice(1, svi),
      quotedLow: -1,
      quotedHigh: 1,
    },
  ]);
  if (!surface.ok) throw new Error(surface.error.message);
  return surface.value;
}

const flat = surfaceOf({ a: 0.0625, b: 0, rho: 0, m: 0, sigma: 0.1 });
const skewed = surfaceOf({ a: 0.01, b: 0.12, rho: -0.7, m: -0.05, sigma: 0.1 });

describe('metrics', () => {
  test('a flat surface has its volatility everywhere and no smile', () => {
    const metrics = smileMetrics(flat, 1);
    if (!metrics.ok) throw new Error(metrics.error.message);
    const { atTheMoney, modelFree, timeYears: _, ...shape } = metrics.value;
    expect(atTheMoney).toBeCloseTo(0.25, 14);
    expect(modelFree).toBeCloseTo(0.25, 8);
    for (const value of Object.values(shape)) expect(Math.abs(value)).toBeLessThan(1e-12);
  });

  test('risk reversals are taken at the deltas of the smile itself', () => {
    const metrics = smileMetrics(skewed, 1);
    const [call, put] = [skewed.atDelta(0.25, 1), skewed.atDelta(-0.25, 1)];
    if (!metrics.ok || !call.ok || !put.ok) throw new Error('no metrics');
    expect(call.value.callDelta).toBeCloseTo(0.25, 12);
    expect(put.value.callDelta).toBeCloseTo(0.75, 12);
    expect(metrics.value.riskReversal25).toBeCloseTo(
      call.value.volatility - put.value.volatility,
      14,
    );
    expect(metrics.value.skew90110).toBeGreaterThan(0);
    expect(termStructure(skewed).ok).toBe(true);
  });

  test('slope and convexity are the derivatives of volatility at the money', () => {
    const metrics = smileMetrics(skewed, 1);
    const at = (k: number) => Math.sqrt(skewed.varianceUnchecked(k, 1));
    const h = 1e-4;
    if (!metrics.ok) throw new Error(metrics.error.message);
    expect(metrics.value.slope).toBeCloseTo((at(h) - at(-h)) / (2 * h), 6);
    expect(metrics.value.convexity).toBeCloseTo((at(h) - 2 * at(0) + at(-h)) / h ** 2, 4);
  });

  test('the variance integral is that of −2/T·E[ln(S_T/F)] by the density', () => {
    // Independent route: E[ln S] from the density of ln(S_T/F), g·φ(d₋)/√w, by a plain sum.
    const modelFree = modelFreeVolatility(skewed, 1);
    let mean = 0;
    const point = { w: 0, slope: 0, curvature: 0, third: 0 };
    const step = 1e-3;
    for (let k = -12; k <= 6; k += step) {
      skewed.pointUnchecked(k, 1, point);
      const { w, slope, curvature } = point;
      const first = 1 - (0.5 * k * slope) / w;
      const g = first * first - 0.25 * slope * slope * (1 / w + 0.25) + 0.5 * curvature;
      const distance = -k / Math.sqrt(w) - 0.5 * Math.sqrt(w);
      mean += ((k * g) / Math.sqrt(2 * Math.PI * w)) * Math.exp(-0.5 * distance ** 2) * step;
    }
    expect(modelFree.ok && modelFree.value ** 2).toBeCloseTo(-2 * mean, 5);
  });

  test('a strip of Black prices has the variance that made it, by the method of the VIX', () => {
    const [forward, timeYears, rate, volatility] = [100, 30 / 365, 0.03, 0.2];
    const options = Array.from({ length: 301 }, (_, i) => 40 + 0.5 * i).flatMap((strike) =>
      (['call', 'put'] as const).map((kind) => {
        const price = black76Price({ kind, forward, strike, timeYears, rate, volatility });
        const mid = price.ok ? price.value : Number.NaN;
        return mid < 1e-6
          ? { strike, kind, bid: 0, ask: 0.01 }
          : { strike, kind, bid: mid, ask: mid };
      }),
    );
    const strip = stripVariance(options, {
      timeYears,
      discountFactor: Math.exp(-rate * timeYears),
    });
    expect(strip.ok && Math.sqrt(strip.value)).toBeCloseTo(0.2, 3);
    const near = { timeYears: 23 / 365, variance: 0.04 };
    const next = { timeYears: 37 / 365, variance: 0.0625 };
    const index = interpolatedVolatility(near, next);
    const expected = (0.5 * 0.04 * 23 + 0.5 * 0.0625 * 37) / 30;
    expect(index.ok && index.value ** 2).toBeCloseTo(expected, 12);
    expect(stripVariance([], { timeYears, discountFactor: 1 })).toMatchObject({
      error: { code: 'CRB_SURFACE_NO_FORWARD' },
    });
  });

  test('the cone of a constant move is a line', () => {
    const closes = Array.from({ length: 60 }, (_, i) => 100 * Math.exp(i % 2 === 0 ? 0 : 0.01));
    const cone = volatilityCone(closes, [5, 20, 500]);
    if (!cone.ok) throw new Error(cone.error.message);
    expect(cone.value.map(({ horizonDays }) => horizonDays)).toEqual([5, 20]);
    for (const row of cone.value) {
      expect(row.minimum).toBeCloseTo(0.01 * Math.sqrt(252), 10);
      expect(row.maximum).toBeCloseTo(0.01 * Math.sqrt(252), 10);
    }
    expect(volatilityCone([1, -1], [1])).toMatchObject({
      error: { code: 'CRB_SURFACE_NOT_POSITIVE', path: 'closes[1]' },
    });
  });
});
