import { type SmileSlice, slicePoint } from './slice.ts';
import { applyBasis, basisOf, keptBasis, type SliceBasis, thetaOf } from './slice-basis.ts';
import { SliceSystem } from './slice-system.ts';
import type { Smile } from './smile.ts';
import { type SviRaw, type VariancePoint, variancePoint } from './svi.ts';

/** What a slice is fitted to: targets in total variance with the half-width of bid-ask as uncertainty. */
export interface SliceTargets {
  readonly timeYears: number;
  readonly k: Float64Array;
  readonly mid: Float64Array;
  readonly half: Float64Array;
}

/** Uncertainty is never taken below this share of the total variance (0.05 % of the volatility). */
const HALF_FLOOR = 1e-3;

export function targetsOf(smile: Smile): SliceTargets {
  const { timeYears, logMoneyness, bidVolatility, askVolatility } = smile;
  const mid = new Float64Array(logMoneyness.length);
  const half = new Float64Array(logMoneyness.length);
  for (let i = 0; i < mid.length; i++) {
    const bid = bidVolatility[i]! * bidVolatility[i]! * timeYears;
    const ask = askVolatility[i]! * askVolatility[i]! * timeYears;
    mid[i] = 0.5 * (bid + ask);
    half[i] = Math.max(0.5 * (ask - bid), HALF_FLOOR * mid[i]!);
  }
  return { timeYears, k: logMoneyness, mid, half };
}

export interface SliceConstraints {
  /** Places where butterfly and calendar conditions are imposed, rising. */
  readonly grid: Float64Array;
  /** The slice of the next expiry, which must nowhere be below. */
  readonly above: SmileSlice | undefined;
  /** The slice of the expiry before, which must nowhere be above; absent while it is not yet fitted. */
  readonly below?: SmileSlice | undefined;
  /** Total variance of earlier expiries' quotes on the grid, a soft floor; 0 where they say nothing. */
  readonly floor: Float64Array;
  /** Least and greatest asymptotic slope of the left and the right wing. */
  readonly wings: readonly [readonly [number, number], readonly [number, number]];
  /** Smallest g wanted on the grid. */
  readonly density: number;
  /** Shares of this slice at which maturities between it and its neighbours must have g ≥ density/2 too. */
  readonly between?: readonly number[];
  /** Weights of the conditions against the quotes, in the order in which they are tightened. */
  readonly strengths: readonly number[];
}

export interface SliceStart {
  readonly svi: SviRaw;
  readonly centres: Float64Array;
  readonly widths: Float64Array;
  readonly heights?: Float64Array;
}

/** Gauss-Newton steps at one strength. */
const STEPS_MAX = 25;
/** From a cold start the conditions are tightened by tens, so that the fit never leaves its valley. */
export const COLD_STRENGTHS = [10, 100, 1e3, 1e4] as const;
/** A warm start is already where the conditions hold. */
export const WARM_STRENGTHS = [1e4] as const;
/** Targets move to this share of the half-spread around the mid once a quote is inside. */
const BAND = 0.7;
/** Weight of a quote inside its band against one outside. */
const INSIDE_WEIGHT = 0.05;
/** Excess, in half-spreads, from which an outlier pulls with constant force (Huber). */
const HUBER = 2;
/** Relative distance kept from the slice above. */
const CALENDAR_MARGIN = 1e-3;
/** Weight of the calendar rows for a relative violation, against `strength` for one of g. */
const CALENDAR_STRENGTH = 1000;
/** The floor is made of quotes and therefore soft: weight of a relative violation. */
const FLOOR_WEIGHT = 1000;
/** Corrections are expected to be within this share of the total variance where they stand. */
const CORRECTION_SCALE = 0.1;
/** Relative fall of the objective at which a phase ends. */
const FALL_MIN = 1e-3;
const DAMPING_MAX = 1e8;

/** A maturity between the slice and a neighbour: share·w + the neighbour's part, given on the grid. */
interface Between {
  readonly share: number;
  readonly w: Float64Array;
  readonly slope: Float64Array;
  readonly curvature: Float64Array;
}

function betweenOf({ grid, above, below, between }: SliceConstraints): Between[] {
  const point = variancePoint();
  const all: Between[] = [];
  for (const neighbour of [above, below]) {
    if (neighbour === undefined) continue;
    for (const share of between ?? []) {
      const part = {
        share,
        w: new Float64Array(grid.length),
        slope: new Float64Array(grid.length),
        curvature: new Float64Array(grid.length),
      };
      for (let i = 0; i < grid.length; i++) {
        slicePoint(neighbour, grid[i]!, point);
        part.w[i] = (1 - share) * point.w;
        part.slope[i] = (1 - share) * point.slope;
        part.curvature[i] = (1 - share) * point.curvature;
      }
      all.push(part);
    }
  }
  return all;
}

