import type { Queryable, Store } from '../port.ts';
import { type ChunkedTable, SCHEMA } from './definition.ts';

/** DDL waits no longer than this for those who read or write, and is tried again later. */
const LOCK_LIMIT = "SET LOCAL lock_timeout = '2s'";

interface Partition {
  readonly name: string;
  readonly fromUs: number;
  readonly toUs: number;
}

/** Partitions of native tables: made when rows need them and ahead of time, dropped when too old. */
export class Partitions {
  readonly #store: Store;
  /** Partitions known to be there; another instance may drop one, which `forget` undoes. */
  readonly #known = new Map<string, Set<number>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Makes what is missing for rows of these times. */
  async cover(table: ChunkedTable, timesUs: Iterable<number>): Promise<void> {
    const known = this.#known.get(table.name) ?? new Set<number>();
    this.#known.set(table.name, known);
    const missing = new Set<number>();
    for (const timeUs of timesUs) {
      const fromUs = chunkStart(table, timeUs);
      if (!known.has(fromUs)) missing.add(fromUs);
    }
    if (missing.size === 0) return;
    const starts = [...missing].sort((a, b) => a - b);
    await this.#store.transaction(async (transaction) => {
      await lockTable(transaction, table);
      for (const fromUs of starts) await createPartition(transaction, table, fromUs);
    });
    for (const fromUs of starts) known.add(fromUs);
  }

  /** What another instance, or this one, has dropped is looked for again. */
  forget(table: ChunkedTable): void {
    this.#known.delete(table.name);
  }

  /** Drops what lies wholly before the moment; gives the names. */
  async dropBefore(table: ChunkedTable, beforeUs: number): Promise<readonly string[]> {
    const expired = (await this.list(table)).filter(({ toUs }) => toUs <= beforeUs);
    if (expired.length === 0) return [];
    await this.#store.transaction(async (transaction) => {
      await lockTable(transaction, table);
      for (const { name } of expired) await transaction.query(`DROP TABLE IF EXISTS ${name}`);
    });
    this.forget(table);
    return expired.map(({ name }) => name);
  }

  async list(table: ChunkedTable): Promise<readonly Partition[]> {
    const { rows } = await this.#store.query<{ name: string; bound: string }>(
      `SELECT c.relnamespace::regnamespace::text || '.' || c.relname AS name,
              pg_get_expr(c.relpartbound, c.oid) AS bound
         FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = to_regclass($1) ORDER BY c.relname`,
      [`${SCHEMA}.${table.name}`],
    );
    return rows.flatMap(({ name, bound }) => {
      const match = /FROM \('(\d+)'\) TO \('(\d+)'\)/.exec(bound);
      return match === null ? [] : [{ name, fromUs: Number(match[1]), toUs: Number(match[2]) }];
    });
  }
}

export function chunkStart({ chunkUs }: ChunkedTable, timeUs: number): number {
  return Math.floor(timeUs / chunkUs) * chunkUs;
}

/** One instance at a time makes and drops partitions of a table. */
async function lockTable(transaction: Queryable, table: ChunkedTable): Promise<void> {
  await transaction.query(LOCK_LIMIT);
  await transaction.query('SELECT pg_advisory_xact_lock(hashtext($1))', [
    `${SCHEMA}.${table.name}`,
  ]);
}

/**
 * Made apart and attached, as that lets others read and write meanwhile; `CREATE … PARTITION OF`
 * would shut them out. It exists only as part of this transaction, so what exists is attached.
 */
async function createPartition(
  transaction: Queryable,
  table: ChunkedTable,
  fromUs: number,
): Promise<void> {
  const name = `${SCHEMA}.${table.name}_p${dateText(fromUs)}`;
  const { rows } = await transaction.query<{ there: boolean }>(
    'SELECT to_regclass($1) IS NOT NULL AS there',
    [name],
  );
  if (rows[0]?.there === true) return;
  const toUs = fromUs + table.chunkUs;
  await transaction.query(
    `CREATE TABLE ${name} (LIKE ${SCHEMA}.${table.name} INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
     ALTER TABLE ${SCHEMA}.${table.name} ATTACH PARTITION ${name} FOR VALUES FROM (${fromUs}) TO (${toUs})`,
  );
}

/** Chunks are whole days: `20261121`. */
function dateText(timeUs: number): string {
  return new Date(timeUs / 1000).toISOString().slice(0, 10).replaceAll('-', '');
}
