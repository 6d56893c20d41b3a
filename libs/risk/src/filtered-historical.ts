import { fail, type Result } from '@cerberus/core';
import {
  evaluateGarch,
  ewmaVariance,
  type GarchParameters,
  PhiloxStream,
  type Series,
} from '@cerberus/stats';
import { check } from './errors.ts';

/** A series taken apart into a volatility and what is left. */
export interface FilteredSeries {
  /** (rₜ − mean)/σₜ. */
  readonly residuals: Float64Array;
  /** Variance in force before each return. */
  readonly variances: Float64Array;
  /** Variance forecast for the next period. */
  readonly nextVariance: number;
  readonly mean: number;
}

/**
 * Filter of a GARCH(1,1): σ₁² = ω/(1−α−β), σ²ₜ₊₁ = ω + αe²ₜ + βσ²ₜ (Barone-Adesi, Giannopoulos and Vosper,
 * J. Futures Markets 19 (1999) 583–602).
 */
export function filterByGarch(
  returns: Series,
  parameters: GarchParameters,
): Result<FilteredSeries> {
  const evaluated = evaluateGarch(returns, parameters, 'unconditional');
  if (!evaluated.ok) return evaluated;
  const { variances, next } = evaluated.value;
  return check.result(taken(returns, variances, next, parameters.mu));
}

/** Filter of an exponentially weighted variance of decay λ (Hull and White, J. Risk 1 (1998) 5–19). */
export function filterByEwma(returns: Series, decay: number): Result<FilteredSeries> {
  const fault = check.series(returns, 'returns', { minimumLength: 2, varying: true });
  if (fault !== undefined) return fail(fault);
  const path = ewmaVariance(returns, decay, 'mean-square');
  if (!path.ok) return path;
  return check.result(taken(returns, path.value.variances, path.value.next, 0));
}

function taken(
  returns: Series,
  variances: Float64Array,
  nextVariance: number,
  mean: number,
): FilteredSeries {
  const residuals = variances.map((h, t) => (returns[t]! - mean) / Math.sqrt(h));
  return { residuals, variances, nextVariance, mean };
}

/** One-period scenarios: past residuals at tomorrow's volatility, mean + zₜ σₙ₊₁. */
export function filteredScenarios(filtered: FilteredSeries): Float64Array {
  const sd = Math.sqrt(filtered.nextVariance);
  return filtered.residuals.map((z) => filtered.mean + z * sd);
}

export interface FilteredPathsOptions {
  readonly parameters: GarchParameters;
  /** Periods per path, 1 to 252. */
  readonly horizon: number;
  readonly paths: number;
  readonly seed: number;
}

/** Longest horizon and most paths of one call. */
const HORIZON_MAX = 252;
const PATHS_MAX = 10_000_000;

/**
 * Sums of returns over several periods by drawing past residuals with replacement and running the
 * variance recursion along each path, so that volatility clusters within the horizon; √t scaling is
 * not a multi-day VaR. Path i depends on (seed, i) alone.
 */
export function filteredHorizonReturns(
  filtered: FilteredSeries,
  options: FilteredPathsOptions,
): Result<Float64Array> {
  const { parameters, horizon, paths, seed } = options;
  const fault =
    check.number(horizon, 'horizon', { atLeast: 1, atMost: HORIZON_MAX, integer: true }) ??
    check.number(paths, 'paths', { atLeast: 1, atMost: PATHS_MAX, integer: true }) ??
    check.number(seed, 'seed', { atLeast: 0, integer: true });
  if (fault !== undefined) return fail(fault);
  const { omega, alpha, beta } = parameters;
  const { residuals, nextVariance, mean } = filtered;
  const out = new Float64Array(paths);
  const stream = new PhiloxStream({ seed, stream: 0 });
  for (let path = 0; path < paths; path++) {
    stream.seek(path);
    let variance = nextVariance;
    let sum = 0;
    for (let step = 0; step < horizon; step++) {
      const z = residuals[Math.floor(stream.nextDouble() * residuals.length)]!;
      const e = z * Math.sqrt(variance);
      sum += mean + e;
      variance = omega + alpha * e * e + beta * variance;
    }
    out[path] = sum;
  }
  return check.result(out);
}

/** Sums over every run of `horizon` successive outcomes: overlapping multi-day historical P&L. */
export function overlappingSums(values: Series, horizon: number): Result<Float64Array> {
  const fault =
    check.number(horizon, 'horizon', { atLeast: 1, atMost: HORIZON_MAX, integer: true }) ??
    check.series(values, 'values', { minimumLength: horizon });
  if (fault !== undefined) return fail(fault);
  const out = new Float64Array(values.length - horizon + 1);
  for (let i = 0; i < out.length; i++) {
    for (let k = 0; k < horizon; k++) out[i]! += values[i + k]!;
  }
  return check.result(out);
}
