import { fail, type Result } from '@cerberus/core';
import {
  correlationOf,
  covarianceFrom,
  ewmaCovariance,
  fitDcc,
  fitGarch,
  ledoitWolf,
  type Series,
  type SquareMatrix,
  sampleCovariance,
  symmetric,
} from '@cerberus/stats';
import { positiveDefinite } from './correlation-check.ts';
import { check } from './errors.ts';

/**
 * How the covariance of factor returns is estimated: over the whole sample; exponentially weighted with
 * decay λ; GARCH(1,1) volatilities with the DCC correlation of tomorrow; or shrunk by Ledoit and Wolf.
 */
export type CovarianceEstimator =
  | { readonly kind: 'sample' }
  | { readonly kind: 'ewma'; readonly decay: number }
  | { readonly kind: 'dcc' }
  | { readonly kind: 'ledoit-wolf'; readonly target: 'identity' | 'constant-correlation' };

export interface FactorCovariance {
  readonly covariance: SquareMatrix;
  readonly correlation: SquareMatrix;
  /** Per √period of the returns. */
  readonly volatilities: Float64Array;
}

/**
 * Covariance, correlation and volatilities per period of factor returns, one array per factor in time
 * order. A result that is not positive definite (fewer periods than factors, say) is a fault.
 */
export function estimateFactorCovariance(
  returns: readonly Series[],
  estimator: CovarianceEstimator,
): Result<FactorCovariance> {
  for (const [i, column] of returns.entries()) {
    const fault = check.series(column, `returns[${i}]`, { minimumLength: 2, varying: true });
    if (fault !== undefined) return fail(fault);
  }
  const covariance = covarianceBy(returns, estimator);
  if (!covariance.ok) return covariance;
  const wrong = positiveDefinite(covariance.value, 'covariance');
  if (wrong !== undefined) return fail(wrong);
  const correlation = correlationOf(covariance.value);
  if (!correlation.ok) return correlation;
  const { size, data } = covariance.value;
  return check.result({
    covariance: covariance.value,
    correlation: correlation.value,
    volatilities: Float64Array.from({ length: size }, (_, i) => Math.sqrt(data[i * size + i]!)),
  });
}

function covarianceBy(
  returns: readonly Series[],
  estimator: CovarianceEstimator,
): Result<SquareMatrix> {
  switch (estimator.kind) {
    case 'sample':
      return sampleCovariance(returns);
    case 'ewma':
      return ewmaCovariance(returns, estimator.decay);
    case 'ledoit-wolf': {
      // One factor has no correlation to shrink towards: its variance is then that of the sample.
      const target = returns.length === 1 ? 'identity' : estimator.target;
      const shrunk = ledoitWolf(returns, target);
      return shrunk.ok ? check.result(shrunk.value.covariance) : shrunk;
    }
    case 'dcc':
      return dccCovariance(returns);
  }
}

function dccCovariance(returns: readonly Series[]): Result<SquareMatrix> {
  const residuals: Float64Array[] = [];
  const next: number[] = [];
  for (const column of returns) {
    const fit = fitGarch(column);
    if (!fit.ok) return fit;
    residuals.push(fit.value.standardisedResiduals);
    next.push(Math.sqrt(fit.value.next));
  }
  if (returns.length === 1) return check.result(symmetric(1, () => next[0]! * next[0]!));
  const dcc = fitDcc(residuals);
  return dcc.ok ? covarianceFrom(next, dcc.value.next) : dcc;
}
