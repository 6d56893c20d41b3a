import type { StateSerializer } from '@cerberus/bus';
import { CerberusError, faultOf } from '@cerberus/core';
import { type Balance, fromExactJson, type PositionState, toExactJson } from '@cerberus/orders';
import type { Fill, PositionAdjustment } from '@cerberus/schema';
import { PORTFOLIO_ERRORS } from './errors.ts';

/**
 * A record whose instrument is not in the reference data yet; booked as soon as it is. `refused` says
 * why it could not be booked even then: it stays for a person to look at.
 */
export type Waiting = { readonly refused: string | null } & (
  | { readonly kind: 'waiting-fill'; readonly message: Fill }
  | { readonly kind: 'waiting-adjustment'; readonly message: PositionAdjustment }
);

/** State of the service, one entry per key of its changelog. */
export type BookEntry =
  | { readonly kind: 'position'; readonly position: PositionState; readonly revision: number }
  | { readonly kind: 'balance'; readonly balance: Balance }
  | { readonly kind: 'account'; readonly revision: number }
  | { readonly kind: 'fill' }
  | { readonly kind: 'adjustment' }
  | Waiting;

const VERSION = 1;
const KINDS: ReadonlySet<string> = new Set<BookEntry['kind']>([
  'position',
  'balance',
  'account',
  'fill',
  'adjustment',
  'waiting-fill',
  'waiting-adjustment',
]);

/** Keys: `kind|account|name`; an account id holds no `|`. */
export function entryKey(kind: BookEntry['kind'], accountId: string, name: string): string {
  return `${kind}|${accountId}|${name}`;
}

export function parseEntryKey(key: string): { readonly accountId: string; readonly name: string } {
  const afterKind = key.indexOf('|') + 1;
  const afterAccount = key.indexOf('|', afterKind) + 1;
  return { accountId: key.slice(afterKind, afterAccount - 1), name: key.slice(afterAccount) };
}

export const BOOK_SERIALIZER: StateSerializer<BookEntry> = {
  encode: (_key, { kind, ...value }) => ({
    kind,
    version: VERSION,
    payload: Buffer.from(toExactJson(value)),
  }),
  decode(key, { kind, version, payload }) {
    if (version !== VERSION || !KINDS.has(kind)) {
      const received = `${kind} version ${version}`;
      const expected = `state of version ${VERSION}`;
      throw new CerberusError(
        faultOf(PORTFOLIO_ERRORS.STATE_UNKNOWN, { path: key, expected, received }),
      );
    }
    const value = fromExactJson(Buffer.from(payload).toString()) as object;
    return { kind, ...value } as BookEntry;
  },
};
