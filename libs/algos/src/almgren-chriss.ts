import { type Fault, fail, type Result } from '@cerberus/core';
import { argumentFault, normalQuantile } from '@cerberus/stats';
import { ALGO_ERRORS, check } from './errors.ts';

/**
 * R. Almgren and N. Chriss, "Optimal execution of portfolio transactions", J. Risk 3 (2000) 5–39. Any
 * time unit, the same everywhere; prices and costs in one currency.
 */
export interface ProgrammeInputs {
  /** Shares to sell; negative for a buy programme. */
  readonly shares: number;
  /** Time to complete. */
  readonly horizon: number;
  /** Trading intervals of equal length. */
  readonly periods: number;
  /** Absolute price volatility, currency per share per √time: not a percentage. */
  readonly volatility: number;
  /** Fixed cost per share traded, such as half the spread. */
  readonly fixedCost: number;
  /** Permanent impact γ, currency per share². */
  readonly permanentImpact: number;
  /** Temporary impact η, (currency per share) per (share per time). */
  readonly temporaryImpact: number;
}

export interface ScheduleInputs extends ProgrammeInputs {
  /** λ per currency; 0 is cost only, negative seeks risk. */
  readonly riskAversion: number;
  /** Expected price drift α, currency per share per time; 0 by default. */
  readonly drift?: number;
}

export interface ScheduleCost {
  /** γX²/2 + ε Σ|nₖ| + (η̃/τ) Σ nₖ² − ατ Σ xₖ; positive is a shortfall. */
  readonly expectedCost: number;
  /** σ²τ Σ xₖ². */
  readonly variance: number;
}

export interface Schedule extends ScheduleCost {
  /** τ = T/N. */
  readonly periodLength: number;
  /** η̃ = η − γτ/2. */
  readonly temporaryImpactAdjusted: number;
  /** κ̃² = λσ²/η̃; negative with the risk aversion. */
  readonly urgencySquared: number;
  /** κ of (2/τ²)(cosh κτ − 1) = κ̃²; for negative κ̃² the frequency of the trigonometric form. */
  readonly urgency: number;
  /** x₀ = X … x_N = 0. */
  readonly holdings: Float64Array;
  /** nₖ = xₖ₋₁ − xₖ. */
  readonly trades: Float64Array;
  readonly sd: number;
  /** E + λV, what the schedule minimises. */
  readonly utility: number;
}

/** Longest schedule of one call. */
export const PERIODS_MAX = 100_000;

/** The schedule that minimises E + λV: eq. (17) and (18) of the paper, with drift eq. (25). */
export function optimalSchedule(inputs: ScheduleInputs): Result<Schedule> {
  const { riskAversion, drift = 0, volatility } = inputs;
  const fault =
    programmeFault(inputs) ??
    check.number(riskAversion, 'riskAversion') ??
    check.number(drift, 'drift');
  if (fault !== undefined) return fail(fault);
  const periodLength = inputs.horizon / inputs.periods;
  const adjusted = adjustedImpact(inputs);
  const urgencySquared = (riskAversion * volatility * volatility) / adjusted;
  const shape = shapeOf(urgencySquared, periodLength, inputs.periods);
  if (shape === undefined) return fail(noMinimum(riskAversion));
  // Where risk is priced, drift pulls towards x̄ = α/(2λσ²); without, it bends the line to a parabola.
  const priced = urgencySquared !== 0;
  const level = priced ? drift / (2 * riskAversion * volatility * volatility) : 0;
  const bend = priced ? 0 : (drift * periodLength * periodLength) / (4 * adjusted);
  const { shares, periods } = inputs;
  const holdings = Float64Array.from({ length: periods + 1 }, (_, k) => {
    const line = shares * shape.share(k) + bend * k * (periods - k);
    return level === 0 ? line : line + level * (1 - shape.share(k) - shape.share(periods - k));
  });
  const trades = Float64Array.from({ length: periods }, (_, i) => {
    const line = shares * shape.step(i) + bend * (2 * i + 1 - periods);
    return level === 0 ? line : line - level * (shape.step(i) - shape.step(periods - 1 - i));
  });
  const cost = scheduleCost(inputs, holdings, trades, drift);
  return check.result({
    ...cost,
    periodLength,
    temporaryImpactAdjusted: adjusted,
    urgencySquared,
    urgency: shape.urgency,
    holdings,
    trades,
    sd: Math.sqrt(cost.variance),
    utility: cost.expectedCost + riskAversion * cost.variance,
  });
}