/** One fit in progress. */
interface Problem {
  strength: number;
  readonly system: SliceSystem;
  readonly targets: SliceTargets;
  readonly constraints: SliceConstraints;
  readonly quotes: SliceBasis;
  readonly grid: SliceBasis;
  /** Total variance of the slice above on the grid; +Infinity where there is none. */
  readonly ceiling: Float64Array;
  /** Total variance of the slice below on the grid; 0 where there is none. */
  readonly base: Float64Array;
  readonly between: readonly Between[];
  /** Model values at the quotes and, with derivatives, on the grid. */
  readonly fitted: Float64Array;
  readonly w: Float64Array;
  readonly slope: Float64Array;
  readonly curvature: Float64Array;
  /** Point whose g is looked at. */
  readonly at: VariancePoint;
  /** Weight of each squared correction height. */
  readonly ridge: Float64Array;
  /** Normal equations of all quotes at the weight of those inside their band, and that weight's factor. */
  readonly calm: Float64Array;
  calmWeight: number;
}

/**
 * One slice with m, σ and the places of the corrections held: w is then linear in θ = (a, bρ, b, h₁…),
 * quotes are linear rows, and the conditions g ≥ ε, w ≤ w_above and the bounds of the wings are hinge
 * rows, linearised with exact derivatives at each damped Gauss-Newton step. A step is taken only where it
 * lowers the whole objective, so that the fit cannot run away.
 */
export function solveSlice(
  targets: SliceTargets,
  start: SliceStart,
  constraints: SliceConstraints,
): SmileSlice {
  const system = new SliceSystem(start);
  const { above, below } = constraints;
  const count = constraints.grid.length;
  const problem: Problem = {
    strength: 1,
    system,
    targets,
    constraints,
    quotes: basisOf(targets.k, start, false),
    grid: keptBasis(constraints.grid, start, true),
    ceiling: varianceOn(constraints.grid, above, Number.POSITIVE_INFINITY),
    base: varianceOn(constraints.grid, below, 0),
    between: betweenOf(constraints),
    fitted: new Float64Array(targets.k.length),
    w: new Float64Array(count),
    slope: new Float64Array(count),
    curvature: new Float64Array(count),
    calm: new Float64Array(system.size * system.size),
    calmWeight: 0,
    at: variancePoint(),
    ridge: start.centres.map((k) => 1 / (CORRECTION_SCALE * nearestMid(targets, k)) ** 2),
  };
  for (const [phase, strength] of constraints.strengths.entries()) {
    problem.strength = strength;
    descend(problem, phase === 0 && start.heights === undefined, STEPS_MAX);
  }
  return system.slice(targets.timeYears, constraints.wings);
}

/** Total variance of a neighbour on the grid, or what stands for none. */
function varianceOn(grid: Float64Array, slice: SmileSlice | undefined, absent: number) {
  const out = new Float64Array(grid.length);
  if (slice === undefined) return out.fill(absent);
  applyBasis(keptBasis(grid, slice, false).value, thetaOf(slice), out);
  return out;
}

function nearestMid({ k, mid }: SliceTargets, at: number): number {
  let best = 0;
  for (let i = 1; i < k.length; i++) if (Math.abs(k[i]! - at) < Math.abs(k[best]! - at)) best = i;
  return mid[best]!;
}

function descend(problem: Problem, isFirst: boolean, steps: number): void {
  const { system } = problem;
  let damping = 1e-6;
  let objective = evaluate(problem, system.theta, isFirst);
  for (let step = 0; step < steps; step++) {
    const move = system.propose(damping);
    const next = evaluate(problem, system.trial, isFirst);
    if (next < objective) {
      const fall = objective - next;
      system.accept();
      objective = next;
      damping = Math.max(damping * 0.1, 1e-9);
      if (fall < FALL_MIN * objective || move < 1e-9) return;
    } else {
      system.discard();
      damping = Math.max(damping * 20, 1e-5);
      if (damping > DAMPING_MAX) return;
    }
  }
}

/** The objective at θ, with the rows of its Gauss-Newton model left in the system. */
function evaluate(problem: Problem, theta: Float64Array, isFirst: boolean): number {
  problem.system.beginFrom(calmEquations(problem, isFirst ? 1 : INSIDE_WEIGHT));
  const grid = gridObjective(problem, theta);
  if (grid === Number.POSITIVE_INFINITY) return grid;
  return grid + wingObjective(problem, theta) + quoteObjective(problem, theta, isFirst);
}

/** Normal equations of the quotes as if all were inside their band: most are, so that few rows are left. */
function calmEquations(problem: Problem, inner: number): Float64Array {
  if (problem.calmWeight === inner) return problem.calm;
  const { system, quotes, targets, calm } = problem;
  system.begin();
  for (let i = 0; i < targets.half.length; i++) {
    const unit = targets.half[i]!;
    system.addWeight(quotes.value, i * system.size, inner / (unit * unit));
  }
  calm.set(system.equations());
  system.discard();
  problem.calmWeight = inner;
  return calm;
}

