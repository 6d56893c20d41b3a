import { type Fault, fail, ok, type Result } from '@cerberus/core';
import { numberFault, SURFACE_ERRORS } from './errors.ts';
import type { SviRaw } from './svi.ts';

export interface SviQuotes {
  /** ln(K/F). */
  readonly logMoneyness: ArrayLike<number>;
  readonly totalVariance: ArrayLike<number>;
  /** Weights of the squared errors; 1 where absent. */
  readonly weights?: ArrayLike<number>;
}

export interface SviFitOptions {
  /** Refuse wings steeper than Lee's bound, b(1+|ρ|) ≤ 2; on by default. */
  readonly leeBound?: boolean;
  /** Start here and nowhere else: a refit after a small move. */
  readonly warmStart?: SviRaw;
}

export interface SviFit {
  readonly slice: SviRaw;
  /** Σ weight·(w − model)². */
  readonly sumSquaredError: number;
  /** √(mean of squared errors), in total variance, unweighted. */
  readonly rmse: number;
  readonly iterations: number;
}

const RHO_MAX = 0.999;
const SIGMA_MIN = 1e-4;
const LEE_SLOPE = 2;
const STARTS = 3;
const ITERATIONS_MAX = 300;
/** Sum of squares relative to Σw² below which the data are reproduced to rounding. */
const EXACT = 1e-30;
const SIZE = 5;
const CENTRES = [0.2, 0.4, 0.5, 0.6, 0.8] as const;
const WIDTHS = [0.03, 0.1, 0.25, 0.6] as const;

/** Work space of a fit: nothing is allocated inside the iterations. */
interface Work {
  readonly count: number;
  readonly k: Float64Array;
  readonly w: Float64Array;
  readonly u: Float64Array;
  readonly lee: boolean;
  readonly normal: Float64Array;
  readonly gradient: Float64Array;
  readonly step: Float64Array;
  readonly factor: Float64Array;
  readonly at: Float64Array;
  readonly trial: Float64Array;
}

function faultOfQuotes({ logMoneyness, totalVariance, weights }: SviQuotes): Fault | undefined {
  const count = logMoneyness.length;
  if (totalVariance.length !== count || (weights !== undefined && weights.length !== count)) {
    return numberFault(SURFACE_ERRORS.LENGTH_MISMATCH, 'quotes', {
      expected: `${count} rows in every column`,
      received: `${totalVariance.length} and ${weights?.length ?? count}`,
    });
  }
  if (count < SIZE) {
    return numberFault(SURFACE_ERRORS.TOO_FEW_QUOTES, 'quotes', {
      expected: `at least ${SIZE} rows`,
      received: count,
    });
  }
  for (let i = 0; i < count; i++) {
    const weight = weights?.[i] ?? 1;
    const isGood =
      Number.isFinite(logMoneyness[i]!) &&
      Number.isFinite(totalVariance[i]!) &&
      totalVariance[i]! >= 0 &&
      Number.isFinite(weight) &&
      weight >= 0;
    if (!isGood) {
      return numberFault(SURFACE_ERRORS.NOT_FINITE, `quotes row ${i}`, {
        expected: 'finite k, w ≥ 0 and weight ≥ 0',
        received: `${logMoneyness[i]}, ${totalVariance[i]}, ${weight}`,
      });
    }
  }
  return undefined;
}

/**
 * Raw SVI by weighted least squares in total variance. Quasi-explicit start (De Marco and Martini, Zeliade
 * Systems white paper ZWP-0005, 2009): for each (m, σ) of a small grid the best a, bρσ, bσ solve a linear
 * problem with |ρ| ≤ 0.999 and b ≥ 0; the best starts are refined by Levenberg-Marquardt in all five
 * parameters with exact derivatives, bounds held as active sets (|ρ| ≤ 0.999, σ ≥ 1e-4, b ≥ 0, Lee's bound).
 * The slice may admit butterfly arbitrage; `fitSurface` or `sviButterfly` say so. At least five quotes.
 */
export function fitSvi(quotes: SviQuotes, options: SviFitOptions = {}): Result<SviFit> {
  const fault = faultOfQuotes(quotes);
  if (fault !== undefined) return fail(fault);
  const count = quotes.logMoneyness.length;
  const work: Work = {
    count,
    k: Float64Array.from(quotes.logMoneyness),
    w: Float64Array.from(quotes.totalVariance),
    u:
      quotes.weights === undefined
        ? new Float64Array(count).fill(1)
        : Float64Array.from(quotes.weights),
    lee: options.leeBound ?? true,
    normal: new Float64Array(SIZE * SIZE),
    gradient: new Float64Array(SIZE),
    step: new Float64Array(SIZE),
    factor: new Float64Array(SIZE * SIZE),
    at: new Float64Array(SIZE),
    trial: new Float64Array(SIZE),
  };
  const starts =
    options.warmStart === undefined
      ? gridStarts(work)
      : [Float64Array.of(...Object.values(ordered(options.warmStart)))];
  let best: { at: Float64Array; value: number } | undefined;
  let iterations = 0;
  for (const start of starts) {
    work.at.set(start);
    const run = refine(work);
    iterations += run.iterations;
    if (best === undefined || run.value < best.value) {
      best = { at: work.at.slice(), value: run.value };
    }
  }
  if (best === undefined || !Number.isFinite(best.value)) {
    return fail(
      numberFault(SURFACE_ERRORS.CALIBRATION_FAILED, 'quotes', {
        expected: 'a smile that raw SVI can follow',
        received: `${count} quotes`,
      }),
    );
  }
  const [a, b, rho, m, sigma] = best.at as unknown as [number, number, number, number, number];
  const slice: SviRaw = { a, b, rho, m, sigma };
  return ok({ slice, sumSquaredError: best.value, rmse: plainRmse(work, best.at), iterations });
}

