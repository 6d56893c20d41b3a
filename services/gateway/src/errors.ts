import { defineErrors } from '@cerberus/core';

export const GATEWAY_ERRORS = defineErrors('GATEWAY', {
  ORDER_BLOCKED: { title: 'The order was blocked', status: 422, retry: 'never' },
  ORDER_INVALID: { title: 'The order is not valid', status: 422, retry: 'never' },
  ORDER_UNKNOWN: { title: 'There is no such order', status: 404, retry: 'never' },
  ORDER_DONE: { title: 'The order is done', status: 409, retry: 'never' },
  ACCOUNT_UNKNOWN: { title: 'The account is not known', status: 422, retry: 'never' },
  ACCOUNT_NEEDED: { title: 'There are several accounts', status: 422, retry: 'never' },
  REPORT_UNKNOWN: { title: 'There is no such report', status: 404, retry: 'never' },
  METRICS_UNKNOWN: { title: 'There are no risk figures yet', status: 404, retry: 'later' },
  METHOD_UNAVAILABLE: { title: 'The method is not computed', status: 422, retry: 'never' },
  INSTRUMENT_UNKNOWN: { title: 'There is no such instrument', status: 404, retry: 'never' },
  SCOPE_UNKNOWN: { title: 'There is no such scope', status: 422, retry: 'never' },
  NOT_ENGAGED: { title: 'The kill switch is not engaged', status: 409, retry: 'never' },
  STARTING: { title: 'The gateway is still reading its topics', status: 503, retry: 'later' },
  RANGE_INVALID: { title: 'The time range is not valid', status: 422, retry: 'never' },
  HISTORY_BUSY: { title: 'Other reads of the history are under way', status: 503, retry: 'later' },
  LEDGER_DOWN: { title: 'The ledger takes no records', status: 503, retry: 'query-first' },
});