function programmeFault(inputs: ProgrammeInputs): Fault | undefined {
  const fault =
    check.number(inputs.shares, 'shares') ??
    check.number(inputs.horizon, 'horizon', { above: 0 }) ??
    check.number(inputs.periods, 'periods', { atLeast: 1, atMost: PERIODS_MAX, integer: true }) ??
    check.number(inputs.volatility, 'volatility', { atLeast: 0 }) ??
    check.number(inputs.fixedCost, 'fixedCost', { atLeast: 0 }) ??
    check.number(inputs.permanentImpact, 'permanentImpact', { atLeast: 0 }) ??
    check.number(inputs.temporaryImpact, 'temporaryImpact', { above: 0 });
  return fault ?? check.number(adjustedImpact(inputs), 'temporaryImpact − γτ/2', { above: 0 });
}

function adjustedImpact(inputs: ProgrammeInputs): number {
  return inputs.temporaryImpact - (inputs.permanentImpact * inputs.horizon) / inputs.periods / 2;
}

function noMinimum(riskAversion: number): Fault {
  return argumentFault(ALGO_ERRORS.NO_MINIMUM, 'riskAversion', {
    expected: 'a risk aversion at which the utility has a minimum (κT below π)',
    received: riskAversion,
  });
}

interface Shape {
  readonly urgency: number;
  /** Share still held after k periods: sinh κ(T − t)/sinh κT, or its limit or trigonometric form. */
  readonly share: (k: number) => number;
  /** Share traded in period i from 0, without the cancellation of the difference. */
  readonly step: (i: number) => number;
}

function shapeOf(urgencySquared: number, tau: number, periods: number): Shape | undefined {
  if (urgencySquared === 0) {
    return { urgency: 0, share: (k) => (periods - k) / periods, step: () => 1 / periods };
  }
  const half = (Math.sqrt(Math.abs(urgencySquared)) * tau) / 2;
  if (urgencySquared > 0) {
    const angle = 2 * Math.asinh(half);
    const whole = -Math.expm1(-2 * angle * periods);
    const factor = 2 * Math.sinh(angle / 2);
    return {
      urgency: angle / tau,
      share: (k) => (Math.exp(-angle * k) * -Math.expm1(-2 * angle * (periods - k))) / whole,
      step: (i) => {
        const left = periods - i - 0.5;
        return (factor * Math.exp(-angle * (i + 0.5)) * (1 + Math.exp(-2 * angle * left))) / whole;
      },
    };
  }
  const angle = half < 1 ? 2 * Math.asin(half) : Math.PI;
  if (angle * periods >= Math.PI) return undefined;
  const whole = Math.sin(angle * periods);
  return {
    urgency: angle / tau,
    share: (k) => Math.sin(angle * (periods - k)) / whole,
    step: (i) => (2 * Math.sin(angle / 2) * Math.cos(angle * (periods - i - 0.5))) / whole,
  };
}

