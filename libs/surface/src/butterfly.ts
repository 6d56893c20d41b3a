import { findRoot } from '@cerberus/stats';
import { type SviRaw, sviMinimum, sviPoint, type VariancePoint, variancePoint } from './svi.ts';

const SQRT_TWO_PI = 2.5066282746310002;

/**
 * Durrleman's function g = (1 − k w′/2w)² − (w′²/4)(1/w + 1/4) + w″/2. The density of ln(S_T/F) is
 * positive exactly where g is; a slice is free of butterfly arbitrage where g ≥ 0 on the whole axis and
 * its wings grow no faster than 2|k| (Gatheral and Jacquier 2014, Lemma 2.2).
 */
export function durrleman(k: number, point: VariancePoint): number {
  const first = 1 - (0.5 * k * point.slope) / point.w;
  return (
    first * first - 0.25 * point.slope * point.slope * (1 / point.w + 0.25) + 0.5 * point.curvature
  );
}

/** dg/dk; needs the third derivative of w. */
export function durrlemanSlope(k: number, point: VariancePoint): number {
  const { w, slope, curvature, third } = point;
  const first = 1 - (0.5 * k * slope) / w;
  const firstSlope = -0.5 * (slope / w + (k * curvature) / w - (k * slope * slope) / (w * w));
  return (
    2 * first * firstSlope -
    0.5 * slope * curvature * (1 / w + 0.25) +
    (0.25 * slope * slope * slope) / (w * w) +
    0.5 * third
  );
}

/** Density of k = ln(S_T/F): g·φ(d₋)/√w with d₋ = −k/√w − √w/2. */
export function densityOfLogMoneyness(k: number, point: VariancePoint): number {
  const root = Math.sqrt(point.w);
  const distance = -k / root - 0.5 * root;
  return (durrleman(k, point) / (SQRT_TWO_PI * root)) * Math.exp(-0.5 * distance * distance);
}

export interface ButterflyCheck {
  readonly isFree: boolean;
  /** Smallest g on the interval, and where. */
  readonly minimum: number;
  readonly at: number;
  /** Zeros of g on the interval, rising. */
  readonly crossings: readonly number[];
  /** b(1+|ρ|), which Lee's moment formula bounds by 2. */
  readonly wingSlope: number;
}

/** Steps of the scan over the interval; a sign change inside one step would be missed. */
const SCAN_STEPS = 6000;
/** The scan goes on to this |k| beyond the interval, in geometric steps, for the verdict. */
const FAR = 1e4;
/** g at a touching zero comes out as rounding noise. */
const ROUNDING = -1e-12;

/**
 * Butterfly verdict of a raw slice. g is scanned on the interval and its minimum and zeros refined to
 * rounding; the verdict also looks at the far wings, where g → (1 − s²/4)/4 for a wing of slope s.
 */
export function sviButterfly(
  slice: SviRaw,
  [low, high]: readonly [number, number] = [-3, 3],
): ButterflyCheck {
  const point = variancePoint();
  const g = (k: number) => durrleman(k, sviPoint(slice, k, point));
  const slopeOf = (k: number) => durrlemanSlope(k, sviPoint(slice, k, point));
  const wingSlope = slice.b * (1 + Math.abs(slice.rho));
  const step = (high - low) / SCAN_STEPS;
  const at = (i: number) => low + i * step;
  const crossings: number[] = [];
  let best = 1;
  let minimum = Number.POSITIVE_INFINITY;
  let previous = g(low);
  const first = previous;
  for (let i = 1; i <= SCAN_STEPS; i++) {
    const value = i === SCAN_STEPS ? g(high) : g(at(i));
    if (i < SCAN_STEPS && value < minimum) {
      minimum = value;
      best = i;
    }
    if (previous > 0 !== value > 0) {
      const root = findRoot(g, { from: at(i - 1), to: at(i) });
      if (root.ok) crossings.push(root.value);
    }
    previous = value;
  }
  let place = at(best);
  const refined = findRoot(slopeOf, { from: at(best - 1), to: at(best + 1) });
  if (refined.ok && g(refined.value) < minimum) {
    place = refined.value;
    minimum = g(place);
  }
  if (first < minimum) [minimum, place] = [first, low];
  if (previous < minimum) [minimum, place] = [previous, high];
  const isFree =
    sviMinimum(slice) > 0 &&
    wingSlope <= 2 &&
    minimum >= ROUNDING &&
    isFarWingFree(g, low, -1) &&
    isFarWingFree(g, high, 1);
  return { isFree, minimum, at: place, crossings, wingSlope };
}

function isFarWingFree(g: (k: number) => number, from: number, direction: 1 | -1): boolean {
  for (let x = Math.max(Math.abs(from), 0.5); x < FAR; x *= 1.05) {
    if (!(g(direction * x) >= ROUNDING)) return false;
  }
  return true;
}
