import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  readSeries,
  type SeriesInterval,
  type SeriesRow,
  STORE_ERRORS,
  type Store,
} from '../../src/index.ts';
import {
  type Database,
  EXTERNAL,
  embeddedDatabase,
  externalDatabase,
  openRig,
  type SeriesRig,
} from './series-fixture.ts';

const MINUTE_US = 60_000_000;
const DAY_US = 1440 * MINUTE_US;
/** Noon of a day. */
const NOW_US = Date.UTC(2026, 10, 21, 12) * 1000;
const BASE_US = NOW_US - DAY_US;

suite('embedded PostgreSQL', embeddedDatabase);
if (EXTERNAL === undefined) {
  describe('series on an external PostgreSQL', () => {
    test.skip('CERBERUS_TEST_POSTGRES_URL is not set', () => expect(EXTERNAL).toBeDefined());
  });
} else suite('external PostgreSQL', externalDatabase);

function row(symbol: string, timeUs: number, price: number | null, version = 0): SeriesRow {
  return { timeUs, values: { symbol, price, size: '1.5', version, note: '{"a": [1]}' } };
}

/** What the tables must hold, worked out row by row. */
function naive(rows: readonly SeriesRow[], sizeUs: number) {
  const buckets = new Map<string, SeriesRow[]>();
  for (const each of rows) {
    const bucket = each.timeUs - (each.timeUs % sizeUs);
    const name = `${bucket} ${String(each.values['symbol'])}`;
    buckets.set(name, [...(buckets.get(name) ?? []), each]);
  }
  return [...buckets].sort(byBucket).map(([name, members]) => {
    const sorted = [...members].sort((a, b) => a.timeUs - b.timeUs);
    const prices = sorted.flatMap(({ values }) =>
      typeof values['price'] === 'number' ? [values['price']] : [],
    );
    const sum = prices.reduce((total, price) => total + price, 0);
    return {
      bucket: Number(name.split(' ')[0]),
      symbol: name.split(' ')[1],
      samples: BigInt(sorted.length),
      price_first: prices[0] ?? null,
      price_last: prices.at(-1) ?? null,
      price_min: prices.length === 0 ? null : Math.min(...prices),
      price_max: prices.length === 0 ? null : Math.max(...prices),
      price_mean: prices.length === 0 ? null : sum / prices.length,
      size: sorted.length * 1.5,
    };
  });
}

