import { type Fault, fail, ok, type Result } from '@cerberus/core';
import {
  argumentFault,
  fitTCopulaMatrix,
  meanOf,
  pseudoObservations,
  type Series,
  sampleVariance,
} from '@cerberus/stats';
import { check, RISK_ERRORS } from './errors.ts';
import {
  type CovarianceEstimator,
  estimateFactorCovariance,
  type FactorCovariance,
} from './factor-covariance.ts';
import {
  type Factor,
  type FactorModel,
  factorModelFault,
  type HestonLaw,
  type JumpLaw,
  type ReturnLaw,
  type TCopulaLaw,
} from './factor-model.ts';
import { estimateHeston, type HestonParameters, hestonFault } from './heston-estimation.ts';
import { estimateJumps, pick } from './jump-estimation.ts';
import { fitStudentT } from './student-fit.ts';

/** One jump law for every factor, per year and in log-returns. */
export interface GivenJumps {
  readonly intensity: number;
  readonly mean: number;
  readonly sd: number;
}

/** The law of returns that is wanted, with what is known of it; the rest comes from the history. */
export type LawChoice =
  | { readonly kind: 'diffusion' }
  | { readonly kind: 'jump-diffusion'; readonly jumps?: GivenJumps }
  | {
      readonly kind: 't-copula';
      readonly margins: TCopulaLaw['margins']['kind'];
      readonly nu?: number;
    }
  | { readonly kind: 'heston'; readonly given?: ReadonlyMap<string, HestonParameters> };

export interface FactorHistory {
  readonly names: readonly string[];
  /** Log-returns per period, one series per name, in time order and of one length. */
  readonly returns: readonly Series[];
  readonly periodsPerYear: number;
  /** `absolute` where the returns are differences, such as P&L; `relative` by default. */
  readonly moves?: Factor['moves'];
}

export interface FactorModelChoice {
  readonly law: LawChoice;
  readonly estimator: CovarianceEstimator;
  /** Periods ahead, and equal time steps within each. */
  readonly horizonPeriods: number;
  readonly stepsPerPeriod: number;
  readonly seed: number;
}

/** Fewest periods from which a law is estimated. */
export const FACTOR_PERIODS_MIN = 30;

/**
 * The model of relative factors that a history and a choice of law and correlation give, expected simple
 * returns zero. Diffusion: volatilities and correlation of the estimator. Jumps: the recursive filter of
 * `estimateJumps`, the estimator applied to the periods without; jumps given by hand are taken out of the
 * estimated variance, so that the total is kept. t-copula: ν by maximum likelihood over the ranks
 * (over the returns for a single factor), correlation and volatilities of the estimator. Heston: matched to
 * the GARCH of each factor, correlation of the estimator. Faults name the factor.
 */
export function estimateFactorModel(
  history: FactorHistory,
  choice: FactorModelChoice,
): Result<FactorModel> {
  const { names, returns, periodsPerYear } = history;
  const fault =
    check.number(names.length, 'names.length', { atLeast: 1 }) ??
    check.number(returns.length, 'returns.length', {
      atLeast: names.length,
      atMost: names.length,
    }) ??
    check.number(periodsPerYear, 'periodsPerYear', { above: 0 }) ??
    check.number(choice.horizonPeriods, 'horizonPeriods', { above: 0 }) ??
    check.number(choice.stepsPerPeriod, 'stepsPerPeriod', { atLeast: 1, integer: true }) ??
    returnsFault(returns);
  if (fault !== undefined) return fail(named(fault, names));
  const laid = lawOf(history, choice);
  if (!laid.ok) return fail(named(laid.error, names));
  const { law, covariance, variances } = laid.value;
  const model: FactorModel = {
    factors: names.map((name, i) => ({
      name,
      moves: history.moves ?? 'relative',
      volatility: Math.sqrt(variances[i]! * periodsPerYear),
    })),
    correlation: covariance.correlation,
    law,
    horizonYears: choice.horizonPeriods / periodsPerYear,
    steps: Math.ceil(choice.horizonPeriods * choice.stepsPerPeriod),
    seed: choice.seed,
  };
  const wrong = factorModelFault(model);
  return wrong === undefined ? ok(model) : fail(wrong);
}

interface LaidLaw {
  readonly law: ReturnLaw;
  readonly covariance: FactorCovariance;
  /** Of the diffusion, per period. */
  readonly variances: Float64Array;
}

function lawOf(history: FactorHistory, choice: FactorModelChoice): Result<LaidLaw> {
  const { returns } = history;
  const { law, estimator } = choice;
  if (law.kind === 'jump-diffusion' && law.jumps === undefined) {
    return filteredJumps(history, estimator);
  }
  const covariance = estimateFactorCovariance(returns, estimator);
  if (!covariance.ok) return covariance;
  const variances = covariance.value.volatilities.map((sd) => sd * sd);
  const laid = (result: Result<ReturnLaw>, left: Float64Array = variances): Result<LaidLaw> =>
    result.ok
      ? ok({ law: result.value, covariance: covariance.value, variances: left })
      : fail(result.error);
  switch (law.kind) {
    case 'diffusion':
      return laid(ok({ kind: 'diffusion' }));
    case 'jump-diffusion': {
      const left = withoutJumps(variances, law.jumps!, history.periodsPerYear);
      return left.ok ? laid(ok(sameJumps(law.jumps!, returns.length)), left.value) : left;
    }
    case 't-copula':
      return laid(copulaLaw(returns, law));
    case 'heston':
      return laid(hestonLaw(history, law.given));
  }
}

