import { type Fault, fail, type Result } from '@cerberus/core';
import { cholesky, columnsFault, type SquareMatrix, symmetric } from './covariance.ts';
import { nelderMead } from './nelder-mead.ts';
import { check, type Series } from './validation.ts';

export interface DccParameters {
  /** Weight of the last cross product. */
  readonly a: number;
  /** Weight of the last quasi-correlation. */
  readonly b: number;
}

export interface DccEvaluation {
  /** S = Σ z zᵀ/n, not rescaled to a unit diagonal. */
  readonly target: SquareMatrix;
  /** −½ Σ (ln|R| + zᵀR⁻¹z − zᵀz). */
  readonly logLikelihood: number;
  /** Correlation in force at each observation. */
  readonly correlations: readonly SquareMatrix[];
  /** After the last observation. */
  readonly next: SquareMatrix;
}

/**
 * Correlation stage of DCC(1,1) (R. Engle, J. Business & Economic Statistics 20 (2002) 339–350):
 * Q₁ = S, Qₜ₊₁ = (1−a−b)S + a zₜzₜᵀ + b Qₜ, R = diag(Q)^{−½} Q diag(Q)^{−½}, on residuals standardised
 * by their own volatility, one array per variable.
 */
export function evaluateDcc(
  columns: readonly Series[],
  parameters: DccParameters,
): Result<DccEvaluation> {
  const fault = dccFault(columns) ?? parametersFault(parameters);
  if (fault !== undefined) return fail(fault);
  const target = secondMoment(columns);
  const positive = cholesky(target, 'target');
  if (!positive.ok) return positive;
  const correlations: SquareMatrix[] = [];
  const run = new DccRecursion(columns, target);
  const logLikelihood = run.logLikelihood(parameters, (r) => correlations.push(r));
  const finite = check.number(logLikelihood, 'logLikelihood');
  if (finite !== undefined) return fail(finite);
  return check.result({ target, logLikelihood, correlations, next: run.correlation() });
}

export interface DccFit extends DccEvaluation {
  readonly parameters: DccParameters;
}

/** Maximum likelihood of a ≥ 0, b ≥ 0, a + b < 1 by the simplex method from several starts. */
export function fitDcc(columns: readonly Series[]): Result<DccFit> {
  const fault = dccFault(columns);
  if (fault !== undefined) return fail(fault);
  const target = secondMoment(columns);
  const positive = cholesky(target, 'target');
  if (!positive.ok) return positive;
  const run = new DccRecursion(columns, target);
  const objective = ([a, b]: Float64Array): number =>
    a! < 0 || b! < 0 || a! + b! >= 1
      ? Number.POSITIVE_INFINITY
      : -run.logLikelihood({ a: a!, b: b! });
  let best: { at: Float64Array; value: number } | undefined;
  for (const start of [
    [0.03, 0.94],
    [0.1, 0.7],
    [0.02, 0.5],
  ]) {
    const found = nelderMead(objective, start, { steps: [0.02, -0.05], restarts: 2 });
    if (!found.ok) return found;
    if (best === undefined || found.value.value < best.value) best = found.value;
  }
  const parameters = { a: best!.at[0]!, b: best!.at[1]! };
  const evaluation = evaluateDcc(columns, parameters);
  return evaluation.ok ? check.result({ ...evaluation.value, parameters }) : evaluation;
}

function dccFault(columns: readonly Series[]): Fault | undefined {
  return (
    columnsFault(columns, 10) ?? check.number(columns.length, 'columns.length', { atLeast: 2 })
  );
}

function parametersFault({ a, b }: DccParameters): Fault | undefined {
  return (
    check.number(a, 'a', { atLeast: 0 }) ??
    check.number(b, 'b', { atLeast: 0 }) ??
    check.number(a + b, 'a + b', { below: 1 })
  );
}

function secondMoment(columns: readonly Series[]): SquareMatrix {
  const n = columns[0]!.length;
  return symmetric(columns.length, (i, j) => {
    let sum = 0;
    for (let t = 0; t < n; t++) sum += columns[i]![t]! * columns[j]![t]!;
    return sum / n;
  });
}

class DccRecursion {
  private readonly columns: readonly Series[];
  private readonly target: SquareMatrix;
  private readonly q: Float64Array;
  private readonly lower: Float64Array;

  constructor(columns: readonly Series[], target: SquareMatrix) {
    this.columns = columns;
    this.target = target;
    this.q = new Float64Array(target.data.length);
    this.lower = new Float64Array(target.data.length);
  }

  /** Runs the recursion over the series; NaN where a correlation loses its positive definiteness. */
  logLikelihood({ a, b }: DccParameters, seen?: (correlation: SquareMatrix) => void): number {
    const { columns, q } = this;
    const size = columns.length;
    const base = this.target.data;
    q.set(base);
    const n = columns[0]!.length;
    let sum = 0;
    for (let t = 0; t < n; t++) {
      seen?.(this.correlation());
      sum += this.contribution(t);
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) {
          const k = i * size + j;
          q[k] = (1 - a - b) * base[k]! + a * columns[i]![t]! * columns[j]![t]! + b * q[k]!;
        }
      }
    }
    return sum;
  }

  correlation(): SquareMatrix {
    const { q } = this;
    const size = this.columns.length;
    return symmetric(size, (i, j) =>
      i === j ? 1 : q[i * size + j]! / Math.sqrt(q[i * size + i]! * q[j * size + j]!),
    );
  }

  /** −½(ln|R| + zᵀR⁻¹z − zᵀz) by a Cholesky factor of R. */
  private contribution(t: number): number {
    const { columns, q, lower } = this;
    const size = columns.length;
    let logDeterminant = 0;
    let form = 0;
    let plain = 0;
    const solved = new Float64Array(size);
    for (let i = 0; i < size; i++) {
      const z = columns[i]![t]!;
      let rest = z;
      for (let j = 0; j <= i; j++) {
        const scale = Math.sqrt(q[i * size + i]! * q[j * size + j]!);
        let value = i === j ? 1 : q[i * size + j]! / scale;
        for (let k = 0; k < j; k++) value -= lower[i * size + k]! * lower[j * size + k]!;
        lower[i * size + j] = i === j ? Math.sqrt(value) : value / lower[j * size + j]!;
        if (j < i) rest -= lower[i * size + j]! * solved[j]!;
      }
      solved[i] = rest / lower[i * size + i]!;
      logDeterminant += 2 * Math.log(lower[i * size + i]!);
      form += solved[i]! * solved[i]!;
      plain += z * z;
    }
    return -0.5 * (logDeterminant + form - plain);
  }
}
