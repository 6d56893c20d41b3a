import type { Queryable, Store } from '../port.ts';
import { SCHEMA, type SeriesDefinition, tablesOf } from './definition.ts';
import { rollUpStatement } from './native-tables.ts';
import { chunkStart, type Partitions } from './partitions.ts';

/** Marks taken in one statement, so that none of them runs long. */
const MARKS_MOST = 2000;
/** Statements of one level in one run; what is left is done in the next. */
const STATEMENTS_MOST = 50;

/**
 * Brings the roll-ups of a native series up to date with the rows written since the last time. Any
 * instance may do it and one at a time does; each step is whole in itself, so a crash in between
 * loses nothing and repeats nothing that would show.
 */
export class RollUps {
  readonly #store: Store;
  readonly #partitions: Partitions;

  constructor(store: Store, partitions: Partitions) {
    this.#store = store;
    this.#partitions = partitions;
  }

  /** Buckets computed; undefined where another instance is at it. */
  async run(series: SeriesDefinition): Promise<number | undefined> {
    let computed = 0;
    for (let level = 1; level <= series.rollUps.length; level += 1) {
      const done = await this.#runLevel(series, level);
      if (done === undefined) return undefined;
      computed += done;
    }
    return computed;
  }

  /** Marks not yet worked off. */
  async due(series: SeriesDefinition): Promise<number> {
    const { rows } = await this.#store.query<{ due: bigint }>(
      `SELECT count(*) AS due FROM ${SCHEMA}.${series.name}_due`,
    );
    return Number(rows[0]?.due ?? 0n);
  }

  async #runLevel(series: SeriesDefinition, level: number): Promise<number | undefined> {
    let computed = 0;
    for (let count = 0; count < STATEMENTS_MOST; count += 1) {
      if (!(await this.#coverDue(series, level))) break;
      const step = await this.#step(series, level);
      if (step === undefined) return undefined;
      computed += step.rolled;
      if (step.taken < MARKS_MOST) break;
    }
    return computed;
  }

  /** Partitions for what is due, made before they are needed; false where nothing is. */
  async #coverDue(series: SeriesDefinition, level: number): Promise<boolean> {
    const table = tablesOf(series)[level]!;
    const { rows } = await this.#store.query<{ chunk: bigint }>(
      `SELECT DISTINCT bucket - bucket % ${table.chunkUs} AS chunk FROM ${SCHEMA}.${series.name}_due WHERE level = ${level}`,
    );
    await this.#partitions.cover(
      table,
      rows.map(({ chunk }) => chunkStart(table, Number(chunk))),
    );
    return rows.length > 0;
  }

  /** Under a lock: a second one with an older view of the rows would overwrite the newer result. */
  #step(series: SeriesDefinition, level: number) {
    return this.#store.transaction(async (transaction) => {
      if (!(await tryLock(transaction, series))) return undefined;
      const { rows } = await transaction.query<{ taken: bigint; rolled: bigint }>(
        rollUpStatement(series, level),
        [MARKS_MOST],
      );
      return { taken: Number(rows[0]!.taken), rolled: Number(rows[0]!.rolled) };
    });
  }
}

async function tryLock(transaction: Queryable, series: SeriesDefinition): Promise<boolean> {
  const { rows } = await transaction.query<{ mine: boolean }>(
    'SELECT pg_try_advisory_xact_lock(hashtext($1)) AS mine',
    [`${SCHEMA}.${series.name} roll-up`],
  );
  return rows[0]?.mine === true;
}
