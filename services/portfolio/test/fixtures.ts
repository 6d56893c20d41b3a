import { type Decimal, decimal, epochUs, ONE, ZERO } from '@cerberus/core';
import type { Fill, Instrument, PositionAdjustment } from '@cerberus/schema';

export const NOW = epochUs(1_767_225_600_000_000);
export const SPOT = 'BTCUSDT.BINANCE';

export function instrument(over: Partial<Instrument> = {}): Instrument {
  return {
    instrument_id: SPOT,
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
    updated_at: NOW,
    ...over,
  };
}

export function fill(id: string, over: Partial<Fill> = {}): Fill {
  return {
    fill_id: id,
    order_id: 'o1',
    client_order_id: 'c1',
    account_id: 'demo',
    instrument_id: SPOT,
    venue: 'BINANCE',
    venue_trade_id: id,
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

export function adjustment(id: string, over: Partial<PositionAdjustment> = {}): PositionAdjustment {
  return {
    adjustment_id: id,
    account_id: 'demo',
    instrument_id: SPOT,
    currency: 'USDT',
    quantity: ONE as Decimal,
    price: decimal('50000'),
    reason: 'OPENING',
    note: '',
    time: NOW,
    ...over,
  };
}
