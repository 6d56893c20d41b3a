import { LatestQuotes, MemoryCache, RiskCourse } from '@cerberus/cache';
import { type EpochUs, epochUs } from '@cerberus/core';
import { eventually } from '@cerberus/testkit';
import { fieldErrorsOf } from '@cerberus/web';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import type { RunningGateway } from '../src/index.ts';
import { RISK_HISTORY_SCHEMA } from '../src/route/risk-history-routes.ts';
import { ACCOUNT, BTC, openMarket, openWorld, quote, type World } from './gateway-fixture.ts';
import { metrics } from './risk-records.ts';

const HISTORY = '/api/v1/risk/risk-metrics/history';

let world: World;
let gateway: RunningGateway | undefined;
let closing: { close(): unknown }[] = [];

beforeAll(async () => {
  world = await openWorld();
  await openMarket(world);
  await world.stream('risk.metrics', metrics(world, 2500));
});
afterEach(async () => {
  for (const each of closing) await each.close();
  closing = [];
  await gateway?.stop();
  gateway = undefined;
});
afterAll(() => world.close());

function openCache(): MemoryCache {
  const { clock, metrics: registry } = world.host;
  const cache = new MemoryCache({ clock, metrics: registry, maxEntries: 1000 });
  closing.push(cache);
  return cache;
}

// biome-ignore lint/suspicious/noExplicitAny: answers are examined field by field
async function get(path: string): Promise<{ status: number; body: any }> {
  const headers = { 'x-api-key': gateway!.firstKey!.text };
  const answer = await fetch(`${gateway!.url}${path}`, { headers });
  return { status: answer.status, body: await answer.json() };
}

/** Quotes of the snapshot and of every update of the market data stream. */
function quotesSeen() {
  const headers = { 'x-api-key': gateway!.firstKey!.text };
  const url = `${gateway!.url.replace('http', 'ws')}/stream/market-data`;
  const socket = new WebSocket(url, { headers });
  // biome-ignore lint/suspicious/noExplicitAny: answers are examined field by field
  const seen: any[] = [];
  socket.on('open', () => socket.send(JSON.stringify({ throttle: 100 })));
  socket.on('message', (text) => seen.push(...(JSON.parse(String(text)).data?.quotes ?? [])));
  closing.push(socket);
  return seen;
}

describe('prices before the first tick', () => {
  const secondsAgo = (seconds: number) => epochUs(world.nowUs() - seconds * 1_000_000);

  test('are no prices to judge an order by', async () => {
    const cache = openCache();
    await new LatestQuotes(cache).write(quote(world.nowUs(), 50_000));
    gateway = await world.gateway({}, cache);
    const order = { account_id: ACCOUNT, symbol: BTC, side: 'BUY', order_type: 'MARKET' };
    const answer = await fetch(`${gateway.url}/pre-trade-check`, {
      method: 'POST',
      headers: { 'x-api-key': gateway.firstKey!.text, 'content-type': 'application/json' },
      body: JSON.stringify({ order: { ...order, quantity: '0.01' } }),
    });
    expect(await answer.json()).toMatchObject({ passed: false, reference_price: null });
  });

  test('are those of the cache with their true age, until a tick comes', async () => {
    const cache = openCache();
    await new LatestQuotes(cache).write(quote(secondsAgo(90), 50_000));
    gateway = await world.gateway({}, cache);
    const seen = quotesSeen();
    await eventually('the snapshot', () => seen.length > 0);
    expect(seen[0]).toMatchObject({ instrument_id: BTC, mid: 50_000, quality: 'degraded' });
    expect(seen[0].age_ms).toBeGreaterThanOrEqual(90_000);
    expect(seen[0].age_ms).toBeLessThan(150_000);
    // Even one that was received before, by a clock that was set back since.
    await world.stream('md.quote', quote(secondsAgo(100), 60_000));
    await eventually('the tick', () => seen.at(-1)?.mid === 60_000);
    expect(seen.at(-1)).toMatchObject({ quality: 'ok' });
    expect(seen.at(-1).age_ms).toBeLessThan(60_000);
  });

  test('a cache that does not answer leaves the board empty and the gateway ready', async () => {
    const cache = openCache();
    await cache.close();
    gateway = await world.gateway({}, cache);
    expect(gateway.ready().ready).toBe(true);
  });
});

describe('GET /risk-metrics/history', () => {
  const point = (at: number, value: number) => ({
    ...metrics(world, 2500),
    as_of: at as EpochUs,
    values: { portfolio_value: value, var_99_1d: value / 100 },
  });

  test('gives the course of an account, newest first', async () => {
    const cache = openCache();
    const course = new RiskCourse(cache);
    for (let second = 1; second <= 5; second += 1) {
      await course.append(point(second * 1_000_000, second * 1000));
    }
    gateway = await world.gateway({}, cache);
    const { status, body } = await get(`${HISTORY}?account_id=${ACCOUNT}&limit=2`);
    expect(status).toBe(200);
    expect(fieldErrorsOf(RISK_HISTORY_SCHEMA, body)).toEqual([]);
    expect(body).toMatchObject({ account_id: ACCOUNT, reason: null });
    expect(body.items).toMatchObject([
      {
        as_of: '1970-01-01T00:00:05.000000Z',
        portfolio_value: 5000,
        var_99_1d: 50,
        es_99_1d: null,
      },
      { as_of: '1970-01-01T00:00:04.000000Z', portfolio_value: 4000, quality: 'ok' },
    ]);
    // The only account need not be named.
    expect((await get(HISTORY)).body.items).toHaveLength(5);
  });

  test('is empty, with a reason, where there is nothing or no cache', async () => {
    gateway = await world.gateway({}, openCache());
    expect((await get(HISTORY)).body).toEqual({
      account_id: ACCOUNT,
      items: [],
      reason: 'the cache holds none of this account yet',
    });
    await gateway.stop();
    const lost = openCache();
    gateway = await world.gateway({}, lost);
    await lost.close();
    expect(await get(HISTORY)).toMatchObject({
      status: 200,
      body: { items: [], reason: 'the cache does not answer' },
    });
  });

  test('refuses an unknown account and a limit beyond what is kept', async () => {
    gateway = await world.gateway({}, openCache());
    expect((await get(`${HISTORY}?account_id=nobody`)).body).toMatchObject({
      code: 'CRB_GATEWAY_ACCOUNT_UNKNOWN',
    });
    for (const limit of ['0', '3601', '1.5', 'x']) {
      expect((await get(`${HISTORY}?limit=${limit}`)).status).toBe(400);
    }
  });

  test('is in the API description', async () => {
    gateway = await world.gateway({}, openCache());
    const { body } = await get('/docs/json');
    expect(body.paths[HISTORY].get.summary).toContain('Course of the risk figures');
  });
});
