import { CerberusError, faultOf } from '@cerberus/core';
import { ORDERS_ERRORS } from './errors.ts';

/** Parts keys of positions and state entries, so no account may contain it. */
export const KEY_SEPARATOR = '|';

/** Throws, for the record to be set aside, where the id would be taken apart wrongly in a key. */
export function requireAccountId(accountId: string): void {
  if (accountId !== '' && !accountId.includes(KEY_SEPARATOR)) return;
  throw new CerberusError(
    faultOf(ORDERS_ERRORS.ACCOUNT_ID_INVALID, {
      path: 'account_id',
      expected: `text without ${KEY_SEPARATOR}`,
      received: accountId.slice(0, 100),
    }),
  );
}
