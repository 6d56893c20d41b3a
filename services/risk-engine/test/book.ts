import { decimal, type EpochUs, ONE } from '@cerberus/core';
import type { Bar, Instrument, Position, Quote } from '@cerberus/schema';

export const SPOT = 'BTCUSDT.BINANCE';
export const PERPETUAL = 'BTCUSDT-PERP.BINANCE';
export const INVERSE = 'BTCUSD-PERP.BINANCE';
const US_PER_DAY = 86_400_000_000;

const BTC = {
  ...{ venue: 'BINANCE', underlying: 'BTC', base_currency: 'BTC', quote_currency: 'USDT' },
  ...{ tick_size: decimal('0.01'), lot_size: decimal('0.001'), min_quantity: decimal('0.001') },
  ...{ max_quantity: null, min_notional: decimal('5'), contract_multiplier: ONE, inverse: false },
  ...{ option_type: null, strike: null, expiration: null, style: null, volatility: null },
  settlement_currency: 'USDT',
};

/** An instrument by its id; what is not given is that of the bitcoin spot market. */
export function instrument(id: string, at: EpochUs, over: Partial<Instrument> = {}): Instrument {
  const symbol = id.slice(0, id.lastIndexOf('.'));
  return {
    ...{ ...BTC, instrument_id: id, symbol, venue_symbol: symbol, updated_at: at },
    ...{ kind: 'SPOT', status: 'TRADING', ...over },
  } as Instrument;
}

export function linear(at: EpochUs): Instrument[] {
  return [
    instrument(SPOT, at),
    instrument(PERPETUAL, at, { kind: 'PERPETUAL' }),
    instrument(INVERSE, at, {
      ...{ kind: 'PERPETUAL', inverse: true, contract_multiplier: decimal('100') },
      settlement_currency: 'BTC',
    }),
  ];
}

export function option(id: string, at: EpochUs, over: Partial<Instrument> = {}): Instrument {
  return instrument(id, at, {
    ...{ kind: 'OPTION', option_type: 'CALL', strike: decimal('60000'), style: 'EUROPEAN' },
    ...{ volatility: 0.6, expiration: (at + 90 * US_PER_DAY) as EpochUs },
    ...over,
  });
}

export function position(
  id: string,
  at: EpochUs,
  held: { readonly quantity: string; readonly average: string; readonly account?: string },
): Position {
  const account = held.account ?? 'demo';
  return {
    ...{ position_id: `${account}|${id}`, account_id: account, instrument_id: id },
    ...{ quantity: decimal(held.quantity), average_price: decimal(held.average) },
    ...{ realized_pnl: decimal('0'), fees: decimal('0'), currency: 'USDT', updated_at: at },
    revision: 1,
  };
}

export function quote(id: string, at: EpochUs, mid: number): Quote {
  return {
    ...{ instrument_id: id, venue: 'BINANCE', event_time: at, receive_time: at, sequence: 1 },
    ...{ bid_price: mid - 1, ask_price: mid + 1, bid_quantity: 1, ask_quantity: 1, quality: 'OK' },
  } as Quote;
}

export function dailyBar(id: string, day: number, close: number): Bar {
  const open_time = (day * US_PER_DAY) as EpochUs;
  return {
    ...{ instrument_id: id, venue: 'BINANCE', interval: '1d', open_time, revision: 0 },
    ...{ close_time: (open_time + US_PER_DAY - 1000) as EpochUs, trade_count: 1, complete: true },
    ...{ open: close, high: close, low: close, close, volume: 1, quote_volume: close },
    source: 'VENUE',
  } as Bar;
}

/** Closes of a price that moves by these log returns, day after day. */
export function closesOf(start: number, returns: readonly number[]): number[] {
  const closes = [start];
  for (const step of returns) closes.push(closes.at(-1)! * Math.exp(step));
  return closes;
}
