import { defineErrors } from '@cerberus/core';

export const PRE_TRADE_ERRORS = defineErrors('PRE_TRADE', {
  STATE_UNKNOWN: { title: 'state of another version', status: 500, retry: 'never' },
  LIMIT_INVALID: { title: 'a configured limit is not valid', status: 500, retry: 'never' },
});
