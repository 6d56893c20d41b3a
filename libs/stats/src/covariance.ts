import { fail, type Result } from '@cerberus/core';
import { argumentFault, STATS_ERRORS } from './errors.ts';
import { meanOf } from './moments.ts';
import { check, type Series } from './validation.ts';

/** A symmetric matrix of `size` rows, row by row. */
export interface SquareMatrix {
  readonly size: number;
  readonly data: Float64Array;
}

/** Sample covariance (n − 1) of series of one length, one array per variable. */
export function sampleCovariance(columns: readonly Series[]): Result<SquareMatrix> {
  const fault = columnsFault(columns, 2);
  if (fault !== undefined) return fail(fault);
  const means = columns.map(meanOf);
  const n = columns[0]!.length;
  return check.result(symmetric(columns.length, (i, j) => cross(columns, means, i, j) / (n - 1)));
}

function cross(columns: readonly Series[], means: number[], i: number, j: number): number {
  const a = columns[i]!;
  const b = columns[j]!;
  let sum = 0;
  for (let t = 0; t < a.length; t++) sum += (a[t]! - means[i]!) * (b[t]! - means[j]!);
  return sum;
}

/** A symmetric matrix from a function of its lower triangle. */
export function symmetric(size: number, entry: (i: number, j: number) => number): SquareMatrix {
  const data = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const value = entry(i, j);
      data[i * size + j] = value;
      data[j * size + i] = value;
    }
  }
  return { size, data };
}

export function columnsFault(columns: readonly Series[], minimumLength: number) {
  if (columns.length === 0) {
    return argumentFault(STATS_ERRORS.TOO_SHORT, 'columns', {
      expected: 'at least 1 series',
      received: 0,
    });
  }
  for (const [i, column] of columns.entries()) {
    const fault =
      check.series(column, `columns[${i}]`, { minimumLength }) ??
      check.length(column, `columns[${i}]`, columns[0]!.length);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Correlation matrix of a covariance; every variance must be positive. */
export function correlationOf(covariance: SquareMatrix): Result<SquareMatrix> {
  const { size, data } = covariance;
  for (let i = 0; i < size; i++) {
    const fault = check.number(data[i * size + i]!, `covariance[${i}][${i}]`, { above: 0 });
    if (fault !== undefined) return fail(fault);
  }
  const sd = Float64Array.from({ length: size }, (_, i) => Math.sqrt(data[i * size + i]!));
  return check.result(
    symmetric(size, (i, j) => (i === j ? 1 : data[i * size + j]! / (sd[i]! * sd[j]!))),
  );
}

/** Covariance from standard deviations and a correlation matrix of the same size. */
export function covarianceFrom(sd: Series, correlation: SquareMatrix): Result<SquareMatrix> {
  const { size, data } = correlation;
  const fault = check.series(sd, 'sd') ?? check.length(sd, 'sd', size);
  if (fault !== undefined) return fail(fault);
  return check.result(symmetric(size, (i, j) => data[i * size + j]! * sd[i]! * sd[j]!));
}

/**
 * Lower Cholesky factor L with L Lᵀ = matrix, row by row. A pivot at or below `size · ε` times its
 * diagonal element is a matrix that is not positive definite: a fault, never a repaired matrix.
 */
export function cholesky(matrix: SquareMatrix, path = 'matrix'): Result<SquareMatrix> {
  const { size, data } = matrix;
  const fault = check.series(data, path) ?? symmetryFault(matrix, path);
  if (fault !== undefined) return fail(fault);
  const lower = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = data[i * size + j]!;
      for (let k = 0; k < j; k++) sum -= lower[i * size + k]! * lower[j * size + k]!;
      if (i !== j) {
        lower[i * size + j] = sum / lower[j * size + j]!;
        continue;
      }
      if (!(sum > size * Number.EPSILON * Math.abs(data[i * size + i]!))) {
        return fail(
          argumentFault(STATS_ERRORS.NOT_POSITIVE_DEFINITE, path, {
            expected: 'a positive definite matrix',
            received: `pivot ${sum} in row ${i}`,
          }),
        );
      }
      lower[i * size + i] = Math.sqrt(sum);
    }
  }
  return check.result({ size, data: lower });
}

function symmetryFault(matrix: SquareMatrix, path: string) {
  const { size, data } = matrix;
  const wrongSize = check.length(data, path, size * size);
  if (wrongSize !== undefined) return wrongSize;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) {
      const a = data[i * size + j]!;
      const b = data[j * size + i]!;
      if (Math.abs(a - b) <= 1e-12 * (Math.abs(a) + Math.abs(b))) continue;
      return argumentFault(STATS_ERRORS.NOT_POSITIVE_DEFINITE, `${path}[${i}][${j}]`, {
        expected: `the mirrored element ${b}`,
        received: a,
      });
    }
  }
  return undefined;
}

/** Solves L Lᵀ x = b in place of `b`, given the lower factor. */
export function choleskySolve(lower: SquareMatrix, b: Float64Array): Float64Array {
  const { size, data } = lower;
  for (let i = 0; i < size; i++) {
    let sum = b[i]!;
    for (let k = 0; k < i; k++) sum -= data[i * size + k]! * b[k]!;
    b[i] = sum / data[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = b[i]!;
    for (let k = i + 1; k < size; k++) sum -= data[k * size + i]! * b[k]!;
    b[i] = sum / data[i * size + i]!;
  }
  return b;
}

/** out = matrix · vector. */
export function multiplyVector(matrix: SquareMatrix, vector: Series): Float64Array {
  const { size, data } = matrix;
  const out = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    let sum = 0;
    for (let j = 0; j < size; j++) sum += data[i * size + j]! * vector[j]!;
    out[i] = sum;
  }
  return out;
}

/** aᵀ b. */
export function dot(a: Series, b: Series): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** A square matrix from nested rows; ragged rows are a fault. */
export function squareMatrix(rows: readonly Series[], path = 'matrix'): Result<SquareMatrix> {
  const size = rows.length;
  const data = new Float64Array(size * size);
  for (const [i, row] of rows.entries()) {
    const fault = check.length(row, `${path}[${i}]`, size) ?? check.series(row, `${path}[${i}]`);
    if (fault !== undefined) return fail(fault);
    for (let j = 0; j < size; j++) data[i * size + j] = row[j]!;
  }
  return check.result({ size, data });
}
