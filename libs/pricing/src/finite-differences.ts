import { type Fault, fail, faultOf, ok, type Result } from '@cerberus/core';
import { type CashDividend, faultOfDividends, presentValueOfDividends } from './dividends.ts';
import { faultOfFields, faultOutside, PRICING_ERRORS } from './errors.ts';
import type { EuropeanOption } from './european.ts';
import { DAYS_PER_YEAR, signOf } from './greeks.ts';
import { solveObstacle, type Tridiagonal, tridiagonal } from './tridiagonal.ts';

/** How cash dividends act: on a spot that is the diffusion, or out of a spot that holds their value. */
export type DividendModel = 'spot' | 'escrowed';

/** σ(S, t) per √year at a spot and a time from today in years. */
export type LocalVolatilityFunction = (spot: number, timeYears: number) => number;

export interface GridOption extends EuropeanOption {
  /** Replaces `volatility`, which then only sets the width of the grid. */
  readonly localVolatility?: LocalVolatilityFunction;
  readonly exercise: 'european' | 'american';
  readonly dividends?: readonly CashDividend[];
  readonly dividendModel?: DividendModel;
  /** Space intervals and time steps; 800 and 400 where not given. */
  readonly grid?: { readonly space: number; readonly time: number };
}

/** Values at the spot; theta per calendar day. */
export interface GridValues {
  readonly price: number;
  readonly delta: number;
  readonly gamma: number;
  readonly theta: number;
}

const RULES = {
  spot: 'positive',
  strike: 'positive',
  timeYears: 'positive',
  rate: 'finite',
  dividendYield: 'finite',
  volatility: 'positive',
} as const;

const GRID_DEFAULT = { space: 800, time: 400 };
const SPACE_LIMITS = [16, 20_000] as const;
const TIME_LIMITS = [4, 100_000] as const;
/** Deviations of the terminal law that the grid spans on either side. */
const DEVIATIONS = 7;
/** Implicit half-steps that damp a kink before Crank-Nicolson takes over (Rannacher 1984). */
const RANNACHER_HALF_STEPS = 4;

/** A stretch of time without a dividend, walked backwards from `end` to `start`. */
interface Segment {
  readonly start: number;
  readonly end: number;
  /** Dividend paid at `start`, seen going backwards after the stretch. */
  readonly dividend: number;
}

interface Grid {
  readonly option: GridOption;
  readonly sign: 1 | -1;
  readonly logStep: number;
  readonly spotIndex: number;
  readonly spots: Float64Array;
  readonly values: Float64Array;
  readonly obstacle: Float64Array;
  readonly matrix: Tridiagonal;
  readonly rightSide: Float64Array;
}

/**
 * European or American value by finite differences in ln S: Crank-Nicolson with Rannacher's implicit
 * start after expiry and after every dividend, the early-exercise condition solved exactly at each step
 * by policy iteration (so that double boundaries need nothing special), payoff averaged over cells.
 *
 * Spot model: S falls by D at the ex-date (to no less than zero) and is lognormal between; the escrowed
 * model diffuses X = S − PV(dividends) and exercises on X + PV. Exercise is allowed just before and
 * just after each ex-date. Second order in both steps, extrapolated from the grid asked for and one of half
 * the size.
 */
export function finiteDifferences(option: GridOption): Result<GridValues> {
  const fault = faultOfGridOption(option);
  if (fault !== undefined) return fail(fault);
  const dividends = option.dividends ?? [];
  const isEscrowed = option.dividendModel === 'escrowed';
  const present = presentValueOfDividends(dividends, option.rate, 0);
  const start = isEscrowed ? option.spot - present : option.spot;
  if (!(start > 0)) {
    return fail(
      faultOf(PRICING_ERRORS.DIVIDENDS_EXCEED_SPOT, {
        path: 'dividends',
        expected: `a present value below ${option.spot}`,
        received: `${present}`,
      }),
    );
  }
  const coarse = valuesOn(option, start, 1);
  const fine = valuesOn(option, start, 2);
  if (![...Object.values(coarse), ...Object.values(fine)].every(Number.isFinite)) {
    return fail(faultOf(PRICING_ERRORS.RESULT_OUT_OF_RANGE, { path: 'price' }));
  }
  return ok({
    price: extrapolate(coarse.price, fine.price),
    delta: extrapolate(coarse.delta, fine.delta),
    gamma: extrapolate(coarse.gamma, fine.gamma),
    theta: extrapolate(coarse.theta, fine.theta),
  });
}

