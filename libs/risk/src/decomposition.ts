import { type Fault, fail, type Result } from '@cerberus/core';
import { type Series, tailMass } from '@cerberus/stats';
import { check } from './errors.ts';
import { ScenarioTail } from './scenario-tail.ts';
import type { TailRisk } from './tail-risk.ts';

export interface ScenarioDecomposition extends TailRisk {
  /** Euler contributions; they add up to the value at risk. */
  readonly componentVar: Float64Array;
  /** They add up to the expected shortfall. */
  readonly componentShortfall: Float64Array;
  /** Component over position value: what one more unit of currency in the position adds. */
  readonly marginalVar: Float64Array;
  readonly marginalShortfall: Float64Array;
  /** Risk of the whole less risk without the position. */
  readonly incrementalVar: Float64Array;
  readonly incrementalShortfall: Float64Array;
}

/** Largest share of the scenarios, on each side of the quantile, whose mean stands for the quantile's. */
const WINDOW_SHARE = 0.01;

/**
 * Decomposition of scenario VaR and ES by position (Tasche, "Risk contributions and performance
 * measurement", 1999). ES: −mean of the position's P&L over the tail scenarios, the last one in part,
 * which adds up exactly. VaR: −E[position's P&L | portfolio P&L = −VaR], estimated over the scenarios
 * ranked next to the quantile (1 % of them on each side, at least one) with triangular weights, then
 * scaled to add up. Arrays of one length; `positionValues` scale the marginals and may be left out.
 */
export function decomposeScenarios(
  positionPnl: readonly Series[],
  options: { readonly confidence: number; readonly positionValues?: Series },
): Result<ScenarioDecomposition> {
  const fault = inputsFault(positionPnl, options);
  if (fault !== undefined) return fail(fault);
  const { confidence, positionValues } = options;
  const count = positionPnl[0]!.length;
  const total = new Float64Array(count);
  for (const pnl of positionPnl) for (let s = 0; s < count; s++) total[s]! += pnl[s]!;
  const tail = ScenarioTail.create(count, confidence);
  if (!tail.ok) return tail;
  const measured = tail.value.measure(total);
  if (measured !== undefined) return fail(measured);
  const { valueAtRisk, expectedShortfall } = tail.value;
  const order = Uint32Array.from({ length: count }, (_, i) => i).sort(
    (a, b) => total[a]! - total[b]! || a - b,
  );
  const mass = tailMass(count, confidence);
  const componentShortfall = Float64Array.from(positionPnl, (pnl) =>
    negativeTailMean(pnl, order, mass),
  );
  const rank = mass.fraction > 0 ? mass.whole : mass.whole - 1;
  const componentVar = varComponents(positionPnl, order, rank, valueAtRisk);
  const without = risksWithout(positionPnl, total, tail.value);
  if (!without.ok) return without;
  const perUnit = (component: Float64Array): Float64Array =>
    component.map((c, i) => {
      const value = positionValues?.[i] ?? 1;
      return value === 0 ? 0 : c / value;
    });
  return check.result({
    valueAtRisk,
    expectedShortfall,
    componentVar,
    componentShortfall,
    marginalVar: perUnit(componentVar),
    marginalShortfall: perUnit(componentShortfall),
    incrementalVar: without.value.valueAtRisk.map((v) => valueAtRisk - v),
    incrementalShortfall: without.value.expectedShortfall.map((v) => expectedShortfall - v),
  });
}

function inputsFault(
  positionPnl: readonly Series[],
  options: { readonly confidence: number; readonly positionValues?: Series },
): Fault | undefined {
  const fault =
    check.probability(options.confidence, 'confidence') ??
    check.number(positionPnl.length, 'positionPnl.length', { atLeast: 1 });
  if (fault !== undefined) return fault;
  for (const [i, pnl] of positionPnl.entries()) {
    const wrong =
      check.series(pnl, `positionPnl[${i}]`) ??
      check.length(pnl, `positionPnl[${i}]`, positionPnl[0]!.length);
    if (wrong !== undefined) return wrong;
  }
  const { positionValues } = options;
  if (positionValues === undefined) return undefined;
  return (
    check.length(positionValues, 'positionValues', positionPnl.length) ??
    check.series(positionValues, 'positionValues')
  );
}

function negativeTailMean(
  pnl: Series,
  order: Uint32Array,
  mass: { readonly whole: number; readonly fraction: number },
): number {
  let sum = 0;
  for (let k = 0; k < mass.whole; k++) sum += pnl[order[k]!]!;
  if (mass.fraction > 0) sum += mass.fraction * pnl[order[mass.whole]!]!;
  return -sum / (mass.whole + mass.fraction);
}

function varComponents(
  positionPnl: readonly Series[],
  order: Uint32Array,
  rank: number,
  valueAtRisk: number,
): Float64Array {
  const width = Math.max(1, Math.floor(order.length * WINDOW_SHARE));
  const from = Math.max(rank - width, 0);
  const to = Math.min(rank + width, order.length - 1);
  const smoothed = Float64Array.from(positionPnl, (pnl) => {
    let sum = 0;
    let weights = 0;
    for (let k = from; k <= to; k++) {
      const weight = 1 - Math.abs(k - rank) / (width + 1);
      sum += weight * pnl[order[k]!]!;
      weights += weight;
    }
    return -sum / weights;
  });
  const total = smoothed.reduce((a, b) => a + b, 0);
  // A window whose mean is far from the quantile would be scaled out of proportion: the quantile alone then.
  const ratio = valueAtRisk / total;
  if (!(ratio > 0.5 && ratio < 2)) {
    return Float64Array.from(positionPnl, (pnl) => 0 - pnl[order[rank]!]!);
  }
  return smoothed.map((c) => c * ratio);
}

/** Risk of the whole without each position in turn. */
function risksWithout(
  positionPnl: readonly Series[],
  total: Float64Array,
  tail: ScenarioTail,
): Result<{ readonly valueAtRisk: Float64Array; readonly expectedShortfall: Float64Array }> {
  const valueAtRisk = new Float64Array(positionPnl.length);
  const expectedShortfall = new Float64Array(positionPnl.length);
  for (const [i, pnl] of positionPnl.entries()) {
    const fault = tail.measureSum(total, pnl, -1);
    if (fault !== undefined) return fail(fault);
    valueAtRisk[i] = tail.valueAtRisk;
    expectedShortfall[i] = tail.expectedShortfall;
  }
  return check.result({ valueAtRisk, expectedShortfall });
}
