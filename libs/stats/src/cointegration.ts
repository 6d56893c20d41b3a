import { fail, type Result } from '@cerberus/core';
import { Matrix, QrDecomposition, SingularValueDecomposition } from 'ml-matrix';
import { columnsFault } from './covariance.ts';
import { leastSquares } from './least-squares.ts';
import { type CriticalRow, JOHANSEN_CRITICAL, OSTERWALD_LENUM } from './mackinnon-tables.ts';
import { onesColumn } from './ols.ts';
import {
  adfRegression,
  type CriticalValues,
  mackinnonCriticalValues,
  mackinnonPValue,
} from './unit-root.ts';
import { check, type Series } from './validation.ts';

export interface EngleGrangerTest {
  /** Slope of y on x. */
  readonly hedgeRatio: number;
  readonly intercept: number;
  /** Slope of the trend t = 1…n, 0 without one. */
  readonly trend: number;
  readonly residuals: Float64Array;
  /** √(Σe²/n). */
  readonly residualSd: number;
  readonly statistic: number;
  readonly pValue: number;
  /** For a sample of n − 1. */
  readonly criticalValues: CriticalValues;
}

/**
 * Engle and Granger (Econometrica 55 (1987) 251–276): least squares of y on x and a constant (and a
 * trend), then a Dickey-Fuller regression without constant on the residuals, judged by MacKinnon's
 * surface for two series.
 */
export function engleGranger(
  y: Series,
  x: Series,
  options: { readonly deterministic: 'c' | 'ct'; readonly lags: number },
): Result<EngleGrangerTest> {
  const demand = { minimumLength: 2 * options.lags + 6, varying: true };
  const fault =
    check.series(y, 'y', demand) ?? check.series(x, 'x', demand) ?? check.length(x, 'x', y.length);
  if (fault !== undefined) return fail(fault);
  const n = y.length;
  const columns: Series[] = [x, onesColumn(n)];
  if (options.deterministic === 'ct')
    columns.push(Float64Array.from({ length: n }, (_, i) => i + 1));
  const fit = leastSquares(columns, y);
  if (!fit.ok) return fit;
  const { coefficients, residuals, residualSumOfSquares } = fit.value;
  const unitRoot = adfRegression(residuals, { deterministic: 'n', lags: options.lags });
  if (!unitRoot.ok) return unitRoot;
  const pValue = mackinnonPValue(unitRoot.value.statistic, options.deterministic, 2);
  if (!pValue.ok) return pValue;
  const critical = mackinnonCriticalValues(options.deterministic, 2, n - 1);
  if (!critical.ok) return critical;
  return check.result({
    hedgeRatio: coefficients[0]!,
    intercept: coefficients[1]!,
    trend: coefficients[2] ?? 0,
    residuals,
    residualSd: Math.sqrt(residualSumOfSquares / n),
    statistic: unitRoot.value.statistic,
    pValue: pValue.value,
    criticalValues: critical.value,
  });
}

export interface JohansenTest {
  /** Squared canonical correlations, descending. */
  readonly eigenvalues: Float64Array;
  /** −T Σ_{i>r} ln(1 − λᵢ) for r = 0, 1, … */
  readonly traceStatistics: Float64Array;
  /** −T ln(1 − λ_{r+1}). */
  readonly maximumEigenvalueStatistics: Float64Array;
  /** One cointegrating vector per eigenvalue, normalised on its first element. */
  readonly vectors: readonly Float64Array[];
  readonly observations: number;
  /** For r = 0, 1, …: 90, 95 and 99 % of MacKinnon, Haug and Michelis. */
  readonly criticalValues: readonly CriticalRow[];
  /** The same of Osterwald-Lenum (1992). */
  readonly osterwaldLenum: readonly CriticalRow[];
  /** Relations found by the trace test at 95 %. */
  readonly traceRank95: number;
}

/** Largest number of series for which both tables have critical values. */
export const JOHANSEN_SERIES_MAX = OSTERWALD_LENUM.length;

/**
 * Johansen's likelihood-ratio tests (J. Economic Dynamics and Control 12 (1988) 231–254) with an
 * unrestricted constant and `laggedDifferences` k, i.e. a vector autoregression of order k + 1; no
 * small-sample correction. Computed as canonical correlations by orthogonal factorisations and a
 * singular value decomposition, which keeps the small eigenvalues' digits.
 */
