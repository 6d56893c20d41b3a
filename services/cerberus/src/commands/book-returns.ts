import { faultOf } from '@cerberus/core';
import type { Book } from './book.ts';
import type { LoadedBook } from './book-options.ts';
import { CLI_ERRORS } from './errors.ts';
import { aligned, logReturns, seriesNamed } from './history.ts';
import { faulty } from './input.ts';

export interface FactorReturns {
  /** Day of each return. */
  readonly days: Float64Array;
  /** Log returns per underlying of the book, in its order. */
  readonly columns: readonly Float64Array[];
}

/** Log returns of the book's underlyings on the days that all have. */
export function factorReturns({ book, history }: LoadedBook): FactorReturns {
  if (history === undefined) {
    throw faulty(
      faultOf(CLI_ERRORS.INPUT_MISSING, {
        path: '--history',
        expected: 'closes of every underlying',
      }),
    );
  }
  const series = book.underlyings.map((name) => seriesNamed(history, name, '--history'));
  const { days, closes } = aligned(series);
  return { days: days.slice(1), columns: closes.map(logReturns) };
}

/** P&L of each position, row by scenario, from log moves of the underlyings. */
export function scenarioPnl(
  book: Book,
  columns: readonly Float64Array[],
): { readonly total: Float64Array; readonly byUnderlying: readonly Float64Array[] } {
  const count = columns[0]?.length ?? 0;
  const total = new Float64Array(count);
  const byUnderlying = book.underlyings.map(() => new Float64Array(count));
  const owner = book.lines.map(({ underlying }) =>
    underlying === null ? -1 : book.underlyings.indexOf(underlying),
  );
  const factors = new Float64Array(columns.length);
  for (let t = 0; t < count; t++) {
    for (const [i, column] of columns.entries()) factors[i] = Math.exp(column[t]!);
    const pnl = book.positionPnl({ spotFactors: factors });
    for (const [row, each] of pnl.entries()) {
      total[t]! += each;
      const to = byUnderlying[owner[row]!];
      if (to !== undefined) to[t]! += each;
    }
  }
  return { total, byUnderlying };
}
