import { required } from '../exchange/order-entry.ts';
import { VenueError } from '../exchange/venue-error.ts';
import { spotAccount } from './account-json.ts';
import type { ApiCall, ApiRoute, MarketApi } from './api-context.ts';
import { spotExchangeInfo } from './exchange-info.ts';
import { spotCancellation, spotOrder, spotPlacement, spotTrade } from './order-json.ts';
import { accountOf, marketDataRoutes, ownOrders, ownTrades, weigh } from './shared-routes.ts';

const ROOT = '/api/v3';

export function spotRoutes(api: MarketApi): ApiRoute[] {
  const { exchange } = api;
  return [
    ...marketDataRoutes(api, ROOT),
    {
      method: 'GET',
      path: `${ROOT}/exchangeInfo`,
      security: 'none',
      weight: weigh(20),
      handle: (call) => spotExchangeInfo([...exchange.specs.values()], call.nowMs, api.weightLimit),
    },
    signed('POST', 'order', 1, (call) => place(api, call)),
    signed('POST', 'order/test', 1, (call) => {
      exchange.check(call.params);
      return {};
    }),
    signed('DELETE', 'order', 1, (call) => {
      const order = exchange.cancel(accountOf(call).name, call.params);
      return spotCancellation(order, cancelId(order.orderId));
    }),
    signed('GET', 'order', 4, (call) =>
      spotOrder(exchange.query(accountOf(call).name, call.params)),
    ),
    signed('GET', 'openOrders', 6, (call) => {
      const symbol = call.params.get('symbol');
      if (symbol !== undefined) exchange.spec(symbol);
      return [...exchange.book.openOrders(accountOf(call).name, symbol)].map(spotOrder);
    }),
    signed('DELETE', 'openOrders', 1, (call) => {
      const orders = exchange.cancelAll(
        accountOf(call).name,
        required(call.params, 'symbol'),
        'client',
      );
      if (orders.length === 0) throw new VenueError(-2011, 'Unknown order sent.');
      return orders.map((order) => spotCancellation(order, cancelId(order.orderId)));
    }),
    signed('GET', 'allOrders', 20, (call) => ownOrders(api, call, spotOrder)),
    signed('GET', 'myTrades', 20, (call) => ownTrades(api, call, spotTrade)),
    ...accountRoutes(api),
    ...listenKeyRoutes(api, `${ROOT}/userDataStream`),
  ];
}

function accountRoutes(api: MarketApi): ApiRoute[] {
  const { exchange } = api;
  return [
    signed('GET', 'account', 20, (call) => spotAccount(exchange, accountOf(call), call.nowMs)),
    signed('GET', 'account/commission', 20, (call) => ({
      symbol: exchange.spec(required(call.params, 'symbol')).symbol,
      standardCommission: spotAccount(exchange, accountOf(call), call.nowMs)['commissionRates'],
    })),
  ];
}

function signed(
  method: string,
  path: string,
  weight: number,
  handle: ApiRoute['handle'],
): ApiRoute {
  return {
    method,
    path: `${ROOT}/${path}`,
    security: 'signed',
    weight: weigh(weight),
    handle,
  };
}

function place(api: MarketApi, call: ApiCall): unknown {
  const account = accountOf(call).name;
  const order = api.exchange.place(account, call.params);
  const size = call.params.get('newOrderRespType') ?? 'FULL';
  return spotPlacement(order, size, order.trades);
}

export function listenKeyRoutes(api: MarketApi, path: string): ApiRoute[] {
  const route = (method: string, handle: ApiRoute['handle']): ApiRoute => ({
    method,
    path,
    security: 'key',
    weight: weigh(1),
    handle,
  });
  /** Futures requests name no key: the account has one. */
  const named = (call: ApiCall): string =>
    call.params.get('listenKey') ?? api.listenKeys.keyOf(accountOf(call).name) ?? '';
  return [
    route('POST', (call) => ({
      listenKey: api.listenKeys.create(accountOf(call).name, call.nowMs),
    })),
    route('PUT', (call) => {
      const key = named(call);
      if (!api.listenKeys.extend(key, call.nowMs)) {
        throw new VenueError(-1125, 'This listenKey does not exist.');
      }
      return { listenKey: key };
    }),
    route('DELETE', (call) => {
      api.listenKeys.remove(named(call));
      return {};
    }),
  ];
}

/** Client id of a cancel request that named none: a function of the order, for repeatable runs. */
function cancelId(orderId: number): string {
  return `cancel-${orderId.toString(36)}`;
}
