import { unwrap } from '@cerberus/core';
import { type FactorModel, type MonteCarloRisk, riskOfPnl } from '@cerberus/risk';
import { WorkerPool } from '@cerberus/runtime';
import { squareMatrix } from '@cerberus/stats';
import { type BenchResult, median } from '../result.ts';

const PATHS = 100_000;
const OPTIONS = 100;
const UNDERLYINGS = 10;
const BLOCK_PATHS = 2_048;
const CORES = 2;
const ROUNDS = 9;
const LIMIT_SECONDS = 0.5;
const RISK = { confidence: 0.99 };
const BLOCKS = Array.from({ length: Math.ceil(PATHS / BLOCK_PATHS) }, (_, index) => {
  const from = index * BLOCK_PATHS;
  return { name: `paths from ${from}`, job: { from, count: Math.min(BLOCK_PATHS, PATHS - from) } };
});

/** Value at risk and expected shortfall by simulation and full revaluation on the product's worker pool. */
export async function run(): Promise<BenchResult[]> {
  const alone = await measured(1);
  const pooled = await measured(CORES);
  const [one, other] = [alone, pooled].map(({ pnl }) => Buffer.from(pnl.buffer));
  const isSame = one!.equals(other!);
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
  readonly pnl: Float64Array;
  readonly risk: MonteCarloRisk;
}

async function measured(threads: number): Promise<Measured> {
  const pool = new WorkerPool<typeof import('./monte-carlo-var-worker.ts')>({
    module: new URL('./monte-carlo-var-worker.ts', import.meta.url),
    setup: { model: model(), options: OPTIONS, blockPaths: BLOCK_PATHS },
    threads,
  });
  const pnl = new Float64Array(PATHS);
  const seconds: number[] = [];
  let risk: MonteCarloRisk | undefined;
  for (let round = -1; round < ROUNDS; round += 1) {
    const start = performance.now();
    const parts = unwrap(await pool.runAll(BLOCKS));
    for (const [index, part] of parts.entries()) pnl.set(part, index * BLOCK_PATHS);
    risk = unwrap(riskOfPnl(pnl, RISK));
    // The first round starts the workers and warms them up.
    if (round >= 0) seconds.push((performance.now() - start) / 1000);
  }
  await pool.close();
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
