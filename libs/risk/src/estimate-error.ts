import { fail, type Result } from '@cerberus/core';
import {
  binomialCdf,
  normalQuantile,
  type Series,
  tailMass,
  tailProbability,
} from '@cerberus/stats';
import { check } from './errors.ts';
import { historicalVarOfSorted } from './historical-var.ts';

export interface EstimateError {
  /** Interval of the value at risk with at least the coverage asked for, from order statistics. */
  readonly varLow: number;
  readonly varHigh: number;
  /** Chance, under independence, that the interval holds the true quantile. */
  readonly coverage: number;
  /** Half the interval over the normal quantile of its level: free of any density at the quantile. */
  readonly varStandardError: number;
  /** Asymptotic standard error of the expected shortfall. */
  readonly shortfallStandardError: number;
  readonly shortfallLow: number;
  readonly shortfallHigh: number;
}

/**
 * Confidence interval of a historical or Monte Carlo VaR and ES from n independent outcomes.
 * VaR: the number of outcomes below the true quantile is binomial(n, p), so two order statistics bound
 * it without any assumption on the law (David and Nagaraja, Order Statistics, 3rd ed., §7.1).
 * ES: variance [Var(loss | tail) + (1−p)(ES−VaR)²]/(np) (Manistre and Hancock, North American Actuarial
 * Journal 9 (2005) 129–156, eq. 2). Where the sample is too small for the lower or upper order statistic,
 * the worst or best outcome bounds the interval and `coverage` says what is left.
 */
export function estimateError(
  pnl: Series,
  options: { readonly confidence: number; readonly level: number },
): Result<EstimateError> {
  const { confidence, level } = options;
  const fault =
    check.probability(confidence, 'confidence') ??
    check.probability(level, 'level') ??
    check.series(pnl, 'pnl', { minimumLength: 2 });
  if (fault !== undefined) return fail(fault);
  const ascending = Float64Array.from(pnl).sort();
  const n = ascending.length;
  const p = tailProbability(confidence);
  const outside = (1 - level) / 2;
  const low = Math.max(
    1,
    largestWith((k) => binomialCdf(k - 1, n, p) <= outside, n),
  );
  const high = Math.min(
    n,
    smallestWith((k) => binomialCdf(k - 1, n, p) >= 1 - outside, n),
  );
  const coverage = binomialCdf(high - 1, n, p) - binomialCdf(low - 1, n, p);
  const risk = historicalVarOfSorted(ascending, { confidence });
  const mass = tailMass(n, confidence);
  const count = Math.max(1, mass.whole + (mass.fraction > 0 ? 1 : 0));
  let spread = 0;
  for (let i = 0; i < count; i++) spread += (ascending[i]! + risk.expectedShortfall) ** 2 / count;
  const beyond = risk.expectedShortfall - risk.valueAtRisk;
  const standardError = Math.sqrt((spread + (1 - p) * beyond * beyond) / (n * p));
  const z = 0 - normalQuantile(outside);
  const [varLow, varHigh] = [0 - ascending[high - 1]!, 0 - ascending[low - 1]!];
  return check.result({
    ...{ varLow, varHigh, coverage },
    varStandardError: (varHigh - varLow) / (2 * z),
    shortfallStandardError: standardError,
    shortfallLow: risk.expectedShortfall - z * standardError,
    shortfallHigh: risk.expectedShortfall + z * standardError,
  });
}

/** Largest k in 0…n with an ever rarer property; 0 where none has it. */
function largestWith(property: (k: number) => boolean, n: number): number {
  return smallestWith((k) => !property(k), n) - 1;
}

/** Smallest k in 1…n + 1 with a property that stays once it holds. */
function smallestWith(property: (k: number) => boolean, n: number): number {
  let low = 1;
  let high = n + 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (property(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
