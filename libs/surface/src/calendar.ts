import { findRoot } from '@cerberus/stats';
import { type SviRaw, sviTotalVariance } from './svi.ts';

export interface CalendarCheck {
  /** True where the longer slice is nowhere below the shorter, on the whole axis. */
  readonly isFree: boolean;
  /** True where both wings of the longer slice are at least as steep. */
  readonly areWingsOrdered: boolean;
  /** Zeros of w_long − w_short on the interval, rising. */
  readonly crossings: readonly number[];
  /** Smallest w_long − w_short over the scan of the interval. */
  readonly minimum: number;
}

const SCAN_STEPS = 8000;
/** Differences of total variance this small are rounding. */
const ROUNDING = 1e-15;

/**
 * Calendar check of two raw slices. On the interval w_long − w_short is scanned; beyond it the wings
 * decide: slopes b(1±ρ) must be ordered, and where they are equal the intercepts a ∓ bm(1±ρ). Both are
 * needed: a check at the money, or on a bounded interval alone, passes surfaces that cross further out.
 */
export function sviCalendar(
  short: SviRaw,
  long: SviRaw,
  [low, high]: readonly [number, number] = [-5, 5],
): CalendarCheck {
  const difference = (k: number) => sviTotalVariance(long, k) - sviTotalVariance(short, k);
  const step = (high - low) / SCAN_STEPS;
  const crossings: number[] = [];
  let minimum = difference(low);
  let previous = minimum;
  for (let i = 1; i <= SCAN_STEPS; i++) {
    const k = low + i * step;
    const value = difference(k);
    minimum = Math.min(minimum, value);
    if ((previous > 0 && value < 0) || (previous < 0 && value > 0)) {
      const root = findRoot(difference, { from: k - step, to: k });
      if (root.ok) crossings.push(root.value);
    } else if (value === 0 && previous !== 0 && i < SCAN_STEPS) {
      const next = difference(k + step);
      if (next !== 0 && next > 0 !== previous > 0) crossings.push(k);
    }
    previous = value;
  }
  const left = wing(short, long, -1);
  const right = wing(short, long, 1);
  return {
    isFree:
      minimum >= -ROUNDING &&
      left.isAbove &&
      right.isAbove &&
      isFarOrdered(difference, low, -1) &&
      isFarOrdered(difference, high, 1),
    areWingsOrdered: left.isSteeper && right.isSteeper,
    crossings,
    minimum,
  };
}

function isFarOrdered(difference: (k: number) => number, from: number, side: 1 | -1): boolean {
  for (let x = Math.max(Math.abs(from), 0.5); x < 1e4; x *= 1.05) {
    const value = difference(side * x);
    if (value < -ROUNDING * (1 + x)) return false;
  }
  return true;
}

function wing(short: SviRaw, long: SviRaw, side: 1 | -1) {
  const shortSlope = short.b * (1 + side * short.rho);
  const longSlope = long.b * (1 + side * long.rho);
  const isEqual = Math.abs(longSlope - shortSlope) <= 1e-14 * Math.max(longSlope, shortSlope);
  const shortIntercept = short.a - side * shortSlope * short.m;
  const longIntercept = long.a - side * longSlope * long.m;
  return {
    isSteeper: isEqual || longSlope > shortSlope,
    isAbove: isEqual ? longIntercept >= shortIntercept - ROUNDING : longSlope > shortSlope,
  };
}
