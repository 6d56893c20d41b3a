import type { SmileSlice } from './slice.ts';
import type { SliceStart } from './slice-fit.ts';

/** Relative ridge on the heights of the corrections: overlapping ones are otherwise undetermined. */
const RIDGE = 1e-9;

/** Basis values at a set of places; slopes and curvatures are empty where only values are needed. */
export interface SliceBasis {
  readonly places: Float64Array;
  readonly value: Float64Array;
  readonly slope: Float64Array;
  readonly curvature: Float64Array;
}

/** Basis values already computed, held as long as their places are. */
const KNOWN = new WeakMap<
  Float64Array,
  {
    readonly centres: Float64Array;
    readonly m: number;
    readonly sigma: number;
    readonly basis: SliceBasis;
  }
>();

/**
 * Gauss-Newton system in θ = (a, bρ, b, h₁…hⱼ) for w(k) = a + bρ(k−m) + b√((k−m)²+σ²) + Σ hⱼBⱼ(k).
 * Basis values are computed once per set of places; rows accumulate into normal equations that are
 * solved by Cholesky with Levenberg-Marquardt damping. Nothing is allocated per row or step.
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
    this.start = start;
    this.size = 3 + start.centres.length;
    this.theta = new Float64Array(this.size);
    this.theta[0] = start.svi.a;
    this.theta[1] = start.svi.b * start.svi.rho;
    this.theta[2] = start.svi.b;
    if (start.heights !== undefined) this.theta.set(start.heights, 3);
    this.trial = this.theta.slice();
    this.normal = new Float64Array(this.size * this.size);
    this.otherNormal = new Float64Array(this.size * this.size);
    this.otherGradient = new Float64Array(this.size);
    this.factor = new Float64Array(this.size * this.size);
    this.gradient = new Float64Array(this.size);
    this.step = new Float64Array(this.size);
    this.row = new Float64Array(this.size);
  }

  /**
   * Basis values at places. Those with derivatives are kept with their places, since a warm refit asks for
   * the same ones again.
   */
  basis(places: Float64Array, derivatives: boolean): SliceBasis {
    if (!derivatives) return this.computed(places, false);
    const { svi, centres } = this.start;
    const known = KNOWN.get(places);
    if (known?.centres === centres && known.m === svi.m && known.sigma === svi.sigma) {
      return known.basis;
    }
    const basis = this.computed(places, true);
    KNOWN.set(places, { centres, m: svi.m, sigma: svi.sigma, basis });
    return basis;
  }

  private computed(places: Float64Array, derivatives: boolean): SliceBasis {
    const { size } = this;
    const { svi, centres, widths } = this.start;
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
        value[at + 3 + j] = base;
        if (!derivatives) continue;
        slope[at + 3 + j] = (-3 * z * q * base) / width;
        curvature[at + 3 + j] = ((12 * z * z - 3) * q * q * base) / (width * width);
      }
    }
    return { places, value, slope, curvature };
  }

  /** Σ θ·φ over row i of a block of basis values. */
  dot(block: Float64Array, i: number, theta: Float64Array): number {
    let sum = 0;
    for (let p = 0, at = i * this.size; p < this.size; p++, at++) sum += theta[p]! * block[at]!;
    return sum;
  }

  /** Starts the rows at a point; those of the point before come back by `discard`. */
  begin(): void {
    [this.normal, this.otherNormal] = [this.otherNormal, this.normal];
    [this.gradient, this.otherGradient] = [this.otherGradient, this.gradient];
    this.normal.fill(0);
    this.gradient.fill(0);
  }

  /** Goes back to the rows before the last `begin`. */
  discard(): void {
    [this.normal, this.otherNormal] = [this.otherNormal, this.normal];
    [this.gradient, this.otherGradient] = [this.otherGradient, this.gradient];
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
    const p = 3 + j;
    this.gradient[p]! += weight * height;
    this.normal[p * this.size + p]! += weight;
  }

  /** Writes the damped step from θ into `trial`; gives its size relative to the scale of θ. */
  propose(damping: number): number {
    const { size, normal, factor, gradient, step, theta, trial } = this;
    for (let p = 0; p < size; p++) {
      const diagonal = normal[p * size + p]!;
      const ridge = p < 3 ? 1e-13 : RIDGE;
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
      heights: theta.slice(3),
    };
  }
}
