import { type Fault, fail, type Result } from '@cerberus/core';
import { centralMoment, meanOf, type Series } from '@cerberus/stats';
import { type Drawdown, drawdownOf } from './drawdown.ts';
import { check } from './errors.ts';
import { probabilityOf, sharpeError } from './sharpe-ratio.ts';

export interface PerformanceOptions {
  readonly periodsPerYear: number;
  /** Per period, like the returns. */
  readonly riskFree?: number;
  /** Threshold of the downside and of Omega, per period. */
  readonly minimumAcceptable?: number;
}

/** A ratio without a denominator (no volatility, no losses) is null, never an infinity. */
export interface Performance extends Drawdown {
  readonly mean: number;
  readonly sampleSd: number;
  readonly populationSd: number;
  /** (mean − risk-free)/sample deviation. */
  readonly sharpe: number | null;
  readonly sharpeAnnual: number | null;
  /** √(Σ min(r − MAR, 0)²/n) over all n. */
  readonly downsideDeviation: number;
  readonly sortinoAnnual: number | null;
  readonly skewness: number | null;
  /** Plain: 3 for the normal law. */
  readonly kurtosis: number | null;
  readonly totalReturn: number;
  /** Compound annual growth rate. */
  readonly annualGrowth: number;
  /** Annual growth over the maximum drawdown. */
  readonly calmar: number | null;
  /** Gains over MAR by losses below it. */
  readonly omega: number | null;
  /** Share of periods with a positive return. */
  readonly hitRate: number;
  /** Sum of gains by sum of losses. */
  readonly profitFactor: number | null;
  /** Mean gain by mean loss. */
  readonly winLossRatio: number | null;
  /** √((1 − S·SR + (K−1)/4·SR²)/(n−1)) (Mertens 2002). */
  readonly sharpeErrorMertens: number | null;
  /** N(SR/error) (Bailey and López de Prado, J. Risk 15 (2012) 3–44). */
  readonly probabilisticSharpe: number | null;
  /** √((1 + SR²/2)/n) (Lo 2002). */
  readonly sharpeErrorNormal: number | null;
}

/**
 * Performance statistics of simple per-period returns in time order. Equity starts at 1 and compounds;
 * a return of −1 or less ends it at 0 or below and is refused only below −1. Needs two returns.
 */
export function performance(returns: Series, options: PerformanceOptions): Result<Performance> {
  const fault = performanceFault(returns, options);
  if (fault !== undefined) return fail(fault);
  const { periodsPerYear, riskFree = 0, minimumAcceptable = 0 } = options;
  const n = returns.length;
  const mean = meanOf(returns);
  const variance = isConstant(returns) ? 0 : centralMoment(returns, mean, 2);
  const populationSd = Math.sqrt(variance);
  const sampleSd = Math.sqrt((variance * n) / (n - 1));
  const skewness = variance === 0 ? null : centralMoment(returns, mean, 3) / variance ** 1.5;
  const kurtosis = variance === 0 ? null : centralMoment(returns, mean, 4) / (variance * variance);
  const sharpe = ratio(mean - riskFree, sampleSd);
  const drawdown = drawdownOf(returns);
  const annualGrowth = (1 + drawdown.totalReturn) ** (periodsPerYear / n) - 1;
  const sides = gainsAndLosses(returns, 0);
  const about = minimumAcceptable === 0 ? sides : gainsAndLosses(returns, minimumAcceptable);
  const downsideDeviation = Math.sqrt(about.lossSquares / n);
  const year = Math.sqrt(periodsPerYear);
  const excess = ratio(mean - minimumAcceptable, downsideDeviation);
  return check.result({
    mean,
    sampleSd,
    populationSd,
    sharpe,
    sharpeAnnual: sharpe === null ? null : sharpe * year,
    downsideDeviation,
    sortinoAnnual: excess === null ? null : excess * year,
    skewness,
    kurtosis,
    ...drawdown,
    annualGrowth,
    calmar: ratio(annualGrowth, drawdown.maximumDrawdown),
    omega: ratio(about.gains, about.losses),
    hitRate: sides.gainCount / n,
    profitFactor: ratio(sides.gains, sides.losses),
    winLossRatio: ratio(sides.gains * sides.lossCount, sides.losses * sides.gainCount),
    ...sharpeErrors(sharpe, skewness, kurtosis, n),
  });
}

function performanceFault(returns: Series, options: PerformanceOptions): Fault | undefined {
  const fault =
    check.series(returns, 'returns', { minimumLength: 2 }) ??
    check.number(options.periodsPerYear, 'periodsPerYear', { above: 0 }) ??
    check.number(options.riskFree ?? 0, 'riskFree') ??
    check.number(options.minimumAcceptable ?? 0, 'minimumAcceptable');
  if (fault !== undefined) return fault;
  for (let t = 0; t < returns.length; t++) {
    const ruin = check.number(returns[t]!, `returns[${t}]`, { atLeast: -1 });
    if (ruin !== undefined) return ruin;
  }
  return undefined;
}

