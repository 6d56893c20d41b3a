import { type CatalogueEntry, defineErrors, type Fault, faultOf } from '@cerberus/core';

/** Every way in which a statistical kernel refuses its input. */
export const STATS_ERRORS = defineErrors('STATS', {
  NOT_FINITE: { title: 'a number is NaN or infinite', status: 422, retry: 'never' },
  TOO_SHORT: { title: 'the series is too short', status: 422, retry: 'never' },
  CONSTANT: { title: 'the series does not vary', status: 422, retry: 'never' },
  OVERFLOW: {
    title: 'the result leaves the range of a double',
    status: 422,
    retry: 'never',
  },
  LENGTH_MISMATCH: { title: 'lengths do not agree', status: 422, retry: 'never' },
  OUT_OF_DOMAIN: { title: 'the value is outside its domain', status: 422, retry: 'never' },
  DEGREES_OF_FREEDOM: {
    title: 'too few degrees of freedom for a finite variance',
    status: 422,
    retry: 'never',
  },
  NOT_POSITIVE_DEFINITE: {
    title: 'the matrix is not positive definite',
    status: 422,
    retry: 'never',
  },
  SINGULAR: { title: 'the regressors are collinear', status: 422, retry: 'never' },
  NOT_CONVERGED: { title: 'the estimation did not converge', status: 422, retry: 'never' },
  NO_BRACKET: {
    title: 'the function has the same sign at both ends of the interval',
    status: 422,
    retry: 'never',
  },
});

/** What a fault of a numeric argument says: where it was, what came, what would have done. */
export function argumentFault(
  entry: CatalogueEntry,
  path: string,
  detail: { readonly expected: string; readonly received: number | string },
): Fault {
  return faultOf(entry, { path, expected: detail.expected, received: String(detail.received) });
}