function ordered({ a, b, rho, m, sigma }: SviRaw) {
  return { a, b, rho, m, sigma };
}

/** The best few (m, σ) of the grid, each with its linear parameters. */
function gridStarts(work: Work): Float64Array[] {
  const { count, k } = work;
  let [low, high] = [k[0]!, k[0]!];
  for (let i = 1; i < count; i++) {
    low = Math.min(low, k[i]!);
    high = Math.max(high, k[i]!);
  }
  const range = Math.max(high - low, 1e-3);
  const found: { at: Float64Array; value: number }[] = [];
  for (const centre of CENTRES) {
    for (const width of WIDTHS) {
      const at = new Float64Array(SIZE);
      at[3] = low + centre * range;
      at[4] = Math.max(width * range, SIGMA_MIN);
      found.push({ at, value: solveLinear(work, at) });
    }
  }
  found.sort((x, y) => x.value - y.value);
  return found.slice(0, STARTS).map(({ at }) => at);
}

/** Best a, b, ρ at fixed m and σ, written into `at`; gives the sum of squares. */
function solveLinear(work: Work, at: Float64Array): number {
  const { count, k, w, u } = work;
  const [m, sigma] = [at[3]!, at[4]!];
  let [s0, sy, sz, syy, syz, szz, sw, syw, szw] = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  for (let i = 0; i < count; i++) {
    const y = (k[i]! - m) / sigma;
    const z = Math.sqrt(y * y + 1);
    const weight = u[i]!;
    const value = w[i]!;
    s0 += weight;
    sy += weight * y;
    sz += weight * z;
    syy += weight * y * y;
    syz += weight * y * z;
    szz += weight * z * z;
    sw += weight * value;
    syw += weight * y * value;
    szw += weight * z * value;
  }
  // Centred normal equations of w = a + d·y + c·z.
  const [yy, yz, zz] = [syy - (sy * sy) / s0, syz - (sy * sz) / s0, szz - (sz * sz) / s0];
  const [yw, zw] = [syw - (sy * sw) / s0, szw - (sz * sw) / s0];
  const determinant = yy * zz - yz * yz;
  let d = (yw * zz - zw * yz) / determinant;
  let c = (zw * yy - yw * yz) / determinant;
  if (!(Math.abs(d) <= RHO_MAX * c)) {
    const side = yw >= 0 ? RHO_MAX : -RHO_MAX;
    c = Math.max(0, (side * yw + zw) / (side * side * yy + 2 * side * yz + zz));
    d = side * c;
  }
  const steepest = (c + Math.abs(d)) / sigma;
  if (work.lee && steepest > LEE_SLOPE) {
    c *= LEE_SLOPE / steepest;
    d *= LEE_SLOPE / steepest;
  }
  at[0] = (sw - d * sy - c * sz) / s0;
  at[1] = c / sigma;
  at[2] = c > 0 ? d / c : 0;
  return sumOfSquares(work, at);
}

function sumOfSquares({ count, k, w, u }: Work, at: Float64Array): number {
  const [a, b, rho, m, sigma] = [at[0]!, at[1]!, at[2]!, at[3]!, at[4]!];
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const x = k[i]! - m;
    const error = w[i]! - a - b * (rho * x + Math.sqrt(x * x + sigma * sigma));
    sum += u[i]! * error * error;
  }
  return sum;
}

function plainRmse({ count, k, w }: Work, at: Float64Array): number {
  const u = new Float64Array(count).fill(1);
  return Math.sqrt(sumOfSquares({ count, k, w, u } as Work, at) / count);
}

