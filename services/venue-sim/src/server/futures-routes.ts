import { formatDecimal } from '@cerberus/core';
import { required } from '../exchange/order-entry.ts';
import { futuresAccount, futuresAsset, positionJson } from './account-json.ts';
import type { ApiCall, ApiRoute, MarketApi } from './api-context.ts';
import { futuresExchangeInfo } from './exchange-info.ts';
import { futuresOrder, futuresTrade } from './order-json.ts';
import {
  accountOf,
  limitOf,
  marketDataRoutes,
  ownOrders,
  ownTrades,
  weigh,
} from './shared-routes.ts';
import { listenKeyRoutes } from './spot-routes.ts';

const ROOT = '/fapi/v1';

export function futuresRoutes(api: MarketApi): ApiRoute[] {
  const open = (path: string, handle: ApiRoute['handle']): ApiRoute => ({
    method: 'GET',
    path,
    security: 'none',
    weight: weigh(1),
    handle,
  });
  return [
    ...marketDataRoutes(api, ROOT),
    open(`${ROOT}/exchangeInfo`, (call) =>
      futuresExchangeInfo([...api.exchange.specs.values()], call.nowMs, api.weightLimit),
    ),
    open(`${ROOT}/premiumIndex`, (call) => premiumIndex(api, call)),
    open(`${ROOT}/fundingRate`, (call) =>
      api.feed.fundingRates(
        api.exchange.spec(required(call.params, 'symbol')).symbol,
        limitOf(call, 100, 1000),
        call.nowMs,
      ),
    ),
    ...orderRoutes(api),
    ...accountRoutes(api),
    ...listenKeyRoutes(api, `${ROOT}/listenKey`),
  ];
}

function premiumIndex(api: MarketApi, call: ApiCall): unknown {
  const read = (symbol: string) => {
    const mark = api.feed.markPrice(symbol, call.nowMs);
    return {
      symbol,
      markPrice: mark['p'],
      indexPrice: mark['i'],
      estimatedSettlePrice: mark['P'],
      lastFundingRate: mark['r'],
      interestRate: '0.00010000',
      nextFundingTime: mark['T'],
      time: call.nowMs,
    };
  };
  const symbol = call.params.get('symbol');
  return symbol === undefined
    ? [...api.exchange.specs.keys()].map(read)
    : read(api.exchange.spec(symbol).symbol);
}

function signed(method: string, path: string, handle: ApiRoute['handle'], weight = 1): ApiRoute {
  return { method, path, security: 'signed', weight: weigh(weight), handle };
}

function orderRoutes(api: MarketApi): ApiRoute[] {
  const { exchange } = api;
  return [
    signed('POST', `${ROOT}/order`, (call) => {
      const order = exchange.place(accountOf(call).name, call.params);
      // An acknowledgement leaves the fills out: they come on the user stream.
      const json = futuresOrder(order);
      const acknowledged = (call.params.get('newOrderRespType') ?? 'ACK') === 'ACK';
      return acknowledged && order.status !== 'EXPIRED' ? { ...json, ...NOTHING_FILLED } : json;
    }),
    signed('DELETE', `${ROOT}/order`, (call) =>
      futuresOrder(exchange.cancel(accountOf(call).name, call.params)),
    ),
    signed('GET', `${ROOT}/order`, (call) =>
      futuresOrder(exchange.query(accountOf(call).name, call.params)),
    ),
    signed('GET', `${ROOT}/openOrder`, (call) =>
      futuresOrder(exchange.query(accountOf(call).name, call.params)),
    ),
    signed('GET', `${ROOT}/openOrders`, (call) => {
      const symbol = call.params.get('symbol');
      if (symbol !== undefined) exchange.spec(symbol);
      return [...exchange.book.openOrders(accountOf(call).name, symbol)].map(futuresOrder);
    }),
    signed('DELETE', `${ROOT}/allOpenOrders`, (call) => {
      exchange.cancelAll(accountOf(call).name, required(call.params, 'symbol'), 'client');
      return { code: 200, msg: 'The operation of cancel all open order is done.' };
    }),
    signed('POST', `${ROOT}/countdownCancelAll`, (call) => countdown(api, call)),
    signed('GET', `${ROOT}/allOrders`, (call) => ownOrders(api, call, futuresOrder), 5),
    signed('GET', `${ROOT}/userTrades`, (call) => ownTrades(api, call, futuresTrade), 5),
  ];
}

const NOTHING_FILLED = {
  status: 'NEW',
  executedQty: '0.000',
  cumQty: '0.000',
  cumQuote: '0.00',
  avgPrice: '0.00',
};

function countdown(api: MarketApi, call: ApiCall): unknown {
  const account = accountOf(call).name;
  const symbol = api.exchange.spec(required(call.params, 'symbol')).symbol;
  const countdownTime = Number(required(call.params, 'countdownTime'));
  api.countdowns.set(`${account} ${symbol}`, countdownTime, () => {
    api.exchange.cancelAll(account, symbol, 'countdown');
  });
  return { symbol, countdownTime: String(countdownTime) };
}

function accountRoutes(api: MarketApi): ApiRoute[] {
  const { exchange } = api;
  const positions = (call: ApiCall) => {
    const symbol = call.params.get('symbol');
    const list = symbol === undefined ? [...exchange.specs.keys()] : [exchange.spec(symbol).symbol];
    return list.map((name) =>
      positionJson(exchange, accountOf(call), { symbol: name, nowMs: call.nowMs }),
    );
  };
  const account = (call: ApiCall) => futuresAccount(exchange, accountOf(call), call.nowMs);
  const balance = (call: ApiCall) => {
    const asset = futuresAsset(exchange, accountOf(call), call.nowMs);
    return [{ accountAlias: 'sim', balance: asset['walletBalance'], ...asset }];
  };
  return [
    ...['/fapi/v2', '/fapi/v3'].flatMap((root) => [
      signed('GET', `${root}/account`, account, 5),
      signed('GET', `${root}/balance`, balance, 5),
      signed('GET', `${root}/positionRisk`, positions, 5),
    ]),
    signed('GET', `${ROOT}/positionSide/dual`, () => ({ dualSidePosition: false }), 30),
    signed('GET', `${ROOT}/multiAssetsMargin`, () => ({ multiAssetsMargin: false }), 30),
    signed('GET', `${ROOT}/commissionRate`, (call) => ({
      symbol: exchange.spec(required(call.params, 'symbol')).symbol,
      makerCommissionRate: formatDecimal(exchange.fees.maker),
      takerCommissionRate: formatDecimal(exchange.fees.taker),
    })),
    signed('GET', `${ROOT}/leverageBracket`, () =>
      [...exchange.specs.keys()].map((symbol) => ({
        symbol,
        notionalCoef: 1,
        brackets: [
          {
            bracket: 1,
            initialLeverage: exchange.leverage,
            notionalCap: 100_000_000,
            notionalFloor: 0,
            maintMarginRatio: 0.004,
            cum: 0,
          },
        ],
      })),
    ),
  ];
}
