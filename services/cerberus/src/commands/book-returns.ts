import { faultOf } from '@cerberus/core';
import type { Book } from './book.ts';
import type { LoadedBook } from './book-options.ts';
import { BookRevaluation } from './book-revaluation.ts';
import { CLI_ERRORS } from './errors.ts';
import { aligned, logReturns, seriesNamed } from './history.ts';
import { faulty } from './input.ts';

export interface FactorReturns {
  /** Day of each return. */
  readonly days: Float64Array;
  /** Log returns per underlying of the book, in its order. */
  readonly columns: readonly Float64Array[];
}

const DAYS_PER_YEAR = 365.25;
/** Where a series has no dates: trading days. */
const PERIODS_PER_YEAR = 252;

/** How many periods of a history make a year, from its own dates. */
export function periodsPerYear(days: Float64Array | undefined): number {
  if (days === undefined || days.length < 2) return PERIODS_PER_YEAR;
  return ((days.length - 1) * DAYS_PER_YEAR) / (days.at(-1)! - days[0]!);
}

/** Calendar days in so many periods. */
export function calendarDays(periods: number, perYear: number): number {
  return (periods * DAYS_PER_YEAR) / perYear;
}

/** Log returns of the book's underlyings, and of other factors, on the days that all have. */
export function factorReturns(
  { book, history }: LoadedBook,
  others: readonly string[] = [],
): FactorReturns {
  if (history === undefined) {
    throw faulty(
      faultOf(CLI_ERRORS.INPUT_MISSING, {
        path: '--history',
        expected: 'closes of every underlying',
      }),
    );
  }
  if (book.underlyings.length === 0) {
    throw faulty(
      faultOf(CLI_ERRORS.INPUT_INVALID, {
        path: '--positions',
        expected: 'a position in something other than cash',
        received: 'cash alone',
      }),
    );
  }
  const series = [...book.underlyings, ...others].map((name) =>
    seriesNamed(history, name, '--history'),
  );
  const { days, closes } = aligned(series);
  return { days: days.slice(1), columns: closes.map(logReturns) };
}

export interface ScenarioPnl {
  readonly total: Float64Array;
  readonly byUnderlying: readonly Float64Array[];
}

/** P&L of the book and of its underlyings by full revaluation, from log moves of the underlyings. */
export function scenarioPnl(
  book: Book,
  columns: readonly Float64Array[],
  { daysForward = 0 }: { readonly daysForward?: number } = {},
): ScenarioPnl {
  const count = columns[0]?.length ?? 0;
  const width = columns.length;
  const moves = new Float64Array(count * width);
  for (const [i, column] of columns.entries()) {
    for (let t = 0; t < count; t++) moves[t * width + i] = Math.expm1(column[t]!);
  }
  const terms = { daysForward, movesVolatility: false };
  const revaluation = new BookRevaluation(book, terms, { capacity: Math.max(count, 1) });
  const byUnderlying = revaluation.byUnderlying(moves, count);
  const total = new Float64Array(count);
  for (const each of byUnderlying) for (let t = 0; t < count; t++) total[t]! += each[t]!;
  return { total, byUnderlying };
}
