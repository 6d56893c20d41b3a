import { cholesky, choleskySolve, type SquareMatrix } from './covariance.ts';
import { type GarchInitialisation, garchPass, parametersOf } from './garch-likelihood.ts';

/** Standard errors in the order μ, ω, α, β(, ν). */
export interface GarchErrors {
  /** From the inverse of minus the Hessian. */
  readonly hessian: Float64Array;
  /** Bollerslev-Wooldridge: H⁻¹ (Σ s sᵀ) H⁻¹, good under other laws of the errors. */
  readonly robust: Float64Array;
}

const NEWTON_STEPS_MAX = 12;

/** Minus the Hessian of the log-likelihood, by central differences of the analytic score. */
function information(
  returns: Float64Array,
  x: Float64Array,
  initialisation: GarchInitialisation,
): SquareMatrix {
  const size = x.length;
  const data = new Float64Array(size * size);
  for (let j = 0; j < size; j++) {
    const step = 1e-5 * Math.max(Math.abs(x[j]!), 1e-3);
    const score = (offset: number): Float64Array => {
      const moved = Float64Array.from(x);
      moved[j]! += offset;
      return garchPass(returns, parametersOf(moved), initialisation).score;
    };
    // Fourth-order differences: the third-order term of a short sample is not small.
    const [far, near, nearBelow, farBelow] = [2 * step, step, -step, -2 * step].map(score);
    for (let i = 0; i < size; i++) {
      const slope = 8 * (near![i]! - nearBelow![i]!) - (far![i]! - farBelow![i]!);
      data[i * size + j] = -slope / (12 * step);
    }
  }
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) {
      const mean = (data[i * size + j]! + data[j * size + i]!) / 2;
      data[i * size + j] = mean;
      data[j * size + i] = mean;
    }
  }
  return { size, data };
}

function inside(x: Float64Array, initialisation: GarchInitialisation): boolean {
  const nu = x[4];
  if (!(x[1]! > 0 && x[2]! >= 0 && x[3]! >= 0)) return false;
  if (nu !== undefined && !(nu > 2)) return false;
  return initialisation !== 'unconditional' || x[2]! + x[3]! < 1;
}

/** Newton's method while it raises the likelihood or lowers the score; returns the last good point. */
export function newtonPolish(
  returns: Float64Array,
  start: Float64Array,
  initialisation: GarchInitialisation,
): { readonly x: Float64Array; readonly largestScore: number } {
  const evaluate = (x: Float64Array) => {
    const pass = garchPass(returns, parametersOf(x), initialisation);
    let largest = 0;
    for (const s of pass.score) largest = Math.max(largest, Math.abs(s) / returns.length);
    return { x, pass, largest };
  };
  let state = evaluate(start);
  for (let step = 0; step < NEWTON_STEPS_MAX; step++) {
    const factor = cholesky(information(returns, state.x, initialisation));
    if (!factor.ok) break;
    const move = choleskySolve(factor.value, Float64Array.from(state.pass.score));
    const x = state.x.map((v, i) => v + move[i]!);
    if (!inside(x, initialisation)) break;
    const next = evaluate(x);
    const better =
      next.largest < state.largest &&
      next.pass.logLikelihood >= state.pass.logLikelihood - 1e-9 * returns.length;
    if (!better) break;
    state = next;
  }
  return { x: state.x, largestScore: state.largest };
}

/** Both kinds of standard errors; absent where the information matrix is not positive definite. */
export function garchStandardErrors(
  returns: Float64Array,
  x: Float64Array,
  initialisation: GarchInitialisation,
): GarchErrors | undefined {
  const factor = cholesky(information(returns, x, initialisation));
  if (!factor.ok) return undefined;
  const size = x.length;
  const inverse: Float64Array[] = [];
  for (let j = 0; j < size; j++) {
    const unit = new Float64Array(size);
    unit[j] = 1;
    inverse.push(choleskySolve(factor.value, unit));
  }
  const { scoreProducts } = garchPass(returns, parametersOf(x), initialisation);
  const robust = inverse.map((row) => {
    let sum = 0;
    for (let a = 0; a < size; a++) {
      for (let b = 0; b < size; b++) sum += row[a]! * scoreProducts[a * size + b]! * row[b]!;
    }
    return Math.sqrt(sum);
  });
  return {
    hessian: Float64Array.from(inverse, (row, j) => Math.sqrt(row[j]!)),
    robust: Float64Array.from(robust),
  };
}
