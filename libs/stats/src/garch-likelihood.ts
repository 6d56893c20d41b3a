import { digamma } from './gamma.ts';
import { studentTLogNormaliser } from './student-t.ts';
import type { Series } from './validation.ts';

/**
 * First conditional variance, m = Σeₜ²/n at the current mean: `presample` h₁ = ω + (α+β)m (Fiorentini,
 * Calzolari and Panattoni 1996; TSP, fGarch), `sample` h₁ = m, `unconditional` h₁ = ω/(1−α−β).
 */
export type GarchInitialisation = 'presample' | 'sample' | 'unconditional';

export interface GarchParameters {
  readonly mu: number;
  readonly omega: number;
  readonly alpha: number;
  readonly beta: number;
  /** Degrees of freedom of standardised Student-t errors; absent for normal errors. */
  readonly nu?: number;
}

/** Parameters from the vector μ, ω, α, β(, ν). */
export function parametersOf(x: Float64Array): GarchParameters {
  const nu = x[4];
  const base = { mu: x[0]!, omega: x[1]!, alpha: x[2]!, beta: x[3]! };
  return nu === undefined ? base : { ...base, nu };
}

export interface GarchTrace {
  /** Conditional variance of each observation. */
  readonly variances: Float64Array;
  readonly next: number;
}

/** Sums of one pass over the series; `score` is the gradient in the order μ, ω, α, β(, ν). */
export interface GarchPass extends GarchTrace {
  readonly logLikelihood: number;
  readonly score: Float64Array;
  /** Σ sₜ sₜᵀ of the observations' scores, row by row. */
  readonly scoreProducts: Float64Array;
}

interface Law {
  readonly constant: number;
  readonly nu: number | undefined;
  /** ∂constant/∂ν, without the part that depends on the residual. */
  readonly constantSlope: number;
}

/**
 * Log-likelihood of rₜ = μ + eₜ, hₜ = ω + αe²ₜ₋₁ + βhₜ₋₁ with its analytic score (Fiorentini,
 * Calzolari and Panattoni, J. Applied Econometrics 11 (1996) 399–417), the dependence of h₁ on the
 * parameters included. Student-t errors have unit variance. Not finite outside the domain.
 */
export function garchPass(
  returns: Series,
  parameters: GarchParameters,
  initialisation: GarchInitialisation,
): GarchPass {
  const n = returns.length;
  const { mu, omega, alpha, beta } = parameters;
  const law = lawOf(parameters.nu);
  const size = law.nu === undefined ? 4 : 5;
  const start = firstVariance(returns, parameters, initialisation);
  const variances = new Float64Array(n);
  const score = new Float64Array(size);
  const products = new Float64Array(size * size);
  const own = new Float64Array(size);
  const slope = start.slope;
  let h = start.value;
  let logLikelihood = 0;
  for (let t = 0; t < n; t++) {
    const e = returns[t]! - mu;
    variances[t] = h;
    logLikelihood += observation(e, h, law, own);
    const byVariance = own[1]!;
    own[0]! += byVariance * slope[0]!;
    own[1] = byVariance * slope[1]!;
    own[2] = byVariance * slope[2]!;
    own[3] = byVariance * slope[3]!;
    accumulate(own, score, products);
    slope[0] = beta * slope[0]! - 2 * alpha * e;
    slope[1] = beta * slope[1]! + 1;
    slope[2] = beta * slope[2]! + e * e;
    slope[3] = beta * slope[3]! + h;
    h = omega + alpha * e * e + beta * h;
  }
  return { logLikelihood, score, scoreProducts: products, variances, next: h };
}

function accumulate(own: Float64Array, score: Float64Array, products: Float64Array): void {
  const size = own.length;
  for (let i = 0; i < size; i++) {
    const value = own[i]!;
    score[i]! += value;
    for (let j = 0; j < size; j++) products[i * size + j]! += value * own[j]!;
  }
}

function lawOf(nu: number | undefined): Law {
  if (nu === undefined) {
    return { constant: -0.5 * Math.log(2 * Math.PI), nu, constantSlope: 0 };
  }
  return {
    constant: studentTLogNormaliser(nu) + 0.5 * Math.log(nu / (nu - 2)),
    nu,
    constantSlope: 0.5 * (digamma((nu + 1) / 2) - digamma(nu / 2) - 1 / (nu - 2)),
  };
}

/** Log density; writes ∂/∂μ at fixed h into own[0], ∂/∂h into own[1], ∂/∂ν into own[4]. */
function observation(e: number, h: number, law: Law, own: Float64Array): number {
  const { nu, constant } = law;
  if (nu === undefined) {
    own[0] = e / h;
    own[1] = (0.5 * ((e * e) / h - 1)) / h;
    return constant - 0.5 * (Math.log(h) + (e * e) / h);
  }
  const w = (e * e) / ((nu - 2) * h);
  const logTail = Math.log1p(w);
  const weight = (nu + 1) / (1 + w);
  own[0] = (weight * e) / ((nu - 2) * h);
  own[1] = (0.5 * (weight * w - 1)) / h;
  own[4] = law.constantSlope - 0.5 * logTail + (0.5 * weight * w) / (nu - 2);
  return constant - 0.5 * Math.log(h) - 0.5 * (nu + 1) * logTail;
}

function firstVariance(
  returns: Series,
  parameters: GarchParameters,
  initialisation: GarchInitialisation,
): { value: number; slope: Float64Array } {
  const { mu, omega, alpha, beta } = parameters;
  if (initialisation === 'unconditional') {
    const room = 1 - alpha - beta;
    const value = omega / room;
    return { value, slope: Float64Array.of(0, 1 / room, value / room, value / room) };
  }
  let mean = 0;
  let square = 0;
  for (let t = 0; t < returns.length; t++) {
    const e = returns[t]! - mu;
    mean += e / returns.length;
    square += (e * e) / returns.length;
  }
  if (initialisation === 'sample') {
    return { value: square, slope: Float64Array.of(-2 * mean, 0, 0, 0) };
  }
  const persistence = alpha + beta;
  return {
    value: omega + persistence * square,
    slope: Float64Array.of(-2 * mean * persistence, 1, square, square),
  };
}
