import type { StateSerializer, StateStore } from '@cerberus/bus';
import { CerberusError, faultOf } from '@cerberus/core';
import { GateBook, type GateMarket, type WorkingOrder } from '@cerberus/limits';
import { fromExactJson, toExactJson } from '@cerberus/orders';
import { PRE_TRADE_ERRORS } from './errors.ts';

/** State of the gate, one entry per key of its changelog. */
export type GateEntry =
  | { readonly kind: 'position'; readonly position: bigint }
  | { readonly kind: 'order'; readonly order: WorkingOrder }
  /** A decided request; `terms` of an approval, for the pace of orders. */
  | { readonly kind: 'request'; readonly timeUs: number; readonly terms: string | null }
  | { readonly kind: 'adjustment' }
  /** A fill whose fee was taken from the position. */
  | { readonly kind: 'fee' };

const VERSION = 1;
const KINDS: ReadonlySet<string> = new Set<GateEntry['kind']>([
  'position',
  'order',
  'request',
  'adjustment',
  'fee',
]);

/** `change` is `kind|name` as the account names what changed; account ids hold no `|`. */
export function entryKey(accountId: string, change: string): string {
  return `${accountId}|${change}`;
}

export const GATE_SERIALIZER: StateSerializer<GateEntry> = {
  encode: (_key, { kind, ...value }) => ({
    kind,
    version: VERSION,
    payload: Buffer.from(toExactJson(value)),
  }),
  decode(key, { kind, version, payload }) {
    if (version !== VERSION || !KINDS.has(kind)) {
      const expected = `state of version ${VERSION}`;
      const received = `${kind} version ${version}`;
      throw new CerberusError(
        faultOf(PRE_TRADE_ERRORS.STATE_UNKNOWN, { path: key, expected, received }),
      );
    }
    const value = fromExactJson(Buffer.from(payload).toString()) as object;
    return { kind, ...value } as GateEntry;
  },
};

/** The accounts of a partition as its state has them, over the market that all partitions share. */
export function restoreBook(state: StateStore<GateEntry>, market: GateMarket): GateBook {
  const book = new GateBook({ positions: 'events', journal: true }, market);
  const paces: { accountId: string; terms: string; timeUs: number }[] = [];
  for (const [key, entry] of state.entries()) {
    const afterAccount = key.indexOf('|');
    const accountId = key.slice(0, afterAccount);
    const name = key.slice(key.indexOf('|', afterAccount + 1) + 1);
    const account = book.openAccount(accountId);
    switch (entry.kind) {
      case 'position':
        account.restorePosition(name, entry.position);
        break;
      case 'order':
        account.restoreOrder(entry.order);
        break;
      case 'request':
        account.restoreRequest(name);
        if (entry.terms !== null) {
          paces.push({ accountId, terms: entry.terms, timeUs: entry.timeUs });
        }
        break;
      case 'adjustment':
        account.restoreAdjustment(name);
        break;
      case 'fee':
        account.restoreFee(name);
        break;
    }
  }
  paces.sort((a, b) => a.timeUs - b.timeUs);
  for (const { accountId, terms, timeUs } of paces) {
    book.openAccount(accountId).restorePace(terms, timeUs);
  }
  for (const account of book.accounts()) account.takeChanges();
  return book;
}
