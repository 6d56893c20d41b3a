import { Metrics } from '@cerberus/runtime';
import { historySeries, SeriesStore } from '@cerberus/store';
import { fieldErrorsOf } from '@cerberus/web';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TSchema } from 'typebox';
import { BAR_HISTORY_PAGE, RISK_HISTORY_PAGE } from '../src/document/history-document.ts';
import type { RunningGateway } from '../src/index.ts';
import { ACCOUNT, BTC, openMarket, openWorld, type World } from './gateway-fixture.ts';
import { metrics } from './risk-records.ts';

const BASE = '/api/v1/risk';
const MINUTE_US = 60_000_000;
const HOUR_US = 60 * MINUTE_US;

let world: World;
let gateway: RunningGateway;
let key: string;
let series: SeriesStore;
/** The start of an hour that ended hours ago. */
let at: number;

beforeAll(async () => {
  world = await openWorld();
  await openMarket(world);
  await world.stream('risk.metrics', metrics(world, 2500));
  gateway = await world.gateway();
  key = gateway.firstKey!.text;
  at = Math.floor(world.nowUs() / HOUR_US - 3) * HOUR_US;
}, 120_000);
afterAll(async () => {
  await series?.close();
  await gateway.stop();
  await world.close();
});

// biome-ignore lint/suspicious/noExplicitAny: answers are examined field by field
async function get(path: string): Promise<{ status: number; body: any }> {
  const answer = await fetch(`${gateway.url}${BASE}${path}`, { headers: { 'x-api-key': key } });
  return { status: answer.status, body: await answer.json() };
}

function iso(timeUs: number): string {
  return new Date(timeUs / 1000).toISOString();
}

function fits(schema: TSchema, value: unknown): void {
  expect(fieldErrorsOf(schema, value)).toEqual([]);
}

/** As the reporting service writes it; a service's test may not run another service. */
async function writeHistory(): Promise<void> {
  series = await SeriesStore.open({
    ...{ store: world.store, namespace: 'reporting', series: Object.values(historySeries()) },
    settings: { lingerMs: 1, batchRows: 500, bufferRows: 5000, upkeepEveryMs: 3_600_000 },
    ...{ clock: world.host.clock, log: world.host.log, metrics: new Metrics('test') },
  });
  const figures = Array.from({ length: 10 }, (_each, index) => ({
    timeUs: at + index * 20_000_000,
    values: {
      ...{ account_id: ACCOUNT, method: 'historical', quality: index === 4 ? 1 : 0 },
      ...{ var_99_1d: index === 4 ? null : 100 + index, portfolio_value: 1000 },
      missing: index === 4 ? '{"var_99_1d": "no price"}' : null,
    },
  }));
  const bars = Array.from({ length: 90 }, (_each, minute) => ({
    timeUs: at + minute * MINUTE_US,
    values: {
      ...{
        instrument_id: BTC,
        bar_interval: '1m',
        source: 'TRADES',
        open: minute,
        high: minute + 2,
      },
      ...{ low: minute - 1, close: minute + 1, volume: 0.5, quote_volume: 10, trade_count: 4 },
      ...{ close_time: at + minute * MINUTE_US + 59_999_000, revision: 0, complete: true },
    },
  }));
  const day = { ...bars[0]!.values, bar_interval: '1d', source: 'VENUE', volume: 7 };
  await series.write('risk_metrics', figures);
  await series.write('bar', [...bars, { timeUs: at, values: day }]);
  await series.keepUp();
}

test('before the history has been made, the answer says what is missing', async () => {
  const { status, body } = await get('/history/risk-metrics');
  expect(status).toBe(503);
  expect(body).toMatchObject({ code: 'CRB_STORE_SERIES_UNKNOWN' });
});

