import { faultOf } from '@cerberus/core';
import { CLI_ERRORS } from './errors.ts';
import { faulty, type InputHash, type Row, type Rows, readRows } from './input.ts';

/** Values of one series; `days` counts from 1970-01-01 and is absent where the file has no dates. */
export interface DatedSeries {
  readonly name: string;
  readonly days: Float64Array | undefined;
  readonly values: Float64Array;
}

export interface History {
  readonly inputs: readonly InputHash[];
  readonly series: ReadonlyMap<string, DatedSeries>;
}

const NAMED = /^([A-Za-z0-9_.-]{1,20})=(.+)$/;
const UNDERLYING = /^[A-Z0-9]{1,20}$/;

/**
 * Daily closes by underlying, from files with columns date, underlying, close, or `NAME=FILE` with
 * columns date and close (others are ignored). Dates rise, prices are above 0.
 */
export function readHistory(specifications: readonly string[]): History {
  const inputs: InputHash[] = [];
  const closes = new Map<string, [number, number][]>();
  for (const specification of specifications) {
    const [, name, path] = NAMED.exec(specification) ?? [];
    const read = readRows(path ?? specification);
    inputs.push(read);
    requireColumns(read, name === undefined ? ['date', 'underlying', 'close'] : ['date', 'close']);
    for (const row of read.rows) {
      const key = name?.toUpperCase() ?? row.required('underlying');
      if (!UNDERLYING.test(key)) refuse(row, 'underlying', 'capital letters and digits', key);
      const own = closes.get(key) ?? [];
      closes.set(key, own);
      const day = row.day('date');
      const last = own.at(-1)?.[0];
      if (last !== undefined && day <= last) {
        refuse(row, 'date', 'a date after that of the row before', row.text('date'));
      }
      own.push([day, positive(row, 'close')]);
    }
  }
  const series = [...closes].map(([name, pairs]): [string, DatedSeries] => [
    name,
    {
      name,
      days: Float64Array.from(pairs, ([day]) => day),
      values: Float64Array.from(pairs, ([, close]) => close),
    },
  ]);
  return { inputs, series: new Map(series) };
}

/** The series of a name, or a fault that lists those there are. */
export function seriesNamed(history: History, name: string, flag: string): DatedSeries {
  const series = history.series.get(name);
  if (series !== undefined) return series;
  throw faulty(
    faultOf(CLI_ERRORS.INPUT_MISSING, {
      path: `${flag}: ${name}`,
      expected: `a history of ${name}`,
      received: [...history.series.keys()].join(', ') || 'none',
    }),
  );
}

export interface Aligned {
  readonly days: Float64Array;
  /** One array of closes per series, over the days that all have. */
  readonly closes: readonly Float64Array[];
}

/** Closes on the days that every series has. */
export function aligned(series: readonly DatedSeries[]): Aligned {
  const lookups = series.map(
    ({ days, values }) => new Map(Array.from(days ?? [], (day, i) => [day, values[i]!])),
  );
  const days = Array.from(series[0]?.days ?? []).filter((day) =>
    lookups.every((lookup) => lookup.has(day)),
  );
  return {
    days: Float64Array.from(days),
    closes: lookups.map((lookup) => Float64Array.from(days, (day) => lookup.get(day)!)),
  };
}

/** ln(pₜ/pₜ₋₁). */
export function logReturns(closes: Float64Array): Float64Array {
  return closes.slice(1).map((close, t) => Math.log(close / closes[t]!));
}

/** pₜ/pₜ₋₁ − 1. */
function simpleReturns(closes: Float64Array): Float64Array {
  return closes.slice(1).map((close, t) => close / closes[t]! - 1);
}

export interface ReturnSeries {
  readonly input: InputHash;
  readonly days: Float64Array | undefined;
  readonly values: Float64Array;
  /** What the values are, for the report. */
  readonly meaning: string;
  /** True for fractions of a value, false for P&L in currency. */
  readonly isReturn: boolean;
}

/** Columns taken when none is named, in this order. */
const PREFERRED = ['pnl', 'return', 'close', 'price'] as const;
const PRICES = ['close', 'price'];

/** One series of P&L or returns: a column taken as it is, or simple returns of a column of prices. */
export function readReturns(path: string, column: string | undefined): ReturnSeries {
  const read = readRows(path);
  const chosen = (column ?? PREFERRED.find((each) => read.columns.includes(each)))?.toLowerCase();
  requireColumns(read, [chosen ?? PREFERRED.join(' or ')]);
  const name = chosen!;
  const isPrice = PRICES.includes(name);
  const values = Float64Array.from(read.rows, (row) =>
    isPrice ? positive(row, name) : row.number(name),
  );
  const days = read.columns.includes('date') ? risingDays(read.rows) : undefined;
  if (!isPrice) {
    const isReturn = name.includes('return');
    return { input: read, days, values, meaning: `column ${name}`, isReturn };
  }
  return {
    input: read,
    days: days?.slice(1),
    values: simpleReturns(values),
    meaning: `simple returns of column ${name}`,
    isReturn: true,
  };
}

/** Days of the column `date`, each after the one before. */
export function risingDays(rows: readonly Row[]): Float64Array {
  let last = Number.NEGATIVE_INFINITY;
  return Float64Array.from(rows, (row) => {
    const day = row.day('date');
    if (day <= last) refuse(row, 'date', 'a date after that of the row before', row.text('date'));
    last = day;
    return day;
  });
}

export function requireColumns({ source, columns }: Rows, needed: readonly string[]): void {
  const missing = needed.find((column) => !columns.includes(column));
  if (missing === undefined) return;
  throw faulty(
    faultOf(CLI_ERRORS.INPUT_MISSING, {
      path: `${source}, column ${missing}`,
      expected: `columns ${needed.join(', ')}`,
      received: columns.join(', ').slice(0, 120),
    }),
  );
}

function positive(row: Row, column: string): number {
  const value = row.number(column);
  return value > 0 ? value : refuse(row, column, 'a number above 0', String(value));
}

function refuse(row: Row, column: string, expected: string, received: string): never {
  const path = row.path(column);
  throw faulty(faultOf(CLI_ERRORS.INPUT_INVALID, { path, expected, received }));
}
