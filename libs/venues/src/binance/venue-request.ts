import { type Decimal, fail, faultOf, formatDecimal, ok, type Result } from '@cerberus/core';
import { VENUE_ERRORS } from '../errors.ts';
import type { BinanceMarket } from './frame-events.ts';

/** Who may spend how much of the request budget: see `RequestBudget`. */
export type RequestPriority = 'order' | 'query' | 'background';

export interface VenueRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly params: readonly (readonly [string, string])[];
  /** `signed` adds timestamp, recvWindow and signature; `key` only the key header. */
  readonly security: 'none' | 'key' | 'signed';
  readonly weight: number;
  /** Counted against the order limits as well. */
  readonly orders: number;
  readonly priority: RequestPriority;
}

export type OrderSide = 'BUY' | 'SELL';
export type VenueTimeInForce = 'GTC' | 'IOC' | 'FOK';

interface OrderBase {
  readonly symbol: string;
  readonly side: OrderSide;
  /** 1 to 36 of A–Z a–z 0–9 - _ . : / */
  readonly clientOrderId: string | undefined;
  /** Futures only: never opens or turns a position. */
  readonly reduceOnly?: boolean;
  readonly responseType?: 'ACK' | 'RESULT' | 'FULL';
}

export type NewVenueOrder = OrderBase &
  (
    | { readonly type: 'market'; readonly quantity: Decimal }
    /** Spot only: spend or receive this much of the quote asset. */
    | { readonly type: 'market-by-value'; readonly quoteQuantity: Decimal }
    | {
        readonly type: 'limit';
        readonly quantity: Decimal;
        readonly price: Decimal;
        readonly timeInForce: VenueTimeInForce;
      }
    /** Rejected or expired by the venue where it would take. */
    | { readonly type: 'post-only'; readonly quantity: Decimal; readonly price: Decimal }
    | {
        readonly type: 'stop-limit';
        readonly quantity: Decimal;
        readonly price: Decimal;
        readonly stopPrice: Decimal;
        readonly timeInForce: VenueTimeInForce;
      }
  );

export type OrderReference =
  | { readonly symbol: string; readonly clientOrderId: string }
  | { readonly symbol: string; readonly venueOrderId: string };

const CLIENT_ORDER_ID = /^[.A-Z:/a-z0-9_-]{1,36}$/;

interface MarketPaths {
  readonly root: string;
  readonly account: string;
  readonly trades: string;
  readonly listenKey: string;
}

export const MARKET_PATHS: Readonly<Record<BinanceMarket, MarketPaths>> = {
  spot: {
    root: '/api/v3',
    account: '/api/v3/account',
    trades: '/api/v3/myTrades',
    listenKey: '/api/v3/userDataStream',
  },
  usdm: {
    root: '/fapi/v1',
    account: '/fapi/v2/account',
    trades: '/fapi/v1/userTrades',
    listenKey: '/fapi/v1/listenKey',
  },
  coinm: {
    root: '/dapi/v1',
    account: '/dapi/v1/account',
    trades: '/dapi/v1/userTrades',
    listenKey: '/dapi/v1/listenKey',
  },
};

export function placeOrderRequest(
  market: BinanceMarket,
  order: NewVenueOrder,
): Result<VenueRequest> {
  const refused = refusal(market, order);
  if (refused !== undefined) {
    return fail(faultOf(VENUE_ERRORS.BAD_REQUEST, { ...refused, path: `order.${refused.path}` }));
  }
  const params: [string, string][] = [
    ['symbol', order.symbol],
    ['side', order.side],
    ...typeParams(market, order),
    ['newOrderRespType', order.responseType ?? (market === 'spot' ? 'FULL' : 'RESULT')],
  ];
  if (order.clientOrderId !== undefined) params.push(['newClientOrderId', order.clientOrderId]);
  if (order.reduceOnly === true) params.push(['reduceOnly', 'true']);
  return ok({
    method: 'POST',
    path: `${MARKET_PATHS[market].root}/order`,
    params,
    security: 'signed',
    weight: 1,
    orders: 1,
    priority: 'order',
  });
}

