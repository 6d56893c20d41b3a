import { type Decimal, isMultipleOf, multiply, parseDecimal, ZERO } from '@cerberus/core';
import type { SymbolSpec } from '../market/symbol-spec.ts';
import type { Side } from '../matching/engine-order.ts';
import { filterFailure, illegalCharacters, missingParameter, VenueError } from './venue-error.ts';

/** A new order request that passed the venue's checks of form. */
export interface OrderEntry {
  readonly side: Side;
  readonly type: 'LIMIT' | 'MARKET' | 'LIMIT_MAKER';
  readonly timeInForce: 'GTC' | 'IOC' | 'FOK' | 'GTX';
  readonly price: Decimal;
  readonly quantity: Decimal;
  /** Spot market orders by value: quantity is zero then. */
  readonly quoteQuantity: Decimal;
  readonly clientOrderId: string | undefined;
  readonly reduceOnly: boolean;
}

export type Params = ReadonlyMap<string, string>;

const CLIENT_ORDER_ID = /^[.A-Z:/a-z0-9_-]{1,36}$/;
const PLAIN_NUMBER = /^\d{1,20}(\.\d{1,20})?$/;
/** Grids of every real instrument stay below these. */
const QUANTITY_MAX = 9_000_000n * 10n ** 18n;

export function readOrderEntry(spec: SymbolSpec, params: Params): OrderEntry {
  const side = required(params, 'side');
  if (side !== 'BUY' && side !== 'SELL') throw new VenueError(-1117, 'Invalid side.');
  const type = orderType(spec, required(params, 'type'));
  const timeInForce = lifetime(spec, type, params.get('timeInForce'));
  const clientOrderId = params.get('newClientOrderId');
  if (clientOrderId !== undefined && !CLIENT_ORDER_ID.test(clientOrderId)) {
    throw illegalCharacters('newClientOrderId', '^[.A-Z:/a-z0-9_-]{1,36}$');
  }
  const byValue = spec.market === 'spot' && type === 'MARKET' && params.has('quoteOrderQty');
  const entry: OrderEntry = {
    side,
    type,
    timeInForce,
    price: type === 'MARKET' ? ZERO : amount(params, 'price'),
    quantity: byValue ? ZERO : amount(params, 'quantity'),
    quoteQuantity: byValue ? amount(params, 'quoteOrderQty') : ZERO,
    clientOrderId,
    reduceOnly: params.get('reduceOnly') === 'true',
  };
  checkFilters(spec, entry);
  return entry;
}

function orderType(spec: SymbolSpec, type: string): OrderEntry['type'] {
  if (type === 'LIMIT' || type === 'MARKET') return type;
  if (type === 'LIMIT_MAKER' && spec.market === 'spot') return type;
  throw new VenueError(-1116, 'Invalid orderType.');
}

function lifetime(
  spec: SymbolSpec,
  type: OrderEntry['type'],
  text: string | undefined,
): OrderEntry['timeInForce'] {
  if (type !== 'LIMIT') {
    if (text !== undefined && spec.market === 'spot') {
      throw new VenueError(-1106, "Parameter 'timeInForce' sent when not required.");
    }
    return type === 'LIMIT_MAKER' ? 'GTX' : 'GTC';
  }
  if (text === undefined) throw missingParameter('timeInForce');
  if (text === 'GTC' || text === 'IOC' || text === 'FOK') return text;
  if (text === 'GTX' && spec.market === 'usdm') return text;
  throw new VenueError(-1115, 'Invalid timeInForce.');
}

export function required(params: Params, name: string): string {
  const value = params.get(name);
  if (value === undefined || value === '') throw missingParameter(name);
  return value;
}

function amount(params: Params, name: string): Decimal {
  const text = required(params, name);
  if (!PLAIN_NUMBER.test(text)) throw illegalCharacters(name, '^([0-9]{1,20})(\\.[0-9]{1,20})?$');
  const parsed = parseDecimal(text);
  if (!parsed.ok) {
    throw new VenueError(-1111, `Parameter '${name}' has too much precision.`);
  }
  return parsed.value;
}

function checkFilters(spec: SymbolSpec, entry: OrderEntry): void {
  const futures = spec.market === 'usdm';
  if (entry.quoteQuantity > 0n) return;
  if (entry.quantity <= 0n) {
    throw futures
      ? new VenueError(-4003, 'Quantity less than or equal to zero.')
      : filterFailure('LOT_SIZE');
  }
  if (!isMultipleOf(entry.quantity, spec.lot) || entry.quantity > QUANTITY_MAX) {
    throw futures
      ? new VenueError(-1111, 'Precision is over the maximum defined for this asset.')
      : filterFailure('LOT_SIZE');
  }
  if (entry.type === 'MARKET') return;
  if (entry.price <= 0n) {
    throw futures
      ? new VenueError(-4001, 'Price less than or equal to zero.')
      : filterFailure('PRICE_FILTER');
  }
  if (!isMultipleOf(entry.price, spec.tick)) {
    throw futures
      ? new VenueError(-4014, 'Price not increased by tick size.')
      : filterFailure('PRICE_FILTER');
  }
  checkNotional(spec, multiply(entry.price, entry.quantity), entry.reduceOnly);
}

export function checkNotional(spec: SymbolSpec, notional: Decimal, reduceOnly: boolean): void {
  if (reduceOnly || notional >= spec.minNotional) return;
  throw spec.market === 'usdm'
    ? new VenueError(
        -4164,
        "Order's notional must be no smaller than the minimum (unless you choose reduce only).",
      )
    : filterFailure('NOTIONAL');
}
