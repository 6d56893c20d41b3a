import { defineErrors } from '@cerberus/core';
import { argumentChecks } from '@cerberus/stats';

/** Every way in which a batch feature refuses its input. */
export const FEATURES_ERRORS = defineErrors('FEATURES', {
  NOT_FINITE: { title: 'a number is NaN or infinite', status: 422, retry: 'never' },
  TOO_SHORT: { title: 'the series is too short', status: 422, retry: 'never' },
  CONSTANT: { title: 'the series does not vary', status: 422, retry: 'never' },
  LENGTH_MISMATCH: { title: 'lengths do not agree', status: 422, retry: 'never' },
  OUT_OF_DOMAIN: { title: 'the value is outside its domain', status: 422, retry: 'never' },
  DEGREES_OF_FREEDOM: {
    title: 'too few degrees of freedom for a finite variance',
    status: 422,
    retry: 'never',
  },
  OVERFLOW: { title: 'the result leaves the range of a double', status: 422, retry: 'never' },
  BAR_INCONSISTENT: {
    title: 'the prices of a bar contradict each other',
    status: 422,
    retry: 'never',
  },
});

/** Checks answering in this library's codes. */
export const check = argumentChecks(FEATURES_ERRORS);