function byBucket([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  const [timeA, symbolA] = a.split(' ') as [string, string];
  const [timeB, symbolB] = b.split(' ') as [string, string];
  return Number(timeA) - Number(timeB) || (symbolA < symbolB ? -1 : 1);
}

function suite(name: string, factory: () => Promise<Database>): void {
  describe(`series on ${name}`, () => {
    let database: Database;
    let store: Store;
    let rig: SeriesRig;

    beforeAll(async () => {
      database = await factory();
      store = await database.open();
    }, 120_000);
    beforeEach(async () => {
      rig = await openRig(store, NOW_US);
    });
    afterEach(() => rig.drop());
    afterAll(async () => {
      await store.close();
      await database.close();
    });

    const read = (interval: SeriesInterval, symbol?: string, over = {}) =>
      readSeries(store, rig.series, {
        ...{ interval, fromUs: 0, toUs: NOW_US + DAY_US, limit: 1000 },
        key: symbol === undefined ? {} : { symbol },
        ...over,
      });

    async function expectRollUps(rows: readonly SeriesRow[]): Promise<void> {
      for (const [interval, minutes] of [
        ['1m', 1],
        ['1h', 60],
        ['1d', 1440],
      ] as const) {
        const points = await read(interval);
        const found = points.map(({ timeUs, key, values }) => ({
          ...{ bucket: timeUs, symbol: key[0], samples: values['samples'] },
          ...{ price_first: values['price_first'], price_last: values['price_last'] },
          ...{ price_min: values['price_min'], price_max: values['price_max'] },
          price_mean: values['price_mean'],
          size: Number(values['size_sum']),
        }));
        const wanted = naive(rows, minutes * MINUTE_US);
        expect(found.map(({ price_mean: _mean, ...rest }) => rest)).toEqual(
          wanted.map(({ price_mean: _mean, ...rest }) => rest),
        );
        for (const [index, { price_mean }] of wanted.entries()) {
          const mean = found[index]!.price_mean as number | null;
          if (price_mean === null) expect(mean).toBeNull();
          else expect(mean).toBeCloseTo(price_mean, 9);
        }
      }
    }

    test('rows written again change nothing; a higher revision replaces, a lower one does not', async () => {
      const series = await rig.open();
      expect(series.engine.kind).toBe('native');
      const rows = [row('BTC', BASE_US, 10), row('BTC', BASE_US + 1, 11), row('ETH', BASE_US, 3)];
      for (const _again of [1, 2]) {
        expect(await series.write(rig.series.name, rows)).toEqual({ refused: [] });
      }
      await series.write(rig.series.name, [
        row('BTC', BASE_US, 12, 2),
        row('BTC', BASE_US, 99, 1),
        row('BTC', BASE_US + 1, 99, 0),
      ]);
      const points = await read('raw');
      expect(points.map(({ timeUs, key, values }) => [timeUs, key[0], values['price']])).toEqual([
        [BASE_US, 'BTC', 12],
        [BASE_US, 'ETH', 3],
        [BASE_US + 1, 'BTC', 11],
      ]);
      expect(points[0]!.values).toMatchObject({
        ...{ size: '1.500000000000000000', version: 2n, note: { a: [1] } },
      });
    });

    test('roll-ups equal those worked out row by row, however the rows came', async () => {
      const series = await rig.open();
      const rows = Array.from({ length: 400 }, (_each, index) => {
        const price = index % 17 === 0 ? null : (index * 37) % 101;
        const timeUs = BASE_US + ((index * 7919) % 6000) * 60_000_000 * 0.25;
        return row(index % 3 === 0 ? 'ETH' : 'BTC', timeUs, price);
      });
      for (let from = 0; from < rows.length; from += 57) {
        const part = rows.slice(from, from + 57);
        await series.write(rig.series.name, part);
        if (from % 2 === 0) await series.keepUp();
        // A replay of what was there already.
        await series.write(rig.series.name, part.slice(0, 9));
      }
      await series.keepUp();
      const unique = new Map(rows.map((each) => [`${each.timeUs} ${each.values['symbol']}`, each]));
      expect(unique.size).toBe(400);
      await expectRollUps(rows);
      const before = await read('1m');
      await series.keepUp();
      expect(await read('1m')).toEqual(before);
    });

    test('a late row and a new revision reach every level', async () => {
      const series = await rig.open();
      const first = [row('BTC', BASE_US, 10), row('BTC', BASE_US + 30 * MINUTE_US, 20)];
      await series.write(rig.series.name, first);
      await series.keepUp();
      const late = [row('BTC', BASE_US + 1, 5), row('BTC', BASE_US, 7, 1)];
      await series.write(rig.series.name, late);
      await series.keepUp();
      await expectRollUps([late[1]!, late[0]!, first[1]!]);
    });

    test('two instances write and roll up at once: nothing is lost or counted twice', async () => {
      const [left, right] = [await rig.open(), await rig.open()];
      const rows = Array.from({ length: 300 }, (_each, index) =>
        row(index % 2 === 0 ? 'BTC' : 'ETH', BASE_US + index * 1_000_000, index),
      );
      const work: Promise<unknown>[] = [];
      for (let from = 0; from < rows.length; from += 20) {
        const part = rows.slice(from, from + 20);
        work.push(left.write(rig.series.name, part), right.write(rig.series.name, part));
        work.push(left.keepUp(), right.keepUp());
        if (from % 60 === 0) await Promise.all(work.splice(0));
      }
      await Promise.all(work);
      // Where both were at it, the one that came second left the rest to the next turn.
      await left.keepUp();
      await left.keepUp();
      await expectRollUps(rows);
    });

    test('rows that do not fit are refused by themselves, old ones are left out', async () => {
      const series = await rig.open();
      const { refused } = await series.write(rig.series.name, [
        row('BTC', BASE_US, 1),
        row('BTC', BASE_US + 1, Number.NaN),
        row('', BASE_US, 1),
        { timeUs: BASE_US + 2, values: { symbol: 'BTC', note: 'no JSON' } },
        row('BTC', NOW_US + 2 * DAY_US, 1),
        row('BTC', NOW_US - 11 * DAY_US, 1),
        row('BTC', BASE_US + 3, 2),
      ]);
      expect(refused.map(({ row: each }) => each.timeUs)).toEqual([
        ...[BASE_US + 1, BASE_US, NOW_US + 2 * DAY_US, BASE_US + 2],
      ]);
      expect(refused[0]!.fault.code).toBe(STORE_ERRORS.SERIES_ROW_INVALID.code);
      expect((await read('raw')).map(({ values }) => values['price'])).toEqual([1, 2]);
      expect(series.ready().ready).toBe(true);
    });

    test('partitions are there ahead of time and go after retention; roll-ups stay', async () => {
      const series = await rig.open();
      await series.keepUp();
      const partitions = async (table: string) => {
        const { rows } = await store.query<{ name: string }>(
          `SELECT relname AS name FROM pg_inherits JOIN pg_class ON oid = inhrelid
            WHERE inhparent = to_regclass($1) ORDER BY relname`,
          [`series.${table}`],
        );
        return rows.map((each) => each.name.slice(each.name.lastIndexOf('_p') + 2));
      };
      expect(await partitions(rig.series.name)).toEqual(['20261121', '20261122']);
      expect(await partitions(`${rig.series.name}_1m`)).toHaveLength(2);
      await series.write(rig.series.name, [row('BTC', BASE_US, 10)]);
      await series.keepUp();
      expect(await partitions(rig.series.name)).toEqual(['20261120', '20261121', '20261122']);
      await series.close();
      rig.setNow(NOW_US + 11 * DAY_US);
      const later = await rig.open();
      await later.keepUp();
      expect(await partitions(rig.series.name)).toEqual(['20261122', '20261202', '20261203']);
      expect(await read('raw')).toEqual([]);
      expect((await read('1m')).map(({ values }) => values['price_last'])).toEqual([10]);
    });

    test('a partition dropped by another instance is made again', async () => {
      const series = await rig.open();
      await series.write(rig.series.name, [row('BTC', BASE_US, 1)]);
      await store.query(`DROP TABLE series.${rig.series.name}_p20261120`);
      await series.write(rig.series.name, [row('BTC', BASE_US, 2)]);
      expect((await read('raw')).map(({ values }) => values['price'])).toEqual([2]);
    });

    test('pages go on where the one before ended, and a range takes the buckets it reaches into', async () => {
      const series = await rig.open();
      const rows = ['BTC', 'ETH'].flatMap((symbol) =>
        [0, 1, 2].map((minute) => row(symbol, BASE_US + minute * MINUTE_US + 5, minute)),
      );
      await series.write(rig.series.name, rows);
      await series.keepUp();
      const seen: unknown[] = [];
      let after: { timeUs: number; key: readonly string[] } | undefined;
      for (;;) {
        const [point, ...more] = await read('1m', undefined, { limit: 1, after });
        expect(more).toEqual([]);
        if (point === undefined) break;
        seen.push([point.timeUs, ...point.key]);
        after = point;
      }
      expect(seen).toEqual(
        [0, 1, 2].flatMap((minute) => [
          [BASE_US + minute * MINUTE_US, 'BTC'],
          [BASE_US + minute * MINUTE_US, 'ETH'],
        ]),
      );
      const range = { fromUs: BASE_US + MINUTE_US + 30, toUs: BASE_US + 2 * MINUTE_US };
      expect((await read('1m', 'BTC', range)).map(({ timeUs }) => timeUs)).toEqual([
        BASE_US + MINUTE_US,
      ]);
      expect(await read('raw', 'BTC', range)).toEqual([]);
    });

    test('a series that nobody has made says so', async () => {
      const work = readSeries(store, rig.series, {
        ...{ interval: 'raw', key: {}, fromUs: 0, toUs: 1, limit: 1 },
      });
      await expect(work).rejects.toMatchObject({ code: STORE_ERRORS.SERIES_UNKNOWN.code });
    });

    test('a database of a newer version, or of another definition, is refused', async () => {
      await rig.open();
      const space = `${rig.namespace}/native`;
      await store.query(
        `INSERT INTO cerberus_migration (namespace, version, name, checksum) VALUES ($1, 2, 'x', 'y')`,
        [space],
      );
      await expect(rig.open()).rejects.toMatchObject({ code: STORE_ERRORS.SCHEMA_NEWER.code });
      await store.query('DELETE FROM cerberus_migration WHERE namespace = $1 AND version = 2', [
        space,
      ]);
      Object.assign(rig.series, { chunkDays: 2 });
      await expect(rig.open()).rejects.toMatchObject({ code: STORE_ERRORS.MIGRATION_CHANGED.code });
      Object.assign(rig.series, { chunkDays: 1 });
    });
  });
}
