import { fail, type Result } from '@cerberus/core';
import { chiSquaredSf, fisherSf } from './chi-squared.ts';
import { leastSquares } from './least-squares.ts';
import { meanOf, moments } from './moments.ts';
import { onesColumn } from './ols.ts';
import { check, type Series } from './validation.ts';

export interface TestResult {
  readonly statistic: number;
  readonly pValue: number;
  readonly degreesOfFreedom: number;
}

/** Jarque-Bera n/6 (S² + K²/4) against χ²(2), K the excess kurtosis (Economics Letters 6 (1980) 255). */
export function jarqueBera(values: Series): Result<TestResult> {
  const measured = moments(values);
  if (!measured.ok) return measured;
  const { count, skewness, excessKurtosis } = measured.value;
  const statistic = (count / 6) * (skewness ** 2 + excessKurtosis ** 2 / 4);
  return check.result({ statistic, pValue: chiSquaredSf(statistic, 2), degreesOfFreedom: 2 });
}

/** Autocorrelations of lags 1…lags, each Σ(xₜ−m)(xₜ₋ₖ−m)/Σ(xₜ−m)². */
export function autocorrelations(values: Series, lags: number): Result<Float64Array> {
  const fault =
    check.number(lags, 'lags', { atLeast: 1, integer: true }) ??
    check.series(values, 'values', { minimumLength: lags + 1, varying: true });
  if (fault !== undefined) return fail(fault);
  const mean = meanOf(values);
  const product = (lag: number): number => {
    let sum = 0;
    for (let t = lag; t < values.length; t++)
      sum += (values[t]! - mean) * (values[t - lag]! - mean);
    return sum;
  };
  const variance = product(0);
  return check.result(Float64Array.from({ length: lags }, (_, k) => product(k + 1) / variance));
}

/**
 * Ljung-Box n(n+2) Σ ρₖ²/(n−k) against χ² with `lags` less `fittedParameters` degrees of freedom
 * (Biometrika 65 (1978) 297–303).
 */
export function ljungBox(values: Series, lags: number, fittedParameters = 0): Result<TestResult> {
  const correlations = autocorrelations(values, lags);
  if (!correlations.ok) return correlations;
  const fault = check.number(fittedParameters, 'fittedParameters', {
    atLeast: 0,
    below: lags,
    integer: true,
  });
  if (fault !== undefined) return fail(fault);
  const n = values.length;
  let sum = 0;
  for (const [i, rho] of correlations.value.entries()) sum += (rho * rho) / (n - i - 1);
  const statistic = n * (n + 2) * sum;
  const degreesOfFreedom = lags - fittedParameters;
  return check.result({
    statistic,
    pValue: chiSquaredSf(statistic, degreesOfFreedom),
    degreesOfFreedom,
  });
}

/**
 * White's test for heteroscedasticity: n·R² of the squared residuals on the regressors, their squares
 * and cross products (Econometrica 48 (1980) 817–838). `columns` without the constant.
 */
export function whiteTest(residuals: Series, columns: readonly Series[]): Result<TestResult> {
  const n = residuals.length;
  const design: Series[] = [onesColumn(n), ...columns];
  for (const [i, a] of columns.entries()) {
    for (const b of columns.slice(0, i + 1)) {
      design.push(Float64Array.from({ length: n }, (_, t) => a[t]! * b[t]!));
    }
  }
  const fault = check.series(residuals, 'residuals', {
    minimumLength: design.length + 1,
    varying: true,
  });
  if (fault !== undefined) return fail(fault);
  const squares = Float64Array.from(residuals, (e) => e * e);
  const fit = leastSquares(design, squares);
  if (!fit.ok) return fit;
  const mean = meanOf(squares);
  let total = 0;
  for (const s of squares) total += (s - mean) ** 2;
  const constant = check.number(total, 'variation of squared residuals', { above: 0 });
  if (constant !== undefined) return fail(constant);
  const statistic = n * (1 - fit.value.residualSumOfSquares / total);
  const degreesOfFreedom = design.length - 1;
  return check.result({
    statistic,
    pValue: chiSquaredSf(statistic, degreesOfFreedom),
    degreesOfFreedom,
  });
}

