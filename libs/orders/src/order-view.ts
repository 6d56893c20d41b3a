import { type Decimal, type EpochUs, type Fault, faultOf, formatDecimal } from '@cerberus/core';
import type { OrderEvent, OrderStatus, OrderType, Side, TimeInForce } from '@cerberus/schema';
import { ORDERS_ERRORS } from './errors.ts';
import { FIRST_STATUSES, isReachable, isTerminal } from './order-status.ts';

/** An order as its events tell it. */
export interface OrderView {
  readonly orderId: string;
  readonly accountId: string;
  readonly instrumentId: string;
  readonly venue: string;
  readonly decisionId: string;
  readonly clientOrderId: string;
  readonly venueOrderId: string | null;
  readonly side: Side;
  readonly orderType: OrderType;
  readonly timeInForce: TimeInForce;
  readonly quantity: Decimal;
  readonly limitPrice: Decimal | null;
  readonly status: OrderStatus;
  /** Cumulative. */
  readonly filledQuantity: Decimal;
  readonly averagePrice: Decimal | null;
  readonly sequence: number;
  readonly firstTimeUs: EpochUs;
  readonly lastTimeUs: EpochUs;
  readonly reason: string | null;
}

/**
 * `duplicate`: at or below the sequence already applied. `missed`: how many events were skipped;
 * every event carries the whole state, so a gap loses history but not the order.
 */
export type OrderStep =
  | { readonly kind: 'applied'; readonly view: OrderView; readonly missed: number }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'refused'; readonly fault: Fault };

/** The order after one event. A refused event leaves the order as it was. */
export function applyOrderEvent(view: OrderView | undefined, event: OrderEvent): OrderStep {
  if (view !== undefined && event.sequence <= view.sequence) return { kind: 'duplicate' };
  const missed = event.sequence - (view?.sequence ?? 0) - 1;
  const fault =
    contradiction(event) ?? (view && conflict(view, event, missed)) ?? first(view, event);
  if (fault !== undefined) return { kind: 'refused', fault };
  return { kind: 'applied', view: viewOf(event, view), missed };
}

export function remainingQuantity(view: Pick<OrderView, 'status' | 'quantity' | 'filledQuantity'>) {
  return (isTerminal(view.status) ? 0n : view.quantity - view.filledQuantity) as Decimal;
}

function viewOf(event: OrderEvent, before: OrderView | undefined): OrderView {
  return {
    orderId: event.order_id,
    accountId: event.account_id,
    instrumentId: event.instrument_id,
    venue: event.venue,
    decisionId: event.decision_id,
    clientOrderId: event.client_order_id,
    venueOrderId: event.venue_order_id ?? before?.venueOrderId ?? null,
    side: event.side,
    orderType: event.order_type,
    timeInForce: event.time_in_force,
    quantity: event.quantity,
    limitPrice: event.limit_price,
    status: event.status,
    filledQuantity: event.filled_quantity,
    averagePrice: event.average_price,
    sequence: event.sequence,
    firstTimeUs: before?.firstTimeUs ?? event.event_time,
    lastTimeUs: event.event_time,
    reason: event.reason,
  };
}

/** What cannot be true of any event, whatever came before. */
function contradiction(event: OrderEvent): Fault | undefined {
  const { quantity, filled_quantity: filled, status } = event;
  if (event.sequence < 1) return inconsistent('sequence', 'from 1', String(event.sequence));
  if (quantity <= 0n) return inconsistent('quantity', 'above 0', formatDecimal(quantity));
  if (filled < 0n || filled > quantity) {
    return inconsistent(
      'filled_quantity',
      `from 0 to ${formatDecimal(quantity)}`,
      formatDecimal(filled),
    );
  }
  if ((status === 'FILLED') !== (filled === quantity)) {
    return inconsistent(
      'status',
      filled === quantity ? 'FILLED, as nothing is left' : 'not FILLED, as a rest is open',
      status,
    );
  }
  if (status === 'PARTIALLY_FILLED' && filled === 0n) {
    return inconsistent('filled_quantity', 'above 0 when PARTIALLY_FILLED', '0');
  }
  return undefined;
}

function conflict(view: OrderView, event: OrderEvent, missed: number): Fault | undefined {
  if (
    event.order_id !== view.orderId ||
    event.account_id !== view.accountId ||
    event.instrument_id !== view.instrumentId ||
    event.side !== view.side
  ) {
    return inconsistent(
      'order',
      `${view.side} ${view.instrumentId} of account ${view.accountId}`,
      `${event.side} ${event.instrument_id} of account ${event.account_id}`,
    );
  }
  if (event.filled_quantity < view.filledQuantity) {
    return inconsistent(
      'filled_quantity',
      `at least ${formatDecimal(view.filledQuantity)}, as fills are not taken back`,
      formatDecimal(event.filled_quantity),
    );
  }
  // What lies between is not known when events were missed; only the end of life still binds.
  const legal = missed > 0 && !isTerminal(view.status);
  if (legal || isReachable(view.status, event.status)) return undefined;
  return faultOf(ORDERS_ERRORS.TRANSITION_ILLEGAL, {
    path: 'order.status',
    expected: `a status that can follow ${view.status}`,
    received: event.status,
  });
}

function first(view: OrderView | undefined, event: OrderEvent): Fault | undefined {
  if (view !== undefined || event.sequence > 1 || FIRST_STATUSES.has(event.status))
    return undefined;
  return faultOf(ORDERS_ERRORS.TRANSITION_ILLEGAL, {
    path: 'order.status',
    expected: 'a status in which an order can begin',
    received: event.status,
  });
}

function inconsistent(field: string, expected: string, received: string): Fault {
  return faultOf(ORDERS_ERRORS.EVENT_INCONSISTENT, { path: `order.${field}`, expected, received });
}
