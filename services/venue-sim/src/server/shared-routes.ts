import { multiply } from '@cerberus/core';
import type { SimAccount } from '../exchange/account-book.ts';
import { required } from '../exchange/order-entry.ts';
import type { SimOrder, SimTrade } from '../exchange/sim-order.ts';
import { missingParameter, VenueError } from '../exchange/venue-error.ts';
import { INTERVALS_MS } from '../market/bars.ts';
import type { ApiCall, ApiRoute, MarketApi } from './api-context.ts';

export const weigh = (weight: number) => () => weight;

export function accountOf(call: ApiCall): SimAccount {
  if (call.account === undefined) throw new VenueError(-2014, 'API-key format invalid.', 401);
  return call.account;
}

export function limitOf(call: ApiCall, fallback: number, most: number): number {
  const text = call.params.get('limit');
  if (text === undefined) return fallback;
  if (!/^\d{1,6}$/.test(text) || Number(text) < 1) {
    throw new VenueError(-1100, "Illegal characters found in parameter 'limit'.");
  }
  return Math.min(Number(text), most);
}

function optionalTime(call: ApiCall, name: string): number | undefined {
  const text = call.params.get(name);
  if (text === undefined) return undefined;
  if (!/^\d{1,16}$/.test(text)) {
    throw new VenueError(-1100, `Illegal characters found in parameter '${name}'.`);
  }
  return Number(text);
}

/** Symbols that a market data request names: one, several (`symbols=["A","B"]`) or all. */
function symbolsOf(api: MarketApi, call: ApiCall): { list: string[]; single: boolean } {
  const symbol = call.params.get('symbol');
  if (symbol !== undefined) return { list: [api.exchange.spec(symbol).symbol], single: true };
  const several = call.params.get('symbols');
  if (several === undefined) return { list: [...api.exchange.specs.keys()], single: false };
  const parsed: unknown = JSON.parse(several);
  if (!Array.isArray(parsed)) throw missingParameter('symbols');
  return { list: parsed.map((name) => api.exchange.spec(String(name)).symbol), single: false };
}

/** Market data that spot and futures answer alike, below `root`. */
export function marketDataRoutes(api: MarketApi, root: string): ApiRoute[] {
  const get = (path: string, weight: ApiRoute['weight'], handle: ApiRoute['handle']): ApiRoute => ({
    method: 'GET',
    path: `${root}/${path}`,
    security: 'none',
    weight,
    handle,
  });
  const perSymbol = (call: ApiCall, read: (symbol: string) => unknown) => {
    const { list, single } = symbolsOf(api, call);
    return single ? read(list[0] as string) : list.map(read);
  };
  return [
    get('ping', weigh(1), () => ({})),
    get('time', weigh(1), (call) => ({ serverTime: call.nowMs })),
    get('depth', weigh(10), (call) => {
      const spec = api.exchange.spec(required(call.params, 'symbol'));
      return api.feed.depth(spec.symbol, limitOf(call, 100, 5000), call.nowMs);
    }),
    get('ticker/24hr', weigh(2), (call) =>
      perSymbol(call, (symbol) => api.feed.ticker(symbol, call.nowMs)),
    ),
    get('ticker/bookTicker', weigh(2), (call) =>
      perSymbol(call, (symbol) => {
        const day = api.feed.ticker(symbol, call.nowMs);
        const { bidPrice, bidQty, askPrice, askQty } = day;
        return { symbol, bidPrice, bidQty, askPrice, askQty, time: call.nowMs };
      }),
    ),
    get('ticker/price', weigh(2), (call) =>
      perSymbol(call, (symbol) => ({
        symbol,
        price: api.feed.ticker(symbol, call.nowMs)['lastPrice'],
        time: call.nowMs,
      })),
    ),
    get('trades', weigh(5), (call) => recentTrades(api, call)),
    get('klines', weigh(2), (call) => bars(api, call)),
  ];
}

function recentTrades(api: MarketApi, call: ApiCall): unknown {
  const spec = api.exchange.spec(required(call.params, 'symbol'));
  return api.feed
    .trades(spec.symbol)
    .slice(-limitOf(call, 500, 1000))
    .map((trade) => ({
      id: trade.tradeId,
      price: api.feed.priceText(spec, trade.priceTicks),
      qty: api.feed.quantityText(spec, trade.units),
      time: trade.timeMs,
      isBuyerMaker: trade.takerSide === 'SELL',
      isBestMatch: true,
    }));
}

function bars(api: MarketApi, call: ApiCall): unknown {
  const spec = api.exchange.spec(required(call.params, 'symbol'));
  const intervalMs = INTERVALS_MS.get(required(call.params, 'interval'));
  if (intervalMs === undefined) throw new VenueError(-1120, 'Invalid interval.');
  return api.feed.bars(spec.symbol, {
    intervalMs,
    startTimeMs: optionalTime(call, 'startTime'),
    endTimeMs: optionalTime(call, 'endTime'),
    limit: limitOf(call, 500, 1500),
    nowMs: call.nowMs,
  });
}

/** Own orders by the venue's filters, oldest first: from an id or a time on, else the newest. */
export function ownOrders(
  api: MarketApi,
  call: ApiCall,
  json: (order: SimOrder) => unknown,
): unknown {
  const spec = api.exchange.spec(required(call.params, 'symbol'));
  const fromId = optionalTime(call, 'orderId');
  const startTime = optionalTime(call, 'startTime');
  const endTime = optionalTime(call, 'endTime');
  const matching = api.exchange.book
    .orders(accountOf(call).name, spec.symbol)
    .filter(
      (order) =>
        (fromId === undefined || order.orderId >= fromId) &&
        (startTime === undefined || order.createdMs >= startTime) &&
        (endTime === undefined || order.createdMs <= endTime),
    );
  const limit = limitOf(call, 500, 1000);
  const isFromThere = fromId !== undefined || startTime !== undefined;
  return (isFromThere ? matching.slice(0, limit) : matching.slice(-limit)).map(json);
}

/** Own trades by the venue's filters, oldest first. */
export function ownTrades(
  api: MarketApi,
  call: ApiCall,
  json: (trade: SimTrade, value: ReturnType<typeof multiply>) => unknown,
): unknown {
  const spec = api.exchange.spec(required(call.params, 'symbol'));
  const orderId = call.params.get('orderId');
  const fromId = optionalTime(call, 'fromId');
  const startTime = optionalTime(call, 'startTime');
  const endTime = optionalTime(call, 'endTime');
  const matching = api.exchange.book
    .trades(accountOf(call).name, spec.symbol)
    .filter(
      (trade) =>
        (orderId === undefined || trade.orderId === Number(orderId)) &&
        (fromId === undefined || trade.tradeId >= fromId) &&
        (startTime === undefined || trade.timeMs >= startTime) &&
        (endTime === undefined || trade.timeMs <= endTime),
    );
  const limit = limitOf(call, 500, 1000);
  const page = fromId === undefined ? matching.slice(-limit) : matching.slice(0, limit);
  return page.map((trade) => json(trade, multiply(trade.price, trade.quantity)));
}
