import { durrleman } from './butterfly.ts';
import { type SmileSlice, wingSlopes } from './slice.ts';
import { applyBasis, keptBasis, thetaOf } from './slice-basis.ts';
import type { VolatilitySurface } from './surface.ts';
import { sviMinimum, variancePoint } from './svi.ts';

/** Proof that a surface was looked at everywhere, and what was found. */
export interface Certificate {
  /** Log-moneyness points and maturities of the grid. */
  readonly moneynessPoints: number;
  readonly maturities: number;
  readonly lowestMoneyness: number;
  readonly highestMoneyness: number;
  readonly shortestYears: number;
  readonly longestYears: number;
  /** Grid points with g < 0 or w ≤ 0. */
  readonly butterflyViolations: number;
  /** Pairs of neighbouring maturities with falling total variance. */
  readonly calendarViolations: number;
  /** Wings steeper than 2, or flatter than those of an earlier expiry: the conditions at |k| → ∞. */
  readonly wingViolations: number;
  readonly smallestDensity: number;
  /** Expiry rows next to a violation. */
  readonly rows: readonly number[];
}

export const CERTIFICATE_MONEYNESS = 400;
export const CERTIFICATE_MATURITIES = 60;
/** Below this a negative g is rounding. */
const DENSITY_ROUNDING = -1e-10;
const CALENDAR_ROUNDING = 1e-12;
const WING_ROUNDING = 1e-9;
const SINH_RANGE = 7;
const REACH_MIN = 5;

/** The grid asked for last: refits ask for the same one, and basis values are kept with it. */
let latest: { readonly reach: number; readonly places: Float64Array } | undefined;

/** Rising log-moneyness from −reach to reach, dense at the money; not to be written to. */
export function moneynessGrid(reach: number): Float64Array {
  if (latest?.reach === reach) return latest.places;
  const scale = reach / Math.sinh(SINH_RANGE);
  const places = Float64Array.from({ length: CERTIFICATE_MONEYNESS }, (_, i) => {
    const u = (2 * i) / (CERTIFICATE_MONEYNESS - 1) - 1;
    return scale * Math.sinh(SINH_RANGE * u);
  });
  latest = { reach, places };
  return places;
}

/** Shares of every interval between expiries at which the surface is looked at. */
const BETWEEN = [0.25, 0.5, 0.75] as const;

/** Every expiry, three maturities between neighbours, some before the first and after the last; at least 60. */
function maturityGrid(surface: VolatilitySurface): Float64Array {
  const times = surface.expiries.map(({ timeYears }) => timeYears);
  const [first, last] = [times[0]!, times.at(-1)!];
  const chosen = new Set<number>([0.5 * first, 1.25 * last, ...times]);
  for (let i = 1; i < times.length; i++) {
    for (const share of BETWEEN) chosen.add(times[i - 1]! + share * (times[i]! - times[i - 1]!));
  }
  for (let part = 2; chosen.size < CERTIFICATE_MATURITIES; part++) {
    for (let i = 1; i < part && chosen.size < CERTIFICATE_MATURITIES; i++) {
      chosen.add(first * (0.5 + (0.5 * i) / part));
      if (chosen.size < CERTIFICATE_MATURITIES) chosen.add(last * (1 + (0.25 * i) / part));
    }
  }
  return Float64Array.from(chosen).sort();
}

/** w and its derivatives of one slice on the grid, column by column. */
interface GridPoints {
  readonly w: Float64Array;
  readonly slope: Float64Array;
  readonly curvature: Float64Array;
}

function pointsOf(slice: SmileSlice, places: Float64Array): GridPoints {
  const basis = keptBasis(places, slice, true);
  const theta = thetaOf(slice);
  const all = new Float64Array(3 * places.length);
  const onGrid = (block: Float64Array, part: number) => {
    const out = all.subarray(part * places.length, (part + 1) * places.length);
    applyBasis(block, theta, out);
    return out;
  };
  return {
    w: onGrid(basis.value, 0),
    slope: onGrid(basis.slope, 1),
    curvature: onGrid(basis.curvature, 2),
  };
}

/** Where g comes below this, the steps of the grid next to it are looked at more closely. */
const CLOSE = 0.03;
const CLOSE_POINTS = 5;

