import { type Decimal, fail, faultOf, ok, type Result } from '@cerberus/core';
import type { OrderStatus } from '@cerberus/schema';
import { ORDERS_ERRORS } from './errors.ts';

/** What can happen to an order. `outcome-lost`: timeout, disconnect or an answer nobody can read. */
export const ORDER_TRIGGERS = [
  'accepted',
  'partially-filled',
  'filled',
  'cancel-requested',
  'cancel-rejected',
  'canceled',
  'replaced',
  'rejected',
  'expired',
  'outcome-lost',
] as const;
export type OrderTrigger = (typeof ORDER_TRIGGERS)[number];

type Row = readonly [
  accepted: OrderStatus | null,
  partiallyFilled: OrderStatus | null,
  filled: OrderStatus | null,
  cancelRequested: OrderStatus | null,
  cancelRejected: OrderStatus | null,
  canceled: OrderStatus | null,
  replaced: OrderStatus | null,
  rejected: OrderStatus | null,
  expired: OrderStatus | null,
  outcomeLost: OrderStatus | null,
];

/**
 * Status × trigger → status; null is illegal. A fill may overtake the acknowledgement, and may be
 * reported after the cancel or expiry that it beat to the book: money has moved, so those cells are
 * legal. UNKNOWN is left only by the venue's word. REPLACED is live, under new terms.
 */
// biome-ignore format: a table is read by its columns.
const TABLE: Readonly<Record<OrderStatus, Row>> = {
  //                  accepted    part-filled         filled    cancel-req'd      cancel-rej'd  canceled    replaced    rejected    expired    outcome-lost
  PENDING_NEW:      ['NEW',      'PARTIALLY_FILLED', 'FILLED', 'PENDING_CANCEL', null,         'CANCELED', null,       'REJECTED', 'EXPIRED', 'UNKNOWN'],
  NEW:              [null,       'PARTIALLY_FILLED', 'FILLED', 'PENDING_CANCEL', null,         'CANCELED', 'REPLACED', 'REJECTED', 'EXPIRED', 'UNKNOWN'],
  PARTIALLY_FILLED: [null,       'PARTIALLY_FILLED', 'FILLED', 'PENDING_CANCEL', null,         'CANCELED', 'REPLACED', null,       'EXPIRED', 'UNKNOWN'],
  PENDING_CANCEL:   [null,       'PENDING_CANCEL',   'FILLED', null,             'NEW',        'CANCELED', 'REPLACED', 'REJECTED', 'EXPIRED', 'UNKNOWN'],
  REPLACED:         [null,       'PARTIALLY_FILLED', 'FILLED', 'PENDING_CANCEL', null,         'CANCELED', 'REPLACED', null,       'EXPIRED', 'UNKNOWN'],
  UNKNOWN:          ['NEW',      'PARTIALLY_FILLED', 'FILLED', 'PENDING_CANCEL', 'NEW',        'CANCELED', 'REPLACED', 'REJECTED', 'EXPIRED', null],
  CANCELED:         [null,       'CANCELED',         'FILLED', null,             null,         null,       null,       null,       null,      null],
  EXPIRED:          [null,       'EXPIRED',          'FILLED', null,             null,         null,       null,       null,       null,      null],
  REJECTED:         [null,       null,               null,     null,             null,         null,       null,       null,       null,      null],
  FILLED:           [null,       null,               null,     null,             null,         null,       null,       null,       null,      null],
};

const TERMINAL: ReadonlySet<OrderStatus> = new Set(['CANCELED', 'REJECTED', 'EXPIRED', 'FILLED']);

/** Nothing rests at a venue any more. UNKNOWN is not terminal: it may well rest. */
export function isTerminal(status: OrderStatus): boolean {
  return TERMINAL.has(status);
}

/** The cell of the table: where the trigger leads, or null where it is illegal. */
export function transitionOf(status: OrderStatus, trigger: OrderTrigger): OrderStatus | null {
  return TABLE[status][ORDER_TRIGGERS.indexOf(trigger)]!;
}

export interface TriggeredOrder {
  readonly status: OrderStatus;
  /** Cumulative, after the trigger. */
  readonly filledQuantity: Decimal;
}

/** The next status; an order at work that has traded reads PARTIALLY_FILLED, never NEW. */
export function nextStatus(order: TriggeredOrder, trigger: OrderTrigger): Result<OrderStatus> {
  const next = transitionOf(order.status, trigger);
  if (next === null) {
    return fail(
      faultOf(ORDERS_ERRORS.TRANSITION_ILLEGAL, {
        path: 'order.status',
        expected: `one of ${legalTriggers(order.status).join(', ') || 'none: the order is done'}`,
        received: `${trigger} while ${order.status}`,
      }),
    );
  }
  return ok(next === 'NEW' && order.filledQuantity > 0n ? 'PARTIALLY_FILLED' : next);
}

export function legalTriggers(status: OrderStatus): OrderTrigger[] {
  return ORDER_TRIGGERS.filter((trigger) => transitionOf(status, trigger) !== null);
}

/** Whether some trigger leads from one status to the other, as `nextStatus` would name it. */
export function isReachable(from: OrderStatus, to: OrderStatus): boolean {
  const row = TABLE[from];
  return row.includes(to) || (to === 'PARTIALLY_FILLED' && row.includes('NEW'));
}

/** Statuses in which an order's life may begin: as approved, or as the venue tells of it. */
export const FIRST_STATUSES: ReadonlySet<OrderStatus> = new Set<OrderStatus>([
  'PENDING_NEW',
  'NEW',
  'PARTIALLY_FILLED',
  'FILLED',
  'CANCELED',
  'REJECTED',
  'EXPIRED',
  'UNKNOWN',
]);
