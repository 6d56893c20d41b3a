import { invariant } from '@cerberus/core';
import type { BlockSums, EuropeanOption, SimulationPlan } from '@cerberus/pricing';
import { allocate, type KernelExports } from './kernels.ts';

/** Paths of one block, as in `@cerberus/pricing`, whose `mergeBlocks` makes the estimate. */
export const BLOCK_PATHS = 1024;
const SUMS = 5;
const DOUBLE = 8;
const TWO_POW_32 = 2 ** 32;

/**
 * `simulateBlock` for European paths: the same Philox stream per block, the same inversion, the same
 * sums to 1e-11 relative, in any worker or order. The option and the plan are allowed ones, as for
 * `europeanPaths`. Needs vectors (`isVectorised`); without them `simulateBlock` serves.
 */
export class EuropeanPathBlocks {
  private readonly kernels: KernelExports;
  private readonly draws: number;
  private readonly sumsAt: number;
  private readonly sums: Float64Array;

  constructor() {
    const { kernels, buffer, base } = allocate((BLOCK_PATHS + SUMS) * DOUBLE, true);
    invariant(kernels !== undefined, 'vectors are there: ask isVectorised first');
    this.kernels = kernels;
    this.draws = base;
    this.sumsAt = base + BLOCK_PATHS * DOUBLE;
    this.sums = new Float64Array(buffer, this.sumsAt, SUMS);
  }

  simulateBlock(option: EuropeanOption, plan: SimulationPlan, block: number): BlockSums {
    invariant(Number.isSafeInteger(block) && block >= 0, 'a block is numbered from zero');
    const { kind, spot, strike, timeYears, rate, dividendYield, volatility } = option;
    const total = volatility * Math.sqrt(timeYears);
    const mean = spot * Math.exp(-dividendYield * timeYears);
    const start = spot * Math.exp(-dividendYield * timeYears - 0.5 * total * total);
    this.kernels.normals(
      ...[this.draws, BLOCK_PATHS, block % TWO_POW_32, Math.floor(block / TWO_POW_32)],
      ...[plan.seed % TWO_POW_32, Math.floor(plan.seed / TWO_POW_32)],
    );
    this.kernels.europeanSums(
      ...[this.draws, BLOCK_PATHS, this.sumsAt, kind === 'call' ? 1 : -1, start, total],
      ...[strike * Math.exp(-rate * timeYears), mean, plan.antithetic === true ? 1 : 0],
    );
    const [payoff = 0, payoffSquare = 0, control = 0, controlSquare = 0, cross = 0] = this.sums;
    const samples = BLOCK_PATHS;
    return { block, samples, payoff, payoffSquare, control, controlSquare, cross };
  }
}