function scheduleCost(
  inputs: ProgrammeInputs,
  holdings: Float64Array,
  trades: Float64Array,
  drift: number,
): ScheduleCost {
  const tau = inputs.horizon / inputs.periods;
  let traded = 0;
  let squares = 0;
  for (const n of trades) {
    traded += Math.abs(n);
    squares += n * n;
  }
  let held = 0;
  let heldSquares = 0;
  for (let k = 1; k < holdings.length; k++) {
    held += holdings[k]!;
    heldSquares += holdings[k]! * holdings[k]!;
  }
  return {
    expectedCost:
      (inputs.permanentImpact * inputs.shares * inputs.shares) / 2 +
      inputs.fixedCost * traded +
      (adjustedImpact(inputs) / tau) * squares -
      drift * tau * held,
    variance: inputs.volatility * inputs.volatility * tau * heldSquares,
  };
}

/** The whole programme in the first period: no variance, most impact. */
export function immediateSchedule(inputs: ProgrammeInputs): Result<ScheduleCost> {
  const fault = programmeFault(inputs);
  if (fault !== undefined) return fail(fault);
  const holdings = new Float64Array(inputs.periods + 1);
  holdings[0] = inputs.shares;
  const trades = new Float64Array(inputs.periods);
  trades[0] = inputs.shares;
  return check.result(scheduleCost(inputs, holdings, trades, 0));
}

export interface FrontierPoint extends ScheduleCost {
  readonly riskAversion: number;
  readonly sd: number;
}

/** Most points of one frontier. */
const FRONTIER_POINTS_MAX = 10_000;

/** Cost and risk of the optimal schedule at each risk aversion: the efficient frontier. */
export function efficientFrontier(
  inputs: ProgrammeInputs & { readonly drift?: number },
  riskAversions: ArrayLike<number>,
): Result<readonly FrontierPoint[]> {
  const fault =
    check.series(riskAversions, 'riskAversions') ??
    check.number(riskAversions.length, 'riskAversions.length', { atMost: FRONTIER_POINTS_MAX });
  if (fault !== undefined) return fail(fault);
  const points: FrontierPoint[] = [];
  for (let i = 0; i < riskAversions.length; i++) {
    const riskAversion = riskAversions[i]!;
    const schedule = optimalSchedule({ ...inputs, riskAversion });
    if (!schedule.ok) return schedule;
    const { expectedCost, variance, sd } = schedule.value;
    points.push({ riskAversion, expectedCost, variance, sd });
  }
  return check.result(points);
}

/** Liquidity-adjusted value at risk, E + z·√V (§2.5 of the paper). */
export function liquidityAdjustedVar(cost: ScheduleCost, confidence: number): Result<number> {
  const fault =
    check.probability(confidence, 'confidence') ??
    check.number(cost.expectedCost, 'expectedCost') ??
    check.number(cost.variance, 'variance', { atLeast: 0 });
  if (fault !== undefined) return fail(fault);
  return check.result(cost.expectedCost + normalQuantile(confidence) * Math.sqrt(cost.variance));
}

export interface ContinuousSchedule {
  /** √(λσ²/η). */
  readonly urgency: number;
  /** At the ends of the periods. */
  readonly holdings: Float64Array;
}

/** The limit of short periods, X·sinh κ(T−t)/sinh κT; λ > 0, no drift. */
export function continuousSchedule(inputs: ScheduleInputs): Result<ContinuousSchedule> {
  const fault =
    programmeFault(inputs) ??
    check.number(inputs.riskAversion, 'riskAversion', { above: 0 }) ??
    check.number(inputs.volatility, 'volatility', { above: 0 });
  if (fault !== undefined) return fail(fault);
  const urgency = inputs.volatility * Math.sqrt(inputs.riskAversion / inputs.temporaryImpact);
  const step = (urgency * inputs.horizon) / inputs.periods;
  const whole = -Math.expm1(-2 * step * inputs.periods);
  return check.result({
    urgency,
    holdings: Float64Array.from({ length: inputs.periods + 1 }, (_, k) => {
      const left = -Math.expm1(-2 * step * (inputs.periods - k));
      return (inputs.shares * Math.exp(-step * k) * left) / whole;
    }),
  });
}
