import { defineErrors } from '@cerberus/core';

export const MODEL_ERRORS = defineErrors('MODEL', {
  INSTRUMENT_ID_INVALID: { title: 'not an instrument id', status: 400, retry: 'never' },
  OPTION_SYMBOL_INVALID: { title: 'not an option symbol', status: 400, retry: 'never' },
  SYMBOL_UNKNOWN: { title: 'symbol is not known', status: 404, retry: 'never' },
  SYMBOL_AMBIGUOUS: { title: 'symbol is listed on several venues', status: 422, retry: 'never' },
});