function refusal(
  market: BinanceMarket,
  order: NewVenueOrder,
): { path: string; expected: string; received: string } | undefined {
  const id = order.clientOrderId;
  if (id !== undefined && !CLIENT_ORDER_ID.test(id)) {
    return { path: 'client_order_id', expected: '1 to 36 of [A-Za-z0-9-_.:/]', received: id };
  }
  if (order.type === 'market-by-value' && market !== 'spot') {
    return { path: 'type', expected: 'a quantity (futures)', received: order.type };
  }
  if (order.reduceOnly === true && market === 'spot') {
    return { path: 'reduce_only', expected: 'absent (spot)', received: 'true' };
  }
  const amount = order.type === 'market-by-value' ? order.quoteQuantity : order.quantity;
  if (amount <= 0n) {
    return { path: 'quantity', expected: 'a positive number', received: formatDecimal(amount) };
  }
  if ('price' in order && order.price <= 0n) {
    return { path: 'price', expected: 'a positive number', received: formatDecimal(order.price) };
  }
  return undefined;
}

function typeParams(market: BinanceMarket, order: NewVenueOrder): [string, string][] {
  switch (order.type) {
    case 'market':
      return [
        ['type', 'MARKET'],
        ['quantity', formatDecimal(order.quantity)],
      ];
    case 'market-by-value':
      return [
        ['type', 'MARKET'],
        ['quoteOrderQty', formatDecimal(order.quoteQuantity)],
      ];
    case 'limit':
      return [['type', 'LIMIT'], ...priced(order), ['timeInForce', order.timeInForce]];
    case 'post-only':
      return market === 'spot'
        ? [['type', 'LIMIT_MAKER'], ...priced(order)]
        : [['type', 'LIMIT'], ...priced(order), ['timeInForce', 'GTX']];
    case 'stop-limit':
      return [
        ['type', market === 'spot' ? 'STOP_LOSS_LIMIT' : 'STOP'],
        ...priced(order),
        ['stopPrice', formatDecimal(order.stopPrice)],
        ['timeInForce', order.timeInForce],
      ];
  }
}

function priced(order: { quantity: Decimal; price: Decimal }): [string, string][] {
  return [
    ['quantity', formatDecimal(order.quantity)],
    ['price', formatDecimal(order.price)],
  ];
}

function referenceParams(reference: OrderReference): [string, string][] {
  return 'clientOrderId' in reference
    ? [
        ['symbol', reference.symbol],
        ['origClientOrderId', reference.clientOrderId],
      ]
    : [
        ['symbol', reference.symbol],
        ['orderId', reference.venueOrderId],
      ];
}

export function cancelOrderRequest(market: BinanceMarket, order: OrderReference): VenueRequest {
  return {
    method: 'DELETE',
    path: `${MARKET_PATHS[market].root}/order`,
    params: referenceParams(order),
    security: 'signed',
    weight: 1,
    orders: 0,
    priority: 'order',
  };
}

export function queryOrderRequest(market: BinanceMarket, order: OrderReference): VenueRequest {
  return {
    method: 'GET',
    path: `${MARKET_PATHS[market].root}/order`,
    params: referenceParams(order),
    security: 'signed',
    weight: market === 'spot' ? 4 : 1,
    orders: 0,
    priority: 'query',
  };
}

export function openOrdersRequest(market: BinanceMarket, symbol?: string): VenueRequest {
  const everySymbolWeight = market === 'spot' ? 80 : 40;
  const oneSymbolWeight = market === 'spot' ? 6 : 1;
  return {
    method: 'GET',
    path: `${MARKET_PATHS[market].root}/openOrders`,
    params: symbol === undefined ? [] : [['symbol', symbol]],
    security: 'signed',
    weight: symbol === undefined ? everySymbolWeight : oneSymbolWeight,
    orders: 0,
    priority: 'query',
  };
}

export interface OrdersQuery {
  readonly symbol: string;
  /** First order id wanted; orders come oldest first. */
  readonly fromId?: string;
  /** Orders created since; not together with `fromId`. */
  readonly startTimeMs?: number;
  /** Default 500, at most 1000. */
  readonly limit?: number;
}