/** True where all elements are one number but for rounding: such a series has no volatility. */
function isConstant(values: Series): boolean {
  let low = values[0]!;
  let high = low;
  for (let t = 1; t < values.length; t++) {
    low = Math.min(low, values[t]!);
    high = Math.max(high, values[t]!);
  }
  return high - low <= 8 * Number.EPSILON * Math.max(Math.abs(low), Math.abs(high));
}

function ratio(numerator: number, denominator: number): number | null {
  return denominator === 0 ? null : numerator / denominator;
}

function gainsAndLosses(returns: Series, threshold: number) {
  const sides = { gains: 0, losses: 0, gainCount: 0, lossCount: 0, lossSquares: 0 };
  for (let t = 0; t < returns.length; t++) {
    const excess = returns[t]! - threshold;
    if (excess > 0) {
      sides.gains += excess;
      sides.gainCount++;
    } else if (excess < 0) {
      sides.losses -= excess;
      sides.lossCount++;
      sides.lossSquares += excess * excess;
    }
  }
  return sides;
}

function sharpeErrors(
  sharpe: number | null,
  skewness: number | null,
  kurtosis: number | null,
  n: number,
) {
  if (sharpe === null || skewness === null || kurtosis === null) {
    return { sharpeErrorMertens: null, probabilisticSharpe: null, sharpeErrorNormal: null };
  }
  const error = sharpeError(sharpe, skewness, kurtosis, n);
  return {
    sharpeErrorMertens: error,
    probabilisticSharpe: probabilityOf(sharpe, error),
    sharpeErrorNormal: Math.sqrt((1 + (sharpe * sharpe) / 2) / n),
  };
}

export interface BenchmarkComparison {
  readonly beta: number;
  /** mean − rf − β(benchmark mean − rf). */
  readonly alpha: number;
  /** Null where the returns themselves do not vary. */
  readonly correlation: number | null;
  readonly trackingErrorAnnual: number;
  readonly informationRatioAnnual: number | null;
  readonly treynorAnnual: number | null;
}

/** Returns against a benchmark of the same dates, which must vary. */
export function compareWithBenchmark(
  returns: Series,
  benchmark: Series,
  options: PerformanceOptions,
): Result<BenchmarkComparison> {
  const { periodsPerYear, riskFree = 0 } = options;
  const fault =
    performanceFault(returns, options) ??
    check.series(benchmark, 'benchmark', { varying: true }) ??
    check.length(benchmark, 'benchmark', returns.length);
  if (fault !== undefined) return fail(fault);
  const n = returns.length;
  const mean = meanOf(returns);
  const benchmarkMean = meanOf(benchmark);
  let cross = 0;
  let active = 0;
  for (let t = 0; t < n; t++) {
    const own = returns[t]! - mean;
    const other = benchmark[t]! - benchmarkMean;
    cross += own * other;
    active += (own - other) ** 2;
  }
  const benchmarkSquare = n * centralMoment(benchmark, benchmarkMean, 2);
  const square = n * centralMoment(returns, mean, 2);
  const beta = cross / benchmarkSquare;
  const trackingError = Math.sqrt(active / (n - 1));
  const information = ratio(mean - benchmarkMean, trackingError);
  const year = Math.sqrt(periodsPerYear);
  return check.result({
    beta,
    alpha: mean - riskFree - beta * (benchmarkMean - riskFree),
    correlation: ratio(cross, Math.sqrt(square * benchmarkSquare)),
    trackingErrorAnnual: trackingError * year,
    informationRatioAnnual: information === null ? null : information * year,
    treynorAnnual: ratio((mean - riskFree) * periodsPerYear, beta),
  });
}

/** Performance of each group of periods (a month, a volatility regime), in order of first appearance. */
export function performanceByGroup(
  returns: Series,
  labels: readonly string[],
  options: PerformanceOptions,
): Result<ReadonlyMap<string, Performance>> {
  const fault = check.number(labels.length, 'labels.length', {
    atLeast: returns.length,
    atMost: returns.length,
  });
  if (fault !== undefined) return fail(fault);
  const groups = new Map<string, number[]>();
  for (const [t, label] of labels.entries()) {
    const group = groups.get(label) ?? [];
    group.push(returns[t]!);
    groups.set(label, group);
  }
  const out = new Map<string, Performance>();
  for (const [label, group] of groups) {
    const measured = performance(group, options);
    if (!measured.ok) {
      return fail({ ...measured.error, path: `${label}: ${measured.error.path ?? 'returns'}` });
    }
    out.set(label, measured.value);
  }
  return check.result(out);
}

/** Traded value over twice the mean equity, per year: 1 is the whole book bought and sold once. */
export function annualTurnover(inputs: {
  readonly tradedValues: Series;
  readonly equity: Series;
  readonly years: number;
}): Result<number> {
  const { tradedValues, equity, years } = inputs;
  const fault =
    check.series(tradedValues, 'tradedValues') ??
    check.series(equity, 'equity', { positive: true }) ??
    check.number(years, 'years', { above: 0 });
  if (fault !== undefined) return fail(fault);
  let traded = 0;
  for (let i = 0; i < tradedValues.length; i++) traded += Math.abs(tradedValues[i]!);
  return check.result(traded / (2 * meanOf(equity) * years));
}
