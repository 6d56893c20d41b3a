import { fail, type Result } from '@cerberus/core';
import { type Series, tailProbability } from '@cerberus/stats';
import { check } from './errors.ts';
import type { TailRisk } from './tail-risk.ts';

export interface AgeWeightedRisk extends TailRisk {
  /** Weight of the outcomes worse than the quantile. */
  readonly weightBefore: number;
  /** The same with the quantile's own weight; the first sum to reach 1 − confidence. */
  readonly weightAt: number;
}

/**
 * Age-weighted historical simulation (Boudoukh, Richardson and Whitelaw, "The best of both worlds",
 * Risk 11 (1998) 64–67): outcome of age a weighs λᵃ(1−λ)/(1−λⁿ), the last element having age 0. VaR is
 * the first sorted loss at which the weights reach p; ES the mean of the tail of weight p, the last
 * outcome in part.
 */
export function ageWeightedVar(
  pnl: Series,
  options: { readonly confidence: number; readonly decay: number },
): Result<AgeWeightedRisk> {
  const { confidence, decay } = options;
  const fault =
    check.probability(confidence, 'confidence') ??
    check.probability(decay, 'decay') ??
    check.series(pnl, 'pnl');
  if (fault !== undefined) return fail(fault);
  const n = pnl.length;
  const p = tailProbability(confidence);
  const unit = (1 - decay) / (1 - decay ** n);
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => pnl[a]! - pnl[b]! || b - a);
  const weightOf = (index: number): number => unit * decay ** (n - 1 - index);
  let before = 0;
  let loss = 0;
  let rank = 0;
  // The last outcome ends the tail whatever rounding left of the sum of the weights.
  while (rank < n - 1 && before + weightOf(order[rank]!) < p) {
    const weight = weightOf(order[rank]!);
    loss += weight * pnl[order[rank]!]!;
    before += weight;
    rank++;
  }
  const quantile = pnl[order[rank]!]!;
  return check.result({
    valueAtRisk: 0 - quantile,
    expectedShortfall: 0 - (loss + (p - before) * quantile) / p,
    weightBefore: before,
    weightAt: before + weightOf(order[rank]!),
  });
}
