import { defineErrors } from '@cerberus/core';

export const ALERTING_ERRORS = defineErrors('ALERTING', {
  WEBHOOK_UNUSABLE: {
    title: 'the webhook cannot be used as configured',
    status: 500,
    retry: 'never',
  },
});
