import { rmSync } from 'node:fs';
import { Metrics } from '@cerberus/runtime';
import type { SeriesDefinition, SeriesSettings } from '../../src/index.ts';
import { defineSeries, PostgresStore, SeriesStore, type Store } from '../../src/index.ts';
import { clock, connect, log, startEngine, temporaryFolder } from '../open-embedded.ts';

export const EXTERNAL = process.env['CERBERUS_TEST_POSTGRES_URL'];

/** A database for one file of tests. */
export interface Database {
  open(): Promise<Store>;
  close(): Promise<void>;
}

export async function embeddedDatabase(): Promise<Database> {
  const folder = temporaryFolder('series');
  const engine = await startEngine(folder);
  return {
    open: () => connect(engine),
    async close() {
      await engine.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A server of others: what a test makes there has names of its own. */
export async function externalDatabase(): Promise<Database> {
  return {
    open: () =>
      PostgresStore.connect({
        connection: { connectionString: EXTERNAL as string },
        ...{ poolSize: 5, statementTimeoutMs: 15_000, connectTimeoutMs: 3000 },
        ...{ clock, log, metrics: new Metrics('test') },
      }),
    close: () => Promise.resolve(),
  };
}

let made = 0;

/** A name that no other test of any run uses. */
export function uniqueName(prefix: string): string {
  made += 1;
  return `${prefix}_${process.pid}_${Math.trunc(performance.timeOrigin).toString(36)}_${made}`;
}

/** Prices of symbols with every aggregate, kept in days. */
export function priceSeries(name = uniqueName('price')): SeriesDefinition {
  return defineSeries({
    name,
    key: [{ name: 'symbol', type: 'text' }],
    columns: [
      { name: 'price', type: 'double', rollUp: ['first', 'last', 'min', 'max', 'mean'] },
      { name: 'size', type: 'decimal', rollUp: ['sum'] },
      { name: 'version', type: 'integer' },
      { name: 'note', type: 'json' },
    ],
    revision: 'version',
    ...{ chunkDays: 1, keepDays: 10 },
    rollUps: [
      { interval: '1m', chunkDays: 7, keepDays: 20 },
      { interval: '1h', chunkDays: 30, keepDays: 60 },
      { interval: '1d', chunkDays: 365 },
    ],
  });
}

export const SETTINGS: SeriesSettings = {
  ...{ bufferRows: 5000, batchRows: 500, lingerMs: 5, upkeepEveryMs: 3_600_000 },
};

export interface SeriesRig {
  readonly series: SeriesDefinition;
  readonly store: Store;
  readonly namespace: string;
  /** Another instance over the same tables. */
  open(settings?: Partial<SeriesSettings>): Promise<SeriesStore>;
  /** The time that the series believe it is. */
  setNow(nowUs: number): void;
  drop(): Promise<void>;
}

export async function openRig(store: Store, nowUs: number): Promise<SeriesRig> {
  const series = priceSeries();
  const namespace = series.name;
  const opened: SeriesStore[] = [];
  let now = nowUs;
  return {
    series,
    store,
    namespace,
    async open(settings = {}) {
      const instance = await SeriesStore.open({
        ...{ store, namespace, series: [series], settings: { ...SETTINGS, ...settings } },
        ...{ clock: { nowUs: () => now as never }, log, metrics: new Metrics('test') },
      });
      opened.push(instance);
      return instance;
    },
    setNow(value) {
      now = value;
    },
    async drop() {
      for (const instance of opened) await instance.close();
      const { name } = series;
      const tables = [name, ...['1m', '1h', '1d', 'due'].map((suffix) => `${name}_${suffix}`)];
      await store.query(
        `DROP TABLE IF EXISTS ${tables.map((table) => `series.${table}`).join(', ')}`,
      );
      await store.query('DELETE FROM cerberus_migration WHERE namespace LIKE $1', [
        `${namespace}/%`,
      ]);
    },
  };
}
