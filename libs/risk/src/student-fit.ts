import { fail, type Result } from '@cerberus/core';
import {
  centralMoment,
  digamma,
  meanOf,
  minimiseInBox,
  type Series,
  studentTLogNormaliser,
} from '@cerberus/stats';
import { check } from './errors.ts';

export interface StudentFit {
  readonly nu: number;
  readonly mean: number;
  /** Scale parameter: the P&L is mean + scale·t_ν. */
  readonly scale: number;
  /** Standard deviation of the fitted law, finite because ν > 2; of no use where `heavyLimit` is set. */
  readonly sd: number;
  readonly logLikelihood: number;
  /** True where ν reached its limit: the sample has no heavier tails than the normal law. */
  readonly normalLimit: boolean;
  /**
   * True where ν reached its lower limit of 2.01: the sample's tails are so heavy that its variance may be
   * infinite. Quantiles from the scale parameter stay good, anything from the deviation does not.
   */
  readonly heavyLimit: boolean;
}

const NU_MIN = 2.01;
const NU_MAX = 400;
/** Fewest outcomes for which degrees of freedom are estimated. */
export const STUDENT_FIT_MIN = 30;

/**
 * Location-scale Student-t by maximum likelihood over (mean, ln scale, ln(ν − 2)), 2.01 ≤ ν ≤ 400, by
 * L-BFGS with analytic derivatives from the sample's moments. At least 30 outcomes that vary.
 */
export function fitStudentT(values: Series): Result<StudentFit> {
  const fault = check.series(values, 'values', { minimumLength: STUDENT_FIT_MIN, varying: true });
  if (fault !== undefined) return fail(fault);
  const mean = meanOf(values);
  const sd = Math.sqrt(centralMoment(values, mean, 2));
  const scaled = Float64Array.from(values, (x) => (x - mean) / sd);
  const bounds = { lower: [-5, -6, Math.log(NU_MIN - 2)], upper: [5, 3, Math.log(NU_MAX - 2)] };
  let best: { readonly at: Float64Array; readonly value: number } | undefined;
  for (const start of [1, 3]) {
    const found = minimiseInBox((x, g) => negativeLogLikelihood(scaled, x, g), [0, -0.3, start], {
      ...bounds,
      gradientTolerance: 1e-9,
    });
    if (!found.ok) return found;
    if (best === undefined || found.value.value < best.value) best = found.value;
  }
  const [location, logScale, shape] = best!.at;
  const nu = 2 + Math.exp(shape!);
  return check.result({
    nu,
    mean: mean + sd * location!,
    scale: sd * Math.exp(logScale!),
    sd: sd * Math.exp(logScale!) * Math.sqrt(nu / (nu - 2)),
    logLikelihood: -values.length * (best!.value + Math.log(sd)),
    normalLimit: nu > 0.98 * NU_MAX,
    heavyLimit: nu < NU_MIN + 1e-4,
  });
}

/** Per outcome, with its gradient in (location, ln scale, ln(ν − 2)). */
function negativeLogLikelihood(
  values: Float64Array,
  x: Float64Array,
  gradient: Float64Array,
): number {
  const location = x[0]!;
  const scale = Math.exp(x[1]!);
  const nu = 2 + Math.exp(x[2]!);
  let logs = 0;
  let pull = 0;
  let spread = 0;
  for (const value of values) {
    const z = (value - location) / scale;
    logs += Math.log1p((z * z) / nu);
    pull += z / (nu + z * z);
    spread += (z * z) / (nu + z * z);
  }
  const n = values.length;
  const slope = 0.5 * (digamma((nu + 1) / 2) - digamma(nu / 2) - 1 / nu);
  gradient[0] = (-(nu + 1) * pull) / scale / n;
  gradient[1] = 1 - ((nu + 1) * spread) / n;
  gradient[2] = -(nu - 2) * (slope - (0.5 * logs) / n + ((nu + 1) * spread) / (2 * nu * n));
  return x[1]! - studentTLogNormaliser(nu) + ((nu + 1) * logs) / (2 * n);
}
