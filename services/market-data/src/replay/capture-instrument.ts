import { type Decimal, decimal, ZERO } from '@cerberus/core';
import type { Instrument } from '@cerberus/schema';
import { type BinanceMarket, StepCodec, type VenueInstrument } from '@cerberus/venues';
import { instrumentOf } from '../venue-instruments.ts';
import type { CaptureSurvey, SurveyedSymbol } from './capture-survey.ts';

/** Currencies that symbols end in, longer names before those they end in themselves. */
const QUOTES = [
  ...['USDT', 'USDC', 'FDUSD', 'TUSD', 'BUSD', 'USDP', 'USD1', 'DAI', 'USD'],
  ...['EUR', 'TRY', 'BRL', 'JPY', 'GBP', 'AUD', 'UAH', 'ZAR', 'BTC', 'ETH', 'BNB'],
];
const COIN_MARGINED = /^([A-Z0-9]+)USD_(PERP|\d{6})$/;
const USD_MARGINED = /^([A-Z0-9]+?)(?:_(\d{6}))?$/;
/** Contracts of Bitcoin are of 100 dollars, all others of 10. */
const CONTRACT_DOLLARS_BTC = 100;
const CONTRACT_DOLLARS = 10;
const DELIVERY_HOUR_UTC = 8;

export interface CapturedInstrument {
  readonly listed: VenueInstrument;
  readonly instrument: Instrument;
  readonly firstPrice: number | undefined;
}

/** Every instrument of a capture, for whoever sets the stage of a replay. */
export function capturedInstruments(survey: CaptureSurvey): CapturedInstrument[] {
  return survey.symbols.flatMap((seen) => {
    const listed = captureInstrument(survey.market, seen);
    if (listed === undefined) return [];
    const instrument = instrumentOf(listed, survey.firstTimeUs);
    return [{ listed, instrument, firstPrice: seen.firstPrice }];
  });
}

/**
 * Reference data of a symbol from its name and from what the capture shows. Tick and lot are the
 * finest seen: the capture carries no others. Undefined where no known quote currency ends the name.
 */
export function captureInstrument(
  market: BinanceMarket,
  seen: SurveyedSymbol,
): VenueInstrument | undefined {
  const name = namesOf(market, seen.symbol);
  if (name === undefined) return undefined;
  const tick = stepOf(seen.priceDecimals);
  const lot = stepOf(seen.tradeDecimals ?? seen.quantityDecimals);
  const inverse = market === 'coinm';
  const dollars = name.base === 'BTC' ? CONTRACT_DOLLARS_BTC : CONTRACT_DOLLARS;
  return {
    ...{ market, symbol: seen.symbol, base: name.base, quote: name.quote, trading: true },
    settle: inverse ? name.base : name.quote,
    contract: market === 'spot' ? 'spot' : name.date === undefined ? 'perpetual' : 'delivery',
    contractSize: decimal(inverse ? dollars : 1),
    inverse,
    deliveryTimeMs: name.date === undefined ? undefined : deliveryMs(name.date),
    ...{ tick, lot, minQuantity: lot, maxQuantity: ZERO, minNotional: undefined },
    grid: {
      symbol: seen.symbol,
      lot,
      price: new StepCodec(tick),
      quantity: new StepCodec(stepOf(Math.max(seen.quantityDecimals, seen.tradeDecimals ?? 0))),
    },
  };
}

function namesOf(
  market: BinanceMarket,
  symbol: string,
): { readonly base: string; readonly quote: string; readonly date?: string } | undefined {
  if (market === 'coinm') {
    const [, base, term] = COIN_MARGINED.exec(symbol) ?? [];
    if (base === undefined || term === undefined) return undefined;
    return { base, quote: 'USD', ...(term === 'PERP' ? {} : { date: term }) };
  }
  const [, pair, date] = USD_MARGINED.exec(symbol) ?? [];
  const quote = QUOTES.find((name) => pair?.endsWith(name) && pair !== name);
  if (pair === undefined || quote === undefined) return undefined;
  const base = pair.slice(0, -quote.length);
  return { base, quote, ...(date === undefined ? {} : { date }) };
}

function stepOf(decimals: number): Decimal {
  return decimal(decimals === 0 ? '1' : `0.${'0'.repeat(decimals - 1)}1`);
}

function deliveryMs(date: string): number {
  const [year, month, day] = [date.slice(0, 2), date.slice(2, 4), date.slice(4, 6)].map(Number);
  return Date.UTC(2000 + (year ?? 0), (month ?? 1) - 1, day ?? 1, DELIVERY_HOUR_UTC);
}
