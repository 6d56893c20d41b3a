import type { SmileSlice } from './slice.ts';

/** Parameters of the SVI part: a, bρ and b. */
export const LINEAR = 3;

/** Basis values at a set of places; slopes and curvatures are empty where only values are needed. */
export interface SliceBasis {
  readonly places: Float64Array;
  readonly value: Float64Array;
  readonly slope: Float64Array;
  readonly curvature: Float64Array;
}

/** What the basis of a slice is made of. */
export interface SliceShape {
  readonly svi: { readonly m: number; readonly sigma: number };
  readonly centres: Float64Array;
  readonly widths: Float64Array;
}

interface KnownBasis {
  readonly m: number;
  readonly sigma: number;
  readonly widths: Float64Array;
  readonly basis: SliceBasis;
}

/** Basis values already computed, by places and centres; held as long as both are. */
const KNOWN = new WeakMap<Float64Array, WeakMap<Float64Array, KnownBasis>>();

/**
 * Basis values that are kept with their places and centres, since a warm refit asks for the same ones
 * again. Those with derivatives serve where values alone are asked for.
 */
export function keptBasis(
  places: Float64Array,
  shape: SliceShape,
  derivatives: boolean,
): SliceBasis {
  const { svi, centres, widths } = shape;
  const there = KNOWN.get(places) ?? new WeakMap<Float64Array, KnownBasis>();
  const known = there.get(centres);
  const isSame = known?.m === svi.m && known.sigma === svi.sigma && known.widths === widths;
  if (isSame && (!derivatives || known.basis.slope.length > 0)) return known.basis;
  const basis = basisOf(places, shape, derivatives);
  there.set(centres, { m: svi.m, sigma: svi.sigma, widths, basis });
  KNOWN.set(places, there);
  return basis;
}

export function basisOf(
  places: Float64Array,
  { svi, centres, widths }: SliceShape,
  derivatives: boolean,
): SliceBasis {
  const size = LINEAR + centres.length;
  const count = places.length;
  const value = new Float64Array(count * size);
  const slope = new Float64Array(derivatives ? count * size : 0);
  const curvature = new Float64Array(derivatives ? count * size : 0);
  const s2 = svi.sigma * svi.sigma;
  for (let i = 0, at = 0; i < count; i++, at += size) {
    const x = places[i]! - svi.m;
    const root = Math.sqrt(x * x + s2);
    value[at] = 1;
    value[at + 1] = x;
    value[at + 2] = root;
    if (derivatives) {
      slope[at + 1] = 1;
      slope[at + 2] = x / root;
      curvature[at + 2] = s2 / (root * root * root);
    }
    for (let j = 0; j < centres.length; j++) {
      const width = widths[j]!;
      const z = (places[i]! - centres[j]!) / width;
      const q = 1 / (1 + z * z);
      const base = q * Math.sqrt(q);
      value[at + LINEAR + j] = base;
      if (!derivatives) continue;
      slope[at + LINEAR + j] = (-3 * z * q * base) / width;
      curvature[at + LINEAR + j] = ((12 * z * z - 3) * q * q * base) / (width * width);
    }
  }
  return { places, value, slope, curvature };
}

/**
 * out[i] = Σ θ·φ over row i of a block of basis values. Four rows at a time: their sums do not wait for
 * each other.
 */
export function applyBasis(block: Float64Array, theta: Float64Array, out: Float64Array): void {
  const size = theta.length;
  const count = out.length;
  let i = 0;
  let a = 0;
  for (; i + 4 <= count; i += 4, a += 4 * size) {
    const [b, c, d] = [a + size, a + 2 * size, a + 3 * size];
    let [first, second, third, fourth] = [0, 0, 0, 0];
    for (let p = 0; p < size; p++) {
      const by = theta[p]!;
      first += by * block[a + p]!;
      second += by * block[b + p]!;
      third += by * block[c + p]!;
      fourth += by * block[d + p]!;
    }
    out[i] = first;
    out[i + 1] = second;
    out[i + 2] = third;
    out[i + 3] = fourth;
  }
  for (; i < count; i++, a += size) {
    let sum = 0;
    for (let p = 0; p < size; p++) sum += theta[p]! * block[a + p]!;
    out[i] = sum;
  }
}

/** θ of a slice in its own basis. */
export function thetaOf(slice: SmileSlice): Float64Array {
  const { svi, heights } = slice;
  const theta = new Float64Array(LINEAR + heights.length);
  theta[0] = svi.a;
  theta[1] = svi.b * svi.rho;
  theta[2] = svi.b;
  theta.set(heights, LINEAR);
  return theta;
}
