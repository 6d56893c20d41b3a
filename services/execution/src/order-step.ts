import { divide, type EpochUs, type Result } from '@cerberus/core';
import { isTerminal, nextStatus, type OrderTrigger } from '@cerberus/orders';
import type { Fill, Liquidity, OrderEvent, OrderStatus } from '@cerberus/schema';
import { EXECUTION_ERRORS } from './errors.ts';
import { type Trade, type WorkingOrder, withTrade } from './working-order.ts';

/** When and under which term a step is taken. */
export interface StepTime {
  /** The venue's time where it gave one. */
  readonly eventTime: EpochUs;
  readonly recordTime: EpochUs;
  readonly token: number;
}

export interface OrderStep {
  readonly order: WorkingOrder;
  readonly event: OrderEvent;
  readonly fill: Fill | null;
}

export interface TriggerDetail {
  readonly venueOrderId?: string | undefined;
  readonly reason?: string | undefined;
}

/** The order after a trigger, and the event that tells of it. Illegal triggers are faults. */
export function takeStep(
  order: WorkingOrder,
  trigger: OrderTrigger,
  time: StepTime,
  detail: TriggerDetail = {},
): Result<OrderStep> {
  const status = nextStatus(order, trigger);
  if (!status.ok) return status;
  return { ok: true, value: { ...advanced(order, status.value, time, detail), fill: null } };
}

/** The first step: the order exists, and nothing has been sent. */
export function openingStep(order: WorkingOrder, time: StepTime): OrderStep {
  return { ...advanced({ ...order }, 'PENDING_NEW', time, {}), fill: null };
}

/** An order refused before anything was sent. */
export function refusalStep(
  order: WorkingOrder,
  { status, reason }: { readonly status: 'REJECTED' | 'EXPIRED'; readonly reason: string },
  time: StepTime,
): OrderStep {
  return { ...advanced(order, status, time, { reason }), fill: null };
}

export interface VenueTradeReport extends Trade {
  /** When it happened; that of the report where absent. */
  readonly eventTime?: EpochUs;
  readonly fee: Fill['fee'];
  readonly feeCurrency: string;
  readonly liquidity: Liquidity;
}

/** The order after a trade, with the fill; undefined when the trade was counted before. */
export function takeTrade(
  order: WorkingOrder,
  trade: VenueTradeReport,
  reported: StepTime,
): Result<OrderStep> | undefined {
  // A trade that is fetched later happened no later.
  const time = { ...reported, eventTime: trade.eventTime ?? reported.eventTime };
  const traded = withTrade(order, trade);
  if (traded === undefined) return undefined;
  const overfilled = traded.filledQuantity > traded.quantity;
  const full = traded.filledQuantity >= traded.quantity;
  // An order that has ended stays what it is; the position must still hear of the trade.
  const ended = isTerminal(order.status);
  const status: Result<OrderStatus> = ended
    ? { ok: true, value: order.status }
    : nextStatus(traded, full ? 'filled' : 'partially-filled');
  if (!status.ok) return status;
  const fault = overfilled ? EXECUTION_ERRORS.OVERFILL : EXECUTION_ERRORS.LATE_TRADE;
  const reason = overfilled || ended ? `${fault.code}: trade ${trade.tradeId}` : undefined;
  const step = advanced(traded, status.value, time, { reason });
  return {
    ok: true,
    value: {
      order: step.order,
      event: { ...step.event, last_quantity: trade.quantity, last_price: trade.price },
      fill: fillOf(order, trade, time),
    },
  };
}

function advanced(
  order: WorkingOrder,
  status: OrderStatus,
  time: StepTime,
  { venueOrderId, reason }: TriggerDetail,
): { readonly order: WorkingOrder; readonly event: OrderEvent } {
  const next: WorkingOrder = {
    ...order,
    status,
    sequence: order.sequence + 1,
    venueOrderId: venueOrderId ?? order.venueOrderId,
    // Why it was unknown is no reason of what it became.
    reason: reason ?? (status === order.status ? order.reason : null),
  };
  return { order: next, event: eventOf(next, order.sequence === 0 ? null : order.status, time) };
}

function eventOf(order: WorkingOrder, previous: OrderStatus | null, time: StepTime): OrderEvent {
  return {
    event_id: `${order.orderId}:${order.sequence}`,
    order_id: order.orderId,
    account_id: order.accountId,
    instrument_id: order.instrumentId,
    venue: order.venue,
    decision_id: order.decisionId,
    client_order_id: order.clientOrderId,
    venue_order_id: order.venueOrderId,
    sequence: order.sequence,
    status: order.status,
    previous_status: previous,
    side: order.side,
    order_type: order.orderType,
    time_in_force: order.timeInForce,
    quantity: order.quantity,
    limit_price: order.limitPrice,
    // What was filled beyond the order is told by its fills and the reason; no event counts past the order.
    filled_quantity: order.filledQuantity > order.quantity ? order.quantity : order.filledQuantity,
    average_price:
      order.filledQuantity > 0n ? divide(order.filledValue, order.filledQuantity) : null,
    last_quantity: null,
    last_price: null,
    event_time: time.eventTime,
    record_time: time.recordTime,
    reason: order.reason,
    token: time.token,
  };
}

function fillOf(order: WorkingOrder, trade: VenueTradeReport, time: StepTime): Fill {
  return {
    fill_id: `${order.instrumentId}:${trade.tradeId}:${order.accountId}`,
    order_id: order.orderId,
    client_order_id: order.clientOrderId,
    account_id: order.accountId,
    instrument_id: order.instrumentId,
    venue: order.venue,
    venue_trade_id: trade.tradeId,
    side: order.side,
    price: trade.price,
    quantity: trade.quantity,
    fee: trade.fee,
    fee_currency: trade.feeCurrency,
    liquidity: trade.liquidity,
    event_time: time.eventTime,
    record_time: time.recordTime,
    token: time.token,
  };
}
