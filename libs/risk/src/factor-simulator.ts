import { fail, invariant, ok, type Result } from '@cerberus/core';
import { cholesky, normalQuantile, PhiloxStream, studentTCdf } from '@cerberus/stats';
import {
  type FactorModel,
  factorModelFault,
  type HestonLaw,
  type JumpLaw,
  type TCopulaLaw,
} from './factor-model.ts';

/**
 * Draws factor moves over the horizon of a model. Path number p is a function of (seed, p) alone: any
 * partition of the paths into batches, in any order, on any number of workers, gives the same moves bit
 * for bit.
 *
 * Log-returns of relative factors carry −½σ²dt (and for jumps the compensator of the jump), so that the
 * expected simple return is the drift's; moves are then simple returns, expm1 of the log-return.
 */
export class FactorSimulator {
  readonly model: FactorModel;
  readonly factorCount: number;
  private readonly lower: Float64Array;
  private readonly stream: PhiloxStream;
  private readonly normals: Float64Array;
  private readonly shocks: Float64Array;
  private readonly sums: Float64Array;
  private readonly variances: Float64Array;
  private readonly step: (dt: number) => void;

  private constructor(model: FactorModel, lower: Float64Array) {
    const size = model.factors.length;
    this.model = model;
    this.factorCount = size;
    this.lower = lower;
    this.stream = new PhiloxStream({ seed: model.seed, stream: 0 });
    this.normals = new Float64Array(size);
    this.shocks = new Float64Array(size);
    this.sums = new Float64Array(size);
    this.variances = new Float64Array(size);
    this.step = this.stepOf(model);
  }

  static create(model: FactorModel): Result<FactorSimulator> {
    const fault = factorModelFault(model);
    if (fault !== undefined) return fail(fault);
    const factor = cholesky(model.correlation, 'correlation');
    return factor.ok ? ok(new FactorSimulator(model, factor.value.data)) : factor;
  }

  /** Writes the moves of paths `from` to `from + count − 1`, one row of factors per path. */
  fill(from: number, count: number, moves: Float64Array): void {
    const size = this.factorCount;
    invariant(moves.length >= count * size, 'moves hold every factor of every path');
    const { steps, horizonYears, factors, law } = this.model;
    const dt = horizonYears / steps;
    for (let path = 0; path < count; path++) {
      this.stream.seek(from + path);
      this.sums.fill(0);
      if (law.kind === 'heston') this.variances.set(Float64Array.from(law.initialVariance));
      for (let step = 0; step < steps; step++) this.step(dt);
      for (let i = 0; i < size; i++) {
        const sum = this.sums[i]!;
        moves[path * size + i] = factors[i]!.moves === 'relative' ? Math.expm1(sum) : sum;
      }
    }
  }

  private stepOf(model: FactorModel): (dt: number) => void {
    const { law } = model;
    switch (law.kind) {
      case 'diffusion':
        return (dt) => this.diffuse(dt);
      case 'jump-diffusion':
        return (dt) => this.diffuseAndJump(law, dt);
      case 't-copula':
        return (dt) => this.drawCopula(law, dt);
      case 'heston':
        return (dt) => this.diffuseHeston(law, dt);
    }
  }

  /** shocks = L · independent normals. */
  private correlate(): void {
    const size = this.factorCount;
    this.stream.fillNormals(this.normals);
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let j = 0; j <= i; j++) sum += this.lower[i * size + j]! * this.normals[j]!;
      this.shocks[i] = sum;
    }
  }

  /** Adds drift·dt − ½σ²dt (relative factors only) + σ√dt·shock to each sum. */
  private advance(dt: number): void {
    const root = Math.sqrt(dt);
    for (let i = 0; i < this.factorCount; i++) {
      const factor = this.model.factors[i]!;
      const vol = factor.volatility;
      const convexity = factor.moves === 'relative' ? 0.5 * vol * vol : 0;
      this.sums[i]! += ((factor.drift ?? 0) - convexity) * dt + vol * root * this.shocks[i]!;
    }
  }

  private diffuse(dt: number): void {
    this.correlate();
    this.advance(dt);
  }

  private diffuseAndJump(law: JumpLaw, dt: number): void {
    this.diffuse(dt);
    const count = this.stream.nextPoisson(law.intensity * dt);
    for (let i = 0; i < this.factorCount; i++) {
      const mean = law.jumpMean[i]!;
      const sd = law.jumpSd[i]!;
      const relative = this.model.factors[i]!.moves === 'relative';
      const expected = relative ? Math.expm1(mean + 0.5 * sd * sd) : mean;
      this.sums[i]! -= law.intensity * expected * dt;
      if (count > 0)
        this.sums[i]! += count * mean + Math.sqrt(count) * sd * this.stream.nextNormal();
    }
  }

  private drawCopula(law: TCopulaLaw, dt: number): void {
    this.correlate();
    const chiSquared = 2 * this.stream.nextGamma(law.nu / 2);
    const scale = Math.sqrt(law.nu / chiSquared);
    const unit = Math.sqrt((law.nu - 2) / law.nu);
    const { margins } = law;
    for (let i = 0; i < this.factorCount; i++) {
      const t = this.shocks[i]! * scale;
      switch (margins.kind) {
        case 'student-t':
          this.shocks[i] = t * unit;
          break;
        case 'normal':
          this.shocks[i] = normalOf(t, law.nu);
          break;
        case 'empirical':
          this.shocks[i] = interpolated(margins.sortedOutcomes[i]!, studentTCdf(t, law.nu));
          break;
      }
    }
    this.advance(dt);
  }

  /** Full-truncation Euler scheme (Lord, Koekkoek and van Dijk, Quantitative Finance 10 (2010) 177–194). */
  private diffuseHeston(law: HestonLaw, dt: number): void {
    this.correlate();
    const root = Math.sqrt(dt);
    for (let i = 0; i < this.factorCount; i++) {
      const factor = this.model.factors[i]!;
      const variance = Math.max(this.variances[i]!, 0);
      const vol = Math.sqrt(variance);
      const rho = law.rho[i]!;
      const own = this.shocks[i]!;
      const other = rho * own + Math.sqrt(1 - rho * rho) * this.stream.nextNormal();
      const convexity = factor.moves === 'relative' ? 0.5 * variance : 0;
      this.sums[i]! += ((factor.drift ?? 0) - convexity) * dt + vol * root * own;
      this.variances[i]! +=
        law.kappa[i]! * (law.theta[i]! - variance) * dt +
        law.volOfVariance[i]! * vol * root * other;
    }
  }
}

/** N⁻¹(t_ν(x)), from the tail that keeps its digits. */
function normalOf(x: number, nu: number): number {
  const lower = studentTCdf(-Math.abs(x), nu);
  const z = lower > 0 ? normalQuantile(lower) : normalQuantile(Number.MIN_VALUE);
  return x < 0 ? z : 0 - z;
}

/** Inverse of the empirical distribution, linear between the outcomes at (k + ½)/n. */
function interpolated(ascending: Float64Array, u: number): number {
  const last = ascending.length - 1;
  const position = Math.min(Math.max(u * ascending.length - 0.5, 0), last);
  const below = Math.floor(position);
  const low = ascending[below]!;
  return low + (position - below) * (ascending[Math.min(below + 1, last)]! - low);
}
