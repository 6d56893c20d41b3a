import { fail, ok, type Result } from '@cerberus/core';
import { argumentFault, STATS_ERRORS } from './errors.ts';
import { check } from './validation.ts';

export interface Interval {
  readonly from: number;
  readonly to: number;
  /** Absolute width at which to stop; 0 means down to rounding. */
  readonly tolerance?: number;
}

/** Steps after which an interval has long collapsed to neighbouring doubles. */
const ITERATIONS_MAX = 200;
const GOLDEN = 0.5 * (3 - Math.sqrt(5));

function intervalFault(interval: Interval) {
  return check.number(interval.from, 'from') ?? check.number(interval.to, 'to');
}

/**
 * Zero of a continuous function between two ends of opposite sign, by the Brent-Dekker method
 * (R. P. Brent, Algorithms for Minimization without Derivatives, 1973, ch. 4, `zeroin`).
 */
export function findRoot(f: (x: number) => number, interval: Interval): Result<number> {
  const fault = intervalFault(interval);
  if (fault !== undefined) return fail(fault);
  let a = interval.from;
  let b = interval.to;
  let fa = f(a);
  let fb = f(b);
  if (fa === 0) return ok(a);
  if (fb === 0) return ok(b);
  if (!(fa * fb < 0)) {
    return fail(
      argumentFault(STATS_ERRORS.NO_BRACKET, 'interval', {
        expected: 'values of opposite sign at the ends',
        received: `${fa} at ${a}, ${fb} at ${b}`,
      }),
    );
  }
  let c = a;
  let fc = fa;
  let step = b - a;
  let before = step;
  for (let iteration = 0; iteration < ITERATIONS_MAX; iteration++) {
    if (Math.abs(fc) < Math.abs(fb)) {
      [a, b, c] = [b, c, b];
      [fa, fb, fc] = [fb, fc, fb];
    }
    const tolerance = 2 * Number.EPSILON * Math.abs(b) + (interval.tolerance ?? 0) / 2;
    const middle = (c - b) / 2;
    if (Math.abs(middle) <= tolerance || fb === 0) return ok(b);
    const proposal = interpolate({ a, b, c, fa, fb, fc, middle });
    const useful =
      Math.abs(before) >= tolerance &&
      Math.abs(fa) > Math.abs(fb) &&
      Math.abs(proposal) < Math.min(1.5 * Math.abs(middle), Math.abs(before) / 2) &&
      proposal * middle > 0;
    before = useful ? step : middle;
    step = useful ? proposal : middle;
    a = b;
    fa = fb;
    b += Math.abs(step) > tolerance ? step : Math.sign(middle) * tolerance;
    fb = f(b);
    if (fb > 0 === fc > 0) {
      c = a;
      fc = fa;
      step = b - a;
      before = step;
    }
  }
  return ok(b);
}

interface Bracket {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly fa: number;
  readonly fb: number;
  readonly fc: number;
  readonly middle: number;
}

/** Step from b by inverse quadratic interpolation, or the secant where two points coincide. */
function interpolate({ a, b, c, fa, fb, fc, middle }: Bracket): number {
  const s = fb / fa;
  if (a === c) return (2 * middle * s) / (1 - s);
  const q = fa / fc;
  const r = fb / fc;
  const p = s * (2 * middle * q * (q - r) - (b - a) * (r - 1));
  return -p / ((q - 1) * (r - 1) * (s - 1));
}

/**
 * Minimum of a function of one variable in an interval (Brent, ch. 5, `localmin`): golden sections
 * with parabolic steps. The place is good to about the square root of rounding.
 */
export function minimiseInInterval(
  f: (x: number) => number,
  interval: Interval,
): Result<{ readonly at: number; readonly value: number }> {
  const fault = intervalFault(interval);
  if (fault !== undefined) return fail(fault);
  let a = Math.min(interval.from, interval.to);
  let b = Math.max(interval.from, interval.to);
  let x = a + GOLDEN * (b - a);
  let w = x;
  let v = x;
  let fx = f(x);
  let fw = fx;
  let fv = fx;
  let step = 0;
  let before = 0;
  for (let iteration = 0; iteration < ITERATIONS_MAX; iteration++) {
    const middle = (a + b) / 2;
    const tolerance = 1.5e-8 * Math.abs(x) + Math.max(interval.tolerance ?? 0, 1e-15) / 3;
    if (Math.abs(x - middle) <= 2 * tolerance - (b - a) / 2) break;
    const parabola = parabolicStep({ x, w, v, fx, fw, fv });
    const useful =
      Math.abs(before) > tolerance &&
      Math.abs(parabola) < Math.abs(before) / 2 &&
      x + parabola > a &&
      x + parabola < b;
    before = useful ? step : (x < middle ? b : a) - x;
    step = useful ? parabola : GOLDEN * before;
    const u = x + (Math.abs(step) >= tolerance ? step : Math.sign(step || 1) * tolerance);
    const fu = f(u);
    if (fu <= fx) {
      if (u < x) b = x;
      else a = x;
      [v, w, x] = [w, x, u];
      [fv, fw, fx] = [fw, fx, fu];
      continue;
    }
    if (u < x) a = u;
    else b = u;
    if (fu <= fw || w === x) {
      [v, w] = [w, u];
      [fv, fw] = [fw, fu];
    } else if (fu <= fv || v === x || v === w) {
      v = u;
      fv = fu;
    }
  }
  return ok({ at: x, value: fx });
}

interface ParabolaPoints {
  readonly x: number;
  readonly w: number;
  readonly v: number;
  readonly fx: number;
  readonly fw: number;
  readonly fv: number;
}

function parabolicStep({ x, w, v, fx, fw, fv }: ParabolaPoints): number {
  const r = (x - w) * (fx - fv);
  const q = (x - v) * (fx - fw);
  const denominator = 2 * (q - r);
  if (denominator === 0) return Number.POSITIVE_INFINITY;
  return -((x - v) * q - (x - w) * r) / denominator;
}
