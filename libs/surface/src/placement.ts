import type { SliceTargets } from './slice-fit.ts';

/** Places of corrections and of conditions for one expiry. */
export interface Placement {
  readonly centres: Float64Array;
  readonly widths: Float64Array;
  readonly grid: Float64Array;
}

/** Most corrections of a slice, and quotes needed for each. */
const CORRECTIONS_MAX = 24;
const QUOTES_PER_CORRECTION = 2.5;
/** Width of a correction over the distance to its neighbours. */
const OVERLAP = 2;
/** Share of the corrections spread evenly over the range; the rest follow the quotes. */
const EVEN_SHARE = 0.35;
const GRID_QUOTES = 60;
const GRID_EVEN = 30;
const GRID_EXTENSION = 15;
const GRID_WING = 14;
/** Conditions are imposed to this |k| beyond the quotes. */
const WING_REACH = 5;

/** Quote number (with fraction) at a log-moneyness, 0 below the first, 1 beyond the last. */
function quantileOf(k: Float64Array, at: number): number {
  const last = k.length - 1;
  if (at <= k[0]!) return 0;
  if (at >= k[last]!) return 1;
  let [low, high] = [0, last];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (k[middle]! <= at) low = middle;
    else high = middle;
  }
  return (low + (at - k[low]!) / (k[high]! - k[low]!)) / last;
}

function atQuantile(k: Float64Array, share: number): number {
  const position = share * (k.length - 1);
  const row = Math.min(Math.floor(position), k.length - 2);
  return k[row]! + (position - row) * (k[row + 1]! - k[row]!);
}

/**
 * Corrections: half spread evenly, half where the quotes are, over the range of this expiry's quotes and of
 * all earlier ones (which a longer expiry must exceed there). Conditions: dense inside that range, then
 * geometrically outwards.
 */
export function placementOf(
  targets: SliceTargets,
  [low, high]: readonly [number, number],
  correctionsMax = CORRECTIONS_MAX,
): Placement {
  const { k } = targets;
  const count = Math.min(correctionsMax, Math.floor((k.length - 1) / QUOTES_PER_CORRECTION));
  const centres = new Float64Array(count);
  const rank = (at: number) =>
    (EVEN_SHARE * (at - low)) / (high - low) + (1 - EVEN_SHARE) * quantileOf(k, at);
  for (let j = 0; j < count; j++) {
    let [from, to] = [low, high];
    for (let step = 0; step < 40; step++) {
      const middle = 0.5 * (from + to);
      if (rank(middle) < (j + 0.5) / count) from = middle;
      else to = middle;
    }
    centres[j] = 0.5 * (from + to);
  }
  const widths = centres.map((centre, j) => {
    const left = j > 0 ? centre - centres[j - 1]! : Number.POSITIVE_INFINITY;
    const right = j < count - 1 ? centres[j + 1]! - centre : Number.POSITIVE_INFINITY;
    const isAlone = !Number.isFinite(left) && !Number.isFinite(right);
    if (isAlone) return OVERLAP * 0.5 * (high - low);
    if (!Number.isFinite(left)) return OVERLAP * right;
    return OVERLAP * (Number.isFinite(right) ? 0.5 * (left + right) : left);
  });
  return { centres, widths, grid: gridOf(k, low, high) };
}

function gridOf(k: Float64Array, low: number, high: number): Float64Array {
  const out: number[] = [];
  const [first, last] = [k[0]!, k[k.length - 1]!];
  for (let i = 0; i < GRID_QUOTES; i++) out.push(atQuantile(k, i / (GRID_QUOTES - 1)));
  for (let i = 0; i < GRID_EVEN; i++) out.push(first + ((last - first) * (i + 0.5)) / GRID_EVEN);
  for (let i = 0; i < GRID_EXTENSION; i++) {
    if (low < first) out.push(low + ((first - low) * i) / GRID_EXTENSION);
    if (high > last) out.push(last + ((high - last) * (i + 1)) / GRID_EXTENSION);
  }
  const unit = 0.02 * (high - low);
  for (let i = 1; i <= GRID_WING; i++) {
    const reach = unit * ((1 + WING_REACH / unit) ** (i / GRID_WING) - 1);
    out.push(low - reach, high + reach);
  }
  return Float64Array.from(out).sort();
}

/** Total variance that the mids of earlier expiries need at each place; 0 where none is quoted. */
export function floorOn(grid: Float64Array, earlier: readonly SliceTargets[]): Float64Array {
  const floor = new Float64Array(grid.length);
  for (const { k, mid } of earlier) {
    const last = k.length - 1;
    let row = 1;
    for (let i = 0; i < grid.length; i++) {
      const at = grid[i]!;
      if (at < k[0]! || at > k[last]!) continue;
      while (k[row]! < at) row += 1;
      const share = (at - k[row - 1]!) / (k[row]! - k[row - 1]!);
      const value = (1 - share) * mid[row - 1]! + share * mid[row]!;
      if (value > floor[i]!) floor[i] = value;
    }
  }
  return floor;
}
