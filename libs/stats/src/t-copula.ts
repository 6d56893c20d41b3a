import { type Fault, fail, type Result } from '@cerberus/core';
import { minimiseInInterval } from './brent.ts';
import { argumentFault, STATS_ERRORS } from './errors.ts';
import { integrate } from './quadrature.ts';
import {
  studentTCdf,
  studentTLogNormaliser,
  studentTLogPdf,
  studentTQuantile,
} from './student-t.ts';
import { check, type Series } from './validation.ts';

/** Degrees of freedom for which quantiles stay in the range of doubles and differ from the normal's. */
const NU_DOMAIN = [0.1, 1e6] as const;

/** Bivariate Student-t copula: correlation in (−1, 1), degrees of freedom from 0.1 to 10⁶. */
export interface TCopula {
  readonly rho: number;
  readonly nu: number;
}

function copulaFault({ rho, nu }: TCopula): Fault | undefined {
  return (
    check.number(rho, 'rho', { above: -1, below: 1 }) ??
    check.number(nu, 'nu', { atLeast: NU_DOMAIN[0], atMost: NU_DOMAIN[1] })
  );
}

/**
 * Tail dependence λ = 2 t_{ν+1}(−√((ν+1)(1−ρ)/(1+ρ))), the same in both tails (Embrechts, McNeil and
 * Straumann 2002; McNeil, Frey and Embrechts, Quantitative Risk Management, 2nd ed., eq. 7.38).
 */
export function tailDependence(copula: TCopula): Result<number> {
  const fault = copulaFault(copula);
  if (fault !== undefined) return fail(fault);
  const { rho, nu } = copula;
  return check.result(2 * studentTCdf(-Math.sqrt(((nu + 1) * (1 - rho)) / (1 + rho)), nu + 1));
}

/** Kendall's τ = (2/π) asin ρ of any elliptical copula. */
export function kendallFromCorrelation(rho: number): Result<number> {
  const fault = check.number(rho, 'rho', { atLeast: -1, atMost: 1 });
  return fault === undefined ? check.result((2 / Math.PI) * Math.asin(rho)) : fail(fault);
}

/** ρ = sin(πτ/2). */
export function correlationFromKendall(tau: number): Result<number> {
  const fault = check.number(tau, 'tau', { atLeast: -1, atMost: 1 });
  return fault === undefined ? check.result(Math.sin((Math.PI * tau) / 2)) : fail(fault);
}

/** Log density c(u, v), u and v in (0, 1). */
export function tCopulaLogDensity(copula: TCopula, u: number, v: number): Result<number> {
  const fault = copulaFault(copula) ?? check.probability(u, 'u') ?? check.probability(v, 'v');
  if (fault !== undefined) return fail(fault);
  const { nu } = copula;
  return check.result(logDensity(copula, studentTQuantile(u, nu), studentTQuantile(v, nu)));
}

/** ln f₂(x, y) − ln f(x) − ln f(y), the margins of the same ν. */
function logDensity({ rho, nu }: TCopula, x: number, y: number): number {
  const room = (1 - rho) * (1 + rho);
  const form = (x * x - 2 * rho * x * y + y * y) / (nu * room);
  const joint = -Math.log(2 * Math.PI) - 0.5 * Math.log(room) - (nu / 2 + 1) * Math.log1p(form);
  return joint - studentTLogPdf(x, nu) - studentTLogPdf(y, nu);
}

/**
 * C(u, v) by Plackett's identity: from countermonotonicity upwards,
 * C = max(u + v − 1, 0) + (1/2π) ∫_{−π/2}^{asin ρ} (1 + (a² + b² − 2ab sin θ)/(ν cos²θ))^{−ν/2} dθ with
 * a = t_ν⁻¹(u), b = t_ν⁻¹(v). Every term is positive, so the lower tail keeps its relative accuracy.
 */
