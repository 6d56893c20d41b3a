import { add, div, mul, quickExponential, splat } from './elementary';

// The collocation scheme of American options as the kernel holds it, its workspace, and what needs nothing else.

export const VECTOR: usize = 16;
/** ln B stays this far below its value at expiry, so that H keeps a square root. */
export const BOUNDARY_GAP: f64 = 1e-12;

export let nodeCount: i32 = 0;
export let innerCount: i32 = 0;
export let outerCount: i32 = 0;
export let sweepsMax: i32 = 0;
export let tolerance: f64 = 0;

// The scheme, all doubles: per node √(τᵢ/T) and the ratio of the logarithmic steps to its neighbours; per
// inner and outer point a, 1/a, a² and weight; the matrices that interpolate H.
export let nodeRoots: usize = 0;
export let nodeSteps: usize = 0;
export let innerPoints: usize = 0;
export let innerMatrix: usize = 0;
export let outerPoints: usize = 0;
export let outerMatrix: usize = 0;
/** Bytes per point of a rule. */
export const POINT: usize = 32;

// The workspace, all vectors.
/** −ln(B/B(0+)) and its square at the nodes. */
export let heights: usize = 0;
export let squares: usize = 0;
export let markets: usize = 0;
export let weights: usize = 0;
/** Square root of H at the points of a matrix. */
export let roots: usize = 0;
export let pulls: usize = 0;
export let jacobian: usize = 0;
export let residuals: usize = 0;
export let moves: usize = 0;

/** Bytes of each quantity in the record of a node in `markets`, and of the record. */
export const ROOT_TAU: usize = 0;
export const TAU: usize = 16;
export const DEVIATION: usize = 32;
export const INVERSE_DEVIATION: usize = 48;
export const RATE_DISCOUNT: usize = 64;
export const YIELD_DISCOUNT: usize = 80;
export const MARKET: usize = 96;

/** Takes a scheme at `scheme`, and `space` for the workspace (see `american-batch.ts`). */
export function setScheme(scheme: usize, space: usize, nodes: i32, inner: i32, outer: i32, sweeps: i32, settled: f64): void {
  nodeCount = nodes;
  innerCount = inner;
  outerCount = outer;
  sweepsMax = sweeps;
  tolerance = settled;
  const count = <usize>nodes;
  const points = <usize>inner;
  nodeRoots = scheme;
  nodeSteps = nodeRoots + (count << 3);
  innerPoints = nodeSteps + (count << 3);
  outerPoints = innerPoints + points * POINT;
  innerMatrix = outerPoints + <usize>outer * POINT;
  outerMatrix = innerMatrix + ((count * points * count) << 3);
  heights = space;
  squares = heights + count * VECTOR;
  residuals = squares + count * VECTOR;
  moves = residuals + count * VECTOR;
  markets = moves + count * VECTOR;
  jacobian = markets + count * MARKET;
  weights = jacobian + count * count * VECTOR;
  pulls = weights + count * points * VECTOR;
  roots = pulls + 2 * points * VECTOR;
}

// @ts-ignore: decorator
@inline
function term(row: usize, offset: usize, held: v128): v128 {
  return mul(v128.load64_splat(row + offset), held);
}

// @ts-ignore: decorator
@inline
function rooted(sum: v128): v128 {
  return f64x2.sqrt(f64x2.pmax(sum, splat(0.0)));
}

/**
 * √H at `count` points into `roots`: rows of a matrix times the squares at the nodes, never below zero.
 * Two rows at a time, and ten nodes written out: the exits of so short a loop are mispredicted often
 * enough to cost a third.
 */
export function interpolate(matrix: usize, count: i32): void {
  const width = <usize>nodeCount << 3;
  let row = matrix;
  let to = roots;
  if (nodeCount == 10) {
    let left = count;
    for (; left >= 2; left -= 2) {
      const next = row + width;
      let held = v128.load(squares);
      let a = term(row, 0, held);
      let b = term(next, 0, held);
      held = v128.load(squares, 16);
      let c = term(row, 8, held);
      let d = term(next, 8, held);
      held = v128.load(squares, 32);
      a = add(a, term(row, 16, held));
      b = add(b, term(next, 16, held));
      held = v128.load(squares, 48);
      c = add(c, term(row, 24, held));
      d = add(d, term(next, 24, held));
      held = v128.load(squares, 64);
      a = add(a, term(row, 32, held));
      b = add(b, term(next, 32, held));
      held = v128.load(squares, 80);
      c = add(c, term(row, 40, held));
      d = add(d, term(next, 40, held));
      held = v128.load(squares, 96);
      a = add(a, term(row, 48, held));
      b = add(b, term(next, 48, held));
      held = v128.load(squares, 112);
      c = add(c, term(row, 56, held));
      d = add(d, term(next, 56, held));
      held = v128.load(squares, 128);
      a = add(a, term(row, 64, held));
      b = add(b, term(next, 64, held));
      held = v128.load(squares, 144);
      c = add(c, term(row, 72, held));
      d = add(d, term(next, 72, held));
      v128.store(to, rooted(add(a, c)));
      v128.store(to, rooted(add(b, d)), 16);
      row = next + width;
      to += 2 * VECTOR;
    }
    count = left;
  }
  for (let point: i32 = 0; point < count; point += 1) {
    let sum = splat(0.0);
    for (let j: i32 = 0; j < nodeCount; j += 1) {
      sum = add(sum, mul(v128.load64_splat(row + (<usize>j << 3)), v128.load(squares + <usize>j * VECTOR)));
    }
    v128.store(to, rooted(sum));
    row += width;
    to += VECTOR;
  }
}

/** e^{−x·a²} of each point of a rule, times its weight. The rules are symmetric: a² and 1 − a². */
// @ts-ignore: decorator
@inline
export function decay(points: usize, count: i32, x: v128, whole: v128, to: usize): void {
  for (let k: i32 = 0; 2 * k < count; k += 1) {
    const other = count - 1 - k;
    const near = points + <usize>k * POINT;
    const far = points + <usize>other * POINT;
    const value = quickExponential(f64x2.neg(mul(x, v128.load64_splat(near, 16))));
    v128.store(to + <usize>other * VECTOR, mul(v128.load64_splat(far, 24), div(whole, value)));
    v128.store(to + <usize>k * VECTOR, mul(v128.load64_splat(near, 24), value));
  }
}

/** Between two bounds; the lower one for what is not a number. */
// @ts-ignore: decorator
@inline
export function clamped(x: v128, lowest: v128, highest: v128): v128 {
  const least = f64x2.pmax(lowest, x);
  return f64x2.pmin(highest, least);
}
