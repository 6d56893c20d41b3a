import { type Fault, fail, faultOf, invariant, ok, type Result } from '@cerberus/core';
import { PhiloxStream } from '@cerberus/stats';
import { faultOutside, PRICING_ERRORS } from './errors.ts';

/** Paths of one block: the unit of work, and of the random stream that a block's number names. */
export const PATHS_PER_BLOCK = 1024;
const PATHS_MAX = 2 ** 40;

/**
 * What is simulated: a path as a function of standard normal draws. `evaluate` reads `normals` values
 * from `offset` on (negated for the antithetic twin) and writes the discounted payoff and, for a model
 * with a control, the control variable.
 */
export interface PathModel {
  /** Standard normal draws that one path takes. */
  readonly normals: number;
  /** Exact mean of the control variable, where the model has one. */
  readonly controlMean?: number;
  evaluate(draws: Float64Array, offset: number, out: PathOutcome): void;
}

export interface PathOutcome {
  payoff: number;
  control: number;
}

export interface SimulationPlan {
  /** Whole number from 0 to 2⁵³ − 1. */
  readonly seed: number;
  /** Payoffs asked for; rounded up to whole blocks of 1,024. */
  readonly paths: number;
  /** Each draw also serves with its sign changed; the pair counts as one sample of two payoffs. */
  readonly antithetic?: boolean;
}

/** Sums of one block; merged in the order of the blocks, whoever computed them. */
export interface BlockSums {
  readonly block: number;
  readonly samples: number;
  readonly payoff: number;
  readonly payoffSquare: number;
  readonly control: number;
  readonly controlSquare: number;
  readonly cross: number;
}

export interface Estimate {
  readonly mean: number;
  /** Standard error of the mean, control variate and antithetic pairing included. */
  readonly standardError: number;
  /** Payoffs evaluated. */
  readonly paths: number;
  /** Regression coefficient of the control variate; 0 without one. */
  readonly controlCoefficient: number;
}

/** Blocks a plan takes. */
export function blockCount(plan: SimulationPlan): number {
  const perBlock = PATHS_PER_BLOCK * (plan.antithetic === true ? 2 : 1);
  return Math.ceil(plan.paths / perBlock);
}

export function faultOfPlan(plan: SimulationPlan): Fault | undefined {
  if (!Number.isSafeInteger(plan.seed) || plan.seed < 0) {
    return faultOf(PRICING_ERRORS.OUT_OF_RANGE, {
      path: 'seed',
      expected: 'a whole number from 0 to 2^53 - 1',
      received: String(plan.seed),
    });
  }
  return faultOutside(plan.paths, [1, PATHS_MAX], 'paths');
}

/**
 * One block of paths. Its draws come from the Philox stream (seed, block), so that a block is the same
 * number in any worker, order or partition; sums are taken about the first payoff of the block's own
 * model to keep their digits.
 */
export function simulateBlock(model: PathModel, plan: SimulationPlan, block: number): BlockSums {
  const stream = new PhiloxStream({ seed: plan.seed, stream: block });
  const width = model.normals;
  const draws = new Float64Array(width);
  const outcome: PathOutcome = { payoff: 0, control: 0 };
  const isPaired = plan.antithetic === true;
  const mean = model.controlMean ?? 0;
  let [payoff, payoffSquare, control, controlSquare, cross] = [0, 0, 0, 0, 0];
  for (let path = 0; path < PATHS_PER_BLOCK; path += 1) {
    stream.fillNormals(draws);
    model.evaluate(draws, 0, outcome);
    let value = outcome.payoff;
    let checked = outcome.control - mean;
    if (isPaired) {
      for (let i = 0; i < width; i += 1) draws[i] = -draws[i]!;
      model.evaluate(draws, 0, outcome);
      value = 0.5 * (value + outcome.payoff);
      checked = 0.5 * (checked + outcome.control - mean);
    }
    payoff += value;
    payoffSquare += value * value;
    control += checked;
    controlSquare += checked * checked;
    cross += value * checked;
  }
  return {
    block,
    samples: PATHS_PER_BLOCK,
    payoff,
    payoffSquare,
    control,
    controlSquare,
    cross,
  };
}

/**
 * Mean and standard error from the sums of all blocks, added in the order of their numbers, so that the
 * last bit does not depend on who computed which. With a control the mean is that of
 * payoff − b(control − its mean), b by regression over all samples.
 */
export function mergeBlocks(
  model: PathModel,
  plan: SimulationPlan,
  blocks: readonly BlockSums[],
): Result<Estimate> {
  const ordered = [...blocks].sort((a, b) => a.block - b.block);
  let [samples, payoff, payoffSquare, control, controlSquare, cross] = [0, 0, 0, 0, 0, 0];
  for (const [index, sums] of ordered.entries()) {
    invariant(sums.block === index, 'every block of the plan is present once');
    samples += sums.samples;
    payoff += sums.payoff;
    payoffSquare += sums.payoffSquare;
    control += sums.control;
    controlSquare += sums.controlSquare;
    cross += sums.cross;
  }
  const mean = payoff / samples;
  const controlMean = control / samples;
  const variance = payoffSquare / samples - mean * mean;
  const controlVariance = controlSquare / samples - controlMean * controlMean;
  const covariance = cross / samples - mean * controlMean;
  const hasControl = model.controlMean !== undefined && controlVariance > 0;
  const coefficient = hasControl ? covariance / controlVariance : 0;
  const residual = Math.max(variance - coefficient * covariance, 0);
  const estimate = {
    mean: mean - coefficient * controlMean,
    standardError: Math.sqrt(residual / Math.max(samples - (hasControl ? 2 : 1), 1)),
    paths: samples * (plan.antithetic === true ? 2 : 1),
    controlCoefficient: coefficient,
  };
  if (!Number.isFinite(estimate.mean) || !Number.isFinite(estimate.standardError)) {
    return fail(faultOf(PRICING_ERRORS.RESULT_OUT_OF_RANGE, { path: 'payoff' }));
  }
  return ok(estimate);
}

/** Runs a whole plan here; a pool of workers runs `simulateBlock` and `mergeBlocks` to the same bits. */
export function simulate(model: PathModel, plan: SimulationPlan): Result<Estimate> {
  const fault = faultOfPlan(plan);
  if (fault !== undefined) return fail(fault);
  const blocks = Array.from({ length: blockCount(plan) }, (_, block) =>
    simulateBlock(model, plan, block),
  );
  return mergeBlocks(model, plan, blocks);
}