export function tCopulaCdf(copula: TCopula, u: number, v: number): Result<number> {
  const fault = copulaFault(copula) ?? check.probability(u, 'u') ?? check.probability(v, 'v');
  if (fault !== undefined) return fail(fault);
  const { rho, nu } = copula;
  const a = studentTQuantile(u, nu);
  const b = studentTQuantile(v, nu);
  const density = (theta: number): number => {
    // 1 + sin θ and cos θ without cancellation near θ = −π/2.
    const half = Math.sin(theta / 2 + Math.PI / 4);
    const other = Math.cos(theta / 2 + Math.PI / 4);
    const onePlusSine = 2 * half * half;
    const cosine = 2 * half * other;
    const form = ((a + b) * (a + b) - 2 * a * b * onePlusSine) / (nu * cosine * cosine);
    return (1 + form) ** (-nu / 2);
  };
  const from = -Math.PI / 2;
  const to = Math.asin(rho);
  const middle = (from + to) / 2;
  const lower = integrate(density, { from, to: middle, relative: 1e-14 });
  if (!lower.ok) return lower;
  const upper = integrate(density, { from: middle, to, relative: 1e-14 });
  if (!upper.ok) return upper;
  return check.result(Math.max(u + v - 1, 0) + (lower.value + upper.value) / (2 * Math.PI));
}

/** Log-likelihood of uniforms (u, v) at given parameters; the uniforms are used as given. */
export function tCopulaLogLikelihood(copula: TCopula, u: Series, v: Series): Result<number> {
  const fault = copulaFault(copula) ?? uniformsFault(u, 'u', 1) ?? pairFault(u, v, 1);
  if (fault !== undefined) return fail(fault);
  return check.result(logLikelihood(copula, quantiles(u, copula.nu), quantiles(v, copula.nu)));
}

function quantiles(u: Series, nu: number): Float64Array {
  return Float64Array.from(u, (p) => studentTQuantile(p, nu));
}

function logLikelihood({ rho, nu }: TCopula, x: Float64Array, y: Float64Array): number {
  const room = (1 - rho) * (1 + rho);
  const margin = studentTLogNormaliser(nu);
  const constant = -Math.log(2 * Math.PI) - 0.5 * Math.log(room) - 2 * margin;
  let sum = x.length * constant;
  for (let i = 0; i < x.length; i++) {
    const a = x[i]!;
    const b = y[i]!;
    const form = (a * a - 2 * rho * a * b + b * b) / (nu * room);
    sum -= (nu / 2 + 1) * Math.log1p(form);
    sum += ((nu + 1) / 2) * (Math.log1p((a * a) / nu) + Math.log1p((b * b) / nu));
  }
  return sum;
}

function uniformsFault(u: Series, path: string, minimumLength: number): Fault | undefined {
  const fault = check.series(u, path, { minimumLength });
  if (fault !== undefined) return fault;
  for (let i = 0; i < u.length; i++) {
    const outside = check.probability(u[i]!, `${path}[${i}]`);
    if (outside !== undefined) return outside;
  }
  return undefined;
}

function pairFault(u: Series, v: Series, minimumLength: number): Fault | undefined {
  return (
    uniformsFault(u, 'u', minimumLength) ??
    uniformsFault(v, 'v', minimumLength) ??
    check.length(v, 'v', u.length)
  );
}

export interface TCopulaFit extends TCopula {
  readonly logLikelihood: number;
  readonly kendallTau: number;
  /** sin(πτ/2), the moment estimate of ρ beside the likelihood's. */
  readonly rhoFromTau: number;
  readonly tailDependence: number;
  /** True where ν reached its limit: the data show no tail dependence beyond the Gaussian copula's. */
  readonly gaussianLimit: boolean;
}

const NU_MIN = 0.5;
const NU_MAX = 300;

/**
 * Maximum of the full copula likelihood over (ρ, ν) on given uniforms (no re-ranking): for each ν the
 * best ρ by Brent's method, and ln ν by Brent's method between the neighbours of the best of a grid.
 * At least 20 pairs, neither constant.
 */
