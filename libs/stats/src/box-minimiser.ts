import { fail, ok, type Result } from '@cerberus/core';
import { dot } from './covariance.ts';
import type { Minimum } from './nelder-mead.ts';
import { check, type Series } from './validation.ts';

/** Writes the gradient at x into `gradient` and returns the value. */
export type DifferentiableObjective = (x: Float64Array, gradient: Float64Array) => number;

export interface BoxOptions {
  /** Lower bounds, −Infinity where there is none. */
  readonly lower?: Series;
  readonly upper?: Series;
  readonly iterationsMax?: number;
  /** Stop when no free component of the projected gradient exceeds this. */
  readonly gradientTolerance?: number;
}

/** Curvature pairs kept, as recommended by Nocedal and Wright, Numerical Optimization, §7.2. */
const MEMORY = 8;
const LINE_SEARCH_MAX = 60;

/**
 * Limited-memory BFGS for a smooth function within bounds: the L-BFGS direction of the free
 * variables, projected onto the box, with Armijo backtracking along the projected path (Bertsekas,
 * SIAM J. Control Optim. 20 (1982) 221–246; Nocedal and Wright §7.2 and §16.7). Solves the problems of
 * L-BFGS-B with a projected line search in place of its Cauchy point.
 */
export function minimiseInBox(
  objective: DifferentiableObjective,
  start: Series,
  options: BoxOptions = {},
): Result<Minimum> {
  const size = start.length;
  const fault =
    check.series(start, 'start') ??
    (options.lower && check.length(options.lower, 'lower', size)) ??
    (options.upper && check.length(options.upper, 'upper', size));
  if (fault !== undefined) return fail(fault);
  const box = new Box(size, options);
  const x = box.project(Float64Array.from(start));
  const gradient = new Float64Array(size);
  const first = objective(x, gradient);
  const wrong = check.number(first, 'objective(start)');
  return wrong === undefined
    ? ok(descend(objective, { x, gradient, value: first, box, options }))
    : fail(wrong);
}

interface Descent {
  x: Float64Array;
  gradient: Float64Array;
  value: number;
  readonly box: Box;
  readonly options: BoxOptions;
}

function descend(objective: DifferentiableObjective, state: Descent): Minimum {
  const { box, options } = state;
  const tolerance = options.gradientTolerance ?? 1e-8;
  const iterationsMax = options.iterationsMax ?? 500;
  const history = new CurvatureHistory();
  for (let iteration = 0; iteration < iterationsMax; iteration++) {
    const free = box.freeMask(state.x, state.gradient);
    const steepest = state.gradient.map((g, i) => (free[i] === 1 ? -g : 0));
    if (largest(steepest) <= tolerance) {
      return { at: state.x, value: state.value, iterations: iteration, converged: true };
    }
    let direction = history.apply(steepest, free);
    if (!(dot(direction, state.gradient) < 0)) {
      history.clear();
      direction = steepest;
    }
    let moved = lineSearch(objective, state, direction);
    if (moved === undefined && direction !== steepest) {
      history.clear();
      moved = lineSearch(objective, state, steepest);
    }
    if (moved === undefined) {
      // No representable point is lower: the minimum to rounding.
      return { at: state.x, value: state.value, iterations: iteration, converged: true };
    }
    history.push(difference(moved.x, state.x), difference(moved.gradient, state.gradient));
    state.x = moved.x;
    state.gradient = moved.gradient;
    state.value = moved.value;
  }
  return { at: state.x, value: state.value, iterations: iterationsMax, converged: false };
}

function lineSearch(
  objective: DifferentiableObjective,
  state: Descent,
  direction: Float64Array,
): { x: Float64Array; gradient: Float64Array; value: number } | undefined {
  let length = 1;
  for (let attempt = 0; attempt < LINE_SEARCH_MAX; attempt++, length /= 2) {
    const scale = length;
    const x = state.box.project(state.x.map((xi, i) => xi + scale * direction[i]!));
    const change = difference(x, state.x);
    const expected = dot(change, state.gradient);
    if (expected === 0) return undefined;
    const gradient = new Float64Array(x.length);
    const value = objective(x, gradient);
    const finite = Number.isFinite(value) && gradient.every(Number.isFinite);
    if (finite && value < state.value && value <= state.value + 1e-4 * expected) {
      return { x, gradient, value };
    }
  }
  return undefined;
}

class Box {
  private readonly lower: Float64Array;
  private readonly upper: Float64Array;

  constructor(size: number, options: BoxOptions) {
    this.lower = Float64Array.from({ length: size }, (_, i) => options.lower?.[i] ?? -Infinity);
    this.upper = Float64Array.from({ length: size }, (_, i) => options.upper?.[i] ?? Infinity);
  }

  project(x: Float64Array): Float64Array {
    return x.map((xi, i) => Math.min(Math.max(xi, this.lower[i]!), this.upper[i]!));
  }

  /** 1 where a variable may move downhill, 0 where it is held at its bound. */
  freeMask(x: Float64Array, gradient: Float64Array): Uint8Array {
    return Uint8Array.from(x, (xi, i) => {
      const held =
        (xi <= this.lower[i]! && gradient[i]! > 0) || (xi >= this.upper[i]! && gradient[i]! < 0);
      return held ? 0 : 1;
    });
  }
}

class CurvatureHistory {
  private readonly pairs: { s: Float64Array; y: Float64Array }[] = [];

  clear(): void {
    this.pairs.length = 0;
  }

  push(s: Float64Array, y: Float64Array): void {
    const curvature = dot(s, y);
    if (!(curvature > 1e-12 * Math.sqrt(dot(s, s) * dot(y, y)))) return;
    this.pairs.push({ s, y });
    if (this.pairs.length > MEMORY) this.pairs.shift();
  }

  /** The two-loop recursion on the free variables. */
  apply(steepest: Float64Array, free: Uint8Array): Float64Array {
    const d = Float64Array.from(steepest);
    const masked = this.pairs
      .map(({ s, y }) => ({ s: maskOf(s, free), y: maskOf(y, free) }))
      .filter(({ s, y }) => dot(s, y) > 0);
    const weights: number[] = [];
    for (let k = masked.length - 1; k >= 0; k--) {
      const { s, y } = masked[k]!;
      const a = dot(s, d) / dot(s, y);
      weights[k] = a;
      for (let i = 0; i < d.length; i++) d[i]! -= a * y[i]!;
    }
    const last = masked.at(-1);
    const scale =
      last === undefined
        ? 1 / Math.max(1, largest(steepest))
        : dot(last.s, last.y) / dot(last.y, last.y);
    for (let i = 0; i < d.length; i++) d[i]! *= scale;
    for (const [k, { s, y }] of masked.entries()) {
      const b = dot(y, d) / dot(s, y);
      for (let i = 0; i < d.length; i++) d[i]! += (weights[k]! - b) * s[i]!;
    }
    return maskOf(d, free);
  }
}

function maskOf(x: Float64Array, free: Uint8Array): Float64Array {
  return x.map((xi, i) => (free[i] === 1 ? xi : 0));
}

function difference(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((x, i) => x - b[i]!);
}

function largest(x: Float64Array): number {
  let size = 0;
  for (const xi of x) size = Math.max(size, Math.abs(xi));
  return size;
}
