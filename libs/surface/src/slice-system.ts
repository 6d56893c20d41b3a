import type { SmileSlice } from './slice.ts';
import type { SliceStart } from './slice-fit.ts';

/** Relative ridge on the heights of the corrections: overlapping ones are otherwise undetermined. */
const RIDGE = 1e-9;
/** Parameters of the SVI part. */
const LINEAR = 3;

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

/** Normal equations, their factor and the step of one size: one fit at a time, as all here is synchronous. */
interface Workspace {
  readonly normals: readonly [Float64Array, Float64Array];
  readonly gradients: readonly [Float64Array, Float64Array];
  readonly factor: Float64Array;
  readonly step: Float64Array;
  readonly row: Float64Array;
}

const WORKSPACES = new Map<number, Workspace>();

/** Sizes are few: three parameters and at most `CORRECTIONS_MAX` corrections. */
function workspaceOf(size: number): Workspace {
  const known = WORKSPACES.get(size);
  if (known !== undefined) return known;
  const work: Workspace = {
    normals: [new Float64Array(size * size), new Float64Array(size * size)],
    gradients: [new Float64Array(size), new Float64Array(size)],
    factor: new Float64Array(size * size),
    step: new Float64Array(size),
    row: new Float64Array(size),
  };
  WORKSPACES.set(size, work);
  return work;
}

/**
 * Gauss-Newton system in θ = (a, bρ, b, h₁…hⱼ) for w(k) = a + bρ(k−m) + b√((k−m)²+σ²) + Σ hⱼBⱼ(k).
 * Rows accumulate into normal equations that are solved by Cholesky with Levenberg-Marquardt damping.
 * Nothing is allocated per row or step, and only one system of a size is in use at a time.
 */
export class SliceSystem {
  readonly size: number;
  /** Present parameters, and those of the trial step. */
  readonly theta: Float64Array;
  readonly trial: Float64Array;
  private normal: Float64Array;
  private otherNormal: Float64Array;
  private readonly factor: Float64Array;
  private gradient: Float64Array;
  private otherGradient: Float64Array;
  private readonly step: Float64Array;
  private readonly row: Float64Array;
  private readonly start: SliceStart;

  constructor(start: SliceStart) {
    const { svi, centres, widths, heights = new Float64Array(centres.length) } = start;
    this.start = start;
    this.size = LINEAR + centres.length;
    this.theta = thetaOf({ timeYears: 0, svi, centres, widths, heights });
    this.trial = this.theta.slice();
    const { normals, gradients, factor, step, row } = workspaceOf(this.size);
    [this.normal, this.otherNormal] = normals;
    [this.gradient, this.otherGradient] = gradients;
    this.factor = factor;
    this.step = step;
    this.row = row;
  }

  /** Starts the rows at a point; those of the point before come back by `discard`. */
  begin(): void {
    [this.normal, this.otherNormal] = [this.otherNormal, this.normal];
    [this.gradient, this.otherGradient] = [this.otherGradient, this.gradient];
    this.normal.fill(0);
    this.gradient.fill(0);
  }

  /** The normal equations as they stand, lower half; the caller copies what it keeps. */
  equations(): Float64Array {
    return this.normal;
  }

  /** Goes back to the rows before the last `begin`. */
  discard(): void {
    [this.normal, this.otherNormal] = [this.otherNormal, this.normal];
    [this.gradient, this.otherGradient] = [this.otherGradient, this.gradient];
  }

  /**
   * Starts from normal equations held by the caller, those of rows whose weights do not change; their
   * residuals come by `addPull`.
   */
  beginFrom(normal: Float64Array): void {
    this.begin();
    this.normal.set(normal);
  }

  /** Adds pull·φ to the gradient for the row of `values` that starts at `at`. */
  addPull(values: Float64Array, at: number, pull: number): void {
    const { size, gradient } = this;
    for (let p = 0; p < size; p++) gradient[p]! += pull * values[at + p]!;
  }

  /** Adds weight·φφᵀ to the normal equations alone. */
  addWeight(values: Float64Array, at: number, weight: number): void {
    const { size, normal } = this;
    for (let p = 0; p < size; p++) {
      const scaled = weight * values[at + p]!;
      const base = p * size;
      for (let q = 0; q <= p; q++) normal[base + q]! += scaled * values[at + q]!;
    }
  }

