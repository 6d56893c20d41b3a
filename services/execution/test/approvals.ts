import { decimal, type EpochUs, ONE } from '@cerberus/core';
import type { Instrument, KillSwitch, OrderDecision } from '@cerberus/schema';

export const ACCOUNT = 'demo';
export const SPOT = 'BTCUSDT.BINANCE';
export const PERPETUAL = 'BTCUSDT-PERP.BINANCE';

const STATUS: Instrument['status'] = 'TRADING';
const BTC = {
  ...{ venue: 'BINANCE', venue_symbol: 'BTCUSDT', underlying: 'BTC', base_currency: 'BTC' },
  ...{ quote_currency: 'USDT', settlement_currency: 'USDT', contract_multiplier: ONE },
  ...{ inverse: false, max_quantity: null, option_type: null, strike: null, expiration: null },
  ...{ style: null, volatility: null, status: STATUS, min_notional: decimal('5') },
} as const;

export function instruments(at: EpochUs): Instrument[] {
  return [
    {
      ...{ ...BTC, instrument_id: SPOT, symbol: 'BTCUSDT', kind: 'SPOT', updated_at: at },
      ...{ tick_size: decimal('0.01'), lot_size: decimal('0.00001') },
      min_quantity: decimal('0.00001'),
    },
    {
      ...{ ...BTC, instrument_id: PERPETUAL, symbol: 'BTCUSDT-PERP', kind: 'PERPETUAL' },
      ...{ tick_size: decimal('0.1'), lot_size: decimal('0.001'), updated_at: at },
      min_quantity: decimal('0.001'),
    },
  ];
}

/** An approved order to buy one tenth of a bitcoin at the market, unless told otherwise. */
export function approval(
  orderId: string,
  at: EpochUs,
  over: Partial<OrderDecision> = {},
): OrderDecision {
  return {
    ...{ decision_id: `d-${orderId}`, request_id: `r-${orderId}`, kind: 'NEW', order_id: orderId },
    ...{ account_id: ACCOUNT, strategy_id: null, instrument_id: SPOT, side: 'BUY' },
    ...{ order_type: 'MARKET', quantity: decimal('0.1'), limit_price: null, stop_price: null },
    ...{ time_in_force: 'GTC', expire_time: null, post_only: false, reduce_only: false },
    ...{ outcome: 'APPROVED', checks: [], reference_price: null, arrival_mid: null },
    ...{ reference_time: null, decision_time: at, elapsed_us: 0 },
    expires_at: (at + 10_000_000) as EpochUs,
    ...over,
  } as OrderDecision;
}

export function kill(at: EpochUs, over: Partial<KillSwitch> = {}): KillSwitch {
  return {
    ...{ scope: 'ACCOUNT', scope_id: ACCOUNT, engaged: true, cancel_open: false, reason: 'drill' },
    ...{ set_by: 'risk', set_at: at, revision: 1 },
    ...over,
  } as KillSwitch;
}