/** Orders of one symbol in whatever state. */
export function allOrdersRequest(market: BinanceMarket, query: OrdersQuery): VenueRequest {
  const params: [string, string][] = [['symbol', query.symbol]];
  if (query.fromId !== undefined) params.push(['orderId', query.fromId]);
  if (query.startTimeMs !== undefined) params.push(['startTime', String(query.startTimeMs)]);
  if (query.limit !== undefined) params.push(['limit', String(query.limit)]);
  return {
    method: 'GET',
    path: `${MARKET_PATHS[market].root}/allOrders`,
    params,
    security: 'signed',
    weight: market === 'spot' ? 20 : 5,
    orders: 0,
    priority: 'query',
  };
}

export interface TradesQuery {
  readonly symbol: string;
  readonly venueOrderId?: string;
  /** First trade id wanted; trades come oldest first. */
  readonly fromId?: string;
  readonly startTimeMs?: number;
  readonly endTimeMs?: number;
  readonly limit?: number;
}

export function tradesRequest(market: BinanceMarket, query: TradesQuery): VenueRequest {
  const params: [string, string][] = [['symbol', query.symbol]];
  if (query.venueOrderId !== undefined) params.push(['orderId', query.venueOrderId]);
  if (query.fromId !== undefined) params.push(['fromId', query.fromId]);
  if (query.startTimeMs !== undefined) params.push(['startTime', String(query.startTimeMs)]);
  if (query.endTimeMs !== undefined) params.push(['endTime', String(query.endTimeMs)]);
  if (query.limit !== undefined) params.push(['limit', String(query.limit)]);
  return {
    method: 'GET',
    path: MARKET_PATHS[market].trades,
    params,
    security: 'signed',
    weight: market === 'spot' ? 20 : 5,
    orders: 0,
    priority: 'query',
  };
}

export function accountRequest(market: BinanceMarket): VenueRequest {
  return {
    method: 'GET',
    path: MARKET_PATHS[market].account,
    params: [],
    security: 'signed',
    weight: market === 'spot' ? 20 : 5,
    orders: 0,
    priority: 'query',
  };
}

export function listenKeyRequest(
  market: BinanceMarket,
  method: 'POST' | 'PUT' | 'DELETE',
  listenKey?: string,
): VenueRequest {
  return {
    method,
    path: MARKET_PATHS[market].listenKey,
    params: listenKey === undefined ? [] : [['listenKey', listenKey]],
    security: 'key',
    weight: market === 'spot' ? 2 : 1,
    orders: 0,
    priority: 'query',
  };
}

function publicRequest(path: string, params: [string, string][], weight: number): VenueRequest {
  return {
    method: 'GET',
    path,
    params,
    security: 'none',
    weight,
    orders: 0,
    priority: 'background',
  };
}

export function serverTimeRequest(market: BinanceMarket): VenueRequest {
  return publicRequest(`${MARKET_PATHS[market].root}/time`, [], 1);
}

export function exchangeInfoRequest(market: BinanceMarket): VenueRequest {
  return publicRequest(`${MARKET_PATHS[market].root}/exchangeInfo`, [], market === 'spot' ? 20 : 1);
}

export type DepthLimit = 100 | 500 | 1000;

/** Weights by limit, as documented in 2026. */
const DEPTH_WEIGHTS: Readonly<Record<'spot' | 'futures', Readonly<Record<DepthLimit, number>>>> = {
  spot: { 100: 5, 500: 25, 1000: 50 },
  futures: { 100: 5, 500: 10, 1000: 20 },
};

export function depthRequest(
  market: BinanceMarket,
  symbol: string,
  limit: DepthLimit,
): VenueRequest {
  const weight = DEPTH_WEIGHTS[market === 'spot' ? 'spot' : 'futures'][limit];
  return publicRequest(
    `${MARKET_PATHS[market].root}/depth`,
    [
      ['symbol', symbol],
      ['limit', String(limit)],
    ],
    weight,
  );
}

export interface BarsQuery {
  readonly symbol: string;
  readonly interval: string;
  readonly startTimeMs?: number;
  readonly limit: number;
}

export function barsRequest(market: BinanceMarket, query: BarsQuery): VenueRequest {
  const params: [string, string][] = [
    ['symbol', query.symbol],
    ['interval', query.interval],
    ['limit', String(query.limit)],
  ];
  if (query.startTimeMs !== undefined) params.push(['startTime', String(query.startTimeMs)]);
  return publicRequest(`${MARKET_PATHS[market].root}/klines`, params, market === 'spot' ? 2 : 5);
}
