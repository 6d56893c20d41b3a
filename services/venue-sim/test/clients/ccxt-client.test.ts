import type { VenueSim } from '@cerberus/service-venue-sim';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import ccxt from 'ccxt';
import { ACCOUNT, clock, startSim, until } from '../sim-fixture.ts';

let sim: VenueSim;
const open: { close(): Promise<unknown> }[] = [];
beforeAll(async () => {
  sim = await startSim();
});
afterAll(async () => {
  await Promise.all(open.map((exchange) => exchange.close()));
  await sim.stop();
});

type Urls = { [key: string]: string | Urls };

/** Rewrites every Binance host in ccxt's table of URLs. */
function redirect(urls: Urls): Urls {
  return Object.fromEntries(
    Object.entries(urls).map(([key, value]) => {
      if (typeof value !== 'string') return [key, redirect(value)];
      return [
        key,
        value
          .replace(/wss:\/\/(stream|ws-api)\.binance\.com(:\d+)?/, sim.spotWsUrl)
          .replace(/wss:\/\/(fstream|ws-fapi)\.binance\.com(:\d+)?/, sim.futuresWsUrl)
          .replace('https://api.binance.com', sim.spotUrl)
          .replace('https://fapi.binance.com', sim.futuresUrl),
      ];
    }),
  );
}

async function connect(type: 'spot' | 'linear') {
  const exchange = new ccxt.pro.binance({
    apiKey: ACCOUNT.apiKey,
    secret: ACCOUNT.secret,
    enableRateLimit: false,
    options: {
      defaultType: type === 'spot' ? 'spot' : 'future',
      fetchMarkets: { types: [type] },
      fetchCurrencies: false,
      fetchMargins: false,
      // ccxt never cancels the timer of its next keep-alive; a short one lets the process end.
      listenKeyRefreshRate: 400,
    },
  });
  exchange.urls['api'] = redirect(exchange.urls['api'] as Urls);
  exchange.has['fetchCurrencies'] = false;
  // Without this ccxt refuses ws:// addresses.
  await exchange.loadHttpProxyAgent();
  await exchange.loadMarkets();
  open.push(exchange);
  return exchange;
}