/** Chow's test of one break before row `breakRow`: F with k and n − 2k degrees of freedom (1960). */
export function chowTest(
  columns: readonly Series[],
  target: Series,
  breakRow: number,
): Result<TestResult & { readonly denominatorDegrees: number }> {
  const n = target.length;
  const k = columns.length;
  const fault =
    check.series(target, 'target', { minimumLength: 2 * k + 2 }) ??
    check.number(breakRow, 'breakRow', { above: k, below: n - k, integer: true });
  if (fault !== undefined) return fail(fault);
  const slice = (from: number, to: number) =>
    leastSquares(
      columns.map((c) => Array.prototype.slice.call(c, from, to) as number[]),
      Array.prototype.slice.call(target, from, to) as number[],
    );
  const whole = leastSquares(columns, target);
  if (!whole.ok) return whole;
  const before = slice(0, breakRow);
  if (!before.ok) return before;
  const after = slice(breakRow, n);
  if (!after.ok) return after;
  const apart = before.value.residualSumOfSquares + after.value.residualSumOfSquares;
  const exact = check.number(apart, 'residual sum of squares', { above: 0 });
  if (exact !== undefined) return fail(exact);
  const denominatorDegrees = n - 2 * k;
  const statistic = ((whole.value.residualSumOfSquares - apart) / k) * (denominatorDegrees / apart);
  return check.result({
    statistic,
    pValue: fisherSf(statistic, k, denominatorDegrees),
    degreesOfFreedom: k,
    denominatorDegrees,
  });
}

export interface CusumTest {
  /** Cumulated recursive residuals over their deviation, one per row from k on. */
  readonly path: Float64Array;
  /** Largest |Wₜ| over the 5 % line at t; above 1 the coefficients are not constant. */
  readonly largestRatio5pct: number;
  readonly stableAt5pct: boolean;
  /** First row outside the 5 % lines, counted in the regression; absent where none is. */
  readonly firstCrossing?: number;
}

/** Multiple of √(n−k) of the 5 % lines (Brown, Durbin and Evans, JRSS B 37 (1975) 149–192). */
const CUSUM_5PCT = 0.948;

/**
 * CUSUM test of constant coefficients by recursive residuals; the lines run from ±a√(n−k) at row k to
 * ±3a√(n−k) at row n.
 */
export function cusumTest(columns: readonly Series[], target: Series): Result<CusumTest> {
  const n = target.length;
  const k = columns.length;
  const fault = check.series(target, 'target', { minimumLength: k + 3 });
  if (fault !== undefined) return fail(fault);
  const recursive = new Float64Array(n - k);
  for (let t = k; t < n; t++) {
    const residual = recursiveResidual(columns, target, t);
    if (!residual.ok) return residual;
    recursive[t - k] = residual.value;
  }
  const mean = meanOf(recursive);
  let sum = 0;
  for (const w of recursive) sum += (w - mean) ** 2;
  const sd = Math.sqrt(sum / (n - k - 1));
  const varying = check.number(sd, 'recursive residual deviation', { above: 0 });
  if (varying !== undefined) return fail(varying);
  const path = new Float64Array(n - k);
  let level = 0;
  let largest = 0;
  let firstCrossing: number | undefined;
  for (let i = 0; i < path.length; i++) {
    level += recursive[i]! / sd;
    path[i] = level;
    const line = CUSUM_5PCT * Math.sqrt(n - k) * (1 + (2 * (i + 1)) / (n - k));
    const ratio = Math.abs(level) / line;
    if (ratio > 1 && firstCrossing === undefined) firstCrossing = i + k;
    largest = Math.max(largest, ratio);
  }
  return check.result({
    path,
    largestRatio5pct: largest,
    stableAt5pct: largest <= 1,
    ...(firstCrossing === undefined ? {} : { firstCrossing }),
  });
}

/** (yₜ − xₜᵀb_{t−1})/√(1 + xₜᵀ(XᵀX)⁻¹xₜ), b from the rows before t. */
function recursiveResidual(columns: readonly Series[], target: Series, t: number): Result<number> {
  const k = columns.length;
  const before = leastSquares(
    columns.map((c) => Array.prototype.slice.call(c, 0, t) as number[]),
    Array.prototype.slice.call(target, 0, t) as number[],
  );
  if (!before.ok) return before;
  const { coefficients, inverseCross } = before.value;
  let residual = target[t]!;
  let spread = 1;
  for (let i = 0; i < k; i++) {
    residual -= coefficients[i]! * columns[i]![t]!;
    for (let j = 0; j < k; j++) {
      spread += columns[i]![t]! * inverseCross[i * k + j]! * columns[j]![t]!;
    }
  }
  return check.result(residual / Math.sqrt(spread));
}
