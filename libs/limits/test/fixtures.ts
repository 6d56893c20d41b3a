import { decimal, type EpochUs, epochUs, ONE, ZERO } from '@cerberus/core';
import type {
  FeedStatus,
  Instrument,
  KillSwitch,
  Limit,
  OrderDecision,
  OrderEvent,
  OrderRequest,
  Quote,
  ScenarioVector,
} from '@cerberus/schema';
import { type Evaluation, evaluate, GateBook, type GateOrder } from '../src/index.ts';

export const NOW = epochUs(1_767_225_600_000_000);
export const BTC = 'BTCUSDT.BINANCE';

export function later(ms: number): EpochUs {
  return epochUs(NOW + ms * 1000);
}

export function instrument(over: Partial<Instrument> = {}): Instrument {
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
    max_quantity: decimal('9000'),
    min_notional: decimal('5'),
    contract_multiplier: ONE,
    inverse: false,
    option_type: null,
    strike: null,
    expiration: null,
    style: null,
    volatility: null,
    status: 'TRADING',
    updated_at: NOW,
    ...over,
  };
}

export function quote(over: Partial<Quote> = {}): Quote {
  return {
    instrument_id: BTC,
    venue: 'BINANCE',
    event_time: NOW,
    receive_time: NOW,
    sequence: 1,
    bid_price: 59_999.5,
    bid_quantity: 1,
    ask_price: 60_000.5,
    ask_quantity: 1,
    quality: 'OK',
    ...over,
  };
}

export function feed(over: Partial<FeedStatus> = {}): FeedStatus {
  return {
    instrument_id: BTC,
    venue: 'BINANCE',
    state: 'LIVE',
    reason: '',
    since: NOW,
    last_event_time: NOW,
    gaps: 0,
    resyncs: 0,
    duplicates: 0,
    refused: 0,
    conflated: 0,
    clock_offset_ms: null,
    ...over,
  };
}

type LimitParts = Pick<Limit, 'limit_type' | 'unit'> & {
  readonly hard?: string;
  readonly soft?: string;
} & Partial<Omit<Limit, 'hard' | 'soft'>>;

export function limit({ hard, soft, ...over }: LimitParts): Limit {
  return {
    limit_id: `${over.limit_type}-${over.scope ?? 'FIRM'}-${over.scope_id ?? '*'}-${over.unit}`,
    scope: 'FIRM',
    scope_id: '*',
    soft: soft === undefined ? null : decimal(soft),
    hard: hard === undefined ? null : decimal(hard),
    enabled: true,
    effective_time: NOW,
    proposed_by: 'test',
    approved_by: 'test',
    revision: 1,
    ...over,
  };
}

/** Order size 10, value 500,000 USD, collar 500 bps, position 20 BTC. */
export const MANDATORY = [
  limit({ limit_type: 'order_size', unit: 'quantity', hard: '10', soft: '5' }),
  limit({ limit_type: 'notional', unit: 'USD', hard: '500000' }),
  limit({ limit_type: 'price_collar', unit: 'bps', hard: '500', soft: '100' }),
  limit({ limit_type: 'position', unit: 'quantity', hard: '20' }),
];

export function gate(limits: readonly Limit[] = MANDATORY): GateBook {
  const book = new GateBook({ positions: 'events', journal: false });
  book.apply('ref.instrument', instrument());
  book.apply('md.quote', quote());
  book.apply('md.status', feed());
  for (const each of limits) book.apply('control.limit', each);
  return book;
}

export function order(over: Partial<OrderRequest> = {}): GateOrder & OrderRequest {
  return {
    request_id: 'r1',
    kind: 'NEW',
    order_id: 'o1',
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
    request_time: NOW,
    ...over,
  } as GateOrder & OrderRequest;
}

export function market(over: Partial<OrderRequest> = {}): GateOrder & OrderRequest {
  return order({ order_type: 'MARKET', limit_price: null, ...over });
}

export function judge(
  book: GateBook,
  of: GateOrder,
  options: Partial<Parameters<typeof evaluate>[2]> = {},
): Evaluation {
  return evaluate(book, of, { nowUs: NOW, ...options });
}

export function codes({ checks }: Evaluation): string[] {
  return checks.filter(({ passed }) => !passed).map(({ code }) => code);
}

export function checkOf({ checks }: Evaluation, name: string) {
  return checks.find(({ check }) => check === name);
}

export function decision(request: OrderRequest, over: Partial<OrderDecision> = {}): OrderDecision {
  return {
    ...request,
    decision_id: `d-${request.request_id}`,
    outcome: 'APPROVED',
    checks: [],
    reference_price: null,
    arrival_mid: null,
    reference_time: null,
    decision_time: NOW,
    expires_at: later(10_000),
    elapsed_us: 0,
    ...over,
  };
}

export function event(
  request: OrderRequest,
  over: Partial<OrderEvent> & { readonly sequence: number },
): OrderEvent {
  return {
    event_id: `${request.order_id}:${over.sequence}`,
    order_id: request.order_id,
    account_id: request.account_id,
    instrument_id: request.instrument_id,
    venue: 'BINANCE',
    decision_id: `d-${request.request_id}`,
    client_order_id: 'c',
    venue_order_id: null,
    status: 'NEW',
    previous_status: null,
    side: request.side,
    order_type: request.order_type,
    time_in_force: request.time_in_force,
    quantity: request.quantity,
    limit_price: request.limit_price,
    filled_quantity: ZERO,
    average_price: null,
    last_quantity: null,
    last_price: null,
    event_time: NOW,
    record_time: NOW,
    reason: null,
    token: 1,
    ...over,
  };
}

export function kill(over: Partial<KillSwitch> = {}): KillSwitch {
  return {
    scope: 'FIRM',
    scope_id: '*',
    engaged: true,
    cancel_open: false,
    reason: 'drill',
    set_by: 'risk',
    set_at: NOW,
    revision: 1,
    ...over,
  };
}

export function scenarios(
  instrumentId: string,
  unitPnl: readonly number[],
  over: Partial<ScenarioVector> = {},
): ScenarioVector {
  return {
    instrument_id: instrumentId,
    underlying: 'BTC',
    as_of: NOW,
    scenario_set_id: 's1',
    unit_pnl: unitPnl,
    unit_value: 60_000,
    unit_delta: 1,
    unit_gamma: 0,
    unit_vega: 0,
    unit_theta: 0,
    quality: 'OK',
    ...over,
  };
}
