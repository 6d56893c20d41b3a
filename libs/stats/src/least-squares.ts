import { fail, type Result } from '@cerberus/core';
import { argumentFault, STATS_ERRORS } from './errors.ts';
import { check, type Series } from './validation.ts';

export interface LeastSquares {
  readonly coefficients: Float64Array;
  readonly residuals: Float64Array;
  readonly residualSumOfSquares: number;
  /** (XᵀX)⁻¹, row by row, one row per column of X. */
  readonly inverseCross: Float64Array;
}

/**
 * Ordinary least squares of `target` on the columns of X by Householder reflections (Golub and Van
 * Loan, Matrix Computations, 4th ed., alg. 5.3.2): the condition of X counts once, not squared as in the
 * normal equations. Collinear columns are a fault.
 */
export function leastSquares(columns: readonly Series[], target: Series): Result<LeastSquares> {
  const size = columns.length;
  const rows = target.length;
  const fault = check.series(target, 'target', { minimumLength: Math.max(size, 1) });
  if (fault !== undefined) return fail(fault);
  const work: Float64Array[] = [];
  for (const [j, column] of columns.entries()) {
    const wrong =
      check.length(column, `columns[${j}]`, rows) ?? check.series(column, `columns[${j}]`);
    if (wrong !== undefined) return fail(wrong);
    work.push(Float64Array.from(column));
  }
  const y = Float64Array.from(target);
  const singular = reflect(work, y);
  if (singular !== undefined) return fail(singular);
  const coefficients = backSubstitute(work, y);
  const residuals = Float64Array.from(target);
  for (let j = 0; j < size; j++) {
    const column = columns[j]!;
    for (let i = 0; i < rows; i++) residuals[i]! -= coefficients[j]! * column[i]!;
  }
  let sum = 0;
  for (const e of residuals) sum += e * e;
  return check.result({
    coefficients,
    residuals,
    residualSumOfSquares: sum,
    inverseCross: inverseCross(work),
  });
}

/** Triangularises the columns in place and applies the same reflections to y. */
function reflect(columns: readonly Float64Array[], y: Float64Array) {
  const rows = y.length;
  for (let j = 0; j < columns.length; j++) {
    const column = columns[j]!;
    let whole = 0;
    for (let i = 0; i < rows; i++) whole += column[i]! * column[i]!;
    let tail = 0;
    for (let i = j; i < rows; i++) tail += column[i]! * column[i]!;
    if (!(tail > 1e-26 * whole) || whole === 0) {
      return argumentFault(STATS_ERRORS.SINGULAR, `columns[${j}]`, {
        expected: 'a column independent of those before it',
        received: `relative distance ${Math.sqrt(tail / (whole || 1))}`,
      });
    }
    const alpha = column[j]! > 0 ? -Math.sqrt(tail) : Math.sqrt(tail);
    const head = column[j]! - alpha;
    const beta = 1 / (tail - alpha * column[j]!);
    const apply = (target: Float64Array): void => {
      let projection = head * target[j]!;
      for (let i = j + 1; i < rows; i++) projection += column[i]! * target[i]!;
      projection *= beta;
      target[j]! -= projection * head;
      for (let i = j + 1; i < rows; i++) target[i]! -= projection * column[i]!;
    };
    for (let k = j + 1; k < columns.length; k++) apply(columns[k]!);
    apply(y);
    column[j] = alpha;
  }
  return undefined;
}

/** R⁻¹ y, R the upper triangle held in the first rows of the columns. */
function backSubstitute(columns: readonly Float64Array[], y: Float64Array): Float64Array {
  const size = columns.length;
  const x = new Float64Array(size);
  for (let i = size - 1; i >= 0; i--) {
    let sum = y[i]!;
    for (let j = i + 1; j < size; j++) sum -= columns[j]![i]! * x[j]!;
    x[i] = sum / columns[i]![i]!;
  }
  return x;
}

function inverseCross(columns: readonly Float64Array[]): Float64Array {
  const size = columns.length;
  const inverse: Float64Array[] = [];
  for (let j = 0; j < size; j++) {
    const unit = new Float64Array(size);
    unit[j] = 1;
    inverse.push(backSubstitute(columns, unit));
  }
  const out = new Float64Array(size * size);
  for (let a = 0; a < size; a++) {
    for (let b = 0; b < size; b++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += inverse[k]![a]! * inverse[k]![b]!;
      out[a * size + b] = sum;
    }
  }
  return out;
}
