import { fail, type Result } from '@cerberus/core';
import { argumentFault, cholesky, findRoot, normalCdf, type SquareMatrix } from '@cerberus/stats';
import { positiveDefinite } from './correlation-check.ts';
import { check, RISK_ERRORS } from './errors.ts';

export interface ReverseStressInputs {
  /** Covariance of the factor moves over the horizon. */
  readonly covariance: SquareMatrix;
  /** P&L of the book under given moves. */
  readonly value: (moves: Float64Array) => number;
  /** The loss to reach, above 0. */
  readonly loss: number;
  /** Farthest scenario considered, in standard deviations; 8 by default. */
  readonly deviationsMax?: number;
}

export interface ReverseStress {
  readonly moves: Float64Array;
  readonly pnl: number;
  /** Mahalanobis length of the moves: how many standard deviations away the scenario is. */
  readonly deviations: number;
  /** Chance of a loss this large to first order, N(−deviations). */
  readonly probability: number;
  /** Scenarios valued on the way. */
  readonly evaluations: number;
}

const DEVIATIONS_DEFAULT = 8;
/** Steps of the outward scan along a ray: resolves the nearest crossing to 1/40 of the range. */
const SCAN_STEPS = 40;
const ITERATIONS_MAX = 60;
const GRADIENT_STEP = 1e-4;

/**
 * Reverse stress test: the most likely scenario that loses a given amount, min mᵀC⁻¹m subject to
 * P&L(m) = −loss. In whitened coordinates z (m = Az, AAᵀ = C) that is the shortest z on the loss
 * surface, found by walking over directions: each is followed outwards to its first crossing, and turned
 * towards the local steepest loss (the fixed point of Hasofer and Lind, J. Eng. Mech. Div. 100 (1974)
 * 111–121) as long as the crossing comes nearer. Starts: the gradient at rest and both ways along every
 * axis and diagonal of signs, so that gamma and vega losses on either side are seen. A local search: for
 * wild books a nearer scenario may exist; none nearer lies along the starting directions.
 */
export function reverseStress(inputs: ReverseStressInputs): Result<ReverseStress> {
  const { covariance, value, loss, deviationsMax = DEVIATIONS_DEFAULT } = inputs;
  const fault =
    check.number(loss, 'loss', { above: 0 }) ??
    check.number(deviationsMax, 'deviationsMax', { above: 0, atMost: 100 }) ??
    positiveDefinite(covariance, 'covariance');
  if (fault !== undefined) return fail(fault);
  const factor = cholesky(covariance, 'covariance');
  if (!factor.ok) return factor;
  const surface = new LossSurface({ lower: factor.value, value, loss, deviationsMax });
  let best: Crossing | undefined;
  for (const start of surface.startingDirections()) {
    const found = surface.nearest(start);
    if (found !== undefined && (best === undefined || found.radius < best.radius)) best = found;
  }
  if (surface.invalid !== undefined) {
    return fail(
      argumentFault(RISK_ERRORS.REVALUATION_NOT_FINITE, 'value', {
        expected: 'a finite P&L',
        received: surface.invalid,
      }),
    );
  }
  if (best === undefined) {
    return fail(
      argumentFault(RISK_ERRORS.UNREACHABLE, 'loss', {
        expected: `a loss met within ${deviationsMax} standard deviations`,
        received: loss,
      }),
    );
  }
  const moves = surface.movesAt(best.direction, best.radius);
  return check.result({
    moves,
    pnl: value(moves),
    deviations: best.radius,
    probability: normalCdf(-best.radius),
    evaluations: surface.evaluations,
  });
}

interface Crossing {
  readonly direction: Float64Array;
  readonly radius: number;
}

class LossSurface {
  evaluations = 0;
  /** The first value that was not finite. */
  invalid: number | undefined;
  private readonly lower: SquareMatrix;
  private readonly value: (moves: Float64Array) => number;
  private readonly loss: number;
  private readonly radiusMax: number;

