import type { Fill, Instrument } from '@cerberus/schema';
import { amountText } from '@cerberus/web';
import { Type } from 'typebox';
import { latestEvent, type OrderEntry, statusOf } from '../model/order-history.ts';
import type { Marked } from '../model/record-mark.ts';
import { Amount, AmountOrNull, Side, TextOrNull, Time, timeText } from './fields.ts';

export const ORDER_SCHEMA = Type.Object({
  order_id: Type.String(),
  account_id: Type.String(),
  strategy_id: TextOrNull,
  symbol: Type.String(),
  instrument_id: Type.String(),
  venue: TextOrNull,
  side: Side,
  order_type: Type.Enum(['MARKET', 'LIMIT', 'STOP', 'STOP_LIMIT']),
  time_in_force: Type.String(),
  quantity: Amount,
  limit_price: AmountOrNull,
  stop_price: AmountOrNull,
  status: Type.String(),
  filled_quantity: Amount,
  average_price: AmountOrNull,
  client_order_id: TextOrNull,
  venue_order_id: TextOrNull,
  created_at: Time,
  updated_at: Time,
  requested_by: TextOrNull,
  reason: TextOrNull,
  trace_id: TextOrNull,
});

/** One order as the ledger knows it; undefined where nothing but a fill of it is known. */
export function orderDocument(entry: OrderEntry): Record<string, unknown> | undefined {
  const request = entry.request?.message;
  const decision = entry.decision?.message;
  const event = latestEvent(entry);
  const terms = request ?? decision ?? event;
  if (terms === undefined) return undefined;
  return {
    order_id: entry.orderId,
    account_id: entry.accountId,
    strategy_id: request?.strategy_id ?? decision?.strategy_id ?? null,
    symbol: symbolOf(entry.instrumentId),
    instrument_id: entry.instrumentId,
    venue: event?.venue ?? venueOf(entry.instrumentId),
    side: terms.side,
    order_type: terms.order_type,
    time_in_force: terms.time_in_force,
    quantity: amountText(event?.quantity ?? terms.quantity),
    limit_price: amountText(event?.limit_price ?? terms.limit_price),
    stop_price: amountText(request?.stop_price ?? decision?.stop_price ?? null),
    status: statusOf(entry),
    filled_quantity: event === undefined ? '0' : amountText(event.filled_quantity),
    average_price: amountText(event?.average_price ?? null),
    client_order_id: event?.client_order_id ?? null,
    venue_order_id: event?.venue_order_id ?? null,
    created_at: timeText(request?.request_time ?? entry.createdUs),
    updated_at: timeText(entry.updatedUs),
    requested_by: request?.requested_by ?? null,
    reason: reasonOf(entry),
    trace_id: entry.traceId,
  };
}

function reasonOf(entry: OrderEntry): string | null {
  const event = latestEvent(entry);
  if (event !== undefined) return event.reason;
  const blocking = entry.decision?.message.checks.find(
    ({ passed, severity }) => !passed && severity === 'HARD',
  );
  return blocking?.message ?? null;
}

export const FILL_SCHEMA = Type.Object({
  fill_id: Type.String(),
  order_id: Type.String(),
  client_order_id: Type.String(),
  account_id: Type.String(),
  symbol: Type.String(),
  instrument_id: Type.String(),
  venue: Type.String(),
  venue_trade_id: Type.String(),
  side: Side,
  price: Amount,
  quantity: Amount,
  fee: Amount,
  fee_currency: Type.String(),
  liquidity: Type.String(),
  executed_at: Time,
  recorded_at: Time,
  trace_id: TextOrNull,
});

export function fillDocument({ message: fill, traceId }: Marked<Fill>): Record<string, unknown> {
  return {
    fill_id: fill.fill_id,
    order_id: fill.order_id,
    client_order_id: fill.client_order_id,
    account_id: fill.account_id,
    symbol: symbolOf(fill.instrument_id),
    instrument_id: fill.instrument_id,
    venue: fill.venue,
    venue_trade_id: fill.venue_trade_id,
    side: fill.side,
    price: amountText(fill.price),
    quantity: amountText(fill.quantity),
    fee: amountText(fill.fee),
    fee_currency: fill.fee_currency,
    liquidity: fill.liquidity,
    executed_at: timeText(fill.event_time),
    recorded_at: timeText(fill.record_time),
    trace_id: traceId,
  };
}

/** What the API calls symbol: the part of an instrument id before its venue. */
export function symbolOf(instrumentId: string): string {
  const dot = instrumentId.lastIndexOf('.');
  return dot < 0 ? instrumentId : instrumentId.slice(0, dot);
}

export function venueOf(instrumentId: string): string | null {
  const dot = instrumentId.lastIndexOf('.');
  return dot < 0 ? null : instrumentId.slice(dot + 1);
}

/** Whether a symbol as users write it, with or without venue, names the instrument. */
export function namesInstrument(symbol: string, instrumentId: string): boolean {
  return symbol === instrumentId || symbol === symbolOf(instrumentId);
}

export function underlyingOf(instrument: Instrument | undefined, instrumentId: string): string {
  return instrument?.underlying ?? symbolOf(instrumentId);
}
