import { parentPort, workerData } from 'node:worker_threads';
import { unwrap } from '@cerberus/core';
import { type FactorModel, FactorSimulator, type Revaluation, simulatePnl } from '@cerberus/risk';
import { optionBook, UnderlyingBook } from './book.ts';

/** What a worker is given: the model, the size of the book and the memory shared by all workers. */
export interface VarWork {
  readonly model: FactorModel;
  readonly options: number;
  readonly paths: number;
  readonly blockPaths: number;
  /** P&L of every path. */
  readonly pnl: SharedArrayBuffer;
  /** The next block that nobody has taken. */
  readonly next: SharedArrayBuffer;
}

/**
 * Takes blocks of paths until none is left. Path p is a function of (seed, p) alone and is written to
 * its own place, so that the result does not depend on who takes which block.
 */
export function takeBlocks(work: VarWork, revalue: Revaluation): void {
  const { paths, blockPaths } = work;
  const simulator = unwrap(FactorSimulator.create(work.model));
  const pnl = new Float64Array(work.pnl);
  const next = new Int32Array(work.next);
  for (;;) {
    const from = Atomics.add(next, 0, 1) * blockPaths;
    if (from >= paths) return;
    const count = Math.min(blockPaths, paths - from);
    pnl.set(unwrap(simulatePnl(simulator, revalue, { from, count })), from);
  }
}

/** Full revaluation of the book for a batch of factor moves (simple returns of the underlyings). */
export function bookRevaluation(work: VarWork): Revaluation {
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

if (parentPort !== null) {
  const port = parentPort;
  const work = workerData as VarWork;
  const revalue = bookRevaluation(work);
  port.on('message', () => {
    takeBlocks(work, revalue);
    port.postMessage('done');
  });
  port.postMessage('ready');
}
