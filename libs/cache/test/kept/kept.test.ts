import { epochUs } from '@cerberus/core';
import { Metrics } from '@cerberus/runtime';
import type { Quote, RiskMetrics } from '@cerberus/schema';
import { VirtualClock } from '@cerberus/testkit';
import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  LatestQuotes,
  MemoryCache,
  RISK_COURSE_MAX,
  RiskCourse,
  reached,
} from '../../src/index.ts';

const TTL = { ttlMs: 60_000 };
const BTC = 'BTCUSDT.BINANCE';
let cache: MemoryCache;

beforeEach(() => {
  const metrics = new Metrics('test');
  cache = new MemoryCache({ clock: new VirtualClock(), metrics, maxEntries: 10_000 });
});

function quote(instrument_id: string, at: number): Quote {
  return {
    ...{ instrument_id, venue: 'BINANCE', event_time: epochUs(at), receive_time: epochUs(at) },
    ...{ sequence: 1, bid_price: at, bid_quantity: 1, ask_price: at + 1, ask_quantity: 1 },
    quality: 'OK',
  };
}

function metrics(as_of: number, values: Record<string, number>): RiskMetrics {
  return {
    ...{ account_id: 'demo', as_of: epochUs(as_of), method: 'historical', values },
    ...{ missing: {}, stress: {}, inputs: [], quality: 'OK' },
  };
}

describe('LatestQuotes', () => {
  test('gives the newest by venue time of those that are there', async () => {
    const quotes = new LatestQuotes(cache);
    await quotes.write(quote(BTC, 2));
    await quotes.write(quote(BTC, 1));
    expect(await quotes.read(['ETHUSDT.BINANCE', BTC])).toEqual([quote(BTC, 2)]);
  });

  test('reads more than fit into one request', async () => {
    const quotes = new LatestQuotes(cache);
    const ids = Array.from({ length: 1201 }, (_, index) => `S${index}.X`);
    await Promise.all(ids.map((id, index) => quotes.write(quote(id, index))));
    expect((await quotes.read(ids)).map(({ instrument_id }) => instrument_id)).toEqual(ids);
  });

  test.each([
    'not JSON',
    '[]',
    JSON.stringify({ ...quote(BTC, 1), ask_price: '2' }),
    JSON.stringify({ ...quote(BTC, 1), ask_price: undefined }),
    JSON.stringify({ ...quote(BTC, 1), quality: 'FINE' }),
    JSON.stringify(quote('ETHUSDT.BINANCE', 1)),
  ])('leaves out what is no quote of the instrument: %s', async (text) => {
    await cache.set(`quote:${BTC}`, text, TTL);
    expect(await new LatestQuotes(cache).read([BTC])).toEqual([]);
  });
});

describe('RiskCourse', () => {
  test('gives the newest first, with the figures that were known', async () => {
    const course = new RiskCourse(cache);
    await course.append(metrics(1, { portfolio_value: 10, unheard_of: 3 }));
    await course.append(metrics(2, { portfolio_value: 11, var_99_1d: 2 }));
    expect(await course.recent('demo', 10)).toEqual([
      { as_of: 2, quality: 'OK', values: { portfolio_value: 11, var_99_1d: 2 } },
      { as_of: 1, quality: 'OK', values: { portfolio_value: 10 } },
    ]);
    expect(await course.recent('demo', 1)).toHaveLength(1);
    expect(await course.recent('other', 1)).toEqual([]);
  });

  test('keeps an hour of seconds', async () => {
    const course = new RiskCourse(cache);
    for (let at = 1; at <= RISK_COURSE_MAX + 5; at += 1) await course.append(metrics(at, {}));
    const points = await course.recent('demo', 2 * RISK_COURSE_MAX);
    expect(points).toHaveLength(RISK_COURSE_MAX);
    expect(points.at(-1)?.as_of).toBe(6);
  });

  test.each(['x', '{}', '{"as_of":1,"quality":"OK","values":{"var_99_1d":null}}'])(
    'leaves out what is no point: %s',
    async (text) => {
      await cache.append('risk:demo', text, { ...TTL, maxLength: 5 });
      expect(await new RiskCourse(cache).recent('demo', 5)).toEqual([]);
    },
  );
});

test('reached tells a lost cache from a fault', async () => {
  await cache.close();
  expect(await reached(cache.get('key'))).toEqual({
    isReached: false,
    reason: 'the cache is closed',
  });
  await expect(reached(Promise.reject(new Error('a fault')))).rejects.toThrow('a fault');
  expect(await reached(Promise.resolve(1))).toEqual({ isReached: true, value: 1 });
});
