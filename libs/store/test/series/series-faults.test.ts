import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  openSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { Metrics } from '@cerberus/runtime';
import { eventually } from '@cerberus/testkit';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  type EmbeddedPostgres,
  PostgresStore,
  readSeries,
  type SeriesRow,
  STORE_ERRORS,
  type Store,
} from '../../src/index.ts';
import { clock, connect, log, startEngine, temporaryFolder } from '../open-embedded.ts';
import { openRig, type SeriesRig } from './series-fixture.ts';

const NOW_US = Date.UTC(2026, 10, 21, 12) * 1000;

let folder: string;
let engine: EmbeddedPostgres;
let store: Store;

beforeEach(async () => {
  folder = temporaryFolder('faults');
  engine = await startEngine(join(folder, 'store'), folder);
  store = await connect(engine);
}, 120_000);
afterEach(async () => {
  await store.close();
  await engine.stop();
  spawnSync('umount', [join(folder, 'disk')], { stdio: 'ignore' });
  rmSync(folder, { recursive: true, force: true });
});

function row(index: number, note = 'null'): SeriesRow {
  const values = { symbol: 'BTC', price: index, size: '1', version: 0, note };
  return { timeUs: NOW_US - 3_600_000_000 + index * 1000, values };
}

/** False while there is none to kill. */
function killServer(): boolean {
  const { pid } = engine.server;
  try {
    return pid !== undefined && process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

async function stored(rig: SeriesRig): Promise<number> {
  const { rows } = await rig.store.query<{ rows: bigint }>(
    `SELECT count(*) AS rows FROM series.${rig.series.name}`,
  );
  return Number(rows[0]!.rows);
}

describe('the server killed again and again under writes', () => {
  test('every row acknowledged is there once, roll-ups agree, and it recovers by itself', async () => {
    const rig = await openRig(store, NOW_US);
    const series = await rig.open({ bufferRows: 300, batchRows: 50 });
    const writes: Promise<unknown>[] = [];
    for (let from = 0; from < 3000; from += 50) {
      const rows = Array.from({ length: 50 }, (_each, index) => row(from + index));
      // Twice, as a consumer reads again what it had not yet committed.
      const write = series.write(rig.series.name, rows);
      writes.push(write, series.write(rig.series.name, rows.slice(0, 20)));
      if (from % 600 === 0) {
        await eventually('the server is killed', killServer);
        void series.keepUp();
      }
      await clock.sleep(10);
    }
    const outcomes = await Promise.all(writes);
    expect(outcomes).toHaveLength(120);
    await eventually('the store answers', () => store.ready().ready);
    expect(await stored(rig)).toBe(3000);
    await series.keepUp();
    await series.keepUp();
    const [day, ...others] = await readSeries(store, rig.series, {
      ...{ interval: '1d', key: {}, fromUs: 0, toUs: NOW_US, limit: 10 },
    });
    expect(others).toEqual([]);
    expect(day!.values).toMatchObject({
      ...{ samples: 3000n, price_first: 0, price_last: 2999, price_mean: 1499.5 },
    });
    expect(series.ready().ready).toBe(true);
    await rig.drop();
  }, 120_000);

  test('with no server it holds what fits, takes no more, says so, and gives back what is left', async () => {
    const rig = await openRig(store, NOW_US);
    const series = await rig.open({ bufferRows: 100, batchRows: 50 });
    await engine.server.stop();
    const settled: string[] = [];
    const writes = [0, 1, 2].map((part) => {
      const rows = Array.from({ length: 60 }, (_each, index) => row(part * 60 + index));
      return series.write(rig.series.name, rows).then(
        () => settled.push('written'),
        (error: { code: string }) => settled.push(error.code),
      );
    });
    await eventually('it says that rows wait', () => !series.ready().ready);
    expect(JSON.stringify(series.ready())).toMatch(
      /60 rows wait to be written: .*cannot be reached/,
    );
    expect(settled).toEqual([]);
    await series.close();
    await Promise.all(writes);
    expect(settled).toEqual(Array.from({ length: 3 }, () => STORE_ERRORS.UNAVAILABLE.code));
  }, 60_000);
});

function mountSmallDisk(at: string, uid: number, gid: number): boolean {
  mkdirSync(at, { recursive: true });
  const options = `size=24m,uid=${uid},gid=${gid},mode=0700`;
  return spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'none', at]).status === 0;
}

/** A small file system of its own: mostly only root may mount one. */
function mayMount(): boolean {
  const at = temporaryFolder('mount');
  const mounted = mountSmallDisk(at, 0, 0);
  if (mounted) spawnSync('umount', [at]);
  rmSync(at, { recursive: true, force: true });
  return mounted;
}

function fill(file: string): void {
  const descriptor = openSync(file, 'w');
  const page = Buffer.alloc(4096);
  try {
    for (;;) writeSync(descriptor, page);
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' });
  } finally {
    closeSync(descriptor);
  }
}

describe('a full disk', () => {
  const withDisk = mayMount() ? test : test.skip;

  withDisk(
    'is told by readiness, refuses writes only, loses nothing and ends by itself (needs to mount a small one)',
    async () => {
      const disk = join(folder, 'disk');
      chmodSync(folder, 0o755);
      const { uid, gid } = statSync(join(engine.home, 'cluster'));
      expect(mountSmallDisk(disk, uid, gid)).toBe(true);
      await fillAndFree(disk);
    },
    120_000,
  );

  async function fillAndFree(disk: string): Promise<void> {
    const owner = statSync(join(engine.home, 'cluster'));
    mkdirSync(join(disk, 'space'));
    chownSync(join(disk, 'space'), owner.uid, owner.gid);
    await store.query(`CREATE TABLESPACE small LOCATION '${join(disk, 'space')}'`);
    await store.query('CREATE DATABASE small TABLESPACE small');
    const small = await PostgresStore.connect({
      connection: { ...engine.connection, database: 'small' },
      ...{ poolSize: 3, statementTimeoutMs: 15_000, connectTimeoutMs: 3000 },
      ...{ clock, log, metrics: new Metrics('test') },
    });
    const rig = await openRig(small, NOW_US);
    const series = await rig.open({ bufferRows: 2000, batchRows: 200 });
    const ballast = join(disk, 'ballast');
    fill(ballast);
    const note = JSON.stringify('y'.repeat(2000));
    let written = 0;
    const writing = (async () => {
      for (let from = 0; from < 4000; from += 200) {
        const rows = Array.from({ length: 200 }, (_each, index) => row(from + index, note));
        expect(await series.write(rig.series.name, rows)).toEqual({ refused: [] });
        written += 200;
      }
    })();
    await eventually('readiness tells of the full disk', () => {
      const text = JSON.stringify(small.ready());
      return /disk of the relational store is full/.test(text) && !series.ready().ready;
    });
    expect((await small.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    expect(small.ready().ready).toBe(false);
    expect(written).toBeLessThan(4000);
    rmSync(ballast);
    await writing;
    await eventually('both are ready again', () => small.ready().ready && series.ready().ready);
    expect(await stored(rig)).toBe(4000);
    await rig.drop();
    await small.close();
  }
});
