import { fail, type Result } from '@cerberus/core';
import { meanOf, type Series, sampleVariance } from '@cerberus/stats';
import { check } from './errors.ts';

/** Periods of a history with and without a jump, and the law of the jumps. */
export interface JumpEstimate {
  /** Rows without a jump, ascending. */
  readonly ordinary: Int32Array;
  readonly jumpRows: Int32Array;
  /** Share of periods with a jump. */
  readonly intensityPerPeriod: number;
  /** Mean and deviation of the jump of each factor, the diffusion of the same period taken out. */
  readonly mean: Float64Array;
  readonly sd: Float64Array;
}

/** |r − mean| beyond so many deviations of the ordinary periods is a jump: 6 in 100,000 of a normal law. */
const THRESHOLD = 4;
/** The set of jumps grows at every pass, and no history needs more than a few. */
const PASSES_MAX = 50;

/**
 * Jumps of log-returns by the recursive filter: periods on which any factor lies beyond four deviations of
 * the periods left are taken out until none is (Clewlow and Strickland, Energy Derivatives: Pricing and
 * Risk Management (2000), §2.9, there with three). Jumps hit all factors at once, as `JumpLaw` has it. The
 * jump variance is that of the jump periods less that of the diffusion, and zero where there is no excess.
 */
export function estimateJumps(returns: readonly Series[]): Result<JumpEstimate> {
  const rows = returns[0]?.length ?? 0;
  for (const [i, column] of returns.entries()) {
    const fault =
      check.series(column, `returns[${i}]`, { minimumLength: 3, varying: true }) ??
      check.length(column, `returns[${i}]`, rows);
    if (fault !== undefined) return fail(fault);
  }
  let ordinary = Int32Array.from({ length: rows }, (_, t) => t);
  for (let pass = 0; pass < PASSES_MAX; pass++) {
    const bands = returns.map((column) => bandOf(pick(column, ordinary)));
    const kept = ordinary.filter((t) =>
      bands.every(({ mean, sd }, i) => Math.abs(returns[i]![t]! - mean) <= THRESHOLD * sd),
    );
    if (kept.length === ordinary.length || kept.length < 3) break;
    ordinary = kept;
  }
  const isOrdinary = new Set(ordinary);
  const jumpRows = Int32Array.from(
    Array.from({ length: rows }, (_, t) => t).filter((t) => !isOrdinary.has(t)),
  );
  const sizes = returns.map((column) => sizeOf(pick(column, jumpRows), pick(column, ordinary)));
  return check.result({
    ordinary,
    jumpRows,
    intensityPerPeriod: jumpRows.length / rows,
    mean: Float64Array.from(sizes, ({ mean }) => mean),
    sd: Float64Array.from(sizes, ({ sd }) => sd),
  });
}

/** The values of a column at given rows. */
export function pick(column: Series, rows: Int32Array): Float64Array {
  return Float64Array.from(rows, (t) => column[t]!);
}

function bandOf(values: Float64Array): { readonly mean: number; readonly sd: number } {
  return { mean: meanOf(values), sd: Math.sqrt(sampleVariance(values)) };
}

function sizeOf(jumps: Float64Array, ordinary: Float64Array) {
  if (jumps.length === 0) return { mean: 0, sd: 0 };
  const mean = meanOf(jumps) - meanOf(ordinary);
  const excess = jumps.length < 2 ? 0 : sampleVariance(jumps) - sampleVariance(ordinary);
  return { mean, sd: Math.sqrt(Math.max(excess, 0)) };
}
