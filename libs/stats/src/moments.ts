import { fail, type Result } from '@cerberus/core';
import { check, type Series } from './validation.ts';

export interface Moments {
  readonly count: number;
  readonly mean: number;
  /** Divided by n − 1. */
  readonly sampleSd: number;
  /** Divided by n. */
  readonly populationSd: number;
  /** m₃ / m₂^(3/2). */
  readonly skewness: number;
  /** m₄ / m₂² − 3. */
  readonly excessKurtosis: number;
  /** G₁, the skewness adjusted for the sample size; needs three elements. */
  readonly adjustedSkewness: number;
  /** G₂, the excess kurtosis adjusted for the sample size; needs four elements. */
  readonly adjustedExcessKurtosis: number;
}

/** Arithmetic mean, the rounding error of the first pass removed by a second. */
export function meanOf(values: Series): number {
  const n = values.length;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += values[i]!;
  const mean = sum / n;
  let rest = 0;
  for (let i = 0; i < n; i++) rest += values[i]! - mean;
  return mean + rest / n;
}

/** Σ(x − mean)^power / n. */
export function centralMoment(values: Series, mean: number, power: 2 | 3 | 4): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const deviation = values[i]! - mean;
    const square = deviation * deviation;
    sum += power === 2 ? square : power === 3 ? square * deviation : square * square;
  }
  return sum / values.length;
}

/** Sample variance, divided by n − 1. */
export function sampleVariance(values: Series): number {
  const n = values.length;
  return (centralMoment(values, meanOf(values), 2) * n) / (n - 1);
}

/** Mean, deviations, skewness and kurtosis of at least four elements that vary. */
export function moments(values: Series): Result<Moments> {
  const fault = check.series(values, 'values', { minimumLength: 4, varying: true });
  if (fault !== undefined) return fail(fault);
  const n = values.length;
  const mean = meanOf(values);
  const m2 = centralMoment(values, mean, 2);
  const skewness = centralMoment(values, mean, 3) / m2 ** 1.5;
  const excessKurtosis = centralMoment(values, mean, 4) / (m2 * m2) - 3;
  return check.result({
    count: n,
    mean,
    sampleSd: Math.sqrt((m2 * n) / (n - 1)),
    populationSd: Math.sqrt(m2),
    skewness,
    excessKurtosis,
    adjustedSkewness: (skewness * Math.sqrt(n * (n - 1))) / (n - 2),
    adjustedExcessKurtosis: ((n - 1) / ((n - 2) * (n - 3))) * ((n + 1) * excessKurtosis + 6),
  });
}
