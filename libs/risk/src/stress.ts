import { fail, faultOf, type Result } from '@cerberus/core';
import { argumentFault, type SquareMatrix, symmetric } from '@cerberus/stats';
import { positiveDefinite } from './correlation-check.ts';
import { check, RISK_ERRORS } from './errors.ts';
import type { StressScenario } from './stress-scenarios.ts';

export interface StressResult {
  readonly id: string;
  readonly pnl: number;
  /** The move of each factor of the book that was applied. */
  readonly applied: Readonly<Record<string, number>>;
  /** Factors of the book that the scenario does not name and no proxy covers: unmoved, and said so. */
  readonly missing: readonly string[];
}

/** Move of a factor that a scenario does not name, as a multiple of one that it does. */
export interface FactorProxy {
  readonly factor: string;
  readonly of: string;
  readonly beta: number;
}

/** P&L of the book under given moves, one number per factor in the order of `factors`. */
export type ScenarioValue = (moves: Float64Array, scenario: StressScenario) => number;

/** Runs scenarios over a book with the named factors; in the order given. */
export function runStress(inputs: {
  readonly scenarios: readonly StressScenario[];
  readonly factors: readonly string[];
  readonly proxies?: readonly FactorProxy[];
  readonly value: ScenarioValue;
}): Result<readonly StressResult[]> {
  const { scenarios, factors, proxies = [], value } = inputs;
  const results: StressResult[] = [];
  for (const [index, scenario] of scenarios.entries()) {
    const moves = new Float64Array(factors.length);
    const applied: Record<string, number> = {};
    const missing: string[] = [];
    for (const [i, factor] of factors.entries()) {
      const move = moveOf(scenario, factor, proxies);
      if (move === undefined) {
        missing.push(factor);
        continue;
      }
      const fault = check.number(move, `scenarios[${index}].moves.${factor}`);
      if (fault !== undefined) return fail(fault);
      moves[i] = move;
      applied[factor] = move;
    }
    const pnl = value(moves, scenario);
    if (!Number.isFinite(pnl)) return fail(notFinite(scenario.id, pnl));
    results.push({ id: scenario.id, pnl, applied, missing });
  }
  return check.result(results);
}

function moveOf(
  scenario: StressScenario,
  factor: string,
  proxies: readonly FactorProxy[],
): number | undefined {
  const own = scenario.moves[factor];
  if (own !== undefined) return own;
  for (const proxy of proxies) {
    const other = scenario.moves[proxy.of];
    if (proxy.factor === factor && other !== undefined) return proxy.beta * other;
  }
  return undefined;
}

function notFinite(path: string, received: number) {
  return faultOf(RISK_ERRORS.REVALUATION_NOT_FINITE, {
    path,
    expected: 'a finite P&L',
    received: `${received}`,
  });
}

export interface WorstCase {
  readonly worst: StressResult;
  /** Share of the loss limit used by the worst scenario; absent without a limit. */
  readonly limitUse?: number;
  readonly recommendations: readonly string[];
}

/**
 * The worst scenario with what to do about it: for each factor, the share of the worst loss that goes
 * away if its move is taken out, largest first.
 */
export function worstCase(inputs: {
  readonly results: readonly StressResult[];
  readonly scenarios: readonly StressScenario[];
  readonly factors: readonly string[];
  readonly value: ScenarioValue;
  readonly lossLimit?: number;
}): Result<WorstCase> {
  const { results, scenarios, factors, value, lossLimit } = inputs;
  const fault =
    check.number(results.length, 'results.length', { atLeast: 1 }) ??
    (lossLimit === undefined ? undefined : check.number(lossLimit, 'lossLimit', { above: 0 }));
  if (fault !== undefined) return fail(fault);
  const worst = results.reduce((a, b) => (b.pnl < a.pnl ? b : a));
  const scenario = scenarios.find((s) => s.id === worst.id);
  if (scenario === undefined || worst.pnl >= 0) return check.result({ worst, recommendations: [] });
  const moves = Float64Array.from(factors, (f) => worst.applied[f] ?? 0);
  const relief: { readonly factor: string; readonly share: number }[] = [];
  for (const [i, factor] of factors.entries()) {
    const without = Float64Array.from(moves);
    without[i] = 0;
    const pnl = value(without, scenario);
    if (!Number.isFinite(pnl)) return fail(notFinite(`${scenario.id} without ${factor}`, pnl));
    relief.push({ factor, share: (pnl - worst.pnl) / -worst.pnl });
  }
  const recommendations = relief
    .filter(({ share }) => share > 0.05)
    .sort((a, b) => b.share - a.share)
    .map(({ factor, share }) => {
      const percent = Math.round(100 * share);
      return `Hedging ${factor} removes ${percent} % of the loss in ${worst.id}.`;
    });
  return check.result({
    worst,
    ...(lossLimit === undefined ? {} : { limitUse: -worst.pnl / lossLimit }),
    recommendations,
  });
}

