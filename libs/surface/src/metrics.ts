import { fail, ok, type Result } from '@cerberus/core';
import { faultOfPositive } from './errors.ts';
import { modelFreeVolatility } from './model-free.ts';
import type { VolatilitySurface } from './surface.ts';

/** The smile of one maturity in figures; volatilities are per √year (0.2 = 20 %). */
export interface SmileMetrics {
  readonly timeYears: number;
  /** At the money forward. */
  readonly atTheMoney: number;
  /** σ(90 %) − σ(110 %) of the forward. */
  readonly skew90110: number;
  /** dσ/dk at the money forward, and d²σ/dk²: slope and convexity of the smile. */
  readonly slope: number;
  readonly convexity: number;
  /** σ(call Δ) − σ(put Δ) at undiscounted Black deltas of the surface's own volatilities. */
  readonly riskReversal25: number;
  readonly riskReversal10: number;
  /** ½(σ(call Δ) + σ(put Δ)) − σ(ATM). */
  readonly butterfly25: number;
  readonly butterfly10: number;
  /** Largest less smallest volatility from 10-delta put to 10-delta call. */
  readonly smileRange: number;
  /** √ of the model-free variance rate (VIX-style). */
  readonly modelFree: number;
}

const RANGE_POINTS = 41;

/** Skew, risk reversals, butterflies, range, convexity and the model-free volatility of one maturity. */
export function smileMetrics(surface: VolatilitySurface, timeYears: number): Result<SmileMetrics> {
  const fault = faultOfPositive(timeYears, 'timeYears');
  if (fault !== undefined) return fail(fault);
  const atDelta = (delta: number) => surface.atDelta(delta, timeYears);
  const [call25, put25, call10, put10] = [0.25, -0.25, 0.1, -0.1].map(atDelta);
  const [money, low, high] = [0, Math.log(0.9), Math.log(1.1)].map((k) =>
    surface.atLogMoneyness(k, timeYears),
  );
  const modelFree = modelFreeVolatility(surface, timeYears);
  if (!call25?.ok) return call25!;
  if (!put25?.ok) return put25!;
  if (!call10?.ok) return call10!;
  if (!put10?.ok) return put10!;
  if (!money?.ok) return money!;
  if (!low?.ok) return low!;
  if (!high?.ok) return high!;
  if (!modelFree.ok) return modelFree;
  const [c25, p25, c10, p10] = [call25, put25, call10, put10].map(
    ({ value }) => value.volatility,
  ) as [number, number, number, number];
  const atTheMoney = money.value.volatility;
  const { slope, curvature } = surface.pointUnchecked(0, timeYears, {
    w: 0,
    slope: 0,
    curvature: 0,
    third: 0,
  });
  // σ = √(w/T): σ′ = w′/(2σT), σ″ = w″/(2σT) − σ′²/σ.
  const volatilitySlope = slope / (2 * atTheMoney * timeYears);
  return ok({
    timeYears,
    atTheMoney,
    skew90110: low.value.volatility - high.value.volatility,
    slope: volatilitySlope,
    convexity: curvature / (2 * atTheMoney * timeYears) - volatilitySlope ** 2 / atTheMoney,
    riskReversal25: c25 - p25,
    riskReversal10: c10 - p10,
    butterfly25: 0.5 * (c25 + p25) - atTheMoney,
    butterfly10: 0.5 * (c10 + p10) - atTheMoney,
    smileRange: rangeOf(surface, timeYears, [put10.value.logMoneyness, call10.value.logMoneyness]),
    modelFree: modelFree.value,
  });
}

function rangeOf(
  surface: VolatilitySurface,
  timeYears: number,
  [from, to]: readonly [number, number],
): number {
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (let i = 0; i < RANGE_POINTS; i++) {
    const k = from + ((to - from) * i) / (RANGE_POINTS - 1);
    const volatility = Math.sqrt(surface.varianceUnchecked(k, timeYears) / timeYears);
    least = Math.min(least, volatility);
    most = Math.max(most, volatility);
  }
  return most - least;
}

/** Metrics at every expiry: at-the-money term structure, skews and wings side by side. */
export function termStructure(surface: VolatilitySurface): Result<readonly SmileMetrics[]> {
  const rows: SmileMetrics[] = [];
  for (const { timeYears } of surface.expiries) {
    const metrics = smileMetrics(surface, timeYears);
    if (!metrics.ok) return metrics;
    rows.push(metrics.value);
  }
  return ok(rows);
}

/** Distribution of realised volatility at one horizon. */
export interface ConeRow {
  readonly horizonDays: number;
  readonly windows: number;
  readonly minimum: number;
  readonly quartile25: number;
  readonly median: number;
  readonly quartile75: number;
  readonly maximum: number;
  /** Of the newest window. */
  readonly latest: number;
}

/**
 * Volatility cone (Burghardt and Lane 1990): for each horizon the spread of annualised close-to-close
 * volatility, zero mean, over all overlapping windows of daily closes. Horizons longer than the history
 * are left out.
 */
export function volatilityCone(
  closes: readonly number[],
  horizonsDays: readonly number[],
  daysPerYear = 252,
): Result<readonly ConeRow[]> {
  for (const [row, close] of closes.entries()) {
    const fault = faultOfPositive(close, `closes[${row}]`);
    if (fault !== undefined) return fail(fault);
  }
  const squares = closes.slice(1).map((close, i) => Math.log(close / closes[i]!) ** 2);
  const rows: ConeRow[] = [];
  for (const horizonDays of horizonsDays) {
    const fault = faultOfPositive(horizonDays, 'horizonsDays');
    if (fault !== undefined) return fail(fault);
    if (horizonDays > squares.length) continue;
    const windows: number[] = [];
    let sum = 0;
    for (const [i, square] of squares.entries()) {
      sum += square - (i >= horizonDays ? squares[i - horizonDays]! : 0);
      if (i >= horizonDays - 1) {
        windows.push(Math.sqrt((Math.max(sum, 0) * daysPerYear) / horizonDays));
      }
    }
    const latest = windows.at(-1)!;
    windows.sort((x, y) => x - y);
    const at = (share: number) => windows[Math.round(share * (windows.length - 1))]!;
    rows.push({
      horizonDays,
      windows: windows.length,
      minimum: at(0),
      quartile25: at(0.25),
      median: at(0.5),
      quartile75: at(0.75),
      maximum: at(1),
      latest,
    });
  }
  return ok(rows);
}
