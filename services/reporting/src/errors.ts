import { defineErrors } from '@cerberus/core';

export const REPORTING_ERRORS = defineErrors('REPORTING', {
  RETENTION_INVALID: {
    title: 'A coarser roll-up would be forgotten before a finer one',
    status: 500,
    retry: 'never',
  },
});
