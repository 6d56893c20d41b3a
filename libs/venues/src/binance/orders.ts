import { type Decimal, ZERO } from '@cerberus/core';
import type { BinanceMarket } from './frame-events.ts';
import { refused } from './frame-events.ts';
import {
  booleanField,
  decimalField,
  FieldRefusal,
  integerField,
  isObject,
  type JsonObject,
  optionalDecimal,
  optionalInteger,
  textField,
} from './frame-fields.ts';
import type { OrderSide } from './venue-request.ts';

export type VenueOrderStatus =
  | 'NEW'
  | 'PARTIALLY_FILLED'
  | 'FILLED'
  | 'CANCELED'
  | 'PENDING_CANCEL'
  | 'REJECTED'
  | 'EXPIRED';

/** Cumulative state of one order as the venue tells it. */
export interface VenueOrder {
  readonly symbol: string;
  readonly venueOrderId: string;
  readonly clientOrderId: string;
  readonly side: OrderSide;
  readonly type: string;
  readonly timeInForce: string | undefined;
  readonly status: VenueOrderStatus;
  /** Zero for market orders. */
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly filledQuantity: Decimal;
  /** Sum of price × quantity over the fills; undefined where the venue does not tell. */
  readonly filledValue: Decimal | undefined;
  readonly updateTimeMs: number;
  /** Present in full answers to placements only. */
  readonly fills: readonly VenueFill[];
}

export interface VenueFill {
  readonly tradeId: string;
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly fee: Decimal;
  readonly feeAsset: string;
}

export interface VenueTrade extends VenueFill {
  readonly symbol: string;
  readonly venueOrderId: string;
  readonly side: OrderSide;
  readonly maker: boolean;
  readonly timeMs: number;
}

export interface VenueBalance {
  readonly asset: string;
  readonly free: Decimal;
  readonly locked: Decimal;
}

export interface VenuePosition {
  readonly symbol: string;
  /** Signed: short is negative. */
  readonly quantity: Decimal;
  readonly entryPrice: Decimal;
  readonly side: 'BOTH' | 'LONG' | 'SHORT';
}

export interface VenueAccount {
  readonly balances: readonly VenueBalance[];
  readonly positions: readonly VenuePosition[];
}

const STATUSES: ReadonlyMap<string, VenueOrderStatus> = new Map([
  ['NEW', 'NEW'],
  ['PENDING_NEW', 'NEW'],
  ['PARTIALLY_FILLED', 'PARTIALLY_FILLED'],
  ['FILLED', 'FILLED'],
  ['CANCELED', 'CANCELED'],
  ['PENDING_CANCEL', 'PENDING_CANCEL'],
  ['REJECTED', 'REJECTED'],
  ['EXPIRED', 'EXPIRED'],
  ['EXPIRED_IN_MATCH', 'EXPIRED'],
]);

export function idField(frame: JsonObject, key: string): string {
  const value = frame[key];
  if (typeof value === 'string' && value !== '') return value;
  return String(integerField(frame, key));
}

export function sideField(frame: JsonObject, key: string): OrderSide {
  const side = textField(frame, key);
  if (side === 'BUY' || side === 'SELL') return side;
  throw new FieldRefusal(refused('bad_field', `${key}: ${side}`));
}

export function statusField(frame: JsonObject, key: string): VenueOrderStatus {
  const status = textField(frame, key);
  const known = STATUSES.get(status);
  if (known === undefined) throw new FieldRefusal(refused('bad_field', `${key}: ${status}`));
  return known;
}

export function objectOf(value: unknown): JsonObject {
  if (!isObject(value)) throw new FieldRefusal(refused('not_an_object', typeof value));
  return value;
}

export function listOf<T>(value: unknown, read: (item: unknown) => T): T[] {
  if (!Array.isArray(value)) throw new FieldRefusal(refused('bad_field', 'a list is expected'));
  return value.map(read);
}

