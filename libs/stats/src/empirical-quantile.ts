import { fail, type Result } from '@cerberus/core';
import { check, type Series } from './validation.ts';

/**
 * The nine sample quantiles of Hyndman and Fan, "Sample quantiles in statistical packages",
 * The American Statistician 50 (1996) 361–365: 1 inverse empirical cdf, 2 the same with averaging,
 * 3 nearest even order statistic (SAS), 4 linear interpolation of the empirical cdf, 5 Hazen,
 * 6 Weibull (n+1), 7 n−1 (R and NumPy default), 8 median-unbiased, 9 normal-unbiased.
 */
export type QuantileType = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;

export const QUANTILE_TYPES: readonly QuantileType[] = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/** `count · probability` split exactly: `whole + fraction`, 0 ≤ fraction < 1. */
export interface TailMass {
  readonly whole: number;
  readonly fraction: number;
  /** True where the product is a whole number, decided in exact decimals. */
  readonly exact: boolean;
}

/** `1 − confidence` as the decimal that the confidence shows: 1 − 0.95 is 0.05, not 0.050000000000000044. */
export function tailProbability(confidence: number): number {
  const { digits, scale } = decimalRatio(confidence);
  return Number(scale - digits) / Number(scale);
}

/** `count · (1 − confidence)`, the confidence taken as the decimal that it shows. */
export function tailMass(count: number, confidence: number): TailMass {
  const { digits, scale } = decimalRatio(confidence);
  return massOf(count, scale - digits, scale);
}

/** `count · probability`, the probability taken as the decimal that it shows. */
export function probabilityMass(count: number, probability: number): TailMass {
  const { digits, scale } = decimalRatio(probability);
  return massOf(count, digits, scale);
}

function massOf(count: number, digits: bigint, scale: bigint): TailMass {
  const product = BigInt(count) * digits;
  const whole = product / scale;
  const rest = product - whole * scale;
  return {
    whole: Number(whole),
    fraction: Number(rest) / Number(scale),
    exact: rest === 0n,
  };
}

/** The shortest decimal of a probability as a ratio of whole numbers. */
function decimalRatio(probability: number): { digits: bigint; scale: bigint } {
  const [mantissa = '0', exponentText = '0'] = String(probability).split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  const places = fraction.length - Number(exponentText);
  return { digits: BigInt(whole + fraction), scale: 10n ** BigInt(places) };
}

/**
 * Quantile of an ascending sample at the mass `position = n·p` (see `tailMass`), one of the nine
 * types. Elements at positions below 1 and above n are the first and the last.
 */
export function quantileOfSorted(ascending: Series, mass: TailMass, type: QuantileType): number {
  const n = ascending.length;
  const at = (order: number): number => ascending[Math.min(Math.max(order, 1), n) - 1]!;
  const { whole, fraction, exact } = mass;
  if (type === 1) return exact ? at(whole) : at(whole + 1);
  if (type === 2) return exact ? (at(whole) + at(whole + 1)) / 2 : at(whole + 1);
  if (type === 3) return at(nearestEven(whole, fraction));
  const offset = interpolationOffset(type, (whole + fraction) / n);
  const position = fraction + offset;
  const step = Math.floor(position);
  const lower = at(whole + step);
  return lower + (position - step) * (at(whole + step + 1) - lower);
}

/** Rounds `whole + fraction` to the nearest order, halves to the even one. */
function nearestEven(whole: number, fraction: number): number {
  if (fraction !== 0.5) return fraction < 0.5 ? whole : whole + 1;
  return whole % 2 === 0 ? whole : whole + 1;
}

/** `m(p)` of the position `n p + m` of the interpolating types. */
function interpolationOffset(type: 4 | 5 | 6 | 7 | 8 | 9, p: number): number {
  switch (type) {
    case 4:
      return 0;
    case 5:
      return 0.5;
    case 6:
      return p;
    case 7:
      return 1 - p;
    case 8:
      return (p + 1) / 3;
    case 9:
      return p / 4 + 3 / 8;
  }
}

/** Quantile of a sample in any order; see `QuantileType`. `probability` in [0, 1]. */
export function empiricalQuantile(
  values: Series,
  probability: number,
  type: QuantileType = 7,
): Result<number> {
  const fault =
    check.series(values, 'values') ??
    check.number(probability, 'probability', { atLeast: 0, atMost: 1 });
  if (fault !== undefined) return fail(fault);
  const ascending = Float64Array.from(values).sort();
  return check.result(
    quantileOfSorted(ascending, probabilityMass(ascending.length, probability), type),
  );
}
