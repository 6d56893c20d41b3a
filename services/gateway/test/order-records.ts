import { decimal, type EpochUs } from '@cerberus/core';
import type { Fill, OrderDecision, OrderEvent, OrderRequest } from '@cerberus/schema';
import { ACCOUNT, BTC, type World } from './gateway-fixture.ts';

export function orderRequest(world: World, id: string): OrderRequest {
  return {
    ...termsOf(id),
    parent_order_id: null,
    source: 'REST',
    requested_by: 'test',
    request_time: world.nowUs(),
  };
}

export function orderDecision(world: World, id: string): OrderDecision {
  return {
    ...termsOf(id),
    decision_id: `d-${id}`,
    outcome: 'APPROVED',
    checks: [],
    reference_price: null,
    arrival_mid: null,
    reference_time: null,
    decision_time: world.nowUs(),
    expires_at: (world.nowUs() + 10_000_000) as EpochUs,
    elapsed_us: 1,
  };
}

function termsOf(id: string) {
  return {
    request_id: `${id}-new`,
    kind: 'NEW' as const,
    order_id: id,
    account_id: ACCOUNT,
    strategy_id: 'hedge',
    instrument_id: BTC,
    side: 'BUY' as const,
    order_type: 'LIMIT' as const,
    quantity: decimal('0.5'),
    limit_price: decimal('60000'),
    stop_price: null,
    time_in_force: 'GTC' as const,
    expire_time: null,
    post_only: false,
    reduce_only: false,
  };
}

export function orderEvent(
  world: World,
  id: string,
  sequence: number,
  status: OrderEvent['status'],
  filled: string,
): OrderEvent {
  return {
    event_id: `${id}-${sequence}`,
    order_id: id,
    account_id: ACCOUNT,
    instrument_id: BTC,
    venue: 'BINANCE',
    decision_id: `d-${id}`,
    client_order_id: 'c1',
    venue_order_id: sequence > 1 ? '77' : null,
    sequence,
    status,
    previous_status: null,
    side: 'BUY',
    order_type: 'LIMIT',
    time_in_force: 'GTC',
    quantity: decimal('0.5'),
    limit_price: decimal('60000'),
    filled_quantity: decimal(filled),
    average_price: filled === '0' ? null : decimal('60000'),
    last_quantity: null,
    last_price: null,
    event_time: world.nowUs(),
    record_time: world.nowUs(),
    reason: null,
    token: 1,
  };
}

export function fill(world: World, id: string): Fill {
  return {
    fill_id: `${BTC}:9:${ACCOUNT}`,
    order_id: id,
    client_order_id: 'c1',
    account_id: ACCOUNT,
    instrument_id: BTC,
    venue: 'BINANCE',
    venue_trade_id: '9',
    side: 'BUY',
    price: decimal('60000'),
    quantity: decimal('0.5'),
    fee: decimal('0.0005'),
    fee_currency: 'BTC',
    liquidity: 'TAKER',
    event_time: world.nowUs(),
    record_time: world.nowUs(),
    token: 1,
  };
}

export function position(world: World) {
  return {
    position_id: `${ACCOUNT}|${BTC}`,
    account_id: ACCOUNT,
    instrument_id: BTC,
    quantity: decimal('0.5'),
    average_price: decimal('60000'),
    realized_pnl: decimal('0'),
    fees: decimal('30'),
    currency: 'USDT',
    updated_at: world.nowUs(),
    revision: 1,
  };
}

export function greeks(world: World) {
  const none = {
    rho: null,
    vanna: null,
    volga: null,
    charm: null,
    speed: null,
    zomma: null,
    color: null,
  };
  const values = {
    market_value: 30_000,
    unrealized_pnl: 0,
    delta: 0.5,
    gamma: 0,
    vega: 0,
    theta: 0,
  };
  return {
    account_id: ACCOUNT,
    underlying: 'BTC',
    as_of: world.nowUs(),
    spot_price: 60_000,
    positions: [
      {
        position_id: `${ACCOUNT}|${BTC}`,
        instrument_id: BTC,
        asset_class: 'crypto',
        quantity: 0.5,
        average_price: 60_000,
        mark_price: 60_000,
        implied_volatility: null,
        ...values,
        ...none,
        dollar_delta: 30_000,
        dollar_gamma: 0,
        quality: 'OK' as const,
        reason: null,
      },
    ],
    totals: { ...values, ...none, dollar_delta: 30_000, dollar_gamma: 0 },
    surface_id: null,
    inputs: [{ name: `quote ${BTC}`, age_ms: 5 }],
    quality: 'OK' as const,
  };
}

export function report(world: World, id: string) {
  return {
    order_id: id,
    account_id: ACCOUNT,
    instrument_id: BTC,
    final: true,
    as_of: world.nowUs() as EpochUs,
    orders: [],
    fills: [],
    fees_usd: 30,
    impact_bps: null,
    spread_cost_usd: 0.25,
    total_cost_usd: 30.25,
    violations: [],
    realized_pnl: 0,
    unrealized_pnl: 0,
    latency_ms: 4,
    arrival_slippage_bps: 0,
    vwap_slippage_bps: null,
    fill_rate: 1,
    passive_ratio: 0,
    missing: { impact_bps: 'no data', vwap_slippage_bps: 'no data' },
  };
}
