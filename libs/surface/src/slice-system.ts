import type { SmileSlice } from './slice.ts';
import { LINEAR, type SliceBasis, thetaOf } from './slice-basis.ts';
import type { SliceStart } from './slice-fit.ts';

/** Relative ridge on the heights of the corrections: overlapping ones are otherwise undetermined. */
const RIDGE = 1e-9;

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
