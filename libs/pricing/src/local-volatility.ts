import { type Fault, fail, faultOf, ok, type Result } from '@cerberus/core';
import { faultOfFields, faultOfNumber, PRICING_ERRORS } from './errors.ts';

/** Total implied variance w(k, T) = σ²T at k = ln(K/F), with the derivatives Dupire's formula needs. */
export interface TotalVariancePoint {
  readonly logMoneyness: number;
  readonly totalVariance: number;
  /** ∂w/∂k and ∂²w/∂k². */
  readonly slope: number;
  readonly curvature: number;
  /** ∂w/∂T at fixed k. */
  readonly timeSlope: number;
}

export interface LocalVariance {
  /** Durrleman's g(k): the density is positive where it is. */
  readonly density: number;
  /** σ_loc² = (∂w/∂T)/g, per year. */
  readonly localVariance: number;
  readonly localVolatility: number;
}

const POINT_RULES = {
  logMoneyness: 'finite',
  totalVariance: 'positive',
  slope: 'finite',
  curvature: 'finite',
  timeSlope: 'finite',
} as const;

/**
 * Dupire's local volatility in Gatheral's form, σ² = (∂w/∂T)/g with
 * g = (1 − k w′/2w)² − (w′²/4)(1/w + 1/4) + w″/2. A surface that admits butterfly (g ≤ 0) or calendar
 * arbitrage (∂w/∂T < 0) at the point has no local volatility there and is refused.
 *
 * Source: J. Gatheral, The Volatility Surface (2006), equation 1.10.
 */
export function localVarianceOf(point: TotalVariancePoint): Result<LocalVariance> {
  const fault = faultOfFields(point, POINT_RULES);
  if (fault !== undefined) return fail(fault);
  const { logMoneyness, totalVariance, slope, curvature, timeSlope } = point;
  const first = 1 - (0.5 * logMoneyness * slope) / totalVariance;
  const density =
    first * first - 0.25 * slope * slope * (1 / totalVariance + 0.25) + 0.5 * curvature;
  if (!(density > 0)) return fail(arbitrage('butterfly: density', density));
  if (timeSlope < 0) return fail(arbitrage('calendar: timeSlope', timeSlope));
  const localVariance = timeSlope / density;
  return ok({ density, localVariance, localVolatility: Math.sqrt(localVariance) });
}

function arbitrage(path: string, received: number): Fault {
  return faultOf(PRICING_ERRORS.ARBITRAGE, {
    path,
    expected: 'a surface without static arbitrage',
    received: `${received}`,
  });
}

export interface ForwardVolatilities {
  /** Volatility of each interval (0, T₁], (T₁, T₂], …; null where total variance falls. */
  readonly volatilities: readonly (number | null)[];
  readonly isCalendarFree: boolean;
}

/**
 * Forward volatilities √(Δw/ΔT) of at-the-money-forward implied volatilities, total variance being
 * linear between the expiries and zero today: the local volatility of a surface without a smile.
 */
export function forwardVolatilities(
  timesYears: readonly number[],
  impliedVolatilities: readonly number[],
): Result<ForwardVolatilities> {
  if (timesYears.length !== impliedVolatilities.length) {
    return fail(
      faultOf(PRICING_ERRORS.LENGTH_MISMATCH, {
        path: 'impliedVolatilities',
        expected: `${timesYears.length} rows`,
        received: `${impliedVolatilities.length}`,
      }),
    );
  }
  let previousTime = 0;
  let previousVariance = 0;
  const volatilities: (number | null)[] = [];
  for (const [row, time] of timesYears.entries()) {
    const volatility = impliedVolatilities[row]!;
    const fault =
      faultOfNumber(time - previousTime, 'positive', `timesYears row ${row} step`) ??
      faultOfNumber(volatility, 'non-negative', `impliedVolatilities row ${row}`);
    if (fault !== undefined) return fail(fault);
    const variance = volatility * volatility * time;
    const growth = (variance - previousVariance) / (time - previousTime);
    volatilities.push(growth >= 0 ? Math.sqrt(growth) : null);
    [previousTime, previousVariance] = [time, variance];
  }
  return ok({ volatilities, isCalendarFree: volatilities.every((value) => value !== null) });
}
