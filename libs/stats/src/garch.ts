import { type Fault, fail, type Result } from '@cerberus/core';
import { minimiseInBox } from './box-minimiser.ts';
import { argumentFault, STATS_ERRORS } from './errors.ts';
import {
  type GarchInitialisation,
  type GarchParameters,
  type GarchTrace,
  garchPass,
  parametersOf,
} from './garch-likelihood.ts';
import { type GarchErrors, garchStandardErrors, newtonPolish } from './garch-refinement.ts';
import { centralMoment, meanOf } from './moments.ts';
import { check, type Series } from './validation.ts';

export type GarchDistribution = 'normal' | 'student-t';

export interface GarchEvaluation extends GarchTrace {
  readonly logLikelihood: number;
  /** α + β. */
  readonly persistence: number;
  /** ω/(1 − α − β); absent where the persistence is 1 or more. */
  readonly unconditionalVariance?: number;
  /** ln ½ / ln(α + β); absent likewise. */
  readonly halfLifePeriods?: number;
}

/** Likelihood and variances of a GARCH(1,1) at given parameters. */
export function evaluateGarch(
  returns: Series,
  parameters: GarchParameters,
  initialisation: GarchInitialisation = 'presample',
): Result<GarchEvaluation> {
  const fault =
    check.series(returns, 'returns', { minimumLength: 2, varying: true }) ??
    parametersFault(parameters, initialisation);
  if (fault !== undefined) return fail(fault);
  const pass = garchPass(returns, parameters, initialisation);
  const finite = check.number(pass.logLikelihood, 'logLikelihood');
  if (finite !== undefined) return fail(finite);
  const persistence = parameters.alpha + parameters.beta;
  return check.result({
    logLikelihood: pass.logLikelihood,
    variances: pass.variances,
    next: pass.next,
    persistence,
    ...(persistence > 0 && persistence < 1
      ? {
          unconditionalVariance: parameters.omega / (1 - persistence),
          halfLifePeriods: -Math.LN2 / Math.log(persistence),
        }
      : {}),
  });
}

function parametersFault(
  parameters: GarchParameters,
  initialisation: GarchInitialisation,
): Fault | undefined {
  const { mu, omega, alpha, beta, nu } = parameters;
  return (
    check.number(mu, 'mu') ??
    check.number(omega, 'omega', { above: 0 }) ??
    check.number(alpha, 'alpha', { atLeast: 0 }) ??
    check.number(beta, 'beta', { atLeast: 0 }) ??
    (nu === undefined ? undefined : check.degreesOfFreedom(nu, 'nu')) ??
    (initialisation === 'unconditional'
      ? check.number(alpha + beta, 'alpha + beta', { below: 1 })
      : undefined)
  );
}

/** Variance `horizon` ≥ 1 periods ahead: h_{n+j} = ω + (α+β) h_{n+j−1}, from h_{n+1} = `next`. */
export function garchForecast(
  parameters: GarchParameters,
  next: number,
  horizon: number,
): Result<number> {
  const fault =
    parametersFault(parameters, 'sample') ??
    check.number(next, 'next', { above: 0 }) ??
    check.number(horizon, 'horizon', { atLeast: 1, integer: true });
  if (fault !== undefined) return fail(fault);
  const persistence = parameters.alpha + parameters.beta;
  if (persistence === 1) return check.result(next + (horizon - 1) * parameters.omega);
  const level = parameters.omega / (1 - persistence);
  return check.result(level + persistence ** (horizon - 1) * (next - level));
}

export interface GarchFit extends GarchEvaluation {
  readonly parameters: GarchParameters;
  readonly distribution: GarchDistribution;
  readonly initialisation: GarchInitialisation;
  /** eₜ/√hₜ. */
  readonly standardisedResiduals: Float64Array;
  /** Largest element of the score at the estimate, per observation, in units of the scaled series. */
  readonly largestScore: number;
  /**
   * In the order μ, ω, α, β(, ν). Absent where the maximum lies on a bound (α or β at 0, ν at its
   * limit), where the usual theory does not hold.
   */
  readonly standardErrors?: GarchErrors;
}

/** Fewest returns for which a fit is tried. */
export const GARCH_RETURNS_MIN = 50;
/** Beyond this the Student-t law is the normal to the digits that matter. */
const NU_MAX = 500;
const NU_MIN = 2.01;

/** Starts (α, β) that between them reach every maximum met in practice. */
const STARTS: readonly (readonly [number, number])[] = [
  [0.05, 0.9],
  [0.1, 0.8],
  [0.15, 0.6],
  [0.3, 0.3],
  [0.02, 0.97],
  [0.05, 0.3],
];

