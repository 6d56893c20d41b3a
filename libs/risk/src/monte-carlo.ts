import { type Fault, fail, ok, type Result } from '@cerberus/core';
import { argumentFault, type Series, type SquareMatrix } from '@cerberus/stats';
import { check, RISK_ERRORS } from './errors.ts';
import { type EstimateError, estimateError } from './estimate-error.ts';
import type { FactorSimulator } from './factor-simulator.ts';
import { historicalVarOfSorted } from './historical-var.ts';
import type { TailRisk } from './tail-risk.ts';

/**
 * P&L of `count` scenarios: row s of `moves` holds the factor moves of scenario s, pnl[s] its P&L. It
 * must depend on nothing else, so that batches may run anywhere.
 */
export type Revaluation = (moves: Float64Array, count: number, pnl: Float64Array) => void;

/** Paths drawn and revalued at a time: bounds the memory of a run. */
export const BATCH_PATHS = 4_096;
export const PATHS_MAX = 10_000_000;

/** P&L of paths `from` to `from + count − 1`; the same numbers whatever the batch size. */
export function simulatePnl(
  simulator: FactorSimulator,
  revalue: Revaluation,
  range: { readonly from: number; readonly count: number; readonly batchPaths?: number },
): Result<Float64Array> {
  const { from, count, batchPaths = BATCH_PATHS } = range;
  const fault =
    check.number(from, 'from', { atLeast: 0, integer: true }) ??
    check.number(count, 'count', { atLeast: 1, atMost: PATHS_MAX, integer: true }) ??
    check.number(batchPaths, 'batchPaths', { atLeast: 1, atMost: PATHS_MAX, integer: true });
  if (fault !== undefined) return fail(fault);
  const size = Math.min(batchPaths, count);
  const moves = new Float64Array(size * simulator.factorCount);
  const pnl = new Float64Array(count);
  for (let done = 0; done < count; done += size) {
    const rows = Math.min(size, count - done);
    const part = pnl.subarray(done, done + rows);
    simulator.fill(from + done, rows, moves);
    revalue(moves.subarray(0, rows * simulator.factorCount), rows, part);
    const wrong = firstNotFinite(part, from + done);
    if (wrong !== undefined) return fail(wrong);
  }
  return ok(pnl);
}

function firstNotFinite(pnl: Float64Array, from: number): Fault | undefined {
  const row = pnl.findIndex((value) => !Number.isFinite(value));
  if (row === -1) return undefined;
  return argumentFault(RISK_ERRORS.REVALUATION_NOT_FINITE, `path ${from + row}`, {
    expected: 'a finite P&L',
    received: pnl[row]!,
  });
}

export interface MonteCarloRisk extends TailRisk {
  readonly paths: number;
  readonly mean: number;
  readonly error: EstimateError;
}

/** Paths of a run where nothing else is asked for. */
export const PATHS_DEFAULT = 100_000;

/**
 * Monte Carlo value at risk and expected shortfall with the interval of the estimate; the quantile
 * conventions are those of `historicalVar`. For several workers: `simulatePnl` on parts of the paths,
 * then `riskOfPnl` on their concatenation gives the same bits.
 */
export function monteCarloVar(
  simulator: FactorSimulator,
  revalue: Revaluation,
  options: {
    readonly confidence: number;
    readonly paths?: number;
    /** Coverage of the interval, 0.95 by default. */
    readonly level?: number;
    readonly batchPaths?: number;
  },
): Result<MonteCarloRisk> {
  const { paths = PATHS_DEFAULT, batchPaths } = options;
  const pnl = simulatePnl(simulator, revalue, {
    from: 0,
    count: paths,
    ...(batchPaths === undefined ? {} : { batchPaths }),
  });
  return pnl.ok ? riskOfPnl(pnl.value, options) : pnl;
}

/** Tail risk, mean and error of simulated P&L in path order. */
export function riskOfPnl(
  pnl: Float64Array,
  options: { readonly confidence: number; readonly level?: number },
): Result<MonteCarloRisk> {
  const { confidence, level = 0.95 } = options;
  const ascending = Float64Array.from(pnl).sort();
  // Where a number is not finite, it stands first or last, and the fault is to name its path.
  const areFinite = [ascending.at(0), ascending.at(-1)].every(Number.isFinite);
  const error = estimateError(areFinite ? ascending : pnl, { confidence, level });
  if (!error.ok) return error;
  let sum = 0;
  for (const value of pnl) sum += value;
  return ok({
    ...historicalVarOfSorted(ascending, { confidence }),
    paths: pnl.length,
    mean: sum / pnl.length,
    error: error.value,
  });
}

export interface TaylorExposure {
  /** P&L per unit move of each factor: cash delta for relative factors, vega for volatilities. */
  readonly delta: Series;
  /** Second derivatives in the same units, cross ones (vanna) included; none where absent. */
  readonly gamma?: SquareMatrix;
  /** P&L of time alone over the horizon; 0 by default. */
  readonly carry?: number;
}

/** Delta-gamma-vega revaluation: carry + δᵀm + ½mᵀΓm. */
export function taylorRevaluation(exposure: TaylorExposure): Result<Revaluation> {
  const { delta, gamma, carry = 0 } = exposure;
  const size = delta.length;
  const fault =
    check.series(delta, 'delta') ??
    check.number(carry, 'carry') ??
    (gamma && check.series(gamma.data, 'gamma')) ??
    (gamma && check.length(gamma.data, 'gamma', size * size));
  if (fault !== undefined) return fail(fault);
  return ok((moves, count, pnl) => {
    for (let row = 0; row < count; row++) {
      const offset = row * size;
      let sum = carry;
      for (let i = 0; i < size; i++) {
        const move = moves[offset + i]!;
        sum += delta[i]! * move;
        if (gamma === undefined) continue;
        let bent = 0;
        for (let j = 0; j < size; j++) bent += gamma.data[i * size + j]! * moves[offset + j]!;
        sum += 0.5 * move * bent;
      }
      pnl[row] = sum;
    }
  });
}
