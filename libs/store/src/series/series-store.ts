import { type Clock, invariant } from '@cerberus/core';
import {
  type Logger,
  type Metrics,
  type Readiness,
  readinessOf,
  SystemClock,
} from '@cerberus/runtime';
import type { Migration, Store } from '../port.ts';
import type { SeriesRow } from './batch.ts';
import type { SeriesDefinition } from './definition.ts';
import { chooseEngine, migrationSpace, type SeriesEngine } from './engine.ts';
import { nativeTables } from './native-tables.ts';
import { Partitions } from './partitions.ts';
import { RollUps } from './roll-ups.ts';
import { RowWriter } from './row-writer.ts';
import { SeriesWriter, type SeriesWriterSettings, type WriteOutcome } from './series-writer.ts';
import { timescalePolicies, timescaleTables } from './timescale-tables.ts';
import { Upkeep } from './upkeep.ts';

export interface SeriesSettings extends SeriesWriterSettings {
  /** Time between two runs of roll-ups where PostgreSQL has no jobs of its own. */
  readonly upkeepEveryMs: number;
}

export interface SeriesStoreOptions {
  readonly store: Store;
  /** Owner of the tables, as of other migrations. */
  readonly namespace: string;
  /** In the order in which they came to be: a new one is added at the end. */
  readonly series: readonly SeriesDefinition[];
  readonly settings: SeriesSettings;
  readonly clock: Pick<Clock, 'nowUs'>;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** A database lives in real time, also when its rows come from a replay. */
const timers = new SystemClock();

/** Time series of one owner: tables made, rows taken, roll-ups and retention kept up. */
export class SeriesStore {
  readonly engine: SeriesEngine;
  readonly #series: ReadonlyMap<string, SeriesDefinition>;
  readonly #writer: SeriesWriter;
  readonly #upkeep: Upkeep | undefined;

  private constructor(engine: SeriesEngine, options: SeriesStoreOptions) {
    const { store, series, settings, clock, log, metrics } = options;
    this.engine = engine;
    this.#series = new Map(series.map((each) => [each.name, each]));
    const nowUs = () => clock.nowUs();
    const partitions = engine.kind === 'native' ? new Partitions(store) : undefined;
    const writers = series.map((each) => {
      return [each.name, new RowWriter({ store, series: each, partitions, nowUs })] as const;
    });
    this.#writer = new SeriesWriter({
      ...{ writers: new Map(writers), settings, clock: timers, nowUs, log, metrics },
    });
    if (partitions === undefined) return;
    this.#upkeep = new Upkeep({
      ...{ series, partitions, rollUps: new RollUps(store, partitions), nowUs },
      ...{ everyMs: settings.upkeepEveryMs, clock: timers, log, metrics },
    });
    this.#upkeep.start();
  }

  /** Brings the tables up; a database that a newer version made, or changed tables, are refused. */
  static async open(options: SeriesStoreOptions): Promise<SeriesStore> {
    const { store, namespace, series, log } = options;
    const engine = await chooseEngine(store, namespace);
    await store.migrate(migrationSpace(namespace, engine.kind), seriesMigrations(series, engine));
    if (engine.kind === 'timescale') {
      await store.transaction(async (transaction) => {
        for (const each of series) {
          await transaction.query(timescalePolicies(each, engine.schema));
        }
      });
    }
    log.info({ namespace, ...engine }, `series of ${namespace} are ${engine.kind}`);
    return new SeriesStore(engine, options);
  }

  /** Resolves when the rows are durable; a row that does not fit is refused and the others written. */
  write(name: string, rows: readonly SeriesRow[]): Promise<WriteOutcome> {
    const series = this.#series.get(name);
    invariant(series !== undefined, `there is a series ${name}`);
    return this.#writer.write(series, rows);
  }

  /** Roll-ups, partitions and retention now rather than at the next turn of the timer. */
  async keepUp(): Promise<void> {
    await this.#upkeep?.runAnew();
  }

  ready(): Readiness {
    const upkeep = this.#upkeep?.ready();
    return readinessOf({
      writer: this.#writer.ready(),
      ...(upkeep === undefined ? {} : { upkeep }),
    });
  }

  /** Rows that cannot be written soon are given back to whoever wrote them. */
  async close(): Promise<void> {
    await this.#writer.close();
    await this.#upkeep?.stop();
  }
}

/** One migration for each series. */
export function seriesMigrations(
  series: readonly SeriesDefinition[],
  engine: Pick<SeriesEngine, 'kind'> & { readonly schema?: string },
): readonly Migration[] {
  return series.map((each, index) => ({
    version: index + 1,
    name: `series ${each.name}`,
    sql:
      engine.kind === 'native'
        ? nativeTables(each)
        : timescaleTables(each, engine.schema ?? 'public'),
  }));
}
