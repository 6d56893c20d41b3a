import { fail, ok, type Result } from '@cerberus/core';
import {
  centralMoment,
  meanOf,
  nelderMead,
  type Series,
  studentTLogNormaliser,
} from '@cerberus/stats';
import { check } from './errors.ts';

export interface StudentFit {
  readonly nu: number;
  readonly mean: number;
  /** Standard deviation of the fitted law, finite because ν > 2. */
  readonly sd: number;
  readonly logLikelihood: number;
  /** True where ν reached its limit: the sample has no heavier tails than the normal law. */
  readonly normalLimit: boolean;
}

const NU_MAX = 400;
/** Fewest outcomes for which degrees of freedom are estimated. */
export const STUDENT_FIT_MIN = 30;

/**
 * Location-scale Student-t by maximum likelihood over (mean, scale, ν), 2 < ν ≤ 400, by the simplex
 * method from the sample's moments. At least 30 outcomes that vary.
 */
export function fitStudentT(values: Series): Result<StudentFit> {
  const fault = check.series(values, 'values', { minimumLength: STUDENT_FIT_MIN, varying: true });
  if (fault !== undefined) return fail(fault);
  const mean = meanOf(values);
  const sd = Math.sqrt(centralMoment(values, mean, 2));
  const scaled = Float64Array.from(values, (x) => (x - mean) / sd);
  const nuOf = (x: number): number => 2 + (NU_MAX - 2) / (1 + Math.exp(-x));
  const negative = (x: Float64Array): number =>
    -logLikelihood(scaled, x[0]!, Math.exp(x[1]!), nuOf(x[2]!));
  let best: { at: Float64Array; value: number } | undefined;
  for (const start of [-5, -3]) {
    const found = nelderMead(negative, [0, -0.2, start], { steps: [0.1, 0.1, 0.5], restarts: 2 });
    if (!found.ok) return found;
    if (best === undefined || found.value.value < best.value) best = found.value;
  }
  const [location, logScale, raw] = best!.at;
  const nu = nuOf(raw!);
  return ok({
    nu,
    mean: mean + sd * location!,
    sd: sd * Math.exp(logScale!) * Math.sqrt(nu / (nu - 2)),
    logLikelihood: -best!.value - values.length * Math.log(sd),
    normalLimit: nu > 0.98 * NU_MAX,
  });
}

function logLikelihood(values: Float64Array, location: number, scale: number, nu: number): number {
  let sum = 0;
  for (const x of values) {
    const z = (x - location) / scale;
    sum += Math.log1p((z * z) / nu);
  }
  const constant = studentTLogNormaliser(nu) - Math.log(scale);
  return values.length * constant - ((nu + 1) / 2) * sum;
}