/** Richardson: what an error of second order leaves of two grids, one twice as fine. */
function extrapolate(coarse: number, fine: number): number {
  return fine + (fine - coarse) / 3;
}

function valuesOn(option: GridOption, start: number, refinement: 1 | 2): GridValues {
  const grid = gridOf(option, start, refinement);
  const total = ((option.grid ?? GRID_DEFAULT).time * refinement) / 2;
  for (const segment of segmentsOf(option.dividends ?? [], option.timeYears)) {
    const share = (segment.end - segment.start) / option.timeYears;
    walkBack(grid, segment, refinement * Math.max(6, Math.round((total * share) / refinement)));
    if (segment.dividend > 0) crossDividend(grid, segment);
  }
  return readSpot(grid, start);
}

function faultOfGridOption(option: GridOption): Fault | undefined {
  const grid = option.grid ?? GRID_DEFAULT;
  return (
    faultOfFields(option, RULES) ??
    faultOutside(grid.space, SPACE_LIMITS, 'grid.space') ??
    faultOutside(grid.time, TIME_LIMITS, 'grid.time') ??
    faultOfDividends(option.dividends ?? [], option.timeYears)
  );
}

function segmentsOf(dividends: readonly CashDividend[], expiry: number): Segment[] {
  const ends = [...dividends.map(({ timeYears }) => timeYears), expiry];
  return ends
    .map((end, index) => ({
      start: index === 0 ? 0 : ends[index - 1]!,
      end,
      dividend: index === 0 ? 0 : dividends[index - 1]!.amount,
    }))
    .reverse();
}

/** A grid with the spot on a node and, where they are apart, the strike on another. */
function gridOf(option: GridOption, start: number, refinement: 1 | 2): Grid {
  const { strike, timeYears, rate, dividendYield, volatility } = option;
  const intervals = (option.grid ?? GRID_DEFAULT).space / 2;
  const paidOut = option.spot - start + presentValueOfDividends(option.dividends ?? [], rate, 0);
  const deviation = volatility * Math.sqrt(timeYears);
  const drift = Math.abs(rate - dividendYield - 0.5 * volatility * volatility) * timeYears;
  const reach = DEVIATIONS * deviation + drift;
  const lowest = Math.log(Math.min(start, strike, Math.max(start - paidOut, 0.1 * start))) - reach;
  const highest = Math.log(Math.max(start, strike)) + reach;
  const rough = (highest - lowest) / intervals;
  const apart = Math.abs(Math.log(start / strike));
  const logStep = (apart > rough ? apart / Math.round(apart / rough) : rough) / refinement;
  const below = Math.ceil((Math.log(start) - lowest) / (logStep * refinement));
  const above = Math.ceil((highest - Math.log(start)) / (logStep * refinement));
  const spotIndex = below * refinement;
  const count = (below + above) * refinement + 1;
  const spots = new Float64Array(count);
  for (let i = 0; i < count; i += 1) spots[i] = start * Math.exp((i - spotIndex) * logStep);
  const grid: Grid = {
    option,
    sign: signOf(option.kind),
    logStep,
    spotIndex,
    spots,
    values: new Float64Array(count),
    obstacle: new Float64Array(count),
    matrix: tridiagonal(count - 2),
    rightSide: new Float64Array(count - 2),
  };
  for (let i = 0; i < count; i += 1) grid.values[i] = averagedPayoff(grid, spots[i]!);
  return grid;
}

/** The payoff at a node; in the cell of the kink its mean over the cell, which keeps second order. */
function averagedPayoff({ option, sign, logStep }: Grid, spot: number): number {
  const { strike } = option;
  const low = spot * Math.exp(-0.5 * logStep);
  const high = spot * Math.exp(0.5 * logStep);
  if (low >= strike || high <= strike) return Math.max(sign * (spot - strike), 0);
  const [from, to] = sign > 0 ? [strike, high] : [low, strike];
  return (sign * (to - from - strike * Math.log(to / from))) / logStep;
}

