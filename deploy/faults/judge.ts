import { readFileSync } from 'node:fs';
import { add, type Decimal, decimal, formatDecimal, negate, subtract, ZERO } from '@cerberus/core';
import { isTerminal } from '@cerberus/orders';
import type { MessageByTopic } from '@cerberus/schema';
import { clientOrderId } from '@cerberus/service-execution';
import type { NumberedRecord } from '@cerberus/service-venue-sim';
import type { LedgerLog } from './ledger-log.ts';

/** Zero in every count means: nothing lost, nothing doubled, nothing from nowhere. */
export interface Verdict {
  readonly approvals: number;
  readonly venue_orders: number;
  readonly venue_fills: number;
  /** Venue orders beyond the first under one client order id. */
  readonly duplicates: number;
  /** Approvals without a terminal state although everything has come to rest. */
  readonly lost: number;
  /** Venue orders that no approval stands behind. */
  readonly ghosts: number;
  /** Orders filled beyond what was approved. */
  readonly overfills: number;
  /** Venue fills that the ledger does not have. */
  readonly fills_lost: number;
  /** Ledger fills beyond one for a venue fill. */
  readonly fills_doubled: number;
  /** Orders acknowledged to the client without a request in the ledger. */
  readonly acknowledged_lost: number;
  /** Positions that differ from fills and opening adjustments summed anew. */
  readonly positions_wrong: number;
  /** Decisions beyond the first on one request. */
  readonly decisions_doubled: number;
  /** Requests that the gate never answered. */
  readonly undecided: number;
  readonly dead_letters: number;
}

export function isClean(verdict: Verdict): boolean {
  const { approvals: _a, venue_orders: _o, venue_fills: _f, ...faults } = verdict;
  return Object.values(faults).every((count) => count === 0);
}

export interface Evidence {
  readonly log: LedgerLog;
  /** File of the simulated venue. */
  readonly venueLedger: string;
  /** Orders that the client was told were taken. */
  readonly acknowledged: ReadonlySet<string>;
}

/** Joins the venue's own ledger to the approvals, after everything has come to rest. */
export function judge({ log, venueLedger, acknowledged }: Evidence): Verdict {
  const venue = readVenueLedger(venueLedger);
  const decisions = log('order.decision');
  const approvals = decisions.filter(
    ({ kind, outcome }) => kind === 'NEW' && outcome === 'APPROVED',
  );
  const byClientId = new Map(approvals.map((item) => [clientOrderId(item.decision_id), item]));
  const accepted = Map.groupBy(
    venue.filter((record) => record.kind === 'accept'),
    (record) => record.client_order_id,
  );
  const venueFills = venue.filter((record) => record.kind === 'fill');
  const lastStatus = new Map(log('order.event').map((event) => [event.order_id, event.status]));
  const fills = log('fill');
  const fillIds = new Set(fills.map(({ fill_id }) => fill_id));
  const requests = new Set(log('order.request').map(({ order_id }) => order_id));
  const requestIds = new Set(log('order.request').map(({ request_id }) => request_id));
  const decided = new Set(decisions.map(({ request_id }) => request_id));
  const filledById = sumBy(
    venueFills,
    (f) => f.client_order_id,
    (f) => decimal(f.quantity),
  );
  return {
    approvals: approvals.length,
    venue_orders: [...accepted.values()].flat().length,
    venue_fills: venueFills.length,
    duplicates: [...accepted.values()].reduce((sum, same) => sum + same.length - 1, 0),
    lost: approvals.filter(({ order_id }) => !isTerminal(lastStatus.get(order_id) ?? 'UNKNOWN'))
      .length,
    ghosts: [...accepted.keys()].filter((id) => !byClientId.has(id)).length,
    overfills: [...filledById].filter(
      ([id, quantity]) => quantity > (byClientId.get(id)?.quantity ?? ZERO),
    ).length,
    fills_lost: venueFills.filter((fill) => !fills.some((known) => isSame(known, fill))).length,
    fills_doubled: fills.length - fillIds.size,
    acknowledged_lost: [...acknowledged].filter((id) => !requests.has(id)).length,
    positions_wrong: wrongPositions(log),
    decisions_doubled: decisions.length - decided.size,
    undecided: [...requestIds].filter((id) => !decided.has(id)).length,
    dead_letters: log.deadLetters,
  };
}

function readVenueLedger(file: string): NumberedRecord[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines
    .filter((line) => line !== '')
    .flatMap((line) => JSON.parse(line) as NumberedRecord[])
    .filter((record) => record.account === 'desk');
}

function isSame(
  known: MessageByTopic['fill'],
  fill: Extract<NumberedRecord, { kind: 'fill' }>,
): boolean {
  return (
    known.venue_trade_id === String(fill.trade_id) &&
    known.client_order_id === fill.client_order_id &&
    known.quantity === decimal(fill.quantity) &&
    known.price === decimal(fill.price)
  );
}

function sumBy<T>(
  items: readonly T[],
  key: (item: T) => string,
  amount: (item: T) => Decimal,
): Map<string, Decimal> {
  const sums = new Map<string, Decimal>();
  for (const item of items) sums.set(key(item), add(sums.get(key(item)) ?? ZERO, amount(item)));
  return sums;
}

/** Each fill once, each adjustment once, added up by hand; the platform's own table must agree. */
function wrongPositions(log: LedgerLog): number {
  const expected = new Map<string, Decimal>();
  const book = (id: string, quantity: Decimal) =>
    expected.set(id, add(expected.get(id) ?? ZERO, quantity));
  const adjustments = new Map(log('position.adjustment').map((a) => [a.adjustment_id, a]));
  for (const { account_id, instrument_id, quantity } of adjustments.values()) {
    if (instrument_id !== null) book(`${account_id}|${instrument_id}`, quantity);
  }
  for (const fill of new Map(log('fill').map((f) => [f.fill_id, f])).values()) {
    const signed = fill.side === 'BUY' ? fill.quantity : negate(fill.quantity);
    // A fee in the coin itself comes off what is held.
    const inKind = fill.instrument_id.startsWith(`${fill.fee_currency}USDT.`) ? fill.fee : ZERO;
    book(`${fill.account_id}|${fill.instrument_id}`, subtract(signed, inKind));
  }
  const held = new Map(log('position').map((p) => [p.position_id, p.quantity]));
  const ids = new Set([...expected.keys(), ...held.keys()]);
  return [...ids].filter((id) => {
    const differs = (held.get(id) ?? ZERO) !== (expected.get(id) ?? ZERO);
    if (differs) {
      const [is, should] = [held.get(id) ?? ZERO, expected.get(id) ?? ZERO].map(formatDecimal);
      console.error(`position ${id}: ${is}, expected ${should}`);
    }
    return differs;
  }).length;
}
