import { decimal, type EpochUs, ONE, ZERO } from '@cerberus/core';
import type {
  FeedStatus,
  Instrument,
  OrderDecision,
  OrderEvent,
  OrderRequest,
  Quote,
  ScenarioVector,
} from '@cerberus/schema';
import type { PreTradeConfig } from '../src/index.ts';

export const BTC = 'BTCUSDT.BINANCE';

export const CONFIG: PreTradeConfig = {
  approvalMs: 10_000,
  limits: [
    { type: 'order_size', scope: 'FIRM', scopeId: '*', unit: 'quantity', soft: '5', hard: '10' },
    { type: 'notional', scope: 'FIRM', scopeId: '*', unit: 'USD', hard: '2000000' },
    { type: 'price_collar', scope: 'FIRM', scopeId: '*', unit: 'bps', hard: '500' },
    { type: 'position', scope: 'FIRM', scopeId: '*', unit: 'quantity', hard: '12' },
    { type: 'stale_price', scope: 'FIRM', scopeId: '*', unit: 'ms', hard: '30000' },
  ],
};

export function instrument(at: EpochUs): Instrument {
  return {
    instrument_id: BTC,
    symbol: 'BTCUSDT',
    venue: 'BINANCE',
    venue_symbol: 'BTCUSDT',
    kind: 'SPOT',
    underlying: 'BTC',
    base_currency: 'BTC',
    quote_currency: 'USDT',
    settlement_currency: 'USDT',
    tick_size: decimal('0.01'),
    lot_size: decimal('0.001'),
    min_quantity: decimal('0.001'),
    max_quantity: null,
    min_notional: decimal('5'),
    contract_multiplier: ONE,
    inverse: false,
    option_type: null,
    strike: null,
    expiration: null,
    style: null,
    volatility: null,
    status: 'TRADING',
    updated_at: at,
  };
}

export function quote(at: EpochUs): Quote {
  return {
    instrument_id: BTC,
    venue: 'BINANCE',
    event_time: at,
    receive_time: at,
    sequence: 1,
    bid_price: 59_999.5,
    bid_quantity: 1,
    ask_price: 60_000.5,
    ask_quantity: 1,
    quality: 'OK',
  };
}

export function feed(at: EpochUs, state: FeedStatus['state'] = 'LIVE'): FeedStatus {
  return {
    instrument_id: BTC,
    venue: 'BINANCE',
    state,
    reason: '',
    since: at,
    last_event_time: at,
    gaps: 0,
    resyncs: 0,
    duplicates: 0,
    refused: 0,
    conflated: 0,
    clock_offset_ms: null,
  };
}

export function request(id: string, at: EpochUs, over: Partial<OrderRequest> = {}): OrderRequest {
  return {
    request_id: `r-${id}`,
    kind: 'NEW',
    order_id: id,
    account_id: 'demo',
    strategy_id: null,
    instrument_id: BTC,
    side: 'BUY',
    order_type: 'LIMIT',
    quantity: ONE,
    limit_price: decimal('60000'),
    stop_price: null,
    time_in_force: 'GTC',
    expire_time: null,
    post_only: false,
    reduce_only: false,
    parent_order_id: null,
    source: 'REST',
    requested_by: 'test',
    request_time: at,
    ...over,
  };
}

export function event(
  decision: OrderDecision,
  over: Partial<OrderEvent> & Pick<OrderEvent, 'sequence' | 'status'>,
): OrderEvent {
  return {
    event_id: `${decision.order_id}:${over.sequence}`,
    order_id: decision.order_id,
    account_id: decision.account_id,
    instrument_id: decision.instrument_id,
    venue: 'BINANCE',
    decision_id: decision.decision_id,
    client_order_id: 'c',
    venue_order_id: null,
    previous_status: null,
    side: decision.side,
    order_type: decision.order_type,
    time_in_force: decision.time_in_force,
    quantity: decision.quantity,
    limit_price: decision.limit_price,
    filled_quantity: ZERO,
    average_price: null,
    last_quantity: null,
    last_price: null,
    event_time: decision.decision_time,
    record_time: decision.decision_time,
    reason: null,
    token: 1,
    ...over,
  };
}

export function scenarios(at: EpochUs): ScenarioVector {
  return {
    instrument_id: BTC,
    underlying: 'BTC',
    as_of: at,
    scenario_set_id: 's1',
    unit_pnl: Array.from({ length: 100 }, (_, i) => -3000 + 60 * i),
    unit_value: 60_000,
    unit_delta: 1,
    unit_gamma: 0,
    unit_vega: 0,
    unit_theta: 0,
    quality: 'OK',
  };
}
