import { fail, type Result } from '@cerberus/core';
import { minimiseInInterval } from './brent.ts';
import { cholesky, columnsFault, type SquareMatrix, symmetric } from './covariance.ts';
import { logGamma } from './gamma.ts';
import { studentTLogNormaliser, studentTQuantile } from './student-t.ts';
import { kendallTau } from './t-copula.ts';
import { check, type Series } from './validation.ts';

export interface MultivariateTCopulaFit {
  readonly nu: number;
  /** sin(πτ/2) of each pair. */
  readonly correlation: SquareMatrix;
  readonly logLikelihood: number;
  /** True where ν reached its limit: no tail dependence beyond the Gaussian copula's. */
  readonly gaussianLimit: boolean;
}

const NU_MIN = 2.01;
const NU_MAX = 300;
/** Starts of the search in ν: the likelihood in ln ν may be flat on the right. */
const GRID = [NU_MIN, 3, 5, 9, 20, 60, NU_MAX];

/**
 * Student-t copula of several variables for simulation: correlation from Kendall's τ, then ν > 2 by
 * maximum likelihood of the full copula density (Demarta and McNeil, International Statistical Review 73
 * (2005) 111–129, §3.2). Uniforms in (0, 1), one array per variable, at least 30 rows. A matrix of
 * pairwise correlations that is not positive definite is a fault, never a repaired matrix.
 */
export function fitTCopulaMatrix(columns: readonly Series[]): Result<MultivariateTCopulaFit> {
  const fault =
    columnsFault(columns, 30) ?? check.number(columns.length, 'columns.length', { atLeast: 2 });
  if (fault !== undefined) return fail(fault);
  for (const [i, column] of columns.entries()) {
    for (let t = 0; t < column.length; t++) {
      const outside = check.probability(column[t]!, `columns[${i}][${t}]`);
      if (outside !== undefined) return fail(outside);
    }
  }
  const correlation = kendallCorrelation(columns);
  if (!correlation.ok) return correlation;
  const factor = cholesky(correlation.value, 'correlation');
  if (!factor.ok) return factor;
  const negative = (logNu: number): number =>
    -matrixLogLikelihood(columns, factor.value, Math.exp(logNu));
  const grid = GRID.map(Math.log);
  const values = grid.map(negative);
  const best = values.indexOf(Math.min(...values));
  const found = minimiseInInterval(negative, {
    from: grid[Math.max(best - 1, 0)]!,
    to: grid[Math.min(best + 1, grid.length - 1)]!,
    tolerance: 1e-6,
  });
  if (!found.ok) return found;
  const nu = Math.exp(found.value.at);
  return check.result({
    nu,
    correlation: correlation.value,
    logLikelihood: -found.value.value,
    gaussianLimit: nu > 0.99 * NU_MAX,
  });
}

function kendallCorrelation(columns: readonly Series[]): Result<SquareMatrix> {
  const size = columns.length;
  const data = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) {
      const tau = kendallTau(columns[i]!, columns[j]!);
      if (!tau.ok) return tau;
      data[i * size + j] = Math.sin((Math.PI * tau.value) / 2);
    }
  }
  return check.result(symmetric(size, (i, j) => (i === j ? 1 : data[i * size + j]!)));
}

/** Σ ln f_d(x) − Σ ln f(x_i), x the t_ν quantiles, by the Cholesky factor of the correlation. */
function matrixLogLikelihood(columns: readonly Series[], lower: SquareMatrix, nu: number): number {
  const { size, data } = lower;
  const rows = columns[0]!.length;
  let logDeterminant = 0;
  for (let i = 0; i < size; i++) logDeterminant += 2 * Math.log(data[i * size + i]!);
  const joint =
    logGamma((nu + size) / 2) -
    logGamma(nu / 2) -
    (size / 2) * Math.log(Math.PI * nu) -
    logDeterminant / 2;
  let sum = rows * (joint - size * studentTLogNormaliser(nu));
  const solved = new Float64Array(size);
  for (let t = 0; t < rows; t++) {
    let form = 0;
    for (let i = 0; i < size; i++) {
      const x = studentTQuantile(columns[i]![t]!, nu);
      let rest = x;
      for (let k = 0; k < i; k++) rest -= data[i * size + k]! * solved[k]!;
      solved[i] = rest / data[i * size + i]!;
      form += solved[i]! * solved[i]!;
      sum += ((nu + 1) / 2) * Math.log1p((x * x) / nu);
    }
    sum -= ((nu + size) / 2) * Math.log1p(form / nu);
  }
  return sum;
}
