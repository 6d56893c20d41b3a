import { faultOf } from '@cerberus/core';
import {
  type CovarianceEstimator,
  type HestonParameters,
  type LawChoice,
  PATHS_DEFAULT,
  PATHS_MAX,
} from '@cerberus/risk';
import { THREADS_MAX, threadsAvailable } from '@cerberus/runtime';
import type { Command } from 'commander';
import { CLI_ERRORS } from './errors.ts';
import { faulty } from './input.ts';
import {
  choiceFlag,
  collected,
  numberFlag,
  numberListFlag,
  pairsFlag,
  wholeFlag,
} from './options.ts';

const LAWS = ['gbm', 'jumps', 'heston', 't-copula'] as const;
const CORRELATIONS = ['sample', 'ewma', 'dcc', 'shrunk'] as const;
const REVALUATIONS = ['full', 'delta-gamma-vega'] as const;
const MARGINS = ['empirical', 'student-t', 'normal'] as const;
const EWMA_DECAY = 0.94;
const STEPS_PER_DAY_MAX = 24;
const SEED_MAX = Number.MAX_SAFE_INTEGER;
/** Fewest paths: a 99 % quantile of fewer rests on a handful of outcomes. */
const PATHS_MIN = 1_000;

export interface MonteCarloOptions {
  readonly law: string;
  readonly correlation: string;
  readonly revaluation: string;
  readonly paths: string;
  readonly seed: string;
  readonly threads?: string;
  readonly stepsPerDay: string;
  readonly margins: string;
  readonly nu?: string;
  readonly jumps?: string;
  readonly heston?: readonly string[];
}

/** What a run of Monte Carlo is told, as the kernels take it. */
export interface MonteCarloChoice {
  readonly lawName: (typeof LAWS)[number];
  readonly law: LawChoice;
  readonly correlation: (typeof CORRELATIONS)[number];
  readonly estimator: CovarianceEstimator;
  readonly revaluation: (typeof REVALUATIONS)[number];
  readonly paths: number;
  readonly seed: number;
  readonly threads: number;
  readonly stepsPerDay: number;
}

export function withMonteCarlo(command: Command): Command {
  return command
    .option('--law <name>', `law of returns: ${LAWS.join(', ')}`, 'gbm')
    .option('--correlation <name>', `${CORRELATIONS.join(', ')}`, 'sample')
    .option('--revaluation <name>', `${REVALUATIONS.join(' or ')}`, 'full')
    .option('--paths <n>', 'simulated paths', String(PATHS_DEFAULT))
    .option('--seed <n>', 'seed of the paths', '1')
    .option('--threads <n>', 'worker threads; results do not depend on it (default: all cores)')
    .option('--steps-per-day <n>', 'time steps of a path in each period, 24 for hours', '1')
    .option('--margins <name>', `of the t-copula: ${MARGINS.join(', ')}`, 'empirical')
    .option('--nu <n>', 'degrees of freedom of the t-copula (default: estimated)')
    .option('--jumps <rate,mean,sd>', 'jumps a year, their log mean and deviation (estimated)')
    .option(
      '--heston <NAME=kappa,theta,xi,rho,v0>',
      'variance process of a factor, per year (repeat; estimated)',
      collected,
    );
}

/** The flags read; a value that a flag does not take is a fault naming it. */
export function monteCarloChoice(options: MonteCarloOptions): MonteCarloChoice {
  const lawName = choiceFlag('--law', options.law, LAWS);
  const correlation = choiceFlag('--correlation', options.correlation, CORRELATIONS);
  return {
    lawName,
    law: lawOf(lawName, options),
    correlation,
    estimator: estimatorOf(correlation),
    revaluation: choiceFlag('--revaluation', options.revaluation, REVALUATIONS),
    paths: wholeFlag('--paths', options.paths, [PATHS_MIN, PATHS_MAX]),
    seed: wholeFlag('--seed', options.seed, [0, SEED_MAX]),
    threads:
      options.threads === undefined
        ? threadsAvailable()
        : wholeFlag('--threads', options.threads, [1, THREADS_MAX]),
    stepsPerDay: wholeFlag('--steps-per-day', options.stepsPerDay, [1, STEPS_PER_DAY_MAX]),
  };
}

function lawOf(name: (typeof LAWS)[number], options: MonteCarloOptions): LawChoice {
  demandOwnFlags(name, options);
  switch (name) {
    case 'gbm':
      return { kind: 'diffusion' };
    case 'jumps': {
      if (options.jumps === undefined) return { kind: 'jump-diffusion' };
      const [intensity, mean, sd] = numbersOf('--jumps', options.jumps, 3);
      return { kind: 'jump-diffusion', jumps: { intensity: intensity!, mean: mean!, sd: sd! } };
    }
    case 't-copula': {
      const margins = choiceFlag('--margins', options.margins, MARGINS);
      const nu = options.nu === undefined ? {} : { nu: numberFlag('--nu', options.nu) };
      return { kind: 't-copula', margins, ...nu };
    }
    case 'heston':
      return { kind: 'heston', given: hestonGiven(options.heston ?? []) };
  }
}

/** A parameter of another law would be dropped in silence. */
function demandOwnFlags(name: (typeof LAWS)[number], options: MonteCarloOptions): void {
  const owners = [
    ['--jumps', options.jumps, 'jumps'],
    ['--nu', options.nu, 't-copula'],
    ['--heston', options.heston, 'heston'],
  ] as const;
  for (const [flag, value, owner] of owners) {
    if (value === undefined || owner === name) continue;
    const where = { path: flag, expected: `--law ${owner}`, received: `--law ${name}` };
    throw faulty(faultOf(CLI_ERRORS.OPTION_INVALID, where));
  }
}

function hestonGiven(texts: readonly string[]): ReadonlyMap<string, HestonParameters> {
  const given = new Map<string, HestonParameters>();
  for (const [name, text] of pairsFlag('--heston', texts)) {
    const [kappa, theta, volOfVariance, rho, initialVariance] = numbersOf('--heston', text, 5);
    given.set(name, {
      ...{ kappa: kappa!, theta: theta!, volOfVariance: volOfVariance!, rho: rho! },
      initialVariance: initialVariance!,
    });
  }
  return given;
}

function numbersOf(flag: string, text: string, count: number): number[] {
  const values = numberListFlag(flag, text);
  if (values.length === count) return values;
  const expected = `${count} numbers separated by commas`;
  throw faulty(faultOf(CLI_ERRORS.OPTION_INVALID, { path: flag, expected, received: text }));
}

function estimatorOf(name: (typeof CORRELATIONS)[number]): CovarianceEstimator {
  switch (name) {
    case 'ewma':
      return { kind: 'ewma', decay: EWMA_DECAY };
    case 'shrunk':
      return { kind: 'ledoit-wolf', target: 'constant-correlation' };
    default:
      return { kind: name };
  }
}
