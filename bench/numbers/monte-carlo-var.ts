import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { unwrap } from '@cerberus/core';
import { type FactorModel, type MonteCarloRisk, riskOfPnl } from '@cerberus/risk';
import { squareMatrix } from '@cerberus/stats';
import { type BenchResult, median } from '../result.ts';
import type { VarWork } from './monte-carlo-var-worker.ts';

const PATHS = 100_000;
const OPTIONS = 100;
const UNDERLYINGS = 10;
const BLOCK_PATHS = 2_048;
const CORES = 2;
const ROUNDS = 9;
const LIMIT_SECONDS = 0.5;
const RISK = { confidence: 0.99 };

/** Value at risk and expected shortfall by simulation and full revaluation in workers that stay. */
export async function run(): Promise<BenchResult[]> {
  const alone = await measured(1);
  const pooled = await measured(CORES);
  const isSame = Buffer.compare(Buffer.from(alone.pnl), Buffer.from(pooled.pnl)) === 0;
  return [
    {
      name: `Monte Carlo VaR and ES, ${PATHS} paths × ${OPTIONS} options, full revaluation, ${CORES} workers (P&L of every path ${isSame ? 'the same bits' : 'DIFFERENT'} as with one)`,
      unit: 's',
      value: pooled.seconds,
      n: ROUNDS,
      peer: 'one worker',
      peer_value: alone.seconds,
      ratio: alone.seconds / pooled.seconds,
      goal: `at most ${LIMIT_SECONDS} s on ${CORES} cores (median of wall times)`,
      met: pooled.seconds <= LIMIT_SECONDS && isSame,
    },
  ];
}

interface Measured {
  readonly seconds: number;
  readonly pnl: SharedArrayBuffer;
  readonly risk: MonteCarloRisk;
}

async function measured(workerCount: number): Promise<Measured> {
  const pnl = new SharedArrayBuffer(PATHS * 8);
  const next = new SharedArrayBuffer(4);
  const work: VarWork = {
    ...{ model: model(), options: OPTIONS, paths: PATHS, blockPaths: BLOCK_PATHS },
    ...{ pnl, next },
  };
  const workers = Array.from(
    { length: workerCount },
    () => new Worker(join(import.meta.dirname, 'monte-carlo-var-worker.ts'), { workerData: work }),
  );
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const seconds: number[] = [];
  let risk: MonteCarloRisk | undefined;
  for (let round = -1; round < ROUNDS; round += 1) {
    const start = performance.now();
    Atomics.store(new Int32Array(next), 0, 0);
    await Promise.all(
      workers.map((worker) => {
        worker.postMessage('go');
        return once(worker, 'message');
      }),
    );
    risk = unwrap(riskOfPnl(new Float64Array(pnl), RISK));
    // The first round warms up.
    if (round >= 0) seconds.push((performance.now() - start) / 1000);
  }
  await Promise.all(workers.map((worker) => worker.terminate()));
  return { seconds: median(seconds), pnl, risk: risk! };
}

/** Ten correlated underlyings over ten days. */
function model(): FactorModel {
  const correlation = unwrap(
    squareMatrix(
      Array.from({ length: UNDERLYINGS }, (_, row) =>
        Array.from({ length: UNDERLYINGS }, (_, column) => (row === column ? 1 : 0.4)),
      ),
    ),
  );
  return {
    factors: Array.from({ length: UNDERLYINGS }, (_, index) => ({
      name: `underlying ${index}`,
      moves: 'relative' as const,
      volatility: 0.2 + 0.03 * index,
    })),
    correlation,
    law: { kind: 'diffusion' },
    horizonYears: 10 / 365,
    steps: 1,
    seed: 33,
  };
}
