import { invariant } from '@cerberus/core';

/** `decimal`: NUMERIC(38, 18), handed over and read as text. `integer`: BIGINT. `json`: JSONB, as text. */
export type ColumnType = 'double' | 'decimal' | 'integer' | 'text' | 'boolean' | 'json';

/** `first` and `last` are by time; none of them sees nulls. */
export type Aggregate = 'first' | 'last' | 'min' | 'max' | 'sum' | 'mean';

export interface SeriesColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** What the roll-ups keep of it; nothing where absent. */
  readonly rollUp?: readonly Aggregate[];
}

export type RollUpInterval = '1m' | '1h' | '1d';

export interface RollUp {
  readonly interval: RollUpInterval;
  readonly chunkDays: number;
  /** For ever where absent. */
  readonly keepDays?: number;
}

/**
 * Rows of one kind over time. The key and the time, microseconds since the epoch, are unique together,
 * which is what makes writing a row twice harmless. Names and chunks are fixed once tables were made
 * of them; retention may be changed at any start.
 */
export interface SeriesDefinition {
  readonly name: string;
  readonly key: readonly SeriesColumn[];
  readonly columns: readonly SeriesColumn[];
  /** Column whose higher value replaces a row; without one the first row of a key and time stays. */
  readonly revision?: string;
  readonly chunkDays: number;
  readonly keepDays?: number;
  /** From fine to coarse. */
  readonly rollUps: readonly RollUp[];
  /** Rows that the roll-ups are made of: those whose key column has this value; all where absent. */
  readonly rollUpOf?: { readonly column: string; readonly value: string };
}

export const DAY_US = 86_400_000_000;

export const INTERVAL_US: Readonly<Record<RollUpInterval, number>> = {
  '1m': 60_000_000,
  '1h': 3_600_000_000,
  '1d': DAY_US,
};

/** A name that needs no quotes, short enough for what is appended to it. */
const NAME = /^[a-z][a-z0-9_]{0,39}$/;
const RESERVED = new Set(['time', 'bucket', 'samples']);

/** Checks what tables are made of, where it is written. */
export function defineSeries(series: SeriesDefinition): SeriesDefinition {
  const { name, key, columns, rollUps, revision, rollUpOf } = series;
  const all = [...key, ...columns];
  for (const each of [name, ...all.map((column) => column.name)]) {
    invariant(NAME.test(each) && !RESERVED.has(each), `"${each}" is no name for a series`);
  }
  const unique = new Set(all.map((column) => column.name)).size === all.length;
  invariant(unique && key.length > 0, `the columns of ${name} are named once and it has a key`);
  invariant(
    key.every(({ type }) => type === 'text'),
    `the key of ${name} is text`,
  );
  const revised = columns.find((column) => column.name === revision);
  invariant(
    revision === undefined || revised?.type === 'integer',
    `the revision of ${name} is one of its integer columns`,
  );
  invariant(
    rollUpOf === undefined || key.some((column) => column.name === rollUpOf.column),
    `what the roll-ups of ${name} are made of is told by its key`,
  );
  // A finer level that forgets first would let a late row shrink what the coarser one knows.
  const kept = [series, ...rollUps].map(({ keepDays }) => keepDays ?? Number.POSITIVE_INFINITY);
  const rises = kept.every((days, level) => days >= (kept[level - 1] ?? 0));
  invariant(rises, `coarser roll-ups of ${name} are kept at least as long as finer ones`);
  // The refresh of a continuous aggregate must never reach back to where raw rows are gone.
  invariant(rollUps.length === 0 || kept[0]! >= 7, `raw rows of ${name} are kept a week or longer`);
  const sizes = rollUps.map(({ interval }) => INTERVAL_US[interval]);
  const ascends = sizes.every((size, index) => size > (sizes[index - 1] ?? 0));
  invariant(ascends, `the roll-ups of ${name} go from fine to coarse`);
  return series;
}

/** A column of a roll-up as it is stored. */
export interface RollUpColumn {
  readonly name: string;
  readonly of: string;
  readonly kind: 'first' | 'last' | 'min' | 'max' | 'sum' | 'count';
  readonly type: ColumnType;
}

/** A mean is kept as its sum and count, so that a coarser one follows from finer ones. */
export function rollUpColumns({ columns }: SeriesDefinition): RollUpColumn[] {
  const found = new Map<string, RollUpColumn>();
  const put = (of: string, kind: RollUpColumn['kind'], type: ColumnType): void => {
    const name = `${of}_${kind}`;
    found.set(name, { name, of, kind, type });
  };
  for (const { name, type, rollUp = [] } of columns) {
    for (const aggregate of rollUp) {
      if (aggregate === 'mean') {
        put(name, 'sum', type);
        put(name, 'count', 'integer');
      } else put(name, aggregate, type);
    }
  }
  return [...found.values()];
}

/** A table that is cut into chunks of time: the series itself or one of its roll-ups. */
export interface ChunkedTable {
  readonly name: string;
  /** Its column of time. */
  readonly time: 'time' | 'bucket';
  readonly chunkUs: number;
  readonly keepUs: number | undefined;
}

export function tablesOf(series: SeriesDefinition): ChunkedTable[] {
  const { name: rawName, chunkDays: rawChunk, keepDays: rawKeep } = series;
  const raw = { name: rawName, time: 'time' as const, chunkDays: rawChunk, keepDays: rawKeep };
  const levels = series.rollUps.map((rollUp) => ({
    name: rollUpTable(series, rollUp.interval),
    time: 'bucket' as const,
    ...{ chunkDays: rollUp.chunkDays, keepDays: rollUp.keepDays },
  }));
  return [raw, ...levels].map(({ name, time, chunkDays, keepDays }) => ({
    name,
    time,
    chunkUs: chunkDays * DAY_US,
    keepUs: keepDays === undefined ? undefined : keepDays * DAY_US,
  }));
}

export function rollUpTable({ name }: SeriesDefinition, interval: RollUpInterval): string {
  return `${name}_${interval}`;
}

/** Every table of every series, in a schema of their own. */
export const SCHEMA = 'series';

export const SQL_TYPE: Readonly<Record<ColumnType, string>> = {
  double: 'double precision',
  decimal: 'numeric(38, 18)',
  integer: 'bigint',
  text: 'text',
  boolean: 'boolean',
  json: 'jsonb',
};