describe('with a history', () => {
  beforeAll(writeHistory);

  test('risk figures as they were published, null with its reason', async () => {
    const range = `from=${iso(at)}&to=${iso(at + HOUR_US)}`;
    const { status, body } = await get(`/history/risk-metrics?interval=raw&${range}`);
    expect(status).toBe(200);
    fits(RISK_HISTORY_PAGE, body);
    expect(body.items).toHaveLength(10);
    expect(body.items[3]).toMatchObject({ var_99_1d: 103, quality: 'ok', reasons: {} });
    expect(body.items[4]).toMatchObject({
      ...{ var_99_1d: null, quality: 'degraded', reasons: { var_99_1d: 'no price' } },
    });
    expect(body.units).toMatchObject({ var_99_1d: 'USD', largest_position_pct: '%' });
    expect(body).toMatchObject({ account_id: ACCOUNT, next_cursor: null });
    expect(body.as_of).toBe(body.items[9].time);
  });

  test('risk figures by the minute and the hour: last, worst quality, spread', async () => {
    const { body } = await get(`/history/risk-metrics?from=${iso(at)}&account_id=${ACCOUNT}`);
    fits(RISK_HISTORY_PAGE, body);
    expect(body.items.map((item: { samples: number }) => item.samples)).toEqual([3, 3, 3, 1]);
    expect(body.items[1]).toMatchObject({
      ...{ var_99_1d: 105, quality: 'degraded', complete: true },
      ranges: { var_99_1d: { min: 103, max: 105, mean: 104 } },
    });
    const hour = await get(`/history/risk-metrics?from=${iso(at)}&interval=1h`);
    expect(hour.body.items).toHaveLength(1);
    expect(hour.body.items[0]).toMatchObject({
      samples: 10,
      var_99_1d: 109,
      portfolio_value: 1000,
    });
    expect(hour.body.as_of).toBe(iso(at + HOUR_US).replace('Z', '000Z'));
  });

  test('bars: of the minute, made into hours, and raw with those of the venue', async () => {
    const from = `from=${iso(at)}`;
    const hours = await get(`/history/bars?symbol=BTCUSDT.BINANCE&interval=1h&${from}`);
    expect(hours.status).toBe(200);
    fits(BAR_HISTORY_PAGE, hours.body);
    expect(hours.body.items).toMatchObject([
      { time: iso(at).replace('Z', '000Z'), open: 0, high: 61, low: -1, close: 60, volume: 30 },
      { open: 60, close: 90, trade_count: 120, bar_interval: '1h', source: 'TRADES' },
    ]);
    expect(hours.body.units).toMatchObject({ close: 'USDT', volume: 'BTC' });
    const minutes = await get(`/history/bars?symbol=BTCUSDT.BINANCE&${from}&limit=1000`);
    expect(minutes.body.items).toHaveLength(90);
    const raw = await get(`/history/bars?symbol=${BTC}&interval=raw&limit=2&${from}`);
    fits(BAR_HISTORY_PAGE, raw.body);
    expect(raw.body.items.map((bar: { source: string }) => bar.source)).toEqual([
      'VENUE',
      'TRADES',
    ]);
  });

  test('pages follow one another without a gap', async () => {
    const seen: unknown[] = [];
    let cursor = '';
    do {
      const query = `symbol=${BTC}&from=${iso(at)}&limit=40${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const { body } = await get(`/history/bars?${query}`);
      seen.push(...body.items.map(({ open }: { open: number }) => open));
      cursor = body.next_cursor ?? '';
    } while (cursor !== '');
    expect(seen).toEqual(Array.from({ length: 90 }, (_each, minute) => minute));
  });

  test.each([
    ['/history/risk-metrics?from=yesterday', 422, 'CRB_GATEWAY_RANGE_INVALID'],
    ['/history/risk-metrics?from=2026-01-02T00:00:00', 422, 'CRB_GATEWAY_RANGE_INVALID'],
    ['/history/risk-metrics?from=2026-01-02&to=2026-01-01', 422, 'CRB_GATEWAY_RANGE_INVALID'],
    ['/history/risk-metrics?account_id=nobody', 422, 'CRB_GATEWAY_ACCOUNT_UNKNOWN'],
    ['/history/risk-metrics?cursor=abc', 400, 'CRB_WEB_CURSOR_INVALID'],
    ['/history/risk-metrics?interval=2m', 400, 'CRB_WEB_REQUEST_INVALID'],
    ['/history/bars', 400, 'CRB_WEB_REQUEST_INVALID'],
    ['/history/bars?symbol=NOPE', 404, 'CRB_MODEL_SYMBOL_UNKNOWN'],
    ['/history/bars?symbol=TWINUSDT', 422, 'CRB_MODEL_SYMBOL_AMBIGUOUS'],
  ])('%s is refused: %i %s', async (path, status, code) => {
    const answer = await get(path);
    expect(answer.body).toMatchObject({ status, code });
    expect(answer.status).toBe(status);
    expect(answer.body.errors?.[0]?.path ?? 'query').toMatch(/^query/);
  });

  test('a day without an offset is a day in UTC, and microseconds are kept', async () => {
    const day = iso(at).slice(0, 10);
    const { body } = await get(`/history/risk-metrics?interval=raw&from=${day}&limit=1`);
    expect(body.from).toBe(`${day}T00:00:00.000000Z`);
    const exact = iso(at).replace('.000Z', '.000001Z');
    const later = await get(`/history/risk-metrics?interval=raw&from=${exact}&limit=1`);
    expect(later.body.from).toBe(exact);
    expect(later.body.items[0].time).not.toBe(body.items[0]?.time ?? iso(at));
  });

  test('the contract is in the schema', async () => {
    const answer = await fetch(`${gateway.url}/openapi.json`);
    const { paths } = (await answer.json()) as { paths: Record<string, object> };
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining([`${BASE}/history/risk-metrics`, `${BASE}/history/bars`]),
    );
  });
});
