import { black76Price } from '@cerberus/pricing';
import { describe, expect, test } from '@jest/globals';
import { sviSlice } from '../src/slice.ts';
import { rawFromSsvi } from '../src/ssvi.ts';
import { type SurfaceExpiry, VolatilitySurface } from '../src/surface.ts';

function expiryOf(timeYears: number, theta: number): SurfaceExpiry {
  const raw = rawFromSsvi({ theta, rho: -0.5, phi: 0.9 / Math.sqrt(theta) });
  if (!raw.ok) throw new Error(raw.error.message);
  return {
    id: `${timeYears}`,
    timeYears,
    forward: 100 * Math.exp(0.03 * timeYears),
    discountFactor: Math.exp(-0.04 * timeYears),
    slice: sviSlice(timeYears, raw.value),
    quotedLow: -0.4,
    quotedHigh: 0.3,
  };
}

function surfaceOf(): VolatilitySurface {
  const surface = VolatilitySurface.of([
    expiryOf(0.25, 0.01),
    expiryOf(0.5, 0.022),
    expiryOf(1, 0.04),
  ]);
  if (!surface.ok) throw new Error(surface.error.message);
  return surface.value;
}

describe('queries', () => {
  const surface = surfaceOf();

  test('total variance is linear in time along forward moneyness', () => {
    for (const k of [-0.3, 0, 0.2]) {
      const [low, high, middle] = [0.5, 1, 0.7].map((time) => surface.varianceUnchecked(k, time));
      expect(middle).toBeCloseTo(0.6 * low! + 0.4 * high!, 14);
      expect(surface.varianceUnchecked(k, 0.1)).toBeCloseTo(
        0.4 * surface.varianceUnchecked(k, 0.25),
        14,
      );
    }
  });

  test('a strike, its log-moneyness and its delta name one volatility', () => {
    for (const delta of [0.1, 0.25, 0.5, 0.75, -0.25, -0.1]) {
      const byDelta = surface.atDelta(delta, 0.6);
      if (!byDelta.ok) throw new Error(byDelta.error.message);
      const { strike, volatility, callDelta, forward } = byDelta.value;
      expect(delta > 0 ? callDelta : callDelta - 1).toBeCloseTo(delta, 10);
      const byStrike = surface.atStrike(strike, 0.6);
      expect(byStrike.ok && byStrike.value.volatility).toBeCloseTo(volatility, 12);
      expect(forward).toBeCloseTo(100 * Math.exp(0.03 * 0.6), 10);
    }
  });

  test('extrapolation is flagged in strike and in maturity', () => {
    const flags = (k: number, time: number) => {
      const quote = surface.atLogMoneyness(k, time);
      return quote.ok ? quote.value.extrapolated : undefined;
    };
    expect(flags(0, 0.6)).toEqual({ strike: false, maturity: 'none' });
    expect(flags(-0.5, 0.6)).toEqual({ strike: true, maturity: 'none' });
    expect(flags(0, 0.1)).toEqual({ strike: false, maturity: 'before_first' });
    expect(flags(0.4, 3)).toEqual({ strike: true, maturity: 'after_last' });
  });

  test('local volatility is that of Dupire on Black prices differentiated numerically', () => {
    const [time, step] = [0.7, 1e-4];
    const call = (strike: number, timeYears: number) => {
      const k = Math.log(strike);
      const w = surface.varianceUnchecked(k, timeYears);
      const volatility = Math.sqrt(w / timeYears);
      const price = black76Price({
        kind: 'call',
        forward: 1,
        strike,
        timeYears,
        rate: 0,
        volatility,
      });
      return price.ok ? price.value : Number.NaN;
    };
    for (const strike of [0.8, 0.95, 1, 1.1]) {
      const byTime = (call(strike, time + step) - call(strike, time - step)) / (2 * step);
      const h = 1e-3 * strike;
      const second =
        (call(strike + h, time) - 2 * call(strike, time) + call(strike - h, time)) / h ** 2;
      const reference = Math.sqrt((2 * byTime) / (strike * strike * second));
      const local = surface.localVolatility(Math.log(strike), time);
      expect(local.ok && local.value.localVolatility).toBeCloseTo(reference, 4);
    }
  });

  test('what cannot be answered is refused by code', () => {
    expect(surface.atStrike(-1, 1)).toMatchObject({ error: { code: 'CRB_SURFACE_NOT_POSITIVE' } });
    expect(surface.atStrike(100, 0)).toMatchObject({ error: { path: 'timeYears' } });
    expect(surface.atLogMoneyness(Number.NaN, 1)).toMatchObject({
      error: { code: 'CRB_SURFACE_NOT_FINITE' },
    });
    expect(surface.atDelta(1.2, 1)).toMatchObject({ error: { code: 'CRB_SURFACE_OUT_OF_RANGE' } });
    expect(VolatilitySurface.of([expiryOf(1, 0.04), expiryOf(0.5, 0.02)])).toMatchObject({
      error: { code: 'CRB_SURFACE_EXPIRY_ORDER', path: 'expiries[1].timeYears' },
    });
    const flawed = {
      ...expiryOf(1, 0.04),
      slice: sviSlice(1, { a: -0.041, b: 0.1331, rho: 0.306, m: 0.3586, sigma: 0.4153 }),
    };
    const vogt = VolatilitySurface.of([flawed]);
    expect(vogt.ok && vogt.value.localVolatility(0.88, 1)).toMatchObject({
      error: { code: 'CRB_SURFACE_ARBITRAGE' },
    });
  });
});
