import { defineErrors } from '@cerberus/core';

/** Every reason for which the gate blocks or warns; the closed codes of a check result. */
export const LIMITS_ERRORS = defineErrors('LIMITS', {
  NOT_READY: { title: 'the gate cannot judge yet', status: 503, retry: 'later' },
  NOT_CONFIGURED: { title: 'no limit is configured', status: 422, retry: 'never' },
  LIMIT_INVALID: { title: 'a limit cannot be understood', status: 422, retry: 'never' },
  KILL_SWITCH: { title: 'a kill switch is engaged', status: 422, retry: 'later' },
  REQUEST_EXPIRED: { title: 'the request is too old', status: 422, retry: 'never' },
  ORDER_ID_USED: { title: 'the order id is taken', status: 409, retry: 'never' },
  ORDER_UNKNOWN: { title: 'there is no such order', status: 404, retry: 'never' },
  ORDER_DONE: { title: 'the order is done', status: 409, retry: 'never' },
  ORDER_MISMATCH: { title: 'the change is of another order', status: 422, retry: 'never' },
  OPEN_ORDERS: { title: 'too many open orders', status: 422, retry: 'later' },
  UNSENT_ORDERS: { title: 'too many orders wait to be sent', status: 503, retry: 'later' },
  INSTRUMENT_UNKNOWN: { title: 'the instrument is not known', status: 422, retry: 'never' },
  NOT_TRADABLE: { title: 'the instrument is not traded on a venue', status: 422, retry: 'never' },
  INSTRUMENT_HALTED: { title: 'trading is halted', status: 422, retry: 'later' },
  INSTRUMENT_EXPIRED: { title: 'the instrument has expired', status: 422, retry: 'never' },
  QUANTITY_INVALID: { title: 'the quantity is not positive', status: 422, retry: 'never' },
  LOT_SIZE: { title: 'the quantity is not in whole lots', status: 422, retry: 'never' },
  MIN_QUANTITY: { title: 'the quantity is too small', status: 422, retry: 'never' },
  MAX_QUANTITY: { title: 'the quantity is too large for the venue', status: 422, retry: 'never' },
  MIN_NOTIONAL: { title: 'the order value is too small', status: 422, retry: 'never' },
  PRICE_REQUIRED: { title: 'the order type needs a price', status: 422, retry: 'never' },
  PRICE_INVALID: { title: 'the price is not positive', status: 422, retry: 'never' },
  TICK_SIZE: { title: 'the price is not in whole ticks', status: 422, retry: 'never' },
  PRICE_MISSING: { title: 'there is no price to judge by', status: 422, retry: 'later' },
  PRICE_STALE: { title: 'the price is too old', status: 422, retry: 'later' },
  FEED_NOT_LIVE: { title: 'the price feed is not live', status: 422, retry: 'later' },
  NOT_VALUED: { title: 'the order cannot be valued', status: 422, retry: 'later' },
  ORDER_SIZE: { title: 'the order is too large', status: 422, retry: 'never' },
  NOTIONAL: { title: 'the order value is too large', status: 422, retry: 'never' },
  PRICE_COLLAR: { title: 'the price is too far from the market', status: 422, retry: 'never' },
  FAT_FINGER: { title: 'the quantity is out of proportion', status: 422, retry: 'never' },
  POSITION: { title: 'the position could grow too large', status: 422, retry: 'never' },
  VALUE_AT_RISK: { title: 'the account would risk too much', status: 422, retry: 'never' },
  DUPLICATE_ORDER: { title: 'the order repeats a recent one', status: 422, retry: 'later' },
  ORDER_RATE: { title: 'too many orders', status: 429, retry: 'later' },
});

/** Code of a check that found nothing. */
export const PASSED = 'CRB_LIMITS_PASSED';
