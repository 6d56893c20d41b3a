import { fail, ok, type Result } from '@cerberus/core';
import { check, type Series } from './validation.ts';

export interface Minimum {
  readonly at: Float64Array;
  readonly value: number;
  readonly iterations: number;
  readonly converged: boolean;
}

export interface NelderMeadOptions {
  /** First displacement per parameter; 10 % of the start, or 0.1 at zero, by default. */
  readonly steps?: Series;
  readonly iterationsMax?: number;
  /** Stop when values over the simplex differ by less than this relative to their size. */
  readonly valueTolerance?: number;
  /** Rebuild the simplex around the best point this many times, against premature collapse. */
  readonly restarts?: number;
}

interface Vertex {
  readonly at: Float64Array;
  readonly value: number;
}

type Objective = (x: Float64Array) => number;

/**
 * Downhill simplex of Nelder and Mead (Computer Journal 7 (1965) 308–313) with the coefficients of
 * Gao and Han (2012) that adapt to the dimension. Needs no derivative; a point where the objective
 * is NaN or infinite counts as infinitely bad, which is how constraints are stated. The objective
 * must be finite at the start.
 */
export function nelderMead(
  objective: Objective,
  start: Series,
  options: NelderMeadOptions = {},
): Result<Minimum> {
  const fault = check.series(start, 'start');
  if (fault !== undefined) return fail(fault);
  const safe: Objective = (x) => {
    const value = objective(x);
    return Number.isFinite(value) ? value : Number.POSITIVE_INFINITY;
  };
  const origin = Float64Array.from(start);
  const first = check.number(objective(origin), 'objective(start)');
  if (first !== undefined) return fail(first);
  const steps = Float64Array.from(
    options.steps ?? origin.map((x) => (x === 0 ? 0.1 : 0.1 * Math.abs(x))),
  );
  let best: Minimum = { at: origin, value: safe(origin), iterations: 0, converged: false };
  for (let round = 0; round <= (options.restarts ?? 1); round++) {
    const next = simplexRun(safe, { best, steps, options });
    best = { ...next, iterations: best.iterations + next.iterations };
  }
  return ok(best);
}

function simplexRun(
  objective: Objective,
  run: {
    readonly best: Minimum;
    readonly steps: Float64Array;
    readonly options: NelderMeadOptions;
  },
): Minimum {
  const { best, steps, options } = run;
  const size = steps.length;
  const tolerance = options.valueTolerance ?? 1e-12;
  const iterationsMax = options.iterationsMax ?? 400 * size;
  const vertices: Vertex[] = [{ at: best.at, value: best.value }];
  for (let i = 0; i < size; i++) {
    const at = Float64Array.from(best.at);
    at[i]! += steps[i]!;
    vertices.push({ at, value: objective(at) });
  }
  let iterations = 0;
  let converged = false;
  for (; iterations < iterationsMax; iterations++) {
    vertices.sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0));
    const spread = vertices[size]!.value - vertices[0]!.value;
    if (spread <= tolerance * (1e-10 + Math.abs(vertices[0]!.value)) && small(vertices)) {
      converged = true;
      break;
    }
    improve(objective, vertices);
  }
  vertices.sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0));
  return { at: vertices[0]!.at, value: vertices[0]!.value, iterations, converged };
}

/** True where the simplex has shrunk to the square root of rounding in every direction. */
function small(vertices: readonly Vertex[]): boolean {
  const best = vertices[0]!.at;
  return vertices.every(({ at }) =>
    at.every((x, i) => Math.abs(x - best[i]!) <= 1e-7 * (1e-3 + Math.abs(best[i]!))),
  );
}

function improve(objective: Objective, vertices: Vertex[]): void {
  const size = vertices.length - 1;
  const worst = vertices[size]!;
  const centre = new Float64Array(size);
  for (let k = 0; k < size; k++) {
    for (let i = 0; i < size; i++) centre[i]! += vertices[k]!.at[i]! / size;
  }
  const probe = (factor: number): Vertex => {
    const at = centre.map((c, i) => c + factor * (worst.at[i]! - c));
    return { at, value: objective(at) };
  };
  const dimension = Math.max(size, 2);
  const expansion = 1 + 2 / dimension;
  const contraction = 0.75 - 1 / (2 * dimension);
  const reflected = probe(-1);
  if (reflected.value < vertices[0]!.value) {
    const expanded = probe(-expansion);
    vertices[size] = expanded.value < reflected.value ? expanded : reflected;
    return;
  }
  if (reflected.value < vertices[size - 1]!.value) {
    vertices[size] = reflected;
    return;
  }
  const outside = reflected.value < worst.value;
  const contracted = probe(outside ? -contraction : contraction);
  if (contracted.value < Math.min(reflected.value, worst.value)) {
    vertices[size] = contracted;
    return;
  }
  const shrink = 1 - 1 / dimension;
  const best = vertices[0]!.at;
  for (let k = 1; k <= size; k++) {
    const at = vertices[k]!.at.map((x, i) => best[i]! + shrink * (x - best[i]!));
    vertices[k] = { at, value: objective(at) };
  }
}
