import { fail, type Result } from '@cerberus/core';
import { columnsFault, type SquareMatrix, symmetric } from './covariance.ts';
import { check, type Series } from './validation.ts';

/**
 * First variance of the recursion σ²ₜ₊₁ = λσ²ₜ + (1−λ)rₜ²:
 * `mean-square` starts at the mean of all squares; `first-square` starts at r₁² and updates from
 * r₂; `normalised-weights` is the weighted mean of squares with weights λ^age that add up to 1.
 */
export type EwmaSeed = 'mean-square' | 'first-square' | 'normalised-weights';

export interface EwmaPath {
  /** Variance in force before each observation; for `first-square` from the second on. */
  readonly variances: Float64Array;
  /** Variance forecast after the last observation. */
  readonly next: number;
  readonly seed: number;
}

/**
 * Exponentially weighted variance, zero mean, of returns in time order (RiskMetrics Technical
 * Document, 4th ed. 1996, §5.2). `decay` λ in (0, 1). Units: the square of the returns' unit.
 */
export function ewmaVariance(
  returns: Series,
  decay: number,
  seed: EwmaSeed = 'mean-square',
): Result<EwmaPath> {
  const fault = ewmaFault(decay) ?? check.series(returns, 'returns', { minimumLength: 2 });
  if (fault !== undefined) return fail(fault);
  const n = returns.length;
  const first = firstVariance(returns, seed);
  const variances = new Float64Array(n);
  let variance = first;
  for (let t = seed === 'first-square' ? 1 : 0; t < n; t++) {
    variances[t] = variance;
    variance = decay * variance + (1 - decay) * returns[t]! * returns[t]!;
  }
  if (seed === 'first-square') variances[0] = first;
  if (seed === 'normalised-weights') variance /= 1 - decay ** n;
  return check.result({ variances, next: variance, seed: first });
}

function firstVariance(returns: Series, seed: EwmaSeed): number {
  if (seed === 'normalised-weights') return 0;
  if (seed === 'first-square') return returns[0]! * returns[0]!;
  let sum = 0;
  for (let t = 0; t < returns.length; t++) sum += returns[t]! * returns[t]!;
  return sum / returns.length;
}

/**
 * Exponentially weighted covariance, zero mean, weights λ^age that add up to 1: positive
 * semi-definite for any input. One array of returns per variable, in time order.
 */
export function ewmaCovariance(columns: readonly Series[], decay: number): Result<SquareMatrix> {
  const fault = ewmaFault(decay) ?? columnsFault(columns, 2);
  if (fault !== undefined) return fail(fault);
  const total = 1 - decay ** columns[0]!.length;
  return check.result(
    symmetric(columns.length, (i, j) => {
      const a = columns[i]!;
      const b = columns[j]!;
      let sum = 0;
      for (let t = 0; t < a.length; t++) sum = decay * sum + (1 - decay) * a[t]! * b[t]!;
      return sum / total;
    }),
  );
}

/** Periods after which the weight left to older observations is `tailWeight`: ln(tail)/ln(λ). */
export function ewmaEffectivePeriods(decay: number, tailWeight: number): Result<number> {
  const fault = ewmaFault(decay) ?? check.probability(tailWeight, 'tailWeight');
  if (fault !== undefined) return fail(fault);
  return check.result(Math.log(tailWeight) / Math.log(decay));
}

function ewmaFault(decay: number) {
  return check.probability(decay, 'decay');
}
