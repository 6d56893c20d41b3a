import { fail, ok, type Result } from '@cerberus/core';
import { dot } from './covariance.ts';
import { leastSquares } from './least-squares.ts';
import type { Minimum } from './nelder-mead.ts';
import { check, type Series } from './validation.ts';

export interface LevenbergMarquardtOptions {
  readonly residualCount: number;
  readonly iterationsMax?: number;
  /** Relative fall of the sum of squares below which to stop. */
  readonly valueTolerance?: number;
  /** Writes ∂residualᵢ/∂xⱼ into column j; by central differences where absent. */
  readonly jacobian?: (x: Float64Array, columns: readonly Float64Array[]) => void;
}

type Residuals = (x: Float64Array, out: Float64Array) => void;

/**
 * Least squares min ½Σrᵢ(x)² by Levenberg-Marquardt: each step solves the damped problem
 * [J; √λD] δ = [−r; 0] by orthogonal factorisation, D the column norms seen so far (Moré, "The
 * Levenberg-Marquardt algorithm", LNM 630 (1978) 105–116), λ by gain ratio (Nielsen 1999). `value` of the
 * answer is Σr².
 */
export function levenbergMarquardt(
  residuals: Residuals,
  start: Series,
  options: LevenbergMarquardtOptions,
): Result<Minimum> {
  const fault =
    check.series(start, 'start') ??
    check.number(options.residualCount, 'residualCount', { atLeast: start.length, integer: true });
  if (fault !== undefined) return fail(fault);
  let x = Float64Array.from(start);
  let r = new Float64Array(options.residualCount);
  residuals(x, r);
  let value = dot(r, r);
  const wrong = check.number(value, 'residuals(start)');
  if (wrong !== undefined) return fail(wrong);
  const columns = Array.from(start, () => new Float64Array(options.residualCount));
  const scale = new Float64Array(x.length);
  let damping = 1e-3;
  let growth = 2;
  const iterationsMax = options.iterationsMax ?? 300;
  for (let iteration = 0; iteration < iterationsMax; iteration++) {
    fillJacobian(residuals, x, columns, options);
    for (const [j, column] of columns.entries()) {
      scale[j] = Math.max(scale[j]!, Math.sqrt(dot(column, column)), Number.MIN_VALUE);
    }
    for (;;) {
      const step = dampedStep(
        columns,
        r,
        scale.map((d) => d * Math.sqrt(damping)),
      );
      const trial = x.map((xi, j) => xi + (step?.[j] ?? 0));
      const rTrial = new Float64Array(r.length);
      residuals(trial, rTrial);
      const trialValue = dot(rTrial, rTrial);
      const fall = value - trialValue;
      if (step !== undefined && Number.isFinite(trialValue) && fall >= 0) {
        const done =
          fall <= (options.valueTolerance ?? 1e-15) * value ||
          step.every((s, j) => Math.abs(s) <= 1e-14 * (1e-14 + Math.abs(x[j]!)));
        x = trial;
        r = rTrial;
        value = trialValue;
        damping = Math.max(damping / 3, 1e-15);
        growth = 2;
        if (done) return ok({ at: x, value, iterations: iteration + 1, converged: true });
        break;
      }
      damping *= growth;
      growth *= 2;
      if (damping > 1e16) return ok({ at: x, value, iterations: iteration, converged: true });
    }
  }
  return ok({ at: x, value, iterations: iterationsMax, converged: false });
}

function dampedStep(
  columns: readonly Float64Array[],
  r: Float64Array,
  diagonal: Float64Array,
): Float64Array | undefined {
  const rows = r.length + columns.length;
  const design = columns.map((column, j) => {
    const extended = new Float64Array(rows);
    extended.set(column);
    extended[r.length + j] = diagonal[j]!;
    return extended;
  });
  const target = new Float64Array(rows);
  for (let i = 0; i < r.length; i++) target[i] = -r[i]!;
  const solved = leastSquares(design, target);
  return solved.ok ? solved.value.coefficients : undefined;
}

function fillJacobian(
  residuals: Residuals,
  x: Float64Array,
  columns: readonly Float64Array[],
  options: LevenbergMarquardtOptions,
): void {
  if (options.jacobian !== undefined) {
    options.jacobian(x, columns);
    return;
  }
  const low = new Float64Array(options.residualCount);
  for (const [j, column] of columns.entries()) {
    const step = 6e-6 * Math.max(1e-3, Math.abs(x[j]!));
    const moved = Float64Array.from(x);
    moved[j] = x[j]! + step;
    residuals(moved, column);
    moved[j] = x[j]! - step;
    residuals(moved, low);
    for (let i = 0; i < column.length; i++) column[i] = (column[i]! - low[i]!) / (2 * step);
  }
}