/** Intrinsic value at each node at time t; in the escrowed model the dividends to come count. */
function setObstacle(grid: Grid, time: number): void {
  const { option, sign, spots, obstacle } = grid;
  const held =
    option.dividendModel === 'escrowed'
      ? presentValueOfDividends(option.dividends ?? [], option.rate, time)
      : 0;
  const strike = option.strike - held;
  for (let i = 0; i < spots.length; i += 1) {
    const intrinsic = sign * (spots[i]! - strike);
    obstacle[i] = intrinsic > 0 ? intrinsic : 0;
  }
}

/** Steps from the end of a segment to its start; steps shrink towards the end, where values bend. */
function walkBack(grid: Grid, segment: Segment, stepCount: number): void {
  const steps = Math.ceil(stepCount);
  const length = segment.end - segment.start;
  let time = segment.end;
  for (let step = 1; step <= steps; step += 1) {
    // A quadratic grid: the first steps are of order length/steps².
    const next = step === steps ? segment.start : segment.end - length * (step / steps) ** 2;
    if (step <= RANNACHER_HALF_STEPS / 2) {
      const middle = 0.5 * (time + next);
      advance(grid, { from: time, to: middle, implicit: 1 });
      advance(grid, { from: middle, to: next, implicit: 1 });
    } else {
      advance(grid, { from: time, to: next, implicit: 0.5 });
    }
    time = next;
  }
}

interface Step {
  readonly from: number;
  readonly to: number;
  /** Weight of the new time level: 1 implicit Euler, ½ Crank-Nicolson. */
  readonly implicit: number;
}

function advance(grid: Grid, { from, to, implicit }: Step): void {
  const { option, values, matrix, rightSide, obstacle, spots } = grid;
  const duration = from - to;
  const count = values.length;
  const inner = count - 2;
  const [explicit, weight] = [(1 - implicit) * duration, implicit * duration];
  setOperator(grid, 0.5 * (from + to));
  const { lower, diagonal, upper } = matrix;
  for (let i = 0; i < inner; i += 1) {
    const [down, centre, up] = [lower[i]!, diagonal[i]!, upper[i]!];
    rightSide[i] =
      values[i + 1]! +
      explicit * (down * values[i]! + centre * values[i + 1]! + up * values[i + 2]!);
    lower[i] = -weight * down;
    diagonal[i] = 1 - weight * centre;
    upper[i] = -weight * up;
  }
  // At both ends the value is linear in S, which eliminates the outer nodes.
  const lowRatio = (spots[1]! - spots[0]!) / (spots[2]! - spots[1]!);
  const highRatio = (spots[count - 1]! - spots[inner]!) / (spots[inner]! - spots[inner - 1]!);
  diagonal[0] = diagonal[0]! + lower[0]! * (1 + lowRatio);
  upper[0] = upper[0]! - lower[0]! * lowRatio;
  const last = inner - 1;
  diagonal[last] = diagonal[last]! + upper[last]! * (1 + highRatio);
  lower[last] = lower[last]! - upper[last]! * highRatio;
  const solution = values.subarray(1, count - 1);
  const isAmerican = option.exercise === 'american';
  if (isAmerican) {
    setObstacle(grid, to);
    solveObstacle(matrix, rightSide, { solution, obstacle: obstacle.subarray(1, count - 1) });
  } else {
    solveObstacle(matrix, rightSide, { solution });
  }
  values[0] = values[1]! + (values[1]! - values[2]!) * lowRatio;
  values[count - 1] = values[inner]! + (values[inner]! - values[inner - 1]!) * highRatio;
  if (isAmerican) {
    values[0] = Math.max(values[0], obstacle[0]!);
    values[count - 1] = Math.max(values[count - 1]!, obstacle[count - 1]!);
  }
}

/** ½σ²(V_yy − V_y) + (r−q)V_y − rV on the inner nodes, into the matrix, with σ of the given time. */
function setOperator({ option, matrix, spots, logStep }: Grid, time: number): void {
  const { rate, dividendYield, volatility, localVolatility } = option;
  const { lower, diagonal, upper } = matrix;
  const inverseSquare = 1 / (logStep * logStep);
  const inverseDouble = 1 / (2 * logStep);
  for (let i = 0; i < lower.length; i += 1) {
    const local = localVolatility === undefined ? volatility : localVolatility(spots[i + 1]!, time);
    const half = 0.5 * local * local;
    const convection = (rate - dividendYield - half) * inverseDouble;
    lower[i] = half * inverseSquare - convection;
    upper[i] = half * inverseSquare + convection;
    diagonal[i] = -2 * half * inverseSquare - rate;
  }
}

