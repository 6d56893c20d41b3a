import { add, type Decimal, type EpochUs, multiply, ZERO } from '@cerberus/core';
import type { OrderDecision, OrderStatus, OrderType, Side, TimeInForce } from '@cerberus/schema';
import { clientOrderId } from './client-order-id.ts';

/** An approved order as the emitter keeps it; saved whole in `execution.state` at every step. */
export interface WorkingOrder {
  readonly orderId: string;
  readonly accountId: string;
  readonly strategyId: string | null;
  readonly instrumentId: string;
  readonly venue: string;
  readonly decisionId: string;
  readonly clientOrderId: string;
  readonly side: Side;
  readonly orderType: OrderType;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  readonly quantity: Decimal;
  readonly limitPrice: Decimal | null;
  /** After this the approval may not be sent. */
  readonly approvalExpiresAt: EpochUs;
  readonly status: OrderStatus;
  readonly venueOrderId: string | null;
  readonly sequence: number;
  readonly filledQuantity: Decimal;
  /** Sum of price × quantity over the fills. */
  readonly filledValue: Decimal;
  /** Venue trades already counted: a trade is told by the answer, the stream and the query alike. */
  readonly tradeIds: readonly string[];
  readonly cancelRequested: boolean;
  readonly reason: string | null;
  /** W3C traceparent of the decision. */
  readonly traceparent: string | null;
}

export function workingOrder(
  decision: OrderDecision,
  { venue, traceparent }: { readonly venue: string; readonly traceparent: string | null },
): WorkingOrder {
  return {
    orderId: decision.order_id,
    accountId: decision.account_id,
    strategyId: decision.strategy_id,
    instrumentId: decision.instrument_id,
    venue,
    decisionId: decision.decision_id,
    clientOrderId: clientOrderId(decision.decision_id),
    side: decision.side,
    orderType: decision.order_type,
    timeInForce: decision.time_in_force,
    postOnly: decision.post_only,
    reduceOnly: decision.reduce_only,
    quantity: decision.quantity,
    limitPrice: decision.limit_price,
    approvalExpiresAt: decision.expires_at,
    status: 'PENDING_NEW',
    venueOrderId: null,
    sequence: 0,
    filledQuantity: ZERO,
    filledValue: ZERO,
    tradeIds: [],
    cancelRequested: false,
    reason: null,
    traceparent,
  };
}

export interface Trade {
  readonly tradeId: string;
  readonly price: Decimal;
  readonly quantity: Decimal;
}

/** The order with one more trade, undefined when the trade is counted already. */
export function withTrade(order: WorkingOrder, trade: Trade): WorkingOrder | undefined {
  if (order.tradeIds.includes(trade.tradeId)) return undefined;
  return {
    ...order,
    filledQuantity: add(order.filledQuantity, trade.quantity),
    filledValue: add(order.filledValue, multiply(trade.price, trade.quantity)),
    tradeIds: [...order.tradeIds, trade.tradeId],
  };
}
