import { type Decimal, ONE } from '@cerberus/core';
import { type InstrumentGrid, instrumentGrid } from '../grid.ts';
import type { BinanceMarket } from './frame-events.ts';
import {
  decimalField,
  FieldRefusal,
  integerField,
  isObject,
  type JsonObject,
  optionalDecimal,
  textField,
} from './frame-fields.ts';
import { listOf, objectOf } from './orders.ts';

export interface VenueInstrument {
  readonly market: BinanceMarket;
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  /** Asset that fees and profit are paid in. */
  readonly settle: string;
  readonly trading: boolean;
  readonly contract: 'spot' | 'perpetual' | 'delivery';
  /** Quote value of one contract of an inverse future, else 1 (the base asset itself). */
  readonly contractSize: Decimal;
  readonly inverse: boolean;
  readonly deliveryTimeMs: number | undefined;
  readonly tick: Decimal;
  readonly lot: Decimal;
  readonly minQuantity: Decimal;
  readonly maxQuantity: Decimal;
  readonly minNotional: Decimal | undefined;
  readonly grid: InstrumentGrid;
}

export interface ExchangeInfo {
  readonly serverTimeMs: number;
  readonly instruments: readonly VenueInstrument[];
  /** Symbols that could not be read, with the reason; a venue adds odd products at times. */
  readonly refused: readonly { readonly symbol: string; readonly reason: string }[];
}

/** Perpetuals carry a delivery date in the year 2100. */
const NEVER_DELIVERED_MS = Date.UTC(2090, 0);

export function readExchangeInfo(market: BinanceMarket, value: unknown): ExchangeInfo {
  const info = objectOf(value);
  const instruments: VenueInstrument[] = [];
  const refusedSymbols: { symbol: string; reason: string }[] = [];
  for (const item of listOf(info['symbols'], objectOf)) {
    try {
      instruments.push(readInstrument(market, item));
    } catch (error) {
      if (!(error instanceof FieldRefusal)) throw error;
      refusedSymbols.push({ symbol: String(item['symbol']), reason: error.message });
    }
  }
  return { serverTimeMs: integerField(info, 'serverTime'), instruments, refused: refusedSymbols };
}

function readInstrument(market: BinanceMarket, item: JsonObject): VenueInstrument {
  const symbol = textField(item, 'symbol');
  const filters = filtersOf(item);
  const price = filters.get('PRICE_FILTER') ?? {};
  const lotSize = filters.get('LOT_SIZE') ?? {};
  const notional = filters.get('NOTIONAL') ?? filters.get('MIN_NOTIONAL') ?? {};
  const tick = decimalField(price, 'tickSize');
  const lot = decimalField(lotSize, 'stepSize');
  if (tick <= 0n || lot <= 0n) {
    throw new FieldRefusal({ kind: 'refused', code: 'bad_field', detail: 'tick or lot is zero' });
  }
  const quote = textField(item, 'quoteAsset');
  const contractType = item['contractType'];
  const delivery = item['deliveryDate'];
  return {
    market,
    symbol,
    base: textField(item, 'baseAsset'),
    quote,
    settle: market === 'spot' ? quote : textField(item, 'marginAsset'),
    trading: (item['status'] ?? item['contractStatus']) === 'TRADING',
    contract: market === 'spot' ? 'spot' : contractType === 'PERPETUAL' ? 'perpetual' : 'delivery',
    contractSize: contractSize(item),
    inverse: market === 'coinm',
    deliveryTimeMs:
      typeof delivery === 'number' && delivery < NEVER_DELIVERED_MS ? delivery : undefined,
    tick,
    lot,
    minQuantity: decimalField(lotSize, 'minQty'),
    maxQuantity: decimalField(lotSize, 'maxQty'),
    minNotional: optionalDecimal(notional, 'minNotional') ?? optionalDecimal(notional, 'notional'),
    grid: instrumentGrid({ symbol, tick, lot }),
  };
}

function contractSize(item: JsonObject): Decimal {
  const size = item['contractSize'];
  return typeof size === 'number' && Number.isSafeInteger(size)
    ? ((BigInt(size) * ONE) as Decimal)
    : ONE;
}

function filtersOf(item: JsonObject): ReadonlyMap<string, JsonObject> {
  const filters = new Map<string, JsonObject>();
  for (const filter of Array.isArray(item['filters']) ? item['filters'] : []) {
    if (isObject(filter)) filters.set(textField(filter, 'filterType'), filter);
  }
  return filters;
}
