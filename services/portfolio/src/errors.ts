import { defineErrors } from '@cerberus/core';

export const PORTFOLIO_ERRORS = defineErrors('PORTFOLIO', {
  STATE_UNKNOWN: { title: 'state of another version', status: 500, retry: 'never' },
  FILE_UNREADABLE: { title: 'the file of positions cannot be read', status: 500, retry: 'never' },
  FILE_INVALID: { title: 'the file of positions is not valid', status: 500, retry: 'never' },
  WAITING_FULL: {
    title: 'too many records wait for their instrument',
    status: 503,
    retry: 'later',
  },
});