/**
 * GARCH(1,1) with a constant mean by maximum likelihood: L-BFGS in bounds from several starts on the
 * series scaled to unit variance, then Newton's method on the analytic score. Positive variances are
 * imposed, stationarity is not (it is for `unconditional`, whose first variance needs it).
 */
export function fitGarch(
  returns: Series,
  options: {
    readonly distribution?: GarchDistribution;
    readonly initialisation?: GarchInitialisation;
  } = {},
): Result<GarchFit> {
  const fault = check.series(returns, 'returns', {
    minimumLength: GARCH_RETURNS_MIN,
    varying: true,
  });
  if (fault !== undefined) return fail(fault);
  const { distribution = 'normal', initialisation = 'presample' } = options;
  const centre = meanOf(returns);
  const scale = Math.sqrt(centralMoment(returns, centre, 2));
  const scaled = Float64Array.from(returns, (r) => r / scale);
  const found = maximise(scaled, centre / scale, distribution, initialisation);
  if (found === undefined) {
    return fail(
      argumentFault(STATS_ERRORS.NOT_CONVERGED, 'returns', {
        expected: 'a series with a maximum of the likelihood',
        received: `${returns.length} returns`,
      }),
    );
  }
  const refined = newtonPolish(scaled, found, initialisation);
  const errors = interior(refined.x)
    ? garchStandardErrors(scaled, refined.x, initialisation)
    : undefined;
  const units = unitsOf(refined.x.length, scale);
  const parameters = parametersOf(refined.x.map((v, i) => v * units[i]!));
  const evaluation = evaluateGarch(returns, parameters, initialisation);
  if (!evaluation.ok) return evaluation;
  const { variances } = evaluation.value;
  return check.result({
    ...evaluation.value,
    parameters,
    distribution,
    initialisation,
    standardisedResiduals: variances.map((h, t) => (returns[t]! - parameters.mu) / Math.sqrt(h)),
    largestScore: refined.largestScore,
    ...(errors === undefined
      ? {}
      : {
          standardErrors: {
            hessian: errors.hessian.map((s, i) => s * units[i]!),
            robust: errors.robust.map((s, i) => s * units[i]!),
          },
        }),
  });
}

/** Factors that bring scaled parameters back to the unit of the returns. */
function unitsOf(size: number, scale: number): number[] {
  return [scale, scale * scale, 1, 1, 1].slice(0, size);
}

function interior(x: Float64Array): boolean {
  const nu = x[4];
  return x[2]! > 1e-6 && x[3]! > 1e-6 && (nu === undefined || (nu > NU_MIN && nu < NU_MAX));
}

/** Steps from every start before the best few are followed to the end. */
const SCOUT_ITERATIONS = 12;
const SCOUTS_KEPT = 2;

function maximise(
  scaled: Float64Array,
  centre: number,
  distribution: GarchDistribution,
  initialisation: GarchInitialisation,
): Float64Array | undefined {
  const n = scaled.length;
  const student = distribution === 'student-t';
  const lower = [-10, 1e-9, 0, 0, NU_MIN].slice(0, student ? 5 : 4);
  const upper = [10, 10, 2, 1, NU_MAX].slice(0, student ? 5 : 4);
  const objective = (x: Float64Array, gradient: Float64Array): number => {
    if (initialisation === 'unconditional' && x[2]! + x[3]! >= 1) return Number.POSITIVE_INFINITY;
    const pass = garchPass(scaled, parametersOf(x), initialisation);
    for (let i = 0; i < x.length; i++) gradient[i] = -pass.score[i]! / n;
    return -pass.logLikelihood / n;
  };
  const descend = (from: Series, iterationsMax: number) =>
    minimiseInBox(objective, from, { lower, upper, gradientTolerance: 1e-7, iterationsMax });
  const scouts: { readonly at: Float64Array; readonly value: number }[] = [];
  for (const [alpha, beta] of STARTS) {
    const start = [centre, Math.max(1 - alpha - beta, 0.005), alpha, beta, 6];
    const found = descend(start.slice(0, lower.length), SCOUT_ITERATIONS);
    if (found.ok) scouts.push(found.value);
  }
  scouts.sort((a, b) => a.value - b.value);
  let best: { readonly at: Float64Array; readonly value: number } | undefined;
  for (const scout of scouts.slice(0, SCOUTS_KEPT)) {
    const found = descend(scout.at, 300);
    if (!found.ok) continue;
    if (best === undefined || found.value.value < best.value - 1e-12) best = found.value;
  }
  return best?.at;
}