export function johansen(
  columns: readonly Series[],
  laggedDifferences: number,
): Result<JohansenTest> {
  const size = columns.length;
  const fault =
    check.number(size, 'columns.length', { atLeast: 2, atMost: JOHANSEN_SERIES_MAX }) ??
    check.number(laggedDifferences, 'laggedDifferences', { atLeast: 0, integer: true }) ??
    columnsFault(columns, 2 + laggedDifferences + size * (laggedDifferences + 2));
  if (fault !== undefined) return fail(fault);
  const canonical = canonicalCorrelations(columns, laggedDifferences);
  if (!canonical.ok) return canonical;
  const { eigenvalues, vectors, rows } = canonical.value;
  const maximum = eigenvalues.map((lambda) => -rows * Math.log1p(-lambda));
  const trace = new Float64Array(size);
  for (let r = size - 1, sum = 0; r >= 0; r--) {
    sum += maximum[r]!;
    trace[r] = sum;
  }
  const criticalValues = JOHANSEN_CRITICAL.slice(0, size).toReversed();
  const accepted = criticalValues.findIndex((row, r) => trace[r]! <= row.trace[1]);
  return check.result({
    eigenvalues,
    traceStatistics: trace,
    maximumEigenvalueStatistics: maximum,
    vectors,
    observations: rows,
    criticalValues,
    osterwaldLenum: OSTERWALD_LENUM.slice(0, size).toReversed(),
    traceRank95: accepted === -1 ? size : accepted,
  });
}

interface Canonical {
  readonly eigenvalues: Float64Array;
  readonly vectors: readonly Float64Array[];
  readonly rows: number;
}

function canonicalCorrelations(columns: readonly Series[], lags: number): Result<Canonical> {
  const rows = columns[0]!.length - 1 - lags;
  const column = (value: (t: number) => number): Float64Array =>
    Float64Array.from({ length: rows }, (_, i) => value(i + lags + 1));
  const nuisance = [onesColumn(rows)];
  for (let lag = 1; lag <= lags; lag++) {
    for (const x of columns) nuisance.push(column((t) => x[t - lag]! - x[t - lag - 1]!));
  }
  const differences: Float64Array[] = [];
  const levels: Float64Array[] = [];
  for (const x of columns) {
    const change = leastSquares(
      nuisance,
      column((t) => x[t]! - x[t - 1]!),
    );
    if (!change.ok) return change;
    const level = leastSquares(
      nuisance,
      column((t) => x[t - 1]!),
    );
    if (!level.ok) return level;
    differences.push(change.value.residuals);
    levels.push(level.value.residuals);
  }
  const independent = leastSquares(levels, differences[0]!);
  if (!independent.ok) return independent;
  const factorChange = new QrDecomposition(transposed(differences));
  const factorLevel = new QrDecomposition(transposed(levels));
  const cross = factorChange.orthogonalMatrix.transpose().mmul(factorLevel.orthogonalMatrix);
  const svd = new SingularValueDecomposition(cross);
  const eigenvalues = Float64Array.from(svd.diagonal, (s) => s * s);
  const right = svd.rightSingularVectors;
  const upper = factorLevel.upperTriangularMatrix;
  const vectors = columns.map((_, r) => normalised(triangularSolve(upper, right.getColumn(r))));
  return check.result({ eigenvalues, vectors, rows });
}

function transposed(columns: readonly Float64Array[]): Matrix {
  return new Matrix(columns.map((c) => Array.from(c))).transpose();
}

function triangularSolve(upper: Matrix, b: readonly number[]): Float64Array {
  const x = Float64Array.from(b);
  for (let i = x.length - 1; i >= 0; i--) {
    for (let j = i + 1; j < x.length; j++) x[i]! -= upper.get(i, j) * x[j]!;
    x[i]! /= upper.get(i, i);
  }
  return x;
}

function normalised(vector: Float64Array): Float64Array {
  const first = vector[0]!;
  return first === 0 ? vector : vector.map((v) => v / first);
}
