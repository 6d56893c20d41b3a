import { fail, type Result } from '@cerberus/core';
import type { Series } from '@cerberus/stats';
import { check } from './errors.ts';

/**
 * Sensitivities of one position at the start of the period, per unit of the underlying, in calendar
 * years: theta = −∂V/∂T, charm = ∂delta/∂t, color = ∂gamma/∂t, veta = ∂vega/∂t. Absent ones count as 0.
 */
export interface AttributionGreeks {
  readonly delta: number;
  readonly gamma?: number;
  readonly vega?: number;
  readonly theta?: number;
  readonly rho?: number;
  readonly dividendRho?: number;
  readonly vanna?: number;
  readonly volga?: number;
  readonly charm?: number;
  readonly veta?: number;
  readonly speed?: number;
  readonly zomma?: number;
  readonly color?: number;
  readonly ultima?: number;
}

/** Changes over the period. */
export interface MarketMove {
  readonly spot: number;
  readonly volatility?: number;
  readonly years?: number;
  readonly rate?: number;
  readonly dividendYield?: number;
}

/** Paid over the period, positive for a cost. */
export interface PeriodCosts {
  readonly fees?: number;
  readonly slippage?: number;
  readonly borrow?: number;
  readonly funding?: number;
}

export interface GreekAttribution {
  /** P&L by term of the Taylor expansion, in currency. */
  readonly byGreek: Readonly<Record<GreekTerm, number>>;
  readonly explained: number;
  /** Costs as negative P&L. */
  readonly costs: Readonly<Record<keyof Required<PeriodCosts>, number>>;
  readonly actual: number;
  /** Actual less explained less costs. */
  readonly unexplained: number;
  /** |unexplained| over the larger of |actual| and the sum of |terms|. */
  readonly unexplainedShare: number;
  readonly exceedsThreshold: boolean;
  /** What the residual suggests, most telling first; empty below the threshold. */
  readonly causes: readonly string[];
}

export type GreekTerm = keyof AttributionGreeks;

/** Each term of the expansion: its coefficient in the moves. */
const TERMS: { readonly [K in GreekTerm]: (move: Required<MarketMove>) => number } = {
  delta: (m) => m.spot,
  gamma: (m) => m.spot ** 2 / 2,
  vega: (m) => m.volatility,
  theta: (m) => m.years,
  rho: (m) => m.rate,
  dividendRho: (m) => m.dividendYield,
  vanna: (m) => m.spot * m.volatility,
  volga: (m) => m.volatility ** 2 / 2,
  charm: (m) => m.spot * m.years,
  veta: (m) => m.volatility * m.years,
  speed: (m) => m.spot ** 3 / 6,
  zomma: (m) => (m.spot ** 2 * m.volatility) / 2,
  color: (m) => (m.spot ** 2 * m.years) / 2,
  ultima: (m) => m.volatility ** 3 / 6,
};

export const GREEK_TERMS = Object.keys(TERMS) as readonly GreekTerm[];

const THRESHOLD_DEFAULT = 0.05;

/**
 * P&L of a position by Greek: the Taylor expansion in spot, volatility and time to third order with its
 * cross terms, times `quantity` (units of the underlying per unit of the Greeks), against the actual
 * P&L. The residual beyond `threshold` (a share, 5 % by default) is reported with its likely causes.
 */
export function attributeByGreek(inputs: {
  readonly greeks: AttributionGreeks;
  readonly move: MarketMove;
  readonly quantity: number;
  readonly actual: number;
  readonly costs?: PeriodCosts;
  readonly threshold?: number;
}): Result<GreekAttribution> {
  const { greeks, quantity, actual, threshold = THRESHOLD_DEFAULT } = inputs;
  const move = { volatility: 0, years: 0, rate: 0, dividendYield: 0, ...inputs.move };
  const costs = { fees: 0, slippage: 0, borrow: 0, funding: 0, ...inputs.costs };
  const fault =
    check.number(quantity, 'quantity') ??
    check.number(actual, 'actual') ??
    check.number(threshold, 'threshold', { above: 0 }) ??
    recordFault(greeks, 'greeks') ??
    recordFault(move, 'move') ??
    recordFault(costs, 'costs');
  if (fault !== undefined) return fail(fault);
  let explained = 0;
  let gross = 0;
  const byGreek = {} as Record<GreekTerm, number>;
  for (const term of GREEK_TERMS) {
    const value = plain(quantity * (greeks[term] ?? 0) * TERMS[term](move));
    byGreek[term] = value;
    explained += value;
    gross += Math.abs(value);
  }
  const paid = costs.fees + costs.slippage + costs.borrow + costs.funding;
  const unexplained = actual - explained + paid;
  const scale = Math.max(Math.abs(actual), gross);
  const unexplainedShare = scale === 0 ? 0 : Math.abs(unexplained) / scale;
  const exceedsThreshold = unexplainedShare > threshold;
  return check.result({
    byGreek,
    explained,
    costs: {
      fees: plain(-costs.fees),
      slippage: plain(-costs.slippage),
      borrow: plain(-costs.borrow),
      funding: plain(-costs.funding),
    },
    actual,
    unexplained,
    unexplainedShare,
    exceedsThreshold,
    causes: exceedsThreshold ? causesOf(byGreek, gross, move) : [],
  });
}

/** Without the negative zero. */
function plain(x: number): number {
  return x === 0 ? 0 : x;
}

function recordFault(record: object, path: string) {
  for (const [name, value] of Object.entries(record)) {
    const fault = value === undefined ? undefined : check.number(value, `${path}.${name}`);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function causesOf(
  byGreek: Readonly<Record<GreekTerm, number>>,
  gross: number,
  move: Required<MarketMove>,
): string[] {
  const third = ['speed', 'zomma', 'color', 'ultima'] as const;
  const cross = ['vanna', 'volga', 'charm', 'veta'] as const;
  const shareOf = (terms: readonly GreekTerm[]): number =>
    gross === 0 ? 0 : terms.reduce((sum, term) => sum + Math.abs(byGreek[term]), 0) / gross;
  const causes: string[] = [];
  if (shareOf(third) > 0.1) {
    causes.push('third-order terms are large: the move is beyond the expansion, revalue in full');
  }
  if (shareOf(cross) > 0.2) {
    causes.push('cross terms are large: spot and volatility moved together');
  }
  if (move.volatility === 0) causes.push('no volatility move was given: vega is not explained');
  if (move.years === 0) causes.push('no time passed in the inputs: theta is not explained');
  if (gross === 0)
    causes.push('no sensitivity explains any of it: check the position or the price');
  causes.push('trades within the period, stale marks or a change of the surface outside its level');
  return causes;
}

export interface FactorAttribution {
  /** exposureᵢ · moveᵢ. */
  readonly byFactor: Float64Array;
  readonly explained: number;
  /** Actual less explained: specific return and all that is not linear. */
  readonly specific: number;
}

/** P&L by factor (QQQ, MSTR, BTC, basis, volatility …): exposure in currency per unit move times the move. */
export function attributeByFactor(
  exposures: Series,
  moves: Series,
  actual: number,
): Result<FactorAttribution> {
  const fault =
    check.series(exposures, 'exposures') ??
    check.series(moves, 'moves') ??
    check.length(moves, 'moves', exposures.length) ??
    check.number(actual, 'actual');
  if (fault !== undefined) return fail(fault);
  const byFactor = Float64Array.from(exposures, (x, i) => x * moves[i]!);
  const explained = byFactor.reduce((a, b) => a + b, 0);
  return check.result({ byFactor, explained, specific: actual - explained });
}
