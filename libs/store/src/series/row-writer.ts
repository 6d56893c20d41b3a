import type { CerberusError, Fault } from '@cerberus/core';
import { STORE_ERRORS } from '../errors.ts';
import type { Store } from '../port.ts';
import { sqlStateBehind } from '../sql-failure.ts';
import { batchParameters, insertStatement, type SeriesRow, withoutRepeats } from './batch.ts';
import { type ChunkedTable, DAY_US, type SeriesDefinition, tablesOf } from './definition.ts';
import type { Partitions } from './partitions.ts';

export interface WrittenBatch<Row> {
  /** Rows that are there now and were not before, or not in this revision. */
  readonly written: number;
  /** Older than what is kept; writing them would fill what is about to be dropped. */
  readonly expired: number;
  /** Rows that the database refuses for what is in them. */
  readonly refused: readonly { readonly row: Row; readonly error: CerberusError }[];
}

/** Rows dated further ahead of the clock than this are wrong, and would make partitions for nothing. */
export const AHEAD_US_MOST = DAY_US;

/** Writes batches of one series; what cannot be written for now is thrown. */
export class RowWriter {
  readonly #store: Store;
  readonly #nowUs: () => number;
  readonly #series: SeriesDefinition;
  readonly #partitions: Partitions | undefined;
  readonly #table: ChunkedTable;
  readonly #statement: string;

  /** `partitions` where they are ours to make. */
  constructor(options: {
    readonly store: Store;
    readonly nowUs: () => number;
    readonly series: SeriesDefinition;
    readonly partitions: Partitions | undefined;
  }) {
    this.#store = options.store;
    this.#nowUs = options.nowUs;
    this.#series = options.series;
    this.#partitions = options.partitions;
    this.#table = tablesOf(options.series)[0]!;
    this.#statement = insertStatement(options.series, options.partitions !== undefined);
  }

  async write<Row extends SeriesRow>(rows: readonly Row[]): Promise<WrittenBatch<Row>> {
    const { keepUs } = this.#table;
    const oldestUs = keepUs === undefined ? 0 : this.#nowUs() - keepUs;
    const current = rows.filter(({ timeUs }) => timeUs >= oldestUs);
    const expired = rows.length - current.length;
    if (current.length === 0) return { written: 0, expired, refused: [] };
    return { ...(await this.#halve(withoutRepeats(this.#series, current))), expired };
  }

  /** A row that the database refuses is found by halves, so that the others are written. */
  async #halve<Row extends SeriesRow>(
    rows: readonly Row[],
  ): Promise<Omit<WrittenBatch<Row>, 'expired'>> {
    try {
      return { written: await this.#insert(rows), refused: [] };
    } catch (error) {
      if (!isOfRows(error)) throw error;
      const [only] = rows;
      if (rows.length === 1) {
        return { written: 0, refused: [{ row: only!, error: error as CerberusError }] };
      }
      const middle = Math.ceil(rows.length / 2);
      const left = await this.#halve(rows.slice(0, middle));
      const right = await this.#halve(rows.slice(middle));
      return {
        written: left.written + right.written,
        refused: [...left.refused, ...right.refused],
      };
    }
  }

  async #insert(rows: readonly SeriesRow[]): Promise<number> {
    const times = rows.map(({ timeUs }) => timeUs);
    await this.#partitions?.cover(this.#table, times);
    try {
      return await this.#run(rows);
    } catch (error) {
      if (!isPartitionMissing(error)) throw error;
      // Another instance dropped it; as the rows are young enough, it is made again.
      this.#partitions?.forget(this.#table);
      await this.#partitions?.cover(this.#table, times);
      return this.#run(rows);
    }
  }

  async #run(rows: readonly SeriesRow[]): Promise<number> {
    const parameters = batchParameters(this.#series, rows);
    const answer = await this.#store.query<{ written: bigint }>(this.#statement, parameters);
    return Number(answer.rows[0]?.written ?? 0n);
  }
}

const CHECK_VIOLATION = '23514';

function isPartitionMissing(error: unknown): boolean {
  return sqlStateBehind(error) === CHECK_VIOLATION && /no partition/.test(String(error));
}

/** Data exceptions and broken constraints; anything else is no fault of the rows. */
function isOfRows(error: unknown): boolean {
  return /^2[23]/.test(sqlStateBehind(error) ?? '') && !isPartitionMissing(error);
}

/** Whether trying again with fewer rows is worth it. */
export function isTooSlow(error: CerberusError): boolean {
  return error.code === STORE_ERRORS.TIMEOUT.code;
}

export type RefusedRow = { readonly row: SeriesRow; readonly fault: Fault };