export interface GridAxes {
  /** Simple returns of every spot. */
  readonly spot: ArrayLike<number>;
  /** Differences of every volatility. */
  readonly volatility: ArrayLike<number>;
  /** Share of the way of every correlation to 1 (negative: to 0). */
  readonly correlation: ArrayLike<number>;
  readonly daysForward: ArrayLike<number>;
}

export interface GridPoint {
  readonly spot: number;
  readonly volatility: number;
  readonly correlation: number;
  readonly daysForward: number;
}

export interface StressGrid {
  readonly axes: GridAxes;
  /** P&L, spot slowest, then volatility, correlation, days. */
  readonly pnl: Float64Array;
  readonly worst: GridPoint & { readonly pnl: number };
  readonly best: GridPoint & { readonly pnl: number };
}

/** Most cells of one grid. */
export const GRID_CELLS_MAX = 1_000_000;

/** P&L over spot × volatility × correlation × time. */
export function stressGrid(
  axes: GridAxes,
  value: (point: GridPoint) => number,
): Result<StressGrid> {
  const { spot, volatility, correlation, daysForward } = axes;
  const cells = spot.length * volatility.length * correlation.length * daysForward.length;
  const fault =
    check.series(spot, 'axes.spot') ??
    check.series(volatility, 'axes.volatility') ??
    check.series(correlation, 'axes.correlation') ??
    check.series(daysForward, 'axes.daysForward') ??
    check.number(cells, 'cells', { atMost: GRID_CELLS_MAX });
  if (fault !== undefined) return fail(fault);
  const pnl = new Float64Array(cells);
  const pointAt = (cell: number): GridPoint => {
    const d = cell % daysForward.length;
    const c = Math.floor(cell / daysForward.length) % correlation.length;
    const v = Math.floor(cell / (daysForward.length * correlation.length)) % volatility.length;
    const s = Math.floor(cell / (daysForward.length * correlation.length * volatility.length));
    return {
      spot: spot[s]!,
      volatility: volatility[v]!,
      correlation: correlation[c]!,
      daysForward: daysForward[d]!,
    };
  };
  let worst = 0;
  let best = 0;
  for (let cell = 0; cell < cells; cell++) {
    const result = value(pointAt(cell));
    if (!Number.isFinite(result)) return fail(notFinite(`grid cell ${cell}`, result));
    pnl[cell] = result;
    if (result < pnl[worst]!) worst = cell;
    if (result > pnl[best]!) best = cell;
  }
  return check.result({
    axes,
    pnl,
    worst: { ...pointAt(worst), pnl: pnl[worst]! },
    best: { ...pointAt(best), pnl: pnl[best]! },
  });
}

/**
 * Correlations moved a share of the way to 1 (shift in (0, 1)) or, for a negative shift, to 0. Between a
 * positive definite matrix and the matrix of ones (or the identity) every mixture is positive definite.
 */
export function shiftCorrelation(correlation: SquareMatrix, shift: number): Result<SquareMatrix> {
  const fault =
    check.number(shift, 'shift', { above: -1, below: 1 }) ??
    positiveDefinite(correlation, 'correlation');
  if (fault !== undefined) return fail(fault);
  const { size, data } = correlation;
  const target = shift >= 0 ? 1 : 0;
  const weight = Math.abs(shift);
  const moved = symmetric(size, (i, j) =>
    i === j ? 1 : (1 - weight) * data[i * size + j]! + weight * target,
  );
  const diagonal = data.findIndex((v, k) => k % (size + 1) === 0 && Math.abs(v - 1) > 1e-9);
  if (diagonal === -1) return check.result(moved);
  return fail(
    argumentFault(RISK_ERRORS.OUT_OF_DOMAIN, 'correlation', {
      expected: 'ones on the diagonal',
      received: data[diagonal]!,
    }),
  );
}