/** Answer to a placement, query or cancellation. Throws `FieldRefusal`; call through `mapAnswer`. */
export function readOrder(value: unknown): VenueOrder {
  const order = objectOf(value);
  const fills = order['fills'];
  // A cancellation answers with the id of the cancel request beside that of the order.
  const clientIdKey =
    order['origClientOrderId'] === undefined ? 'clientOrderId' : 'origClientOrderId';
  return {
    symbol: textField(order, 'symbol'),
    venueOrderId: idField(order, 'orderId'),
    clientOrderId: textField(order, clientIdKey),
    side: sideField(order, 'side'),
    type: textField(order, 'type'),
    timeInForce: order['timeInForce'] === undefined ? undefined : textField(order, 'timeInForce'),
    status: statusField(order, 'status'),
    price: decimalField(order, 'price'),
    quantity: decimalField(order, 'origQty'),
    filledQuantity: decimalField(order, 'executedQty'),
    filledValue:
      optionalDecimal(order, 'cummulativeQuoteQty') ?? optionalDecimal(order, 'cumQuote'),
    updateTimeMs:
      optionalInteger(order, 'updateTime') ??
      optionalInteger(order, 'transactTime') ??
      integerField(order, 'time'),
    fills: fills === undefined ? [] : listOf(fills, readFill),
  };
}

function readFill(value: unknown): VenueFill {
  const fill = objectOf(value);
  return {
    tradeId: idField(fill, 'tradeId'),
    price: decimalField(fill, 'price'),
    quantity: decimalField(fill, 'qty'),
    fee: decimalField(fill, 'commission'),
    feeAsset: textField(fill, 'commissionAsset'),
  };
}

export function readOrders(value: unknown): VenueOrder[] {
  return listOf(value, readOrder);
}

export function readTrades(value: unknown): VenueTrade[] {
  return listOf(value, (item) => {
    const trade = objectOf(item);
    const buyer = trade['isBuyer'] === undefined ? 'buyer' : 'isBuyer';
    const maker = trade['isMaker'] === undefined ? 'maker' : 'isMaker';
    return {
      symbol: textField(trade, 'symbol'),
      tradeId: idField(trade, 'id'),
      venueOrderId: idField(trade, 'orderId'),
      side: booleanField(trade, buyer) ? 'BUY' : 'SELL',
      price: decimalField(trade, 'price'),
      quantity: decimalField(trade, 'qty'),
      fee: decimalField(trade, 'commission'),
      feeAsset: textField(trade, 'commissionAsset'),
      maker: booleanField(trade, maker),
      timeMs: integerField(trade, 'time'),
    };
  });
}

export function readAccount(market: BinanceMarket, value: unknown): VenueAccount {
  const account = objectOf(value);
  if (market === 'spot') {
    return {
      balances: listOf(account['balances'], (item) => {
        const balance = objectOf(item);
        return {
          asset: textField(balance, 'asset'),
          free: decimalField(balance, 'free'),
          locked: decimalField(balance, 'locked'),
        };
      }),
      positions: [],
    };
  }
  return {
    balances: listOf(account['assets'], (item) => {
      const asset = objectOf(item);
      const wallet = decimalField(asset, 'walletBalance');
      const available = optionalDecimal(asset, 'availableBalance') ?? wallet;
      const locked = wallet > available ? ((wallet - available) as Decimal) : ZERO;
      return { asset: textField(asset, 'asset'), free: available, locked };
    }),
    positions: readPositions(account['positions']),
  };
}

/** Positions that are not flat. */
export function readPositions(value: unknown): VenuePosition[] {
  return listOf(value, (item) => {
    const position = objectOf(item);
    return {
      symbol: textField(position, 'symbol'),
      quantity: decimalField(position, 'positionAmt'),
      entryPrice: decimalField(position, 'entryPrice'),
      side: positionSideField(position, 'positionSide'),
    };
  }).filter((position) => position.quantity !== 0n);
}

export function positionSideField(frame: JsonObject, key: string): VenuePosition['side'] {
  const side = textField(frame, key);
  if (side === 'BOTH' || side === 'LONG' || side === 'SHORT') return side;
  throw new FieldRefusal(refused('bad_field', `${key}: ${side}`));
}
