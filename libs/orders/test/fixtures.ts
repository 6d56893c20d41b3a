import { decimal, epochUs, ONE, ZERO } from '@cerberus/core';
import type { Fill, Instrument, OrderEvent } from '@cerberus/schema';

export const NOW = epochUs(1_767_225_600_000_000);

export function instrument(over: Partial<Instrument> = {}): Instrument {
  return {
    instrument_id: 'BTCUSDT.BINANCE',
    symbol: 'BTCUSDT',
    venue: 'BINANCE',
    venue_symbol: 'BTCUSDT',
    kind: 'SPOT',
    underlying: 'BTC',
    base_currency: 'BTC',
    quote_currency: 'USDT',
    settlement_currency: 'USDT',
    tick_size: decimal('0.01'),
    lot_size: decimal('0.00001'),
    min_quantity: decimal('0.00001'),
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

export const PERPETUAL = instrument({
  instrument_id: 'BTCUSDT-PERP.BINANCE',
  symbol: 'BTCUSDT-PERP',
  kind: 'PERPETUAL',
});

/** 100 USD a contract, settled in BTC. */
export const INVERSE = instrument({
  instrument_id: 'BTCUSD-PERP.BINANCE',
  symbol: 'BTCUSD-PERP',
  kind: 'PERPETUAL',
  quote_currency: 'USD',
  settlement_currency: 'BTC',
  contract_multiplier: decimal('100'),
  inverse: true,
});

export function fill(over: Partial<Fill> & { readonly fill_id: string }): Fill {
  return {
    order_id: 'o1',
    client_order_id: 'c1',
    account_id: 'demo',
    instrument_id: 'BTCUSDT.BINANCE',
    venue: 'BINANCE',
    venue_trade_id: over.fill_id,
    side: 'BUY',
    price: decimal('60000'),
    quantity: ONE,
    fee: ZERO,
    fee_currency: 'USDT',
    liquidity: 'TAKER',
    event_time: NOW,
    record_time: NOW,
    token: 1,
    ...over,
  };
}

export function orderEvent(over: Partial<OrderEvent> & { readonly sequence: number }): OrderEvent {
  return {
    event_id: `o1:${over.sequence}`,
    order_id: 'o1',
    account_id: 'demo',
    instrument_id: 'BTCUSDT.BINANCE',
    venue: 'BINANCE',
    decision_id: 'd1',
    client_order_id: 'c1',
    venue_order_id: null,
    status: 'NEW',
    previous_status: null,
    side: 'BUY',
    order_type: 'LIMIT',
    time_in_force: 'GTC',
    quantity: decimal('2'),
    limit_price: decimal('60000'),
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
