/** A tridiagonal system; `lower[0]` and the last of `upper` are not used. */
export interface Tridiagonal {
  readonly lower: Float64Array;
  readonly diagonal: Float64Array;
  readonly upper: Float64Array;
  /** Working rows of the elimination. */
  readonly ratio: Float64Array;
  readonly held: Uint8Array;
}

export function tridiagonal(size: number): Tridiagonal {
  return {
    lower: new Float64Array(size),
    diagonal: new Float64Array(size),
    upper: new Float64Array(size),
    ratio: new Float64Array(size),
    held: new Uint8Array(size),
  };
}

/** More policies than this cannot follow each other without one repeating on grids in use. */
const POLICIES_MAX = 60;

export interface ObstacleProblem {
  /** Start of the iteration and result. */
  readonly solution: Float64Array;
  /** Lower bound of the solution; none for a plain linear system. */
  readonly obstacle?: Float64Array;
}

/**
 * Solves min(Mx − f, x − obstacle) = 0 by policy iteration: rows in the exercise set read x = obstacle,
 * the others Mx = f; the sets change by the sign of the residual until they stay. For an M-matrix the
 * iterates rise and end after a few solves. Source: P. Forsyth, K. Vetzal, SIAM J. Sci. Comp. 23 (2002)
 * 2095-2122, in the limit of an infinite penalty.
 */
export function solveObstacle(
  matrix: Tridiagonal,
  rightSide: Float64Array,
  { solution, obstacle }: ObstacleProblem,
): void {
  const size = rightSide.length;
  const { held } = matrix;
  if (obstacle === undefined) {
    held.fill(0, 0, size);
    eliminate(matrix, rightSide, solution);
    return;
  }
  for (let i = 0; i < size; i += 1) held[i] = solution[i]! <= obstacle[i]! ? 1 : 0;
  for (let policy = 0; policy < POLICIES_MAX; policy += 1) {
    for (let i = 0; i < size; i += 1) if (held[i] === 1) solution[i] = obstacle[i]!;
    eliminate(matrix, rightSide, solution);
    if (!revise(matrix, rightSide, { solution, obstacle })) break;
  }
  for (let i = 0; i < size; i += 1) {
    if (solution[i]! < obstacle[i]!) solution[i] = obstacle[i]!;
  }
}

/** Thomas' elimination; a held row keeps the value that already stands in the solution. */
function eliminate(matrix: Tridiagonal, rightSide: Float64Array, solution: Float64Array): void {
  const { lower, diagonal, upper, ratio, held } = matrix;
  const size = rightSide.length;
  let previousRatio = 0;
  let previousValue = 0;
  for (let i = 0; i < size; i += 1) {
    if (held[i] === 1) {
      previousRatio = 0;
      previousValue = solution[i]!;
    } else {
      const below = i === 0 ? 0 : lower[i]!;
      const pivot = 1 / (diagonal[i]! - below * previousRatio);
      previousValue = (rightSide[i]! - below * previousValue) * pivot;
      previousRatio = upper[i]! * pivot;
      solution[i] = previousValue;
    }
    ratio[i] = previousRatio;
  }
  for (let i = size - 2; i >= 0; i -= 1) {
    solution[i] = solution[i]! - ratio[i]! * solution[i + 1]!;
  }
}

/** Moves rows between the sets; false where nothing moved. */
function revise(
  matrix: Tridiagonal,
  rightSide: Float64Array,
  { solution, obstacle }: Required<ObstacleProblem>,
): boolean {
  const { lower, diagonal, upper, held } = matrix;
  const size = rightSide.length;
  let moved = false;
  for (let i = 0; i < size; i += 1) {
    const row =
      diagonal[i]! * solution[i]! +
      (i > 0 ? lower[i]! * solution[i - 1]! : 0) +
      (i < size - 1 ? upper[i]! * solution[i + 1]! : 0);
    const isHeld = held[i] === 1 ? row >= rightSide[i]! : solution[i]! < obstacle[i]!;
    const next = isHeld ? 1 : 0;
    if (next !== held[i]) {
      held[i] = next;
      moved = true;
    }
  }
  return moved;
}