  /** Adds weight·(residual + φ·step)² for the row of `values` that starts at `at`. */
  add(values: Float64Array, at: number, weight: number, residual: number): void {
    const { size, normal, gradient } = this;
    for (let p = 0; p < size; p++) {
      const scaled = weight * values[at + p]!;
      if (scaled === 0) continue;
      gradient[p]! += scaled * residual;
      const base = p * size;
      for (let q = 0; q <= p; q++) normal[base + q]! += scaled * values[at + q]!;
    }
  }

  /** Adds weight·(g − wanted)² with g linearised at θ, from its derivatives by w, w′, w″. */
  addDensity(
    basis: SliceBasis,
    i: number,
    by: {
      readonly value: number;
      readonly slope: number;
      readonly curvature: number;
      readonly weight: number;
      readonly residual: number;
    },
  ): void {
    const { size, row } = this;
    for (let p = 0, at = i * size; p < size; p++, at++) {
      row[p] =
        by.value * basis.value[at]! +
        by.slope * basis.slope[at]! +
        by.curvature * basis.curvature[at]!;
    }
    this.add(row, 0, by.weight, by.residual);
  }

  /** Adds a row on the asymptotic slope of a wing, b(1 ± ρ). */
  addWing(side: 1 | -1, weight: number, residual: number): void {
    this.row.fill(0);
    this.row[1] = side;
    this.row[2] = 1;
    this.add(this.row, 0, weight, residual);
  }

  /** Adds weight·h² for one correction. */
  addHeight(j: number, weight: number, height: number): void {
    const p = LINEAR + j;
    this.gradient[p]! += weight * height;
    this.normal[p * this.size + p]! += weight;
  }

  /** Writes the damped step from θ into `trial`; gives its size relative to the scale of θ. */
  propose(damping: number): number {
    const { size, normal, factor, gradient, step, theta, trial } = this;
    for (let p = 0; p < size; p++) {
      const diagonal = normal[p * size + p]!;
      const ridge = p < LINEAR ? 1e-13 : RIDGE;
      for (let q = 0; q <= p; q++) {
        let sum = normal[p * size + q]!;
        if (p === q) sum += (damping + ridge) * diagonal + Number.MIN_VALUE;
        for (let r = 0; r < q; r++) sum -= factor[p * size + r]! * factor[q * size + r]!;
        if (p !== q) factor[p * size + q] = sum / factor[q * size + q]!;
        else factor[p * size + p] = Math.sqrt(Math.max(sum, 1e-15 * diagonal + Number.MIN_VALUE));
      }
    }
    for (let p = 0; p < size; p++) {
      let sum = -gradient[p]!;
      for (let q = 0; q < p; q++) sum -= factor[p * size + q]! * step[q]!;
      step[p] = sum / factor[p * size + p]!;
    }
    let move = 0;
    let total = 0;
    for (let p = size - 1; p >= 0; p--) {
      let sum = step[p]!;
      for (let q = p + 1; q < size; q++) sum -= factor[q * size + p]! * step[q]!;
      step[p] = sum / factor[p * size + p]!;
      trial[p] = theta[p]! + step[p]!;
      const scale = Math.sqrt(normal[p * size + p]!);
      move += Math.abs(step[p]!) * scale;
      total += Math.abs(trial[p]!) * scale;
    }
    return move / (total + Number.MIN_VALUE);
  }

  accept(): void {
    this.theta.set(this.trial);
  }

  /** The slice at θ, its wings put exactly inside their bounds. */
  slice(
    timeYears: number,
    [left, right]: readonly [readonly [number, number], readonly [number, number]],
  ): SmileSlice {
    const { theta } = this;
    const { svi, centres, widths } = this.start;
    const inside = (slope: number, [low, high]: readonly [number, number]) =>
      Math.min(Math.max(slope, low), high);
    const falling = inside(theta[2]! - theta[1]!, left);
    const rising = inside(theta[2]! + theta[1]!, right);
    const b = Math.max(0.5 * (falling + rising), Number.MIN_VALUE);
    return {
      timeYears,
      svi: { a: theta[0]!, b, rho: (rising - falling) / (2 * b), m: svi.m, sigma: svi.sigma },
      centres,
      widths,
      heights: theta.slice(LINEAR),
    };
  }
}
