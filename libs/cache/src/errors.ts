import { defineErrors } from '@cerberus/core';

export const CACHE_ERRORS = defineErrors('CACHE', {
  UNAVAILABLE: { title: 'The cache cannot be reached', status: 503, retry: 'later' },
  URL_INVALID: { title: 'The address of the cache is not valid', status: 500, retry: 'never' },
  VALUE_TOO_LARGE: { title: 'The value is too large for the cache', status: 413, retry: 'never' },
});
