import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningService } from '@cerberus/runtime';
import {
  type EmbeddedPostgres,
  historySeries,
  PostgresStore,
  readSeries,
  type SeriesDefinition,
  type SeriesInterval,
  type Store,
  startEmbeddedPostgres,
} from '@cerberus/store';
import { eventually, ServiceRig } from '@cerberus/testkit';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { REPORTING_SECTION } from '../src/config.ts';
import { type ReportingConfig, reporting } from '../src/index.ts';
import { account, BTC, bar, position, report, riskMetrics } from './records.ts';

const MINUTE_US = 60_000_000;
const SERIES = historySeries();

const CONFIG: ReportingConfig = {
  ...{ lingerMs: 5, batchRows: 100, bufferRows: 1000, rollUpEveryMs: 100 },
  ...{ riskDays: 14, minuteDays: 90, hourDays: 1826, barDays: 1826, ledgerDays: 3653 },
};

let folder: string;
let rig: ServiceRig;
let engine: EmbeddedPostgres;
let store: Store;
/** The start of an hour, a day ago. */
let at: number;

beforeEach(async () => {
  rig = await ServiceRig.open();
  folder = mkdtempSync(join('/tmp', 'cerberus-reporting-'));
  chmodSync(folder, 0o755);
  const { clock, log, metrics } = rig.host;
  engine = await startEmbeddedPostgres({ folder, startTimeoutMs: 60_000, clock, log });
  store = await PostgresStore.connect({
    connection: engine.connection,
    ...{ poolSize: 5, statementTimeoutMs: 15_000, connectTimeoutMs: 3000, clock, log, metrics },
  });
  const hourUs = 60 * MINUTE_US;
  at = Math.floor(rig.host.clock.nowUs() / hourUs - 24) * hourUs;
}, 120_000);
afterEach(async () => {
  await rig.close();
  await store.close();
  await engine.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(config: Partial<ReportingConfig> = {}): Promise<RunningService> {
  const { host, bus, codecs } = rig;
  const service = await host.startService(
    reporting,
    { ...CONFIG, ...config },
    { bus, codecs, store },
  );
  await rig.ready(service);
  return service;
}

async function read(series: SeriesDefinition, interval: SeriesInterval = 'raw') {
  const query = { interval, key: {}, fromUs: 0, toUs: at + 1e12, limit: 1000 };
  return readSeries(store, series, query);
}

async function rows(series: SeriesDefinition, count: number, interval: SeriesInterval = 'raw') {
  const what = `${count} rows of ${series.name} ${interval}`;
  await eventually(what, async () => (await read(series, interval)).length === count);
  return read(series, interval);
}

test('every topic has its history, exact where amounts are', async () => {
  await start();
  await rig.publish(
    'risk.metrics',
    riskMetrics('demo', at, 2500),
    riskMetrics('demo', at + 1, null),
  );
  await rig.publish('md.bar', bar(at, 101));
  await rig.append('position', position(at, '2.000000000000000001', 1));
  await rig.append('account', account(at, '1000000.01', 1));
  await rig.append('tca.report', report(at));

  const [first, second] = await rows(SERIES.riskMetrics, 2);
  expect(first).toMatchObject({ timeUs: at, key: ['demo'] });
  expect(first!.values).toMatchObject({ var_99_1d: 2500, portfolio_delta: 2, quality: 0n });
  expect(first!.values['missing']).toMatchObject({
    ...{ var_95_10d: 'no history', es_99_1d: 'not computed' },
  });
  expect(first!.values['missing']).not.toHaveProperty('not_kept');
  expect(second!.values).toMatchObject({ var_99_1d: null, quality: 1n });
  const [kept] = await rows(SERIES.bars, 1);
  expect(kept).toMatchObject({ timeUs: at, key: [BTC, '1m', 'TRADES'] });
  expect(kept!.values).toMatchObject({ open: 100, close: 101, trade_count: 3n, complete: true });
  const [held] = await rows(SERIES.positions, 1);
  expect(held!.values).toMatchObject({
    ...{ quantity: '2.000000000000000001', average_price: '60000.123456789012345678' },
  });
  const balances = await rows(SERIES.accounts, 2);
  expect(balances.map(({ key, values }) => [key[1], Number(values['cash'])])).toEqual([
    ['BTC', 1],
    ['USDT', 1_000_000.01],
  ]);
  const [told] = await rows(SERIES.tcaReports, 1);
  expect(told!.values).toMatchObject({ final: true, total_cost_usd: 11, violations: ['late'] });
}, 60_000);

test('what is read again changes nothing, and a revised bar reaches the hour it belongs to', async () => {
  await start();
  await rig.publish(
    'md.bar',
    ...[0, 1, 2].map((minute) => bar(at + minute * MINUTE_US, 101 + minute)),
  );
  await rows(SERIES.bars, 3);
  // Once more, as after a crash between the write and the position, and one late trade.
  await rig.publish('md.bar', bar(at, 101), bar(at + MINUTE_US, 555, 1), bar(at + MINUTE_US, 102));
  await eventually('the hour holds the revision', async () => {
    const [hour] = await read(SERIES.bars, '1h');
    return hour?.values['high_max'] === 556;
  });
  const [hour, ...others] = await read(SERIES.bars, '1h');
  expect(others).toEqual([]);
  expect(hour!.values).toMatchObject({
    ...{ samples: 3n, open_first: 100, close_last: 103, volume_sum: 6, trade_count_sum: 9n },
  });
  expect(await read(SERIES.bars)).toHaveLength(3);
}, 60_000);

test('a restart goes on where the rows are durable, with nothing lost and nothing twice', async () => {
  const service = await start();
  for (let index = 0; index < 20; index += 1) {
    await rig.append('position', position(at + index, String(index), index));
  }
  await eventually('some rows are written', async () => (await read(SERIES.positions)).length > 5);
  await service.stop();
  for (let index = 20; index < 40; index += 1) {
    await rig.append('position', position(at + index, String(index), index));
  }
  await rig.restart();
  await start();
  const all = await rows(SERIES.positions, 40);
  expect(all.map(({ values }) => Number(values['quantity']))).toEqual(
    Array.from({ length: 40 }, (_each, index) => index),
  );
  // Coarser roll-ups follow the finest in their own time.
  await eventually('the day counts every row', async () => {
    const [day] = await read(SERIES.positions, '1d');
    return day?.values['samples'] === 40n;
  });
  const [day] = await read(SERIES.positions, '1d');
  expect(Number(day!.values['quantity_last'])).toBe(39);
}, 60_000);

test('with the database gone it is not ready, reads no further and catches up', async () => {
  const service = await start();
  await rig.append('position', position(at, '1', 1));
  await rows(SERIES.positions, 1);
  for (let kills = 0; kills < 2; kills += 1) {
    const { pid } = engine.server;
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
    for (let index = 0; index < 30; index += 1) {
      const time = at + 1 + kills * 30 + index;
      await rig.append('position', position(time, String(index), time - at));
    }
    await eventually('it tells of the database', () => !service.ready().ready);
    await rig.ready(service);
  }
  await rows(SERIES.positions, 61);
}, 120_000);

test('a record that cannot be read, or does not fit, is set aside and the rest goes on', async () => {
  await start();
  await rig.appendRaw('position', `demo|${BTC}`, Buffer.from('no record'));
  await rig.appendRaw('position', `demo|${BTC}`, null);
  await rig.append('position', position(at, '1', 1));
  await rig.publish('md.bar', { ...bar(at, 101), high: Number.NaN }, bar(at + MINUTE_US, 102));
  await rows(SERIES.positions, 1);
  await rows(SERIES.bars, 1);
  await eventually('one letter each', async () => {
    return (await rig.deadLetters('position')) === 1 && (await rig.deadLetters('md.bar')) === 1;
  });
}, 60_000);

test('a coarser roll-up that would be forgotten first is refused', async () => {
  await expect(start({ riskDays: 100 })).rejects.toThrow(/riskDays \(100\).*minuteDays \(90\)/);
});

test('the defaults are those of the tables', () => {
  const defaults = Object.entries(REPORTING_SECTION.properties).map(([key, schema]) => {
    return [key, (schema as unknown as { default: number }).default];
  });
  expect(Object.fromEntries(defaults)).toMatchObject({
    ...{ riskDays: 14, minuteDays: 90, hourDays: 1826, barDays: 1826, ledgerDays: 3653 },
  });
});
