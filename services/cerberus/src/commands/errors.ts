import { defineErrors } from '@cerberus/core';

/** Faults of the command line itself; those of numbers are the kernels' own. */
export const CLI_ERRORS = defineErrors('CLI', {
  INPUT_UNREADABLE: { title: 'the input cannot be read', status: 400, retry: 'never' },
  INPUT_INVALID: { title: 'the input is not as expected', status: 422, retry: 'never' },
  INPUT_MISSING: { title: 'a value is missing', status: 422, retry: 'never' },
  OPTION_INVALID: {
    title: 'an option has a value that it does not take',
    status: 422,
    retry: 'never',
  },
  OUTPUT_UNWRITABLE: { title: 'the output cannot be written', status: 500, retry: 'later' },
  RESULT_NOT_FINITE: { title: 'a result is not a finite number', status: 500, retry: 'never' },
  VECTOR_TOPIC_UNKNOWN: { title: 'no kernel answers this topic', status: 422, retry: 'never' },
  VECTOR_CASE_FAILED: { title: 'the case has no shape that is known', status: 422, retry: 'never' },
  VENUE_UNREACHABLE: { title: 'the venue does not answer', status: 503, retry: 'later' },
  GATEWAY_UNREACHABLE: { title: 'the gateway does not answer', status: 503, retry: 'later' },
  GATEWAY_REFUSED: { title: 'the gateway refused the request', status: 502, retry: 'never' },
  ORDER_UNFINISHED: {
    title: 'the order has not come to its end in time',
    status: 504,
    retry: 'query-first',
  },
});
