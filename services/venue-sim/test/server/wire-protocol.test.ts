import { createHmac } from 'node:crypto';
import type { VenueSim } from '@cerberus/service-venue-sim';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import { ACCOUNT, clock, startSim, until } from '../sim-fixture.ts';

let sim: VenueSim;
beforeAll(async () => {
  sim = await startSim({ weightLimits: { spot: 400, usdm: 100_000 } });
});
afterAll(() => sim.stop());

const nowMs = () => Math.floor(clock.nowUs() / 1000);
const sign = (query: string, secret = ACCOUNT.secret) =>
  createHmac('sha256', secret).update(query).digest('hex');

async function call(
  path: string,
  options: { method?: string; query?: string; key?: string | null; body?: string } = {},
) {
  const { method = 'GET', query = '', key = ACCOUNT.apiKey, body } = options;
  const response = await fetch(`${sim.futuresUrl}${path}${query === '' ? '' : `?${query}`}`, {
    method,
    headers: {
      ...(key === null ? {} : { 'X-MBX-APIKEY': key }),
      ...(body === undefined ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' }),
    },
    ...(body === undefined ? {} : { body }),
  });
  const json = (await response.json()) as { code?: number; msg?: string };
  return { status: response.status, headers: response.headers, json };
}

function signedQuery(fields: Record<string, string>, secret?: string): string {
  const query = new URLSearchParams({ timestamp: String(nowMs()), ...fields }).toString();
  return `${query}&signature=${sign(query, secret)}`;
}

describe('signed requests', () => {
  const path = '/fapi/v1/openOrders';
  test.each([
    ['no key', -2014, 401, () => ({ key: null, query: signedQuery({}) })],
    ['an unknown key', -2015, 401, () => ({ key: 'stranger', query: signedQuery({}) })],
    ['a wrong secret', -1022, 400, () => ({ query: signedQuery({}, 'wrong') })],
    ['no signature', -1102, 400, () => ({ query: `timestamp=${nowMs()}` })],
    ['no timestamp', -1102, 400, () => ({ query: `signature=${sign('')}` })],
    ['letters for a timestamp', -1100, 400, () => ({ query: signedQuery({ timestamp: 'now' }) })],
    [
      'a timestamp from 5.1 s ago',
      -1021,
      400,
      () => ({ query: signedQuery({ timestamp: String(nowMs() - 5100) }) }),
    ],
    [
      'a timestamp from 1.5 s ahead',
      -1021,
      400,
      () => ({ query: signedQuery({ timestamp: String(nowMs() + 1500) }) }),
    ],
    [
      'a window of over a minute',
      -1131,
      400,
      () => ({ query: signedQuery({ recvWindow: '60001' }) }),
    ],
    ['an unknown symbol', -1121, 400, () => ({ query: signedQuery({ symbol: 'NOPE' }) })],
  ] as const)('with %s get %i', async (_name, code, status, make) => {
    const answer = await call(path, make());
    expect([answer.json.code, answer.status]).toEqual([code, status]);
  });

  test('may be as old as their window, and be signed over query and body together', async () => {
    const old = { timestamp: String(nowMs() - 8000), recvWindow: '10000' };
    expect((await call(path, { query: signedQuery(old) })).status).toBe(200);
    const query = `symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&timestamp=${nowMs()}`;
    const body = 'quantity=0.01&price=20000';
    const signed = `${body}&signature=${sign(query + body)}`;
    const placed = await call('/fapi/v1/order', { method: 'POST', query, body: signed });
    expect(placed).toMatchObject({ status: 200, json: { status: 'NEW' } });
  });

  test.each([
    ['side', -1117, { side: 'HOLD' }],
    ['type', -1116, { type: 'ICEBERG' }],
    ['timeInForce', -1115, { timeInForce: 'GTD' }],
    ['quantity', -1100, { quantity: '1e-2' }],
    ['quantity of zero', -4003, { quantity: '0' }],
    ['price off the tick', -4014, { symbol: 'BTCUSDT', quantity: '0.01', price: '20000.05' }],
    ['notional', -4164, { symbol: 'BTCUSDT', quantity: '0.001', price: '20000' }],
    ['client id', -1100, { newClientOrderId: 'ü' }],
    ['reduce-only without a position', -2022, { reduceOnly: 'true' }],
  ])('with a bad %s get %i', async (_name, code, over) => {
    const order = {
      symbol: 'SOLUSDT',
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: '1',
      price: '20.01',
      ...over,
    };
    const answer = await call('/fapi/v1/order', { method: 'POST', query: signedQuery(order) });
    expect(answer.json.code).toBe(code);
  });
});

test('the weight of a minute is counted, shown and limited', async () => {
  let last = await fetch(`${sim.spotUrl}/api/v3/depth?symbol=BTCUSDT`);
  expect(Number(last.headers.get('x-mbx-used-weight-1m'))).toBeGreaterThan(0);
  for (let i = 0; i < 60 && last.status === 200; i += 1) {
    last = await fetch(`${sim.spotUrl}/api/v3/depth?symbol=BTCUSDT`);
  }
  expect(last.status).toBe(429);
  expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await last.json()).toMatchObject({ code: -1003 });
});

test('the dead-man’s switch cancels what is open when it is not set again', async () => {
  const order = { symbol: 'ETHUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC' };
  const priced = { ...order, quantity: '0.1', price: '1000' };
  await call('/fapi/v1/order', { method: 'POST', query: signedQuery(priced) });
  const open = async () => {
    const query = signedQuery({ symbol: 'ETHUSDT' });
    return ((await call('/fapi/v1/openOrders', { query })).json as unknown as unknown[]).length;
  };
  expect(await open()).toBe(1);
  const query = signedQuery({ symbol: 'ETHUSDT', countdownTime: '150' });
  await call('/fapi/v1/countdownCancelAll', { method: 'POST', query });
  await clock.sleep(400);
  expect(await open()).toBe(0);
});

