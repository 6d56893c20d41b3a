import { CerberusError, faultOf } from '@cerberus/core';
import { STORE_ERRORS } from '../errors.ts';
import type { Queryable, SqlValue } from '../port.ts';
import { sqlStateBehind } from '../sql-failure.ts';
import {
  INTERVAL_US,
  type RollUpInterval,
  rollUpColumns,
  rollUpTable,
  SCHEMA,
  type SeriesDefinition,
} from './definition.ts';

export type SeriesInterval = 'raw' | RollUpInterval;

export interface SeriesQuery {
  readonly interval: SeriesInterval;
  /** Values of key columns, all or some. */
  readonly key: Readonly<Record<string, string>>;
  readonly fromUs: number;
  /** Exclusive. */
  readonly toUs: number;
  readonly limit: number;
  /** Where the page before ended: its last time and key. */
  readonly after?: SeriesPosition | undefined;
}

export interface SeriesPosition {
  readonly timeUs: number;
  /** Values of the key in the order of the definition. */
  readonly key: readonly string[];
}

export interface SeriesPoint extends SeriesPosition {
  /** Columns of the row, or of the roll-up: `close_last`, `samples`, and means as `var_99_1d_mean`. */
  readonly values: Readonly<Record<string, string | number | bigint | boolean | object | null>>;
}

/** Tables or columns that are not there: their owner has not started yet, or is older. */
const UNDEFINED = new Set(['42P01', '42703', '3F000']);

type PointRow = SeriesPoint['values'] & { readonly time_us: bigint };

/** Points from old to new; the same whichever engine keeps them. */
export async function readSeries(
  store: Queryable,
  series: SeriesDefinition,
  query: SeriesQuery,
): Promise<readonly SeriesPoint[]> {
  const { sql, parameters } = selectOf(series, query);
  const keys = series.key.map(({ name }) => name);
  try {
    const { rows } = await store.query<PointRow>(sql, parameters);
    return rows.map((row) => {
      const { time_us, ...values } = row;
      return { timeUs: Number(time_us), key: keys.map((name) => String(row[name])), values };
    });
  } catch (error) {
    if (!UNDEFINED.has(sqlStateBehind(error) ?? '')) throw error;
    throw new CerberusError(
      faultOf(STORE_ERRORS.SERIES_UNKNOWN, {
        message: `the series ${series.name} has no tables like these here: the service that writes it has not started with this version`,
      }),
      { cause: error },
    );
  }
}

function selectOf(
  series: SeriesDefinition,
  { interval, key, fromUs, toUs, limit, after }: SeriesQuery,
): { sql: string; parameters: SqlValue[] } {
  const keys = series.key.map(({ name }) => name);
  const time = interval === 'raw' ? 'time' : 'bucket';
  const table = interval === 'raw' ? series.name : rollUpTable(series, interval);
  // A bucket that begins before the range and reaches into it belongs to it.
  const firstUs = interval === 'raw' ? fromUs : fromUs - (fromUs % INTERVAL_US[interval]);
  const parameters: SqlValue[] = [firstUs, toUs];
  const place = (value: SqlValue): string => `$${parameters.push(value)}`;
  const conditions = [`${time} >= $1`, `${time} < $2`];
  for (const name of keys) {
    const value = key[name];
    if (value !== undefined) conditions.push(`${name} = ${place(value)}`);
  }
  const order = [time, ...keys].join(', ');
  if (after !== undefined) {
    const position = [after.timeUs, ...after.key].map(place).join(', ');
    conditions.push(`(${order}) > (${position})`);
  }
  const sql = `SELECT ${time} AS time_us, ${[...keys, ...selected(series, interval)].join(', ')}
FROM ${SCHEMA}.${table} WHERE ${conditions.join(' AND ')} ORDER BY ${order} LIMIT ${place(limit)}`;
  return { sql, parameters };
}

function selected(series: SeriesDefinition, interval: SeriesInterval): string[] {
  if (interval === 'raw') return series.columns.map(({ name }) => name);
  const means = series.columns
    .filter(({ rollUp = [] }) => rollUp.includes('mean'))
    .map(({ name }) => `${name}_sum / nullif(${name}_count, 0) AS ${name}_mean`);
  return ['samples', ...rollUpColumns(series).map(({ name }) => name), ...means];
}
