import { defineErrors } from '@cerberus/core';
import { argumentChecks } from '@cerberus/stats';

/** Every way in which a schedule or impact model refuses its input. */
export const ALGO_ERRORS = defineErrors('ALGO', {
  NOT_FINITE: { title: 'a number is NaN or infinite', status: 422, retry: 'never' },
  TOO_SHORT: { title: 'too few elements', status: 422, retry: 'never' },
  CONSTANT: { title: 'the values do not vary', status: 422, retry: 'never' },
  OVERFLOW: {
    title: 'the result leaves the range of a double',
    status: 422,
    retry: 'never',
  },
  LENGTH_MISMATCH: { title: 'lengths do not agree', status: 422, retry: 'never' },
  OUT_OF_DOMAIN: { title: 'the value is outside its domain', status: 422, retry: 'never' },
  DEGREES_OF_FREEDOM: { title: 'too few degrees of freedom', status: 422, retry: 'never' },
  NO_MINIMUM: {
    title: 'no schedule minimises the utility at this risk appetite',
    status: 422,
    retry: 'never',
  },
});

/** Checks answering in this library's codes. */
export const check = argumentChecks(ALGO_ERRORS);
