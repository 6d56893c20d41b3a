import { defineErrors, type Fault } from '@cerberus/core';
import { argumentChecks, tailProbability } from '@cerberus/stats';

/** Every way in which a risk kernel refuses its input. */
export const RISK_ERRORS = defineErrors('RISK', {
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
  CORRELATION_NOT_POSITIVE_DEFINITE: {
    title: 'the correlation or covariance matrix is not positive definite',
    status: 422,
    retry: 'never',
  },
  NOT_MONOTONE: {
    title: 'the Cornish-Fisher transform is not increasing here, so it is no quantile function',
    status: 422,
    retry: 'never',
  },
  UNREACHABLE: { title: 'no scenario within bounds loses that much', status: 422, retry: 'never' },
  REVALUATION_NOT_FINITE: {
    title: 'the revaluation of a scenario gave NaN or an infinity',
    status: 422,
    retry: 'never',
  },
});

/** Checks answering in this library's codes. */
export const check = argumentChecks(RISK_ERRORS);

/** Fault of a confidence outside (0, 1), or so near an end that its tail rounds to 0 or 1. */
export function confidenceFault(confidence: number): Fault | undefined {
  return (
    check.probability(confidence, 'confidence') ??
    check.probability(tailProbability(confidence), '1 − confidence')
  );
}
