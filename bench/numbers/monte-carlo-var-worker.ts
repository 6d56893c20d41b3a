// Jobs of the Monte Carlo value at risk bench, run by the product's worker pool.
import { type Result, unwrap } from '@cerberus/core';
import { type FactorModel, FactorSimulator, type Revaluation, simulatePnl } from '@cerberus/risk';
import { optionBook, UnderlyingBook } from './book.ts';

/** What a worker is given: the model and the size of the book. */
export interface VarWork {
  readonly model: FactorModel;
  readonly options: number;
  readonly blockPaths: number;
}

export interface PathBlock {
  readonly from: number;
  readonly count: number;
}

/** Path p is a function of (seed, p) alone, so that the result does not depend on who takes which block. */
export function openJobs(work: VarWork): (block: PathBlock) => Result<Float64Array> {
  const simulator = unwrap(FactorSimulator.create(work.model));
  const revalue = bookRevaluation(work);
  return (block) => simulatePnl(simulator, revalue, block);
}

/** Full revaluation of the book for a batch of factor moves (simple returns of the underlyings). */
function bookRevaluation(work: VarWork): Revaluation {
  const factors = work.model.factors.length;
  const positions = optionBook({ options: work.options, underlyings: factors });
  const books = Array.from({ length: factors }, (_, underlying) => {
    const held = positions.filter((position) => position.underlying === underlying);
    return new UnderlyingBook(held, work.blockPaths);
  });
  return (moves, count, pnl) => {
    pnl.fill(0);
    for (const [underlying, book] of books.entries()) {
      const { returns } = book.revaluation;
      for (let s = 0; s < count; s += 1) {
        returns[s] = Math.log1p(moves[s * factors + underlying]!);
      }
      returns.fill(0, count);
      book.prepare();
      book.revalue(1);
      book.addPnl(pnl);
    }
  };
}
