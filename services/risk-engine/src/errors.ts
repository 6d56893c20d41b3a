import { defineErrors } from '@cerberus/core';

export const RISK_ENGINE_ERRORS = defineErrors('RISKENGINE', {
  HISTORY_FILE: { title: 'price history file cannot be used', status: 400, retry: 'never' },
});