function returnsFault(returns: readonly Series[]): Fault | undefined {
  for (const [i, column] of returns.entries()) {
    const fault =
      check.series(column, `returns[${i}]`, {
        minimumLength: FACTOR_PERIODS_MIN,
        varying: true,
      }) ?? check.length(column, `returns[${i}]`, returns[0]!.length);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** `returns[1]…` and `columns[1]…` by the name of the factor. */
function named(fault: Fault, names: readonly string[]): Fault {
  const path = fault.path?.replace(
    /^(?:returns|columns)\[(\d+)\]/,
    (_, index: string) => `returns of ${names[Number(index)]}`,
  );
  return path === undefined ? fault : { ...fault, path };
}

function filteredJumps(history: FactorHistory, estimator: CovarianceEstimator): Result<LaidLaw> {
  const found = estimateJumps(history.returns);
  if (!found.ok) return found;
  const { ordinary, intensityPerPeriod, mean, sd } = found.value;
  const covariance = estimateFactorCovariance(
    history.returns.map((column) => pick(column, ordinary)),
    estimator,
  );
  if (!covariance.ok) return covariance;
  const intensity = intensityPerPeriod * history.periodsPerYear;
  const law: JumpLaw = { kind: 'jump-diffusion', intensity, jumpMean: mean, jumpSd: sd };
  const variances = covariance.value.volatilities.map((each) => each * each);
  return ok({ law, covariance: covariance.value, variances });
}

function sameJumps({ intensity, mean, sd }: GivenJumps, size: number): JumpLaw {
  const all = (value: number) => new Float64Array(size).fill(value);
  return { kind: 'jump-diffusion', intensity, jumpMean: all(mean), jumpSd: all(sd) };
}

/** Variance per period less λ(μ² + s²) of the jumps. */
function withoutJumps(
  variances: Float64Array,
  { intensity, mean, sd }: GivenJumps,
  periodsPerYear: number,
): Result<Float64Array> {
  const fault =
    check.number(intensity, 'jumps.intensity', { atLeast: 0 }) ??
    check.number(mean, 'jumps.mean') ??
    check.number(sd, 'jumps.sd', { atLeast: 0 });
  if (fault !== undefined) return fail(fault);
  const ofJumps = (intensity / periodsPerYear) * (mean * mean + sd * sd);
  const row = variances.findIndex((variance) => !(variance > ofJumps));
  if (row === -1) return ok(variances.map((variance) => variance - ofJumps));
  return fail(
    argumentFault(RISK_ERRORS.OUT_OF_DOMAIN, `returns[${row}]`, {
      expected: 'jumps with less variance than the returns',
      received: `${ofJumps} of ${variances[row]} per period`,
    }),
  );
}

function copulaLaw(
  returns: readonly Series[],
  choice: Extract<LawChoice, { readonly kind: 't-copula' }>,
): Result<TCopulaLaw> {
  const nu = choice.nu === undefined ? copulaNu(returns) : ok(choice.nu);
  if (!nu.ok) return nu;
  const { margins: kind } = choice;
  const margins = kind === 'empirical' ? { kind, sortedOutcomes: returns.map(outcomes) } : { kind };
  return ok({ kind: 't-copula', nu: nu.value, margins });
}

function copulaNu(returns: readonly Series[]): Result<number> {
  if (returns.length === 1) {
    const fit = fitStudentT(returns[0]!);
    return fit.ok ? ok(fit.value.nu) : fit;
  }
  const ranks: Float64Array[] = [];
  for (const column of returns) {
    const own = pseudoObservations(column);
    if (!own.ok) return own;
    ranks.push(own.value);
  }
  const fit = fitTCopulaMatrix(ranks);
  return fit.ok ? ok(fit.value.nu) : fit;
}

/** Standardised returns, ascending. */
function outcomes(column: Series): Float64Array {
  const [mean, sd] = [meanOf(column), Math.sqrt(sampleVariance(column))];
  return Float64Array.from(column, (r) => (r - mean) / sd).sort();
}

function hestonLaw(
  { names, returns, periodsPerYear }: FactorHistory,
  given: ReadonlyMap<string, HestonParameters> | undefined,
): Result<HestonLaw> {
  const found: HestonParameters[] = [];
  for (const [i, column] of returns.entries()) {
    const own = given?.get(names[i]!);
    if (own !== undefined) {
      const allowed = hestonFault(own, `heston ${names[i]}`);
      if (!allowed.ok) return allowed;
      found.push(own);
      continue;
    }
    const fit = estimateHeston(column, periodsPerYear);
    if (!fit.ok) {
      const path = (fit.error.path ?? 'returns').replace(/^returns/, `returns[${i}]`);
      return fail({ ...fit.error, path });
    }
    found.push(fit.value);
  }
  const column = (name: keyof HestonParameters) => Float64Array.from(found, (each) => each[name]);
  return ok({
    kind: 'heston',
    ...{ kappa: column('kappa'), theta: column('theta'), rho: column('rho') },
    volOfVariance: column('volOfVariance'),
    initialVariance: column('initialVariance'),
  });
}
