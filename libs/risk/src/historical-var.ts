import { fail, type Result } from '@cerberus/core';
import { type QuantileType, quantileOfSorted, type Series, tailMass } from '@cerberus/stats';
import { check } from './errors.ts';
import type { TailRisk } from './tail-risk.ts';

/**
 * Estimators of the expected shortfall of n outcomes at tail mass np:
 * `floor` mean of the ⌊np⌋ worst (at least one), `ceiling` mean of the ⌈np⌉ worst,
 * `acerbi-tasche` (1/np)[Σ of the ⌊np⌋ worst + the fraction times the next], the coherent one
 * (Acerbi and Tasche, J. Banking & Finance 26 (2002) 1487–1503, eq. 3).
 */
export type ShortfallEstimator = 'floor' | 'ceiling' | 'acerbi-tasche';

export interface HistoricalConvention {
  /** Confidence, e.g. 0.99; read as the decimal that it shows, so that 1000 · (1 − 0.95) is 50. */
  readonly confidence: number;
  /** Hyndman-Fan type of the quantile; 1, the inverse empirical cdf, by default. */
  readonly quantileType?: QuantileType;
  readonly shortfall?: ShortfallEstimator;
}

/**
 * Historical value at risk and expected shortfall of a vector of P&L outcomes (profit positive):
 * VaR = −Q_p(P&L), p = 1 − confidence, ES per `ShortfallEstimator`. The defaults, type 1 and
 * Acerbi-Tasche, always give ES ≥ VaR. Unit: that of the P&L.
 */
export function historicalVar(pnl: Series, convention: HistoricalConvention): Result<TailRisk> {
  const { confidence } = convention;
  const fault = check.probability(confidence, 'confidence') ?? check.series(pnl, 'pnl');
  if (fault !== undefined) return fail(fault);
  return check.result(historicalVarOfSorted(Float64Array.from(pnl).sort(), convention));
}

/** `historicalVar` of P&L already in ascending order and already checked. */
export function historicalVarOfSorted(
  ascending: Float64Array,
  convention: HistoricalConvention,
): TailRisk {
  const { confidence, quantileType = 1, shortfall = 'acerbi-tasche' } = convention;
  const mass = tailMass(ascending.length, confidence);
  return {
    valueAtRisk: negated(quantileOfSorted(ascending, mass, quantileType)),
    expectedShortfall: negated(shortfallMean(ascending, mass, shortfall)),
  };
}

function shortfallMean(
  ascending: Float64Array,
  mass: { readonly whole: number; readonly fraction: number },
  estimator: ShortfallEstimator,
): number {
  const { whole, fraction } = mass;
  switch (estimator) {
    case 'floor':
      return meanOfFirst(ascending, Math.max(whole, 1));
    case 'ceiling':
      return meanOfFirst(ascending, whole + (fraction > 0 ? 1 : 0));
    case 'acerbi-tasche': {
      let sum = 0;
      for (let i = 0; i < whole; i++) sum += ascending[i]!;
      if (fraction > 0) sum += fraction * ascending[whole]!;
      return sum / (whole + fraction);
    }
  }
}

function meanOfFirst(ascending: Float64Array, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += ascending[i]!;
  return sum / count;
}

/** −x without the negative zero, which would show as "-0" at an edge. */
function negated(x: number): number {
  return x === 0 ? 0 : -x;
}