describe('streams', () => {
  async function open(path: string) {
    const socket = new WebSocket(`${sim.spotWsUrl}${path}`);
    const frames: Record<string, unknown>[] = [];
    socket.on('message', (data) => frames.push(JSON.parse(String(data))));
    await new Promise((done, fail) => {
      socket.once('open', done);
      socket.once('error', fail);
    });
    const ask = async (request: unknown) => {
      socket.send(typeof request === 'string' ? request : JSON.stringify(request));
      const id = (request as { id?: number }).id ?? null;
      const find = () => frames.find((frame) => 'id' in frame && frame['id'] === id);
      await until(() => find() !== undefined, 'an answer');
      return find();
    };
    return { socket, frames, ask };
  }

  test('raw connections send bare frames and take requests', async () => {
    const { socket, frames, ask } = await open('/ws/btcusdt@trade');
    await until(() => frames.some((frame) => frame['e'] === 'trade'), 'a bare trade');
    const params = ['ethusdt@bookTicker'];
    expect(await ask({ method: 'SUBSCRIBE', params, id: 1 })).toEqual({ result: null, id: 1 });
    expect(await ask({ method: 'LIST_SUBSCRIPTIONS', id: 2 })).toEqual({
      result: ['btcusdt@trade', 'ethusdt@bookTicker'],
      id: 2,
    });
    expect(await ask({ method: 'UNSUBSCRIBE', params: ['btcusdt@trade'], id: 3 })).toEqual({
      result: null,
      id: 3,
    });
    expect(await ask({ method: 'LIST_SUBSCRIPTIONS', id: 4 })).toMatchObject({ result: params });
    expect(await ask({ method: 'GET_PROPERTY', params: ['combined'], id: 5 })).toMatchObject({
      result: false,
    });
    expect(await ask({ method: 'DANCE', id: 6 })).toMatchObject({ error: { code: 2 } });
    expect(await ask('{"method":')).toMatchObject({ error: { code: 3 } });
    socket.terminate();
  });

  test('combined connections name the stream of every frame', async () => {
    const { socket, frames } = await open('/stream?streams=btcusdt@depth5@100ms/btcusdt@kline_1m');
    const streams = () => new Set(frames.map((frame) => frame['stream']));
    await until(() => streams().size === 2, 'both streams');
    const partial = frames.find((frame) => frame['stream'] === 'btcusdt@depth5@100ms');
    const data = partial?.['data'] as { bids: unknown[]; asks: unknown[]; lastUpdateId: number };
    expect([data.bids.length, data.asks.length]).toEqual([5, 5]);
    expect(Number.isSafeInteger(data.lastUpdateId)).toBe(true);
    socket.terminate();
  });

  test.each(['/nowhere', '/private/ws?listenKey=unknown'])('%s is not opened', async (path) => {
    await expect(open(path)).rejects.toThrow(/40[04]/);
  });
});

describe('control', () => {
  async function control(method: string, path: string, body?: unknown) {
    const response = await fetch(`${sim.spotUrl}/sim/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, json: (await response.json()) as Record<string, unknown> };
  }

  test('faults are planned, listed and cleared', async () => {
    const fault = { target: 'rest', action: 'drop_after', count: 3, path: '/order' };
    expect(await control('POST', 'faults', fault)).toMatchObject({ status: 201 });
    expect(await control('GET', 'faults')).toMatchObject({ json: { pending: [fault] } });
    await control('DELETE', 'faults');
    expect(await control('GET', 'faults')).toMatchObject({ json: { pending: [] } });
    for (const bad of [{ target: 'moon' }, { target: 'rest', action: 'gap' }, 'text', []]) {
      expect((await control('POST', 'faults', bad)).status).toBe(400);
    }
  });

  test('the ledger is read in pages', async () => {
    const all = await control('GET', 'ledger');
    const first = await control('GET', 'ledger?limit=2');
    expect(first.json).toMatchObject({ next_after: 2, complete: false });
    const rest = await control('GET', 'ledger?after=2');
    expect([...(first.json['records'] as []), ...(rest.json['records'] as [])]).toEqual(
      all.json['records'],
    );
  });

  test('a shock moves the market, a halt stops it', async () => {
    const mid = () => Number(sim.exchanges.spot.midPrice('SOLUSDT')) / 1e18;
    const before = mid();
    expect((await control('POST', 'market', { symbol: 'SOLUSDT', shock: 0.8 })).status).toBe(200);
    await until(() => mid() < before * 0.85, 'the fall');
    await control('POST', 'market', { symbol: 'SOLUSDT', halt: true });
    const halted = mid();
    await clock.sleep(350);
    expect(mid()).toBe(halted);
    await control('POST', 'market', { symbol: 'SOLUSDT', halt: false });
    expect((await control('POST', 'market', { symbol: 'NOPE', shock: 2 })).status).toBe(400);
  });

  test('latency is added both ways', async () => {
    await control('POST', 'latency', { latency_ms: 60 });
    const start = clock.monotonicMs();
    await call('/fapi/v1/ping');
    // Timers may fire a millisecond early.
    expect(clock.monotonicMs() - start).toBeGreaterThan(115);
    await control('POST', 'latency', { latency_ms: 0 });
    expect((await control('POST', 'latency', { latency_ms: -1 })).status).toBe(400);
  });
});

test('a port that is taken ends the start with its error', async () => {
  const spotPort = Number(new URL(sim.spotUrl).port);
  await expect(startSim({ spotPort })).rejects.toThrow(/EADDRINUSE/);
});
