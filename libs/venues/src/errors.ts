import { defineErrors } from '@cerberus/core';

/** Expected failures of the venue layer. */
export const VENUE_ERRORS = defineErrors('VENUE', {
  BAD_GRID: { title: 'tick or lot size cannot form a grid', status: 422, retry: 'never' },
  BAD_ANSWER: { title: 'venue answer cannot be read', status: 502, retry: 'query-first' },
  REJECTED: { title: 'venue refused the request', status: 422, retry: 'never' },
  RATE_LIMITED: { title: 'venue rate limit reached', status: 429, retry: 'later' },
  OUTCOME_UNKNOWN: {
    title: 'outcome at the venue is unknown',
    status: 504,
    retry: 'query-first',
  },
  NOT_CONNECTED: { title: 'no connection to the venue', status: 503, retry: 'later' },
  BAD_REQUEST: { title: 'request cannot be expressed to the venue', status: 422, retry: 'never' },
  CAPTURE_UNREADABLE: { title: 'capture cannot be read', status: 422, retry: 'never' },
});
