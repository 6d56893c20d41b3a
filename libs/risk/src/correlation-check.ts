import type { Fault } from '@cerberus/core';
import { argumentFault, cholesky, type SquareMatrix } from '@cerberus/stats';
import { RISK_ERRORS } from './errors.ts';

/** Fault of a covariance or correlation matrix that is not symmetric positive definite. */
export function positiveDefinite(matrix: SquareMatrix, path: string): Fault | undefined {
  const factor = cholesky(matrix, path);
  if (factor.ok) return undefined;
  return argumentFault(RISK_ERRORS.CORRELATION_NOT_POSITIVE_DEFINITE, factor.error.path ?? path, {
    expected: factor.error.expected ?? 'a positive definite matrix',
    received: factor.error.received ?? '',
  });
}
