import { fail, type Result } from '@cerberus/core';
import { probabilityMass, quantileOfSorted } from '@cerberus/stats';
import { check } from './errors.ts';
import {
  type PriceBars,
  realisedVolatilities,
  type VolatilityEstimator,
} from './realised-volatility.ts';

export interface ConeOptions {
  /** Periods per window, ascending. */
  readonly horizons: readonly number[];
  /** Of the percentiles, each in (0, 1). */
  readonly probabilities: readonly number[];
  readonly estimator: VolatilityEstimator;
  readonly periodsPerYear: number;
  /** Implied volatilities by horizon, to be ranked among the realised ones. */
  readonly implied?: ReadonlyMap<number, number>;
}

/** Realised volatility over windows of one length; all volatilities annualised. */
export interface ConeSlice {
  readonly horizon: number;
  /** Windows, which overlap, and how many fit side by side. */
  readonly windows: number;
  readonly separateWindows: number;
  readonly minimum: number;
  /** In the order of the probabilities, linear between order statistics (type 7). */
  readonly percentiles: readonly number[];
  readonly maximum: number;
  /** Over the last window. */
  readonly current: number;
  /** Share of windows at or below it. */
  readonly currentRank: number;
  readonly implied?: number;
  readonly impliedRank?: number;
}

/**
 * Volatility cone: percentiles of realised volatility by horizon, with the place of today's realised and
 * of an implied volatility among them (Burghardt and Lane, "How to tell if options are cheap", J. Portfolio
 * Management 16 (1990) 72–78). Windows overlap, so that percentiles of long horizons rest on few separate
 * ones, which are counted.
 */
export function volatilityCone(bars: PriceBars, options: ConeOptions): Result<ConeSlice[]> {
  const { horizons, probabilities, estimator, periodsPerYear, implied = new Map() } = options;
  const slices: ConeSlice[] = [];
  for (const [i, probability] of probabilities.entries()) {
    const fault = check.probability(probability, `probabilities[${i}]`);
    if (fault !== undefined) return fail(fault);
  }
  for (const [i, window] of horizons.entries()) {
    const realised = realisedVolatilities(bars, { estimator, window, periodsPerYear });
    if (!realised.ok) {
      const path = realised.error.path === 'window' ? `horizons[${i}]` : realised.error.path;
      return fail({ ...realised.error, ...(path === undefined ? {} : { path }) });
    }
    const own = implied.get(window);
    const fault =
      own === undefined ? undefined : check.number(own, `implied ${window}`, { above: 0 });
    if (fault !== undefined) return fail(fault);
    slices.push(sliceOf(realised.value, { window, probabilities, implied: own }));
  }
  return check.result(slices);
}

function sliceOf(
  realised: Float64Array,
  {
    window,
    probabilities,
    implied,
  }: {
    readonly window: number;
    readonly probabilities: readonly number[];
    readonly implied: number | undefined;
  },
): ConeSlice {
  const ascending = Float64Array.from(realised).sort();
  const count = ascending.length;
  const rank = (value: number) => ascending.filter((each) => each <= value).length / count;
  const current = realised[count - 1]!;
  return {
    horizon: window,
    windows: count,
    separateWindows: Math.floor((count + window - 1) / window),
    minimum: ascending[0]!,
    percentiles: probabilities.map((p) =>
      quantileOfSorted(ascending, probabilityMass(count, p), 7),
    ),
    maximum: ascending[count - 1]!,
    current,
    currentRank: rank(current),
    ...(implied === undefined ? {} : { implied, impliedRank: rank(implied) }),
  };
}
