import type { VenueSim } from '@cerberus/service-venue-sim';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MainClient, USDMClient, WebsocketClient } from 'binance';
import { ACCOUNT, startSim, until } from '../sim-fixture.ts';

let sim: VenueSim;
beforeAll(async () => {
  sim = await startSim();
});
afterAll(() => sim.stop());

const keys = { api_key: ACCOUNT.apiKey, api_secret: ACCOUNT.secret };
const quiet = { trace: () => undefined, info: () => undefined, error: () => undefined };

test('spot orders, queries and balances through the npm client "binance"', async () => {
  const client = new MainClient({ ...keys, baseUrl: sim.spotUrl });
  const order = await client.submitNewOrder({
    symbol: 'BTCUSDT',
    side: 'BUY',
    type: 'LIMIT',
    timeInForce: 'GTC',
    quantity: 0.01,
    price: 20000,
    newClientOrderId: 'x-U5D79M5B-spot',
  });
  expect(order).toMatchObject({
    symbol: 'BTCUSDT',
    clientOrderId: 'x-U5D79M5B-spot',
    status: 'NEW',
  });
  const account = await client.getAccountInformation();
  const usdt = account.balances.find((balance) => balance.asset === 'USDT');
  expect(Number(usdt?.locked)).toBe(200);
  const cancelled = await client.cancelOrder({
    symbol: 'BTCUSDT',
    origClientOrderId: 'x-U5D79M5B-spot',
  });
  expect(cancelled.status).toBe('CANCELED');
  await expect(
    client.getOrder({ symbol: 'BTCUSDT', origClientOrderId: 'never' }),
  ).rejects.toMatchObject({ code: -2013 });
});

test('futures orders and positions through the npm client "binance"', async () => {
  const client = new USDMClient({ ...keys, baseUrl: sim.futuresUrl });
  const order = await client.submitNewOrder({
    symbol: 'ETHUSDT',
    side: 'SELL',
    type: 'MARKET',
    quantity: 0.5,
    newOrderRespType: 'RESULT',
    newClientOrderId: 'x-15PC4ZJy-futures',
  });
  expect(order).toMatchObject({ status: 'FILLED', clientOrderId: 'x-15PC4ZJy-futures' });
  const positions = await client.getPositions({ symbol: 'ETHUSDT' });
  expect(Number(positions[0]?.positionAmt)).toBe(-0.5);
  const trades = await client.getAccountTrades({ symbol: 'ETHUSDT' });
  expect(trades.reduce((sum, trade) => sum + Number(trade.qty), 0)).toBeCloseTo(0.5, 10);
});

describe.each([
  ['main', 'spotWsUrl'],
  ['usdm', 'futuresWsUrl'],
] as const)('streams of %s through the npm client "binance"', (wsKey, url) => {
  test('depth, quotes and trades', async () => {
    const client = new WebsocketClient({ wsUrl: sim[url] }, quiet as never);
    const kinds = new Set<string>();
    client.on('message', (message) => {
      const frame = message as { stream?: string; data?: { e?: string }; e?: string };
      const name = frame.data?.e ?? frame.e ?? frame.stream;
      if (name !== undefined) kinds.add(name);
    });
    client.on('exception', () => undefined);
    await client.subscribe(['btcusdt@depth@100ms', 'btcusdt@trade', 'btcusdt@aggTrade'], wsKey);
    await until(
      () => kinds.has('depthUpdate') && kinds.has('trade') && kinds.has('aggTrade'),
      'all three streams',
    );
    client.closeAll(true);
  });
});
