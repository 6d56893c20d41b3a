import { add, type Decimal, decimal, ZERO } from '@cerberus/core';
import type { Fill, OrderDecision, OrderEvent } from '@cerberus/schema';
import type { VenueSim } from '@cerberus/service-venue-sim';
import { clientOrderId } from '../src/index.ts';

/** How the venue's ledger, the approvals and the platform's own log fit together. */
export interface Account {
  readonly duplicates: number;
  readonly ghosts: number;
  readonly lost: number;
  readonly overfills: number;
  readonly fillsLost: number;
  readonly fillsDoubled: number;
}

export const FLAWLESS: Account = {
  ...{ duplicates: 0, ghosts: 0, lost: 0, overfills: 0, fillsLost: 0, fillsDoubled: 0 },
};

const DONE = new Set(['FILLED', 'CANCELED', 'REJECTED', 'EXPIRED']);

export interface Books {
  readonly sim: VenueSim;
  /** Name of the account at the venue. */
  readonly account: string;
  readonly approvals: readonly OrderDecision[];
  readonly fills: readonly Fill[];
  last(orderId: string): OrderEvent | undefined;
}

/** Joins the venue's ledger to the approvals by client order id, and its fills to ours by trade id. */
export function auditOf({ sim, account, approvals, fills, last }: Books): Account {
  const venue = sim.ledger.read().filter((record) => record.account === account);
  const accepts = venue.filter((record) => record.kind === 'accept');
  const venueFills = venue.filter((record) => record.kind === 'fill');
  const byId = new Map(approvals.map((a) => [clientOrderId(a.decision_id), a]));
  const filled = new Map<string, Decimal>();
  for (const { client_order_id: id, quantity } of venueFills) {
    filled.set(id, add(filled.get(id) ?? ZERO, decimal(quantity)));
  }
  const ours = new Set(fills.map((f) => `${f.client_order_id}:${f.venue_trade_id}`));
  return {
    duplicates: accepts.length - new Set(accepts.map((a) => a.client_order_id)).size,
    ghosts: accepts.filter((a) => !byId.has(a.client_order_id)).length,
    lost: approvals.filter((a) => !DONE.has(last(a.order_id)?.status ?? '')).length,
    overfills: [...filled].filter(([id, quantity]) => quantity > byId.get(id)!.quantity).length,
    fillsLost: venueFills.filter((f) => !ours.has(`${f.client_order_id}:${f.trade_id}`)).length,
    fillsDoubled: fills.length - ours.size,
  };
}