  constructor(inputs: {
    readonly lower: SquareMatrix;
    readonly value: (moves: Float64Array) => number;
    readonly loss: number;
    readonly deviationsMax: number;
  }) {
    this.lower = inputs.lower;
    this.value = inputs.value;
    this.loss = inputs.loss;
    this.radiusMax = inputs.deviationsMax;
  }

  movesAt(direction: Float64Array, radius: number): Float64Array {
    const { size, data } = this.lower;
    return Float64Array.from({ length: size }, (_, i) => {
      let sum = 0;
      for (let j = 0; j <= i; j++) sum += data[i * size + j]! * direction[j]!;
      return radius * sum;
    });
  }

  /** P&L + loss at z = radius·direction: at or below 0 where the loss is reached. */
  private margin(direction: Float64Array, radius: number): number {
    this.evaluations++;
    const value = this.value(this.movesAt(direction, radius));
    if (!Number.isFinite(value)) this.invalid ??= value;
    return value + this.loss;
  }

  startingDirections(): Float64Array[] {
    const { size } = this.lower;
    const zero = new Float64Array(size);
    const starts: Float64Array[] = [];
    const steepest = this.descent(zero);
    if (steepest !== undefined) starts.push(steepest);
    for (let i = 0; i < size; i++) {
      for (const sign of [1, -1]) {
        const axis = new Float64Array(size);
        axis[i] = sign;
        starts.push(axis);
        const together = Float64Array.from({ length: size }, (_, j) => (j === i ? sign : -sign));
        starts.push(unit(together)!);
      }
    }
    for (const sign of [1, -1]) starts.push(unit(new Float64Array(size).fill(sign))!);
    return starts;
  }

  /** The nearest crossing met by turning from a first direction. */
  nearest(start: Float64Array): Crossing | undefined {
    let current = this.crossing(start, this.radiusMax);
    if (current === undefined) return undefined;
    for (let iteration = 0; iteration < ITERATIONS_MAX; iteration++) {
      const at = current.direction.map((d) => d * current!.radius);
      const steepest = this.descent(at);
      if (steepest === undefined) return current;
      const better = this.turn(current, steepest);
      if (better === undefined) return current;
      const gain = current.radius - better.radius;
      current = better;
      if (gain < 1e-10 * current.radius) return current;
    }
    return current;
  }

  private turn(current: Crossing, towards: Float64Array): Crossing | undefined {
    for (let share = 1; share > 1e-4; share /= 2) {
      const mixed = unit(current.direction.map((d, i) => (1 - share) * d + share * towards[i]!));
      if (mixed === undefined) continue;
      const found = this.crossing(mixed, current.radius);
      if (found !== undefined && found.radius < current.radius) return found;
    }
    return undefined;
  }

  /** First radius up to `limit` at which the ray reaches the loss. */
  private crossing(direction: Float64Array, limit: number): Crossing | undefined {
    let inner = 0;
    for (let step = 1; step <= SCAN_STEPS; step++) {
      const radius = (limit * step) / SCAN_STEPS;
      if (this.margin(direction, radius) <= 0) {
        const root = findRoot((r) => this.margin(direction, r), { from: inner, to: radius });
        return root.ok ? { direction, radius: root.value } : undefined;
      }
      inner = radius;
    }
    return undefined;
  }

  /** Unit vector of steepest loss at z; absent where the P&L is flat. */
  private descent(z: Float64Array): Float64Array | undefined {
    const slope = z.map((_, i) => {
      const up = Float64Array.from(z);
      const down = Float64Array.from(z);
      up[i]! += GRADIENT_STEP;
      down[i]! -= GRADIENT_STEP;
      return this.margin(down, 1) - this.margin(up, 1);
    });
    return unit(slope);
  }
}

function unit(vector: Float64Array): Float64Array | undefined {
  const length = Math.hypot(...vector);
  return length > 0 && Number.isFinite(length) ? vector.map((v) => v / length) : undefined;
}
