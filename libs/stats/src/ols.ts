import { fail, type Result } from '@cerberus/core';
import { type LeastSquares, leastSquares } from './least-squares.ts';
import { meanOf } from './moments.ts';
import { studentTCdf } from './student-t.ts';
import { check, type Series } from './validation.ts';

export interface Regression extends LeastSquares {
  readonly standardErrors: Float64Array;
  readonly tStatistics: Float64Array;
  /** Two-sided, Student-t with n − k degrees of freedom. */
  readonly pValues: Float64Array;
  /** Residual variance, divided by n − k. */
  readonly residualVariance: number;
  /** 1 − RSS/TSS about the mean. */
  readonly rSquared: number;
  /** Gaussian, at the variance RSS/n. */
  readonly logLikelihood: number;
  readonly observations: number;
  readonly parameters: number;
}

/**
 * Linear regression with classical standard errors. The columns are used as given: pass a column
 * of ones for the intercept. Needs more observations than columns and a residual that is not zero.
 */
export function regress(columns: readonly Series[], target: Series): Result<Regression> {
  const fault = check.series(target, 'target', { minimumLength: columns.length + 1 });
  if (fault !== undefined) return fail(fault);
  const solved = leastSquares(columns, target);
  if (!solved.ok) return solved;
  const n = target.length;
  const k = columns.length;
  const { coefficients, inverseCross, residualSumOfSquares } = solved.value;
  const exact = check.number(residualSumOfSquares, 'residual sum of squares', { above: 0 });
  if (exact !== undefined) return fail(exact);
  const residualVariance = residualSumOfSquares / (n - k);
  const standardErrors = coefficients.map((_, j) =>
    Math.sqrt(residualVariance * inverseCross[j * k + j]!),
  );
  const tStatistics = coefficients.map((c, j) => c / standardErrors[j]!);
  const mean = meanOf(target);
  let total = 0;
  for (let i = 0; i < n; i++) total += (target[i]! - mean) ** 2;
  return check.result({
    ...solved.value,
    standardErrors,
    tStatistics,
    pValues: tStatistics.map((t) => 2 * studentTCdf(-Math.abs(t), n - k)),
    residualVariance,
    rSquared: total === 0 ? 0 : 1 - residualSumOfSquares / total,
    logLikelihood: -(n / 2) * (Math.log(2 * Math.PI) + Math.log(residualSumOfSquares / n) + 1),
    observations: n,
    parameters: k,
  });
}

/** A column of ones. */
export function onesColumn(rows: number): Float64Array {
  return new Float64Array(rows).fill(1);
}
