import { defineErrors } from '@cerberus/core';

/** Every way in which the order and position reducers refuse a record. */
export const ORDERS_ERRORS = defineErrors('ORDERS', {
  TRANSITION_ILLEGAL: { title: 'the order cannot go there', status: 409, retry: 'never' },
  EVENT_INCONSISTENT: { title: 'the event contradicts the order', status: 409, retry: 'never' },
  FILL_INVALID: { title: 'not a fill that can be booked', status: 422, retry: 'never' },
  ADJUSTMENT_INVALID: { title: 'not an adjustment', status: 422, retry: 'never' },
  ACCOUNT_ID_INVALID: { title: 'not an account id', status: 422, retry: 'never' },
  FILE_INVALID: { title: 'the file of positions is not valid', status: 422, retry: 'never' },
  OUT_OF_RANGE: { title: 'an amount leaves the range of decimals', status: 422, retry: 'never' },
});
