import { unwrap } from '@cerberus/core';
import {
  estimateFactorModel,
  type FactorModel,
  type MonteCarloRisk,
  riskOfPnl,
} from '@cerberus/risk';
import { WorkerPool } from '@cerberus/runtime';
import { JOB_PATHS, type PathsSetup } from '../workers/paths-job.ts';
import type { Market } from './book.ts';
import type { BookLine } from './book-lines.ts';
import type { RevaluationTerms } from './book-revaluation.ts';
import type { MonteCarloChoice } from './monte-carlo-options.ts';
import type { Progress } from './progress.ts';
import type { Cell, Table } from './table.ts';

/** Coverage of the interval of an estimate. */
const INTERVAL = 0.95;

/** The factors of a book or of one series, as history has them. */
export interface SimulatedBook {
  readonly names: readonly string[];
  /** Log-returns of each factor, or differences. */
  readonly returns: readonly Float64Array[];
  readonly moves: 'relative' | 'absolute';
  readonly periodsPerYear: number;
  readonly lines: readonly BookLine[];
  readonly market: Market;
  readonly terms: RevaluationTerms;
  readonly horizonPeriods: number;
}

export interface Simulation {
  readonly model: FactorModel;
  readonly choice: MonteCarloChoice;
  /** Of every path, in path order. */
  readonly pnl: Float64Array;
}

/**
 * P&L of every path, on worker threads. An interrupt from the keyboard cancels it: nothing is printed and
 * no worker is left.
 */
export async function simulate(
  book: SimulatedBook,
  choice: MonteCarloChoice,
  progress: Progress,
): Promise<Simulation> {
  const { law, estimator, seed, stepsPerDay: stepsPerPeriod, paths } = choice;
  const { horizonPeriods, lines, market, terms } = book;
  progress.step('law of returns');
  const settings = { law, estimator, horizonPeriods, stepsPerPeriod, seed };
  const model = unwrap(estimateFactorModel(book, settings));
  const setup: PathsSetup = { model, lines, market, revaluation: choice.revaluation, terms };
  const pnl = await pathPnl(setup, { paths, threads: choice.threads }, progress);
  return { model, choice, pnl };
}

async function pathPnl(
  setup: PathsSetup,
  { paths, threads }: { readonly paths: number; readonly threads: number },
  progress: Progress,
): Promise<Float64Array> {
  const jobs = Array.from({ length: Math.ceil(paths / JOB_PATHS) }, (_, index) => {
    const from = index * JOB_PATHS;
    const count = Math.min(JOB_PATHS, paths - from);
    return { name: `paths ${from} to ${from + count - 1}`, job: { from, count } };
  });
  const interrupt = new AbortController();
  const onInterrupt = () => interrupt.abort();
  process.once('SIGINT', onInterrupt);
  const pool = new WorkerPool<typeof import('../workers/paths-job.ts')>({
    module: new URL('../workers/paths-job.ts', import.meta.url),
    setup,
    threads: Math.min(threads, jobs.length),
  });
  try {
    const parts = await pool.runAll(jobs, {
      signal: interrupt.signal,
      onProgress: (done, total) => progress.bar(`${paths} paths`, done, total),
    });
    const pnl = new Float64Array(paths);
    for (const [index, part] of unwrap(parts).entries()) pnl.set(part, index * JOB_PATHS);
    return pnl;
  } finally {
    process.removeListener('SIGINT', onInterrupt);
    await pool.close();
  }
}

/** Risk at each confidence with the error of the estimate. */
export function simulatedRisks(
  { pnl }: Simulation,
  levels: readonly number[],
): (MonteCarloRisk & { readonly confidence: number })[] {
  return levels.map((confidence) => ({
    confidence,
    ...unwrap(riskOfPnl(pnl, { confidence, level: INTERVAL })),
  }));
}

export function simulationTables(simulation: Simulation, levels: readonly number[]): Table[] {
  const risks = simulatedRisks(simulation, levels);
  return [
    {
      title: `Monte Carlo, ${simulation.pnl.length} paths`,
      columns: [
        ...['confidence', 'VaR', 'standard error', 'VaR low', 'VaR high'],
        ...['ES', 'standard error', 'ES low', 'ES high'],
      ],
      rows: risks.map(({ confidence, valueAtRisk, expectedShortfall, error }) => [
        ...[confidence, valueAtRisk, error.varStandardError, error.varLow, error.varHigh],
        ...[expectedShortfall, error.shortfallStandardError],
        ...[error.shortfallLow, error.shortfallHigh],
      ]),
    },
    lawTable(simulation.model),
  ];
}

/** The law of each factor, per year. */
function lawTable({ factors, law }: FactorModel): Table {
  const row = (name: string, i: number, columns: readonly ArrayLike<number>[]): Cell[] => [
    name,
    factors[i]!.volatility,
    ...columns.map((column) => column[i]!),
  ];
  switch (law.kind) {
    case 'jump-diffusion':
      return {
        columns: ['factor', 'volatility', 'jump mean', 'jump deviation'],
        rows: factors.map(({ name }, i) => row(name, i, [law.jumpMean, law.jumpSd])),
      };
    case 'heston': {
      const { kappa, theta, volOfVariance, rho, initialVariance } = law;
      const columns = [kappa, theta, volOfVariance, rho, initialVariance];
      return {
        columns: ['factor', 'volatility', 'kappa', 'theta', 'xi', 'rho', 'variance now'],
        rows: factors.map(({ name }, i) => row(name, i, columns)),
      };
    }
    default:
      return {
        columns: ['factor', 'volatility'],
        rows: factors.map(({ name }, i) => row(name, i, [])),
      };
  }
}

/** What a reader must know of a simulation, in words. */
export function simulationConventions({ model, choice }: Simulation): string[] {
  const { law, steps, horizonYears } = model;
  const told = {
    diffusion: () => 'geometric Brownian motion',
    'jump-diffusion': () =>
      law.kind === 'jump-diffusion'
        ? `Merton jumps, ${law.intensity.toPrecision(4)} a year on all factors at once`
        : '',
    't-copula': () =>
      law.kind === 't-copula'
        ? `t-copula of ${law.nu.toPrecision(4)} degrees of freedom, ${law.margins.kind} margins`
        : '',
    heston: () => 'Heston variance of each factor matched to its GARCH(1,1), or as given',
  }[law.kind]();
  return [
    `Monte Carlo: ${told}; ${choice.correlation} correlation and volatilities, expected returns 0; ${steps} step(s) over ${horizonYears.toPrecision(4)} years; seed ${choice.seed}`,
    `${choice.revaluation} revaluation; standard error and interval of the estimate (${100 * INTERVAL} %): order statistics for VaR, Manistre and Hancock for ES`,
  ];
}

export function simulationData(simulation: Simulation, levels: readonly number[]) {
  const { model, choice, pnl } = simulation;
  const { factors, correlation, law, horizonYears, steps, seed } = model;
  const size = factors.length;
  return {
    paths: pnl.length,
    ...{ seed, steps, horizonYears },
    revaluation: choice.revaluation,
    correlationEstimator: choice.correlation,
    estimates: simulatedRisks(simulation, levels),
    factors: factors.map(({ name, volatility }) => ({ name, volatility })),
    correlation: factors.map((_, i) =>
      Array.from(correlation.data.subarray(i * size, (i + 1) * size)),
    ),
    law: lawData(law),
  };
}

/** Empirical outcomes are the history itself, which the input hash names. */
function lawData(law: FactorModel['law']): Readonly<Record<string, unknown>> {
  return law.kind === 't-copula' ? { ...law, margins: law.margins.kind } : { ...law };
}
