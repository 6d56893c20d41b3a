import { fail, type Result } from '@cerberus/core';
import { levenbergMarquardt } from '@cerberus/stats';
import { check } from './errors.ts';

/** One executed order, as seen by the fit. */
export interface ImpactSample {
  /** Filled quantity over market volume of the same window. */
  readonly participation: number;
  /** Volatility over the same window, as a fraction of the price. */
  readonly volatility: number;
  /** Arrival slippage as a fraction of the price, positive for a cost. */
  readonly cost: number;
}

export interface ImpactModel {
  /** Y of cost = Y·σ·q^δ. */
  readonly coefficient: number;
  readonly exponent: number;
}

export interface ImpactFit extends ImpactModel {
  readonly coefficientError: number;
  /** 1 − RSS/Σcost²: about zero, since the model goes through the origin. */
  readonly explained: number;
  readonly samples: number;
  /** The fit with the exponent free, to judge the square root by. */
  readonly freeExponent: ImpactModel;
}

/** Fewest orders for which a fit is tried. */
export const IMPACT_SAMPLES_MIN = 10;

/**
 * Square-root law of market impact, cost = Y·σ·√(Q/V) (Almgren, Thum, Hauptmann and Li, Risk 18 (2005)
 * 58–62; Tóth et al., Phys. Rev. X 1 (2011) 021006), by least squares through the origin over own fills,
 * beside the same with a free exponent.
 */
export function fitSquareRootImpact(samples: readonly ImpactSample[]): Result<ImpactFit> {
  const short = check.number(samples.length, 'samples.length', { atLeast: IMPACT_SAMPLES_MIN });
  if (short !== undefined) return fail(short);
  let cross = 0;
  let square = 0;
  let total = 0;
  for (const [i, sample] of samples.entries()) {
    const fault =
      check.number(sample.participation, `samples[${i}].participation`, { above: 0 }) ??
      check.number(sample.volatility, `samples[${i}].volatility`, { above: 0 }) ??
      check.number(sample.cost, `samples[${i}].cost`);
    if (fault !== undefined) return fail(fault);
    const x = sample.volatility * Math.sqrt(sample.participation);
    cross += x * sample.cost;
    square += x * x;
    total += sample.cost * sample.cost;
  }
  const varies = check.number(total, 'sum of squared costs', { above: 0 });
  if (varies !== undefined) return fail(varies);
  const coefficient = cross / square;
  const residual = Math.max(0, total - coefficient * cross);
  const free = levenbergMarquardt(
    ([y, delta], out) => {
      for (const [i, s] of samples.entries()) {
        out[i] = (y! * s.volatility * s.participation ** delta! - s.cost) / Math.sqrt(total);
      }
    },
    [coefficient, 0.5],
    { residualCount: samples.length },
  );
  if (!free.ok) return free;
  return check.result({
    coefficient,
    exponent: 0.5,
    coefficientError: Math.sqrt(residual / (samples.length - 1) / square),
    explained: 1 - residual / total,
    samples: samples.length,
    freeExponent: { coefficient: free.value.at[0]!, exponent: free.value.at[1]! },
  });
}

/** Expected cost, a fraction of the price, of an order under a fitted model. */
export function expectedImpact(
  model: ImpactModel,
  order: { readonly participation: number; readonly volatility: number },
): Result<number> {
  const fault =
    check.number(model.coefficient, 'coefficient') ??
    check.number(model.exponent, 'exponent') ??
    check.number(order.participation, 'participation', { atLeast: 0 }) ??
    check.number(order.volatility, 'volatility', { atLeast: 0 });
  if (fault !== undefined) return fail(fault);
  return check.result(model.coefficient * order.volatility * order.participation ** model.exponent);
}
