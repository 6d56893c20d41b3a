import { type Fault, fail, faultOf, type Result } from '@cerberus/core';
import type { Series } from '@cerberus/stats';
import { check, FEATURES_ERRORS } from './errors.ts';

/** Bars of equal length in time order. `close` alone serves the estimator `close`. */
export interface PriceBars {
  readonly close: Series;
  readonly open?: Series;
  readonly high?: Series;
  readonly low?: Series;
}

export const VOLATILITY_ESTIMATORS = ['close', 'parkinson', 'garman-klass', 'yang-zhang'] as const;
export type VolatilityEstimator = (typeof VOLATILITY_ESTIMATORS)[number];

/** Fewest periods in a window: a variance about its own mean needs two. */
const WINDOW_MIN = 2;

/**
 * Annualised realised volatility over every run of `window` periods, element k ending at bar k + window
 * (the first period starts at the close of bar 0).
 * close: deviation of log-returns about their mean, over n − 1. parkinson: Σ ln²(H/L)/(4n ln 2) (Parkinson,
 * J. Business 53 (1980) 61–65). garman-klass: mean of ½ln²(H/L) − (2 ln 2 − 1)ln²(C/O) (Garman and Klass, J.
 * Business 53 (1980) 67–78, eq. 20). yang-zhang: overnight variance + k·open-to-close variance +
 * (1 − k)·Rogers-Satchell, k = 0.34/(1.34 + (n + 1)/(n − 1)) (Yang and Zhang, J. Business 73 (2000)
 * 477–491, eq. 8). Parkinson and Garman-Klass leave the jump overnight out, so they are low for shares.
 */
export function realisedVolatilities(
  bars: PriceBars,
  options: {
    readonly estimator: VolatilityEstimator;
    readonly window: number;
    readonly periodsPerYear: number;
  },
): Result<Float64Array> {
  const { estimator, window, periodsPerYear } = options;
  const fault =
    check.number(window, 'window', { atLeast: WINDOW_MIN, integer: true }) ??
    check.number(periodsPerYear, 'periodsPerYear', { above: 0 }) ??
    check.series(bars.close, 'close', { minimumLength: window + 1, positive: true }) ??
    (estimator === 'close' ? undefined : barsFault(bars));
  if (fault !== undefined) return fail(fault);
  const variance = varianceOf(bars, estimator, window);
  return check.result(
    Float64Array.from({ length: bars.close.length - window }, (_, k) =>
      Math.sqrt(variance(k + 1) * periodsPerYear),
    ),
  );
}

/** Variance per period of the window whose first period is bar `from`. */
function varianceOf(
  { open = [], high = [], low = [], close }: PriceBars,
  estimator: VolatilityEstimator,
  window: number,
): (from: number) => number {
  const mean = (term: (t: number) => number) => (from: number) => {
    let sum = 0;
    for (let t = from; t < from + window; t += 1) sum += term(t);
    return sum / window;
  };
  const about = (term: (t: number) => number) => (from: number) => {
    const level = mean(term)(from);
    return mean((t) => (term(t) - level) ** 2)(from) * (window / (window - 1));
  };
  const ratio = (a: Series, b: Series) => (t: number) => Math.log(a[t]! / b[t]!);
  const [range, body] = [ratio(high, low), ratio(close, open)];
  switch (estimator) {
    case 'close':
      return about((t) => Math.log(close[t]! / close[t - 1]!));
    case 'parkinson':
      return mean((t) => range(t) ** 2 / (4 * Math.LN2));
    case 'garman-klass':
      return mean((t) => 0.5 * range(t) ** 2 - (2 * Math.LN2 - 1) * body(t) ** 2);
    case 'yang-zhang': {
      const weight = 0.34 / (1.34 + (window + 1) / (window - 1));
      const overnight = about((t) => Math.log(open[t]! / close[t - 1]!));
      const daily = about(body);
      const [up, down] = [ratio(high, open), ratio(low, open)];
      const drifting = mean((t) => up(t) * (up(t) - body(t)) + down(t) * (down(t) - body(t)));
      return (from) => overnight(from) + weight * daily(from) + (1 - weight) * drifting(from);
    }
  }
}

function barsFault({ open = [], high = [], low = [], close }: PriceBars): Fault | undefined {
  const count = close.length;
  for (const [name, column] of Object.entries({ open, high, low })) {
    const fault =
      check.length(column, name, count) ?? check.series(column, name, { positive: true });
    if (fault !== undefined) return fault;
  }
  for (let row = 0; row < count; row += 1) {
    const [highest, lowest] = [high[row]!, low[row]!];
    const inside = [open[row]!, close[row]!].every((price) => price <= highest && price >= lowest);
    if (inside) continue;
    return faultOf(FEATURES_ERRORS.BAR_INCONSISTENT, {
      path: `row ${row}`,
      expected: 'low ≤ open, close ≤ high',
      received: `open ${open[row]}, high ${highest}, low ${lowest}, close ${close[row]}`,
    });
  }
  return undefined;
}