/** g between grid points at which it is close to zero. */
function refined(
  surface: VolatilitySurface,
  time: number,
  { places, densities }: { readonly places: Float64Array; readonly densities: Float64Array },
): { readonly smallest: number; readonly violations: number } {
  const point = variancePoint();
  let [smallest, violations] = [Number.POSITIVE_INFINITY, 0];
  for (let i = 1; i < places.length; i++) {
    if (Math.min(densities[i - 1]!, densities[i]!) >= CLOSE) continue;
    const step = (places[i]! - places[i - 1]!) / (CLOSE_POINTS + 1);
    for (let part = 1; part <= CLOSE_POINTS; part++) {
      const k = places[i - 1]! + part * step;
      surface.pointUnchecked(k, time, point);
      const density = point.w > 0 ? durrleman(k, point) : Number.NEGATIVE_INFINITY;
      smallest = Math.min(smallest, density);
      if (!(density >= DENSITY_ROUNDING)) violations += 1;
    }
  }
  return { smallest, violations };
}

/**
 * Looks at g and at the order of total variance on 400 log-moneyness × 60 maturities or more (every expiry
 * and three maturities between neighbours), from half the first expiry to 1.25 times the last and out to |k| = 5 or 1.5 times the widest quote, whichever is more. Where
 * g comes close to zero the steps of the grid are looked at more closely. Beyond
 * the grid the wings decide, whose slopes must be at most 2 (Lee's moment formula) and ordered in time.
 */
export function certify(surface: VolatilitySurface): Certificate {
  let reach = REACH_MIN;
  for (const { quotedLow, quotedHigh } of surface.expiries) {
    reach = Math.max(reach, 1.5 * Math.abs(quotedLow), 1.5 * Math.abs(quotedHigh));
  }
  const places = moneynessGrid(reach);
  const times = maturityGrid(surface);
  const rows = new Set<number>();
  const columns = surface.expiries.map(({ slice }) => pointsOf(slice, places));
  let [butterfly, calendar, smallest] = [0, 0, Number.POSITIVE_INFINITY];
  const before = new Float64Array(places.length);
  const densities = new Float64Array(places.length);
  for (const time of times) {
    const { row, lower, upper, shift } = surface.blendOf(time);
    const near = columns[row]!;
    const far = upper === 0 ? near : columns[row + 1]!;
    const mark = () => {
      rows.add(row);
      if (upper !== 0) rows.add(row + 1);
    };
    for (let i = 0; i < places.length; i++) {
      const k = places[i]!;
      const w = lower * near.w[i]! + upper * far.w[i]! + shift;
      const slope = lower * near.slope[i]! + upper * far.slope[i]!;
      const curvature = lower * near.curvature[i]! + upper * far.curvature[i]!;
      const inverse = 1 / w;
      const first = 1 - 0.5 * k * slope * inverse;
      const g = first * first - 0.25 * slope * slope * (inverse + 0.25) + 0.5 * curvature;
      const density = w > 0 ? g : Number.NEGATIVE_INFINITY;
      if (density < smallest) smallest = density;
      if (!(density >= DENSITY_ROUNDING)) {
        butterfly += 1;
        mark();
      }
      densities[i] = density;
      if (!(w >= before[i]! - CALENDAR_ROUNDING)) {
        calendar += 1;
        mark();
        if (upper === 0 && row > 0) rows.add(row - 1);
      }
      before[i] = w;
    }
    const finest = refined(surface, time, { places, densities });
    smallest = Math.min(smallest, finest.smallest);
    if (finest.violations > 0) {
      butterfly += finest.violations;
      mark();
    }
  }
  const wings = wingViolations(surface, rows);
  return {
    moneynessPoints: places.length,
    maturities: times.length,
    lowestMoneyness: places[0]!,
    highestMoneyness: places[places.length - 1]!,
    shortestYears: times[0]!,
    longestYears: times[times.length - 1]!,
    butterflyViolations: butterfly,
    calendarViolations: calendar,
    wingViolations: wings,
    smallestDensity: smallest,
    rows: [...rows].sort((x, y) => x - y),
  };
}

function wingViolations(surface: VolatilitySurface, rows: Set<number>): number {
  let count = 0;
  let [left, right] = [0, 0];
  for (const [row, { slice }] of surface.expiries.entries()) {
    const slopes = wingSlopes(slice);
    const isOrdered =
      slopes.left >= left * (1 - WING_ROUNDING) && slopes.right >= right * (1 - WING_ROUNDING);
    const isWithin = slopes.left <= 2 && slopes.right <= 2;
    // Corrections vanish outwards: without them the minimum of the SVI part must not be the w of a wing.
    const isPositive = Number.isFinite(sviMinimum(slice.svi));
    if (!isOrdered || !isWithin || !isPositive) {
      count += 1;
      rows.add(row);
    }
    [left, right] = [slopes.left, slopes.right];
  }
  return count;
}

export function isArbitrageFree(certificate: Certificate): boolean {
  return (
    certificate.butterflyViolations === 0 &&
    certificate.calendarViolations === 0 &&
    certificate.wingViolations === 0
  );
}
