import { type Fault, faultOf } from '@cerberus/core';
import { STORE_ERRORS } from '../errors.ts';
import type { SqlValue } from '../port.ts';
import {
  INTERVAL_US,
  SCHEMA,
  type SeriesColumn,
  type SeriesDefinition,
  SQL_TYPE,
} from './definition.ts';

export type SeriesValue = string | number | bigint | boolean | null;

/** `timeUs`, and a value for every column of the key; others are null where absent. */
export interface SeriesRow {
  readonly timeUs: number;
  readonly values: Readonly<Record<string, SeriesValue | undefined>>;
}

/** What is wrong with a row; PostgreSQL would refuse it, and with it the batch it is in. */
export function rowFault(series: SeriesDefinition, row: SeriesRow): Fault | undefined {
  if (!Number.isSafeInteger(row.timeUs) || row.timeUs < 0) {
    return fault(series, 'time', 'microseconds since the epoch', row.timeUs);
  }
  for (const column of series.key) {
    const value = row.values[column.name];
    if (typeof value !== 'string' || value === '') return fault(series, column.name, 'text', value);
  }
  for (const column of [...series.key, ...series.columns]) {
    const value = row.values[column.name] ?? null;
    if (value !== null && !fits(column, value)) {
      return fault(series, column.name, `${column.type} or null`, value);
    }
  }
  return undefined;
}

function fault(
  { name }: SeriesDefinition,
  column: string,
  expected: string,
  received: unknown,
): Fault {
  const shown = String(received).slice(0, 80);
  return faultOf(STORE_ERRORS.SERIES_ROW_INVALID, {
    message: `a row of ${name} does not fit: ${column} is to be ${expected}, not ${shown}`,
    path: `${name}.${column}`,
    expected,
    received: shown,
  });
}

/** NUMERIC(38, 18): twenty digits before the point. */
const DECIMAL = /^-?\d{1,20}(\.\d{1,18})?$/;
const BIGINT_MOST = 2n ** 63n - 1n;

function fits({ type }: SeriesColumn, value: SeriesValue): boolean {
  switch (type) {
    case 'double':
      return typeof value === 'number' && Number.isFinite(value);
    case 'decimal':
      return typeof value === 'string' && DECIMAL.test(value);
    case 'integer':
      if (typeof value === 'bigint') return value <= BIGINT_MOST && value >= -BIGINT_MOST;
      return Number.isSafeInteger(value);
    case 'boolean':
      return typeof value === 'boolean';
    // PostgreSQL keeps no zero byte in text, nor its escape in JSONB.
    case 'text':
      return typeof value === 'string' && !value.includes('\0');
    case 'json':
      return typeof value === 'string' && !value.includes('\0') && !value.includes('\\u0000');
  }
}

/** One row per key and time: the one of the highest revision, without revisions the first. */
export function withoutRepeats<Row extends SeriesRow>(
  series: SeriesDefinition,
  rows: readonly Row[],
): Row[] {
  const chosen = new Map<string, Row>();
  for (const row of rows) {
    const id = JSON.stringify([row.timeUs, ...series.key.map(({ name }) => row.values[name])]);
    const other = chosen.get(id);
    if (other === undefined || isNewer(series, row, other)) chosen.set(id, row);
  }
  return [...chosen.values()];
}

function isNewer({ revision }: SeriesDefinition, row: SeriesRow, other: SeriesRow): boolean {
  if (revision === undefined) return false;
  return BigInt(String(row.values[revision] ?? -1)) > BigInt(String(other.values[revision] ?? -1));
}

/** The values of rows, one array for each column, as the statement takes them. */
export function batchParameters(series: SeriesDefinition, rows: readonly SeriesRow[]): SqlValue[] {
  return [
    rows.map(({ timeUs }) => timeUs),
    ...[...series.key, ...series.columns].map(({ name }) =>
      rows.map(({ values }) => values[name] ?? null),
    ),
  ];
}

/**
 * Writes a batch in one statement, so that all of it is there or none: rows whose key and time are
 * known change nothing unless their revision is higher. With `marksDue` the buckets of what did change
 * are marked in the same statement. Answers how many rows were written.
 */
export function insertStatement(series: SeriesDefinition, marksDue: boolean): string {
  const columns = [...series.key, ...series.columns];
  const names = columns.map(({ name }) => name);
  const keys = series.key.map(({ name }) => name);
  const arrays = ['$1::bigint[]', ...columns.map((column, at) => arrayOf(column, at + 2))];
  const picked = columns.map(({ name, type }) => (type === 'json' ? `${name}::jsonb` : name));
  const insert = `INSERT INTO ${SCHEMA}.${series.name} AS kept (time, ${names.join(', ')})
  SELECT ${['time', ...picked].join(', ')} FROM unnest(${arrays.join(', ')}) AS given (time, ${names.join(', ')})
  ON CONFLICT (${[...keys, 'time'].join(', ')}) ${onConflict(series)}
  RETURNING kept.time, ${keys.map((name) => `kept.${name}`).join(', ')}`;
  const [finest] = series.rollUps;
  if (!marksDue || finest === undefined) {
    return `WITH written AS (${insert})\nSELECT count(*) AS written FROM written`;
  }
  const { rollUpOf } = series;
  const where =
    rollUpOf === undefined
      ? ''
      : ` WHERE ${rollUpOf.column} = '${rollUpOf.value.replaceAll("'", "''")}'`;
  return `WITH written AS (${insert}), due AS (
  INSERT INTO ${SCHEMA}.${series.name}_due (level, ${keys.join(', ')}, bucket)
  SELECT DISTINCT 1, ${keys.join(', ')}, time - time % ${INTERVAL_US[finest.interval]} FROM written${where}
)
SELECT count(*) AS written FROM written`;
}

function arrayOf({ type }: SeriesColumn, position: number): string {
  return `$${position}::${type === 'json' ? 'text' : SQL_TYPE[type]}[]`;
}

function onConflict({ columns, revision }: SeriesDefinition): string {
  if (revision === undefined) return 'DO NOTHING';
  const updated = columns.map(({ name }) => `${name} = excluded.${name}`).join(', ');
  return `DO UPDATE SET ${updated} WHERE excluded.${revision} > kept.${revision}`;
}