function quoteObjective(
  { system, targets, quotes, fitted }: Problem,
  theta: Float64Array,
  isFirst: boolean,
): number {
  const { mid, half } = targets;
  const { size } = system;
  const inner = isFirst ? 1 : INSIDE_WEIGHT;
  applyBasis(quotes.value, theta, fitted);
  let sum = 0;
  for (let i = 0; i < mid.length; i++) {
    const unit = half[i]!;
    const error = (fitted[i]! - mid[i]!) / unit;
    const size1 = Math.abs(error);
    const excess = isFirst ? 0 : size1 - BAND;
    let weight = inner;
    let pull = inner * error;
    const near = Math.min(size1, HUBER);
    sum += inner * near * (2 * size1 - near);
    if (size1 > HUBER) {
      weight = (inner * HUBER) / size1;
      pull = weight * error;
    }
    if (excess > 0) {
      const reach = Math.min(excess, HUBER);
      sum += reach * (2 * excess - reach);
      weight += reach / excess;
      pull += Math.sign(error) * reach;
    }
    system.addPull(quotes.value, i * size, pull / unit);
    if (weight !== inner) {
      system.addWeight(quotes.value, i * size, (weight - inner) / (unit * unit));
    }
  }
  return sum;
}

function gridObjective(problem: Problem, theta: Float64Array): number {
  const { system, constraints, grid, ceiling, base, strength, at } = problem;
  const places = grid.places;
  applyBasis(grid.value, theta, problem.w);
  applyBasis(grid.slope, theta, problem.slope);
  applyBasis(grid.curvature, theta, problem.curvature);
  let sum = 0;
  for (let i = 0; i < places.length; i++) {
    const w = problem.w[i]!;
    if (!(w > 0)) return Number.POSITIVE_INFINITY;
    const high = ceiling[i]! * (1 - CALENDAR_MARGIN);
    if (w > high) {
      const weight = (CALENDAR_STRENGTH * strength) / (high * high);
      sum += weight * (w - high) * (w - high);
      system.add(grid.value, i * system.size, weight, w - high);
    }
    const least = base[i]! * (1 + CALENDAR_MARGIN);
    if (w < least) {
      const weight = (CALENDAR_STRENGTH * strength) / (least * least);
      sum += weight * (least - w) * (least - w);
      system.add(grid.value, i * system.size, weight, w - least);
    }
    const low = constraints.floor[i]!;
    if (w < low) {
      const weight = FLOOR_WEIGHT / (low * low);
      sum += weight * (low - w) * (low - w);
      system.add(grid.value, i * system.size, weight, w - low);
    }
    at.w = w;
    at.slope = problem.slope[i]!;
    at.curvature = problem.curvature[i]!;
    sum += densityTerm(problem, i, 1);
    for (const part of problem.between) {
      at.w = part.share * w + part.w[i]!;
      at.slope = part.share * problem.slope[i]! + part.slope[i]!;
      at.curvature = part.share * problem.curvature[i]! + part.curvature[i]!;
      sum += densityTerm(problem, i, part.share);
    }
  }
  return sum;
}

/**
 * Hinge on g at one place for the point `problem.at`: of the slice itself (share 1), or of a maturity that
 * holds a share of it.
 */
function densityTerm(problem: Problem, i: number, share: number): number {
  const { system, constraints, grid, strength, at } = problem;
  const { w, slope } = at;
  const k = grid.places[i]!;
  const inverse = 1 / w;
  const first = 1 - 0.5 * k * slope * inverse;
  const g = first * first - 0.25 * slope * slope * (inverse + 0.25) + 0.5 * at.curvature;
  const lack = g - constraints.density * (share === 1 ? 1 : 0.5);
  if (lack >= 0) return 0;
  system.addDensity(grid, i, {
    value: (share * (first * k * slope + 0.25 * slope * slope)) / (w * w),
    slope: share * ((-first * k) / w - 0.5 * slope * (1 / w + 0.25)),
    curvature: 0.5 * share,
    weight: strength,
    residual: lack,
  });
  return strength * lack * lack;
}

/** Wings inside their bounds, and the ridge on the corrections. */
function wingObjective(
  { system, constraints, ridge, strength }: Problem,
  theta: Float64Array,
): number {
  let sum = 0;
  for (const side of [-1, 1] as const) {
    const slope = theta[2]! + side * theta[1]!;
    const [least, most] = constraints.wings[side < 0 ? 0 : 1];
    const lack = Math.min(slope - least, 0) + Math.max(slope - most, 0);
    if (lack === 0) continue;
    const weight = (CALENDAR_STRENGTH * strength) / (most * most + 1e-12);
    sum += weight * lack * lack;
    system.addWing(side, weight, lack);
  }
  for (let j = 0; j < ridge.length; j++) {
    const height = theta[3 + j]!;
    sum += ridge[j]! * height * height;
    system.addHeight(j, ridge[j]!, height);
  }
  return sum;
}
