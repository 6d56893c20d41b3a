import { fail, faultOf, type Result } from '@cerberus/core';
import type { SideSign } from './benchmarks.ts';
import {
  finiteFault,
  finiteResult,
  notNegativeFault,
  positiveFault,
  TCA_ERRORS,
} from './errors.ts';

const BPS = 10_000;

export interface ShortfallInputs {
  readonly side: SideSign;
  readonly orderQuantity: number;
  readonly filledQuantity: number;
  /** Of the fills; not read where nothing was filled. */
  readonly averageFillPrice: number;
  /** When the decision was taken. */
  readonly decisionPrice: number;
  /** When the order reached the market. */
  readonly arrivalPrice: number;
  /** At which what was left is judged. */
  readonly closingPrice: number;
  readonly fees: number;
}

/** Costs in currency, positive for a loss against the paper portfolio. */
export interface Shortfall {
  /** side·(arrival − decision)·filled. */
  readonly delay: number;
  /** side·(average − arrival)·filled. */
  readonly trading: number;
  /** side·(close − decision)·(ordered − filled). */
  readonly opportunity: number;
  readonly fees: number;
  readonly total: number;
  /** Total over decision price times ordered quantity. */
  readonly totalBps: number;
  readonly fillRate: number;
}

/**
 * Implementation shortfall of Perold, "The implementation shortfall: paper versus reality", J. Portfolio
 * Management 14 (1988) 4–9: the gain of the paper portfolio at the decision price less the actual gain.
 */
export function implementationShortfall(inputs: ShortfallInputs): Result<Shortfall> {
  const { side, orderQuantity, filledQuantity, decisionPrice, arrivalPrice, closingPrice } = inputs;
  const fault =
    positiveFault(orderQuantity, 'orderQuantity') ??
    notNegativeFault(filledQuantity, 'filledQuantity') ??
    positiveFault(decisionPrice, 'decisionPrice') ??
    positiveFault(arrivalPrice, 'arrivalPrice') ??
    positiveFault(closingPrice, 'closingPrice') ??
    finiteFault(inputs.fees, 'fees') ??
    (filledQuantity > 0 ? positiveFault(inputs.averageFillPrice, 'averageFillPrice') : undefined);
  if (fault !== undefined) return fail(fault);
  if (filledQuantity > orderQuantity) {
    return fail(
      faultOf(TCA_ERRORS.OVERFILLED, {
        path: 'filledQuantity',
        expected: `at most ${orderQuantity}`,
        received: `${filledQuantity}`,
      }),
    );
  }
  const average = filledQuantity > 0 ? inputs.averageFillPrice : arrivalPrice;
  const delay = side * (arrivalPrice - decisionPrice) * filledQuantity;
  const trading = side * (average - arrivalPrice) * filledQuantity;
  const opportunity = side * (closingPrice - decisionPrice) * (orderQuantity - filledQuantity);
  const total = delay + trading + opportunity + inputs.fees;
  return finiteResult({
    delay,
    trading,
    opportunity,
    fees: inputs.fees,
    total,
    totalBps: (total * BPS) / (decisionPrice * orderQuantity),
    fillRate: filledQuantity / orderQuantity,
  });
}

export interface TradingCostInputs {
  readonly side: SideSign;
  readonly filledQuantity: number;
  readonly averageFillPrice: number;
  /** Mid price on arrival. */
  readonly arrivalMid: number;
  /** Half of ask − bid on arrival. */
  readonly halfSpread: number;
  /** Mid once the trading's pressure has passed, e.g. five minutes after the last fill. */
  readonly postTradeMid: number;
  /** Return of a reference (index, beta-weighted) from arrival to the mean time of the fills. */
  readonly referenceReturnAtFills?: number;
  /** The same from arrival to the time of the post-trade mid. */
  readonly referenceReturnAtPost?: number;
}

/** Parts of side·(average − arrival mid)·filled; they add up to it. */
export interface TradingCost {
  readonly trading: number;
  /** half-spread·filled, negative contributions of passive fills are in `temporaryImpact`. */
  readonly spread: number;
  /** What the reference moved meanwhile: luck, not impact. */
  readonly timing: number;
  /** side·(post-trade mid − arrival mid − reference move)·filled: what stayed. */
  readonly permanentImpact: number;
  /** The rest: what came back. */
  readonly temporaryImpact: number;
}

/** Decomposition of the trading cost into spread, timing and impact (Kissell, The Science of Algorithmic Trading and Portfolio Management, ch. 3). */
export function splitTradingCost(inputs: TradingCostInputs): Result<TradingCost> {
  const { side, filledQuantity, averageFillPrice, arrivalMid, halfSpread, postTradeMid } = inputs;
  const { referenceReturnAtFills = 0, referenceReturnAtPost = 0 } = inputs;
  const fault =
    positiveFault(filledQuantity, 'filledQuantity') ??
    positiveFault(averageFillPrice, 'averageFillPrice') ??
    positiveFault(arrivalMid, 'arrivalMid') ??
    notNegativeFault(halfSpread, 'halfSpread') ??
    positiveFault(postTradeMid, 'postTradeMid') ??
    finiteFault(referenceReturnAtFills, 'referenceReturnAtFills') ??
    finiteFault(referenceReturnAtPost, 'referenceReturnAtPost');
  if (fault !== undefined) return fail(fault);
  const signed = side * filledQuantity;
  const trading = signed * (averageFillPrice - arrivalMid);
  const spread = halfSpread * filledQuantity;
  const timing = signed * arrivalMid * referenceReturnAtFills;
  const permanentImpact = signed * (postTradeMid - arrivalMid * (1 + referenceReturnAtPost));
  return finiteResult({
    trading,
    spread,
    timing,
    permanentImpact,
    temporaryImpact: trading - spread - timing - permanentImpact,
  });
}
