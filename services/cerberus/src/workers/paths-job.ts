// Runs on worker threads: simulated P&L of a range of paths. A path is a function of the seed and its own
// number, and a job a fixed range of them, so that no result depends on the number of workers.
import { type Result, unwrap } from '@cerberus/core';
import { type FactorModel, FactorSimulator, type Revaluation, simulatePnl } from '@cerberus/risk';
import { Book, type Market } from '../commands/book.ts';
import type { BookLine } from '../commands/book-lines.ts';
import { BookRevaluation, type RevaluationTerms, taylorOf } from '../commands/book-revaluation.ts';

/** Paths of one job, revalued together. */
export const JOB_PATHS = 2_048;

export interface PathsSetup {
  readonly model: FactorModel;
  readonly lines: readonly BookLine[];
  readonly market: Market;
  readonly revaluation: 'full' | 'delta-gamma-vega';
  readonly terms: RevaluationTerms;
}

export interface PathsJob {
  readonly from: number;
  /** At most `JOB_PATHS`. */
  readonly count: number;
}

export function openJobs(setup: PathsSetup): (job: PathsJob) => Result<Float64Array> {
  const simulator = unwrap(FactorSimulator.create(setup.model));
  const revalue = revaluationOf(setup);
  return ({ from, count }) => simulatePnl(simulator, revalue, { from, count });
}

function revaluationOf({ lines, market, revaluation, terms }: PathsSetup): Revaluation {
  const book = new Book(lines, market);
  if (revaluation === 'delta-gamma-vega') return taylorOf(book, terms);
  return new BookRevaluation(book, terms, { capacity: JOB_PATHS }).pnl;
}