export function fitTCopula(u: Series, v: Series): Result<TCopulaFit> {
  const fault =
    pairFault(u, v, 20) ??
    check.series(u, 'u', { varying: true }) ??
    check.series(v, 'v', { varying: true });
  if (fault !== undefined) return fail(fault);
  const kendall = kendallTau(u, v);
  if (!kendall.ok) return kendall;
  const bestAt = (logNu: number): { readonly rho: number; readonly value: number } => {
    const nu = Math.exp(logNu);
    const x = quantiles(u, nu);
    const y = quantiles(v, nu);
    const found = minimiseInInterval((z) => -logLikelihood({ rho: Math.tanh(z), nu }, x, y), {
      from: -7,
      to: 7,
    });
    return found.ok
      ? { rho: Math.tanh(found.value.at), value: found.value.value }
      : { rho: 0, value: Number.POSITIVE_INFINITY };
  };
  const grid = [NU_MIN, 1, 2, 3.5, 6, 10, 20, 50, NU_MAX].map(Math.log);
  const values = grid.map((logNu) => bestAt(logNu).value);
  const best = values.indexOf(Math.min(...values));
  const found = minimiseInInterval((logNu) => bestAt(logNu).value, {
    from: grid[Math.max(best - 1, 0)]!,
    to: grid[Math.min(best + 1, grid.length - 1)]!,
    tolerance: 1e-7,
  });
  if (!found.ok) return found;
  const { rho, value } = bestAt(found.value.at);
  const nu = Math.exp(found.value.at);
  if (!Number.isFinite(value) || Math.abs(rho) > 0.999999) {
    return fail(
      argumentFault(STATS_ERRORS.NOT_CONVERGED, 'u', {
        expected: 'pairs with a maximum of the likelihood inside (−1, 1)',
        received: `rho ${rho}`,
      }),
    );
  }
  const tail = tailDependence({ rho, nu });
  if (!tail.ok) return tail;
  return check.result({
    rho,
    nu,
    logLikelihood: -value,
    kendallTau: kendall.value,
    rhoFromTau: Math.sin((Math.PI * kendall.value) / 2),
    tailDependence: tail.value,
    gaussianLimit: nu > 0.99 * NU_MAX,
  });
}

/** Most observations of one rank correlation, which compares every pair. */
export const KENDALL_OBSERVATIONS_MAX = 20_000;

/** Kendall's τ_b of two series of one length, O(n²); ties count in neither direction. */
export function kendallTau(a: Series, b: Series): Result<number> {
  const fault =
    check.series(a, 'a', { minimumLength: 2, varying: true }) ??
    check.series(b, 'b', { minimumLength: 2, varying: true }) ??
    check.length(b, 'b', a.length) ??
    check.number(a.length, 'a.length', { atMost: KENDALL_OBSERVATIONS_MAX });
  if (fault !== undefined) return fail(fault);
  let score = 0;
  let untiedA = 0;
  let untiedB = 0;
  for (let i = 1; i < a.length; i++) {
    for (let j = 0; j < i; j++) {
      const p = Math.sign(a[i]! - a[j]!);
      const q = Math.sign(b[i]! - b[j]!);
      score += p * q;
      untiedA += p * p;
      untiedB += q * q;
    }
  }
  return check.result(score / Math.sqrt(untiedA * untiedB));
}

export interface EmpiricalTail {
  readonly lowerCount: number;
  /** #{u ≤ q, v ≤ q}/(nq). */
  readonly lower: number;
  readonly upperCount: number;
  /** #{u > 1−q, v > 1−q}/(nq). */
  readonly upper: number;
}

/** Joint exceedances of both series beyond the quantile q, over their number if one implied the other. */
export function empiricalTail(u: Series, v: Series, q: number): Result<EmpiricalTail> {
  const fault = check.probability(q, 'q') ?? pairFault(u, v, 1);
  if (fault !== undefined) return fail(fault);
  let lowerCount = 0;
  let upperCount = 0;
  for (let i = 0; i < u.length; i++) {
    if (u[i]! <= q && v[i]! <= q) lowerCount++;
    if (u[i]! > 1 - q && v[i]! > 1 - q) upperCount++;
  }
  const scale = u.length * q;
  return check.result({
    lowerCount,
    lower: lowerCount / scale,
    upperCount,
    upper: upperCount / scale,
  });
}

/** Ranks over n + 1 (ties share the mean rank): the pseudo-observations that a copula is fitted to. */
export function pseudoObservations(values: Series): Result<Float64Array> {
  const fault = check.series(values, 'values', { minimumLength: 2, varying: true });
  if (fault !== undefined) return fail(fault);
  const n = values.length;
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const out = new Float64Array(n);
  for (let i = 0; i < n; ) {
    let j = i;
    while (j + 1 < n && values[order[j + 1]!]! === values[order[i]!]!) j++;
    for (let k = i; k <= j; k++) out[order[k]!] = ((i + j) / 2 + 1) / (n + 1);
    i = j + 1;
  }
  return check.result(out);
}