/** Normal equations JᵀUJ and gradient JᵀU(model − w) at `at`; gives the sum of squares. */
function linearise(work: Work): number {
  const { count, k, w, u, normal, gradient, at } = work;
  const [a, b, rho, m, sigma] = [at[0]!, at[1]!, at[2]!, at[3]!, at[4]!];
  normal.fill(0);
  gradient.fill(0);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const x = k[i]! - m;
    const root = Math.sqrt(x * x + sigma * sigma);
    const weight = u[i]!;
    const error = a + b * (rho * x + root) - w[i]!;
    sum += weight * error * error;
    const jb = rho * x + root;
    const jr = b * x;
    const jm = -b * (rho + x / root);
    const js = (b * sigma) / root;
    accumulate(normal, weight, [1, jb, jr, jm, js]);
    const push = weight * error;
    gradient[0]! += push;
    gradient[1]! += push * jb;
    gradient[2]! += push * jr;
    gradient[3]! += push * jm;
    gradient[4]! += push * js;
  }
  return sum;
}

function accumulate(
  normal: Float64Array,
  weight: number,
  row: readonly [number, number, number, number, number],
): void {
  for (let p = 0; p < SIZE; p++) {
    const scaled = weight * row[p]!;
    for (let q = 0; q <= p; q++) normal[p * SIZE + q]! += scaled * row[q]!;
  }
}

/** Pulls a point back into the bounds. */
function project({ lee }: Work, x: Float64Array): void {
  x[1] = Math.max(0, x[1]!);
  x[2] = Math.min(RHO_MAX, Math.max(-RHO_MAX, x[2]!));
  x[4] = Math.max(SIGMA_MIN, x[4]!);
  if (lee) x[1] = Math.min(x[1]!, LEE_SLOPE / (1 + Math.abs(x[2]!)));
}

/** True where parameter p sits at a bound that the gradient pushes against. */
function isHeld({ at, gradient, lee }: Work, p: number): boolean {
  const x = at[p]!;
  const outward = -gradient[p]!;
  if (p === 1) {
    if (x <= 0) return outward < 0;
    return lee && x >= (LEE_SLOPE / (1 + Math.abs(at[2]!))) * (1 - 1e-15) && outward > 0;
  }
  if (p === 2) return Math.abs(x) >= RHO_MAX && outward * x > 0;
  return p === 4 && x <= SIGMA_MIN && outward < 0;
}

function refine(work: Work): { value: number; iterations: number } {
  const { at, trial, step } = work;
  project(work, at);
  let value = linearise(work);
  let damping = 1e-4;
  let size = 0;
  for (let i = 0; i < work.count; i++) size += work.u[i]! * work.w[i]! * work.w[i]!;
  for (let iteration = 1; iteration <= ITERATIONS_MAX; iteration++) {
    if (value <= EXACT * size) return { value, iterations: iteration };
    if (!solveStep(work, damping)) return { value, iterations: iteration };
    for (let p = 0; p < SIZE; p++) trial[p] = at[p]! - step[p]!;
    project(work, trial);
    const next = sumOfSquares(work, trial);
    if (next < value) {
      const fall = value - next;
      at.set(trial);
      const isDone = fall <= 1e-13 * value;
      value = linearise(work);
      damping = Math.max(damping * 0.1, 1e-14);
      if (isDone) return { value, iterations: iteration };
    } else {
      damping *= 8;
      if (damping > 1e12) return { value, iterations: iteration };
    }
  }
  return { value, iterations: ITERATIONS_MAX };
}

/** Solves (N + λ diag N) step = gradient by Cholesky, held parameters left out. */
function solveStep(work: Work, damping: number): boolean {
  const { normal, gradient, step, factor } = work;
  for (let p = 0; p < SIZE; p++) {
    const held = isHeld(work, p);
    for (let q = 0; q <= p; q++) {
      const drop = held || isHeld(work, q);
      factor[p * SIZE + q] = drop ? (p === q ? 1 : 0) : normal[p * SIZE + q]!;
    }
    if (!held) {
      const diagonal = normal[p * SIZE + p]!;
      factor[p * SIZE + p] = diagonal * (1 + damping) + Number.MIN_VALUE;
    }
    step[p] = held ? 0 : gradient[p]!;
  }
  for (let p = 0; p < SIZE; p++) {
    for (let q = 0; q <= p; q++) {
      let sum = factor[p * SIZE + q]!;
      for (let r = 0; r < q; r++) sum -= factor[p * SIZE + r]! * factor[q * SIZE + r]!;
      if (p === q) {
        if (!(sum > 0)) return damping < 1 ? solveStep(work, Math.max(1e-6, damping * 100)) : false;
        factor[p * SIZE + p] = Math.sqrt(sum);
      } else factor[p * SIZE + q] = sum / factor[q * SIZE + q]!;
    }
  }
  for (let p = 0; p < SIZE; p++) {
    let sum = step[p]!;
    for (let q = 0; q < p; q++) sum -= factor[p * SIZE + q]! * step[q]!;
    step[p] = sum / factor[p * SIZE + p]!;
  }
  for (let p = SIZE - 1; p >= 0; p--) {
    let sum = step[p]!;
    for (let q = p + 1; q < SIZE; q++) sum -= factor[q * SIZE + p]! * step[q]!;
    step[p] = sum / factor[p * SIZE + p]!;
  }
  return true;
}
