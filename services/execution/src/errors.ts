import { CerberusError, defineErrors, faultOf } from '@cerberus/core';

export const EXECUTION_ERRORS = defineErrors('EXECUTION', {
  APPROVAL_EXPIRED: {
    title: 'the approval expired before the order was sent',
    status: 409,
    retry: 'never',
  },
  NEVER_REACHED: { title: 'the order never reached the venue', status: 409, retry: 'never' },
  KILL_SWITCH: { title: 'the kill switch is engaged', status: 409, retry: 'later' },
  VENUE_UNSUPPORTED: { title: 'no connection trades this instrument', status: 422, retry: 'never' },
  VENUE_REJECTED: { title: 'rejected by the venue', status: 422, retry: 'never' },
  ORDER_TYPE_UNSUPPORTED: {
    title: 'order type or time in force is not supported',
    status: 422,
    retry: 'never',
  },
  LEDGER_UNAVAILABLE: {
    title: 'the intent could not be written before the approval expired',
    status: 503,
    retry: 'later',
  },
  MISDATED: { title: 'the venue refused the date of the order', status: 503, retry: 'later' },
  LATE_TRADE: {
    title: 'the venue traded an order that had ended',
    status: 500,
    retry: 'query-first',
  },
  OVERFILL: { title: 'the venue filled more than was ordered', status: 500, retry: 'query-first' },
  TERM_SUPERSEDED: { title: 'a newer leader has taken over', status: 503, retry: 'never' },
  TAKE_OVER_TOO_LONG: {
    title: 'taking over did not come to its end in time; another candidate gets its turn',
    status: 503,
    retry: 'later',
  },
  TERM_BEHIND: {
    title: 'the intent ledger has seen a higher token than this election gives',
    status: 503,
    retry: 'later',
  },
  WINDOW_TOO_LONG: {
    title: 'the venue could take an order after the lease under which it was sent',
    status: 500,
    retry: 'never',
  },
  SETTLE_TOO_SHORT: {
    title: 'an order could be called absent while it may still arrive',
    status: 500,
    retry: 'never',
  },
  STATE_UNREADABLE: { title: 'a saved order cannot be read', status: 500, retry: 'never' },
});

export function tooLong(what: string): CerberusError {
  const entry = EXECUTION_ERRORS.TAKE_OVER_TOO_LONG;
  return new CerberusError(faultOf(entry, { message: `${entry.title}: ${what}` }));
}