describe.each([
  ['spot', 'BTC/USDT'],
  ['linear', 'BTC/USDT:USDT'],
] as const)('ccxt on %s', (type, symbol) => {
  let exchange: Awaited<ReturnType<typeof connect>>;
  beforeAll(async () => {
    exchange = await connect(type);
  });

  test('knows the instruments', () => {
    const market = exchange.market(symbol);
    expect(market.precision).toEqual(
      expect.objectContaining(
        type === 'spot' ? { price: 0.01, amount: 0.00001 } : { price: 0.1, amount: 0.001 },
      ),
    );
    expect(market.limits.cost?.min).toBe(type === 'spot' ? 5 : 50);
  });

  test('places, queries, lists and cancels an order', async () => {
    const placed = await exchange.createOrder(symbol, 'limit', 'buy', 0.01, 20000, {
      newClientOrderId: `ccxt-${type}`,
    });
    expect(placed).toMatchObject({ status: 'open', clientOrderId: `ccxt-${type}`, filled: 0 });
    const found = await exchange.fetchOrder(String(placed.id), symbol);
    expect(found).toMatchObject({ price: 20000, amount: 0.01, side: 'buy', status: 'open' });
    const listed = await exchange.fetchOpenOrders(symbol);
    expect(listed.map((order) => order.id)).toContain(placed.id);
    const cancelled = await exchange.cancelOrder(String(placed.id), symbol);
    expect(cancelled.status).toBe('canceled');
    await expect(exchange.cancelOrder(String(placed.id), symbol)).rejects.toThrow(
      ccxt.OrderNotFound,
    );
  });

  test('a market order trades and shows in trades and balances', async () => {
    const before = await exchange.fetchBalance();
    const order = await exchange.createOrder(symbol, 'market', 'buy', 0.05, undefined, {
      newOrderRespType: type === 'spot' ? 'FULL' : 'RESULT',
    });
    expect(order).toMatchObject({ status: 'closed', filled: 0.05 });
    const trades = await exchange.fetchMyTrades(symbol);
    const mine = trades.filter((trade) => trade.order === order.id);
    expect(mine.reduce((sum, trade) => sum + (trade.amount ?? 0), 0)).toBeCloseTo(0.05, 10);
    const after = await exchange.fetchBalance();
    const usdt = (balance: typeof before) => Number(balance['USDT']?.total);
    expect(usdt(after)).toBeLessThan(usdt(before));
    if (type === 'linear') {
      const [position] = await exchange.fetchPositions([symbol]);
      expect(position).toMatchObject({ side: 'long', contracts: 0.05 });
    }
  });

  test('errors arrive as the classes that ccxt has for them', async () => {
    // ccxt picks its table of futures codes by host name, so here they stay unclassified.
    await expect(exchange.createOrder(symbol, 'limit', 'buy', 5000, 20000)).rejects.toThrow(
      type === 'spot' ? ccxt.InsufficientFunds : '"code":-2019',
    );
    await expect(exchange.fetchOrder('424242', symbol)).rejects.toThrow(ccxt.OrderNotFound);
    const stranger = await connect(type);
    stranger.secret = 'wrong';
    await expect(stranger.fetchOpenOrders(symbol)).rejects.toThrow(ccxt.AuthenticationError);
  });

  test('bars: 500 and more daily and minute ones, continuous and up to now', async () => {
    for (const [timeframe, stepMs] of [
      ['1d', 86_400_000],
      ['1m', 60_000],
    ] as const) {
      const bars = await exchange.fetchOHLCV(symbol, timeframe, undefined, 600);
      expect(bars).toHaveLength(600);
      for (let i = 1; i < bars.length; i += 1) {
        const [time, openPrice, high, low, close] = (bars[i] as number[]).map(Number);
        const [previousTime, , , , previousClose] = (bars[i - 1] as number[]).map(Number);
        expect((time as number) - (previousTime as number)).toBe(stepMs);
        expect(openPrice).toBe(previousClose);
        expect(high).toBeGreaterThanOrEqual(Math.max(openPrice as number, close as number));
        expect(low).toBeLessThanOrEqual(Math.min(openPrice as number, close as number));
      }
      const ticker = await exchange.fetchTicker(symbol);
      const last = Number(bars.at(-1)?.[4]);
      expect(Math.abs(last / Number(ticker.last) - 1)).toBeLessThan(0.002);
    }
  });

  test('follows the book by WebSocket, as ccxt checks it', async () => {
    let book = await exchange.watchOrderBook(symbol);
    const first = Number(book.nonce);
    for (let i = 0; i < 10; i += 1) book = await exchange.watchOrderBook(symbol);
    expect(Number(book.nonce)).toBeGreaterThan(first);
    expect(Number(book.bids[0]?.[0])).toBeLessThan(Number(book.asks[0]?.[0]));
    const engine = sim.exchanges[type === 'spot' ? 'spot' : 'usdm'].engine('BTCUSDT');
    const grid = sim.exchanges[type === 'spot' ? 'spot' : 'usdm'].spec('BTCUSDT').grid;
    const venue = () =>
      [...engine.levels('BUY')]
        .slice(0, 20)
        .map(([ticks, units]) => [grid.price.number(ticks), grid.quantity.number(units)]);
    const equal = () => JSON.stringify(book.bids.slice(0, 20)) === JSON.stringify(venue());
    for (let i = 0; i < 60 && !equal(); i += 1) book = await exchange.watchOrderBook(symbol);
    expect(book.bids.slice(0, 20)).toEqual(venue());
  });

  test('hears of its orders by the user stream', async () => {
    const heard: string[] = [];
    let stop = false;
    const listening = (async () => {
      while (!stop) {
        const orders = await exchange.watchOrders(symbol).catch(() => []);
        for (const order of orders) heard.push(`${order.clientOrderId} ${order.status}`);
      }
    })();
    await clock.sleep(500);
    const id = `heard-${type}`;
    const order = await exchange.createOrder(symbol, 'limit', 'buy', 0.01, 20000, {
      newClientOrderId: id,
    });
    await until(() => heard.includes(`${id} open`), 'the new order');
    await exchange.cancelOrder(String(order.id), symbol);
    await until(() => heard.includes(`${id} canceled`), 'the cancellation');
    stop = true;
    await exchange.close();
    await listening;
  });
});