/** Moves values across an ex-date, backwards in time, and allows exercise just before it. */
function crossDividend(grid: Grid, segment: Segment): void {
  const { option, sign, spots, values } = grid;
  const isEscrowed = option.dividendModel === 'escrowed';
  const after = Float64Array.from(values);
  const held = isEscrowed
    ? presentValueOfDividends(option.dividends ?? [], option.rate, segment.start) + segment.dividend
    : 0;
  const atZero = valueAtZero(grid, segment.start);
  const isAmerican = option.exercise === 'american';
  const hold = (spot: number) =>
    valueAt(grid, after, { spot: isEscrowed ? spot : spot - segment.dividend, atZero });
  const exercise = (spot: number) =>
    isAmerican ? Math.max(sign * (spot + held - option.strike), 0) : 0;
  const halfCell = Math.exp(0.5 * grid.logStep);
  for (let i = 0; i < spots.length; i += 1) {
    const spot = spots[i]!;
    const [low, high] = [spot / halfCell, spot * halfCell];
    const isDividendKink = !isEscrowed && low < segment.dividend && segment.dividend < high;
    const isExerciseKink =
      isAmerican && (hold(low) - exercise(low)) * (hold(high) - exercise(high)) < 0;
    values[i] =
      isDividendKink || isExerciseKink
        ? meanOverCell(spot, grid.logStep, (at) => Math.max(hold(at), exercise(at)))
        : Math.max(hold(spot), exercise(spot));
  }
}

/** Mean over the cell about a node in ln S, for functions with a kink inside. */
function meanOverCell(spot: number, logStep: number, value: (spot: number) => number): number {
  const parts = 32;
  let sum = 0;
  for (let part = 0; part < parts; part += 1) {
    sum += value(spot * Math.exp(logStep * ((part + 0.5) / parts - 0.5)));
  }
  return sum / parts;
}

/** Value of a worthless spot at a time: the strike for a put, discounted where it cannot be had now. */
function valueAtZero({ option, sign }: Grid, time: number): number {
  if (sign > 0) return 0;
  const discounted = option.strike * Math.exp(-option.rate * (option.timeYears - time));
  return option.exercise === 'american' ? Math.max(option.strike, discounted) : discounted;
}

/** Four-point Lagrange interpolation in ln S; below the grid linear in S to the value at zero. */
function valueAt(
  { spots, logStep }: Grid,
  after: Float64Array,
  { spot, atZero }: { readonly spot: number; readonly atZero: number },
): number {
  if (spot <= 0) return atZero;
  const lowest = spots[0]!;
  if (spot <= lowest) return atZero + ((after[0]! - atZero) * spot) / lowest;
  const position = Math.log(spot / lowest) / logStep;
  const base = Math.min(Math.max(Math.floor(position) - 1, 0), spots.length - 4);
  const u = position - base;
  return (
    (-(u - 1) * (u - 2) * (u - 3) * after[base]!) / 6 +
    (u * (u - 2) * (u - 3) * after[base + 1]!) / 2 -
    (u * (u - 1) * (u - 3) * after[base + 2]!) / 2 +
    (u * (u - 1) * (u - 2) * after[base + 3]!) / 6
  );
}

function readSpot({ option, values, spotIndex, logStep }: Grid, start: number): GridValues {
  const [low, price, high] = [spotIndex - 1, spotIndex, spotIndex + 1].map((i) => values[i]!) as [
    number,
    number,
    number,
  ];
  const slope = (high - low) / (2 * logStep);
  const bend = (high - 2 * price + low) / (logStep * logStep);
  const delta = slope / start;
  const gamma = (bend - slope) / (start * start);
  const { rate, dividendYield } = option;
  const volatility = option.localVolatility?.(start, 0) ?? option.volatility;
  const decay =
    rate * price - (rate - dividendYield) * slope - 0.5 * volatility * volatility * (bend - slope);
  return { price, delta, gamma, theta: decay / DAYS_PER_YEAR };
}
