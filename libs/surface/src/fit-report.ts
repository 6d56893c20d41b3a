import type { FittedSurface } from './ladder.ts';
import { sliceVariance } from './slice.ts';

/** How one expiry of a fitted surface meets its quotes. */
export interface ExpiryFit {
  readonly id: string;
  readonly timeYears: number;
  readonly forward: number;
  readonly discountFactor: number;
  /** Two-sided out-of-the-money quotes. */
  readonly quotes: number;
  /** Quotes whose model volatility, and so price, lies inside bid and ask. */
  readonly inside: number;
  readonly outside: number;
  /** Root mean square of model less mid, in volatility points (1 = 0.01). */
  readonly rmseVolPoints: number;
  /** The same weighted by vega over half-spread. */
  readonly weightedRmseVolPoints: number;
  readonly atTheMoneyVolatility: number;
}

export function fitReport(fitted: FittedSurface): ExpiryFit[] {
  return fitted.surface.expiries.map((expiry, row) => {
    const smile = fitted.smiles[row]!;
    let [inside, sum, weighted, weights] = [0, 0, 0, 0];
    const count = smile.strike.length;
    for (let i = 0; i < count; i++) {
      const w = sliceVariance(expiry.slice, smile.logMoneyness[i]!);
      const model = Math.sqrt(w / expiry.timeYears);
      const error = model - smile.midVolatility[i]!;
      const weight = smile.weight[i]! * smile.weight[i]!;
      sum += error * error;
      weighted += weight * error * error;
      weights += weight;
      if (model >= smile.bidVolatility[i]! && model <= smile.askVolatility[i]!) inside += 1;
    }
    return {
      id: expiry.id,
      timeYears: expiry.timeYears,
      forward: expiry.forward,
      discountFactor: expiry.discountFactor,
      quotes: count,
      inside,
      outside: count - inside,
      rmseVolPoints: 100 * Math.sqrt(sum / count),
      weightedRmseVolPoints: weights > 0 ? 100 * Math.sqrt(weighted / weights) : 0,
      atTheMoneyVolatility: Math.sqrt(sliceVariance(expiry.slice, 0) / expiry.timeYears),
    };
  });
}
