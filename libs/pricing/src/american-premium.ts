import { normalCdf, normalPdf } from '@cerberus/stats';
import {
  type BoundaryMarket,
  boundaryAtExpiry,
  type CollocationScheme,
} from './american-boundary.ts';

/** Early-exercise premium of a put with strike one and its derivatives in the spot. */
export interface Premium {
  value: number;
  first: number;
  second: number;
  third: number;
  fourth: number;
}

/** ln B(T)/B(0+) is the last node: below this ratio of spot to strike the put is exercised. */
export function exerciseRatio(
  market: BoundaryMarket,
  scheme: CollocationScheme,
  values: Float64Array,
): number {
  const atExpiry = boundaryAtExpiry(market.rate, market.yieldRate);
  return atExpiry * Math.exp(-Math.sqrt(values[scheme.nodeCount - 1]!));
}

/** A boundary ready to be integrated over: its scheme, its market and H at the nodes. */
export interface SolvedBoundary {
  readonly scheme: CollocationScheme;
  readonly market: BoundaryMarket;
  readonly values: Float64Array;
}

/**
 * Kim's premium ∫₀ᵀ [r e^{−rθ} Φ(−d₋) − q x e^{−qθ} Φ(−d₊)] dθ at x = S/K above the boundary, d± of
 * x/B(T−θ) over θ; in a = √(θ/T) the integrand is smooth.
 */
export function premiumValue(x: number, { scheme, market, values }: SolvedBoundary): number {
  const { rate, yieldRate, volatility, timeYears } = market;
  const { nodeCount, pricingCount, outer, outerMatrix } = scheme;
  const logRatio = Math.log(x / boundaryAtExpiry(rate, yieldRate));
  const deviation = volatility * Math.sqrt(timeYears);
  let total = 0;
  let offset = 0;
  for (let k = 0; k < pricingCount; k += 1) {
    let squared = 0;
    for (let j = 0; j < nodeCount; j += 1) squared += outerMatrix[offset + j]! * values[j]!;
    offset += nodeCount;
    const a = outer.roots[k]!;
    const theta = timeYears * a * a;
    const spread = deviation * a;
    const distance = logRatio + Math.sqrt(Math.max(squared, 0));
    const low = (distance + (rate - yieldRate) * theta) / spread - 0.5 * spread;
    const debt = rate * Math.exp(-rate * theta) * normalCdf(-low);
    let share = 0;
    if (yieldRate !== 0) {
      share = yieldRate * x * Math.exp(-yieldRate * theta) * normalCdf(-low - spread);
    }
    total += outer.weights[k]! * a * (debt - share);
  }
  return total * timeYears;
}

/** The premium with four derivatives in x, term by term under the integral. */
export function premiumDerivatives(
  x: number,
  { scheme, market, values }: SolvedBoundary,
  out: Premium,
): void {
  const { rate, yieldRate, volatility, timeYears } = market;
  const { nodeCount, pricingCount, outer, outerMatrix } = scheme;
  const logRatio = Math.log(x / boundaryAtExpiry(rate, yieldRate));
  const deviation = volatility * Math.sqrt(timeYears);
  // Derivatives in y = ln x of the two legs are exact; those in x follow at the end.
  let [v0, v1, v2, v3, v4] = [0, 0, 0, 0, 0];
  let offset = 0;
  for (let k = 0; k < pricingCount; k += 1) {
    let squared = 0;
    for (let j = 0; j < nodeCount; j += 1) squared += outerMatrix[offset + j]! * values[j]!;
    offset += nodeCount;
    const a = outer.roots[k]!;
    const theta = timeYears * a * a;
    const s = deviation * a;
    const distance = logRatio + Math.sqrt(Math.max(squared, 0));
    const low = (distance + (rate - yieldRate) * theta) / s - 0.5 * s;
    const high = low + s;
    const weight = outer.weights[k]! * a * timeYears;
    const debt = weight * rate * Math.exp(-rate * theta);
    const share = weight * yieldRate * x * Math.exp(-yieldRate * theta);
    const [lowTail, highTail] = [normalCdf(-low), normalCdf(-high)];
    const [f, g] = [normalPdf(low) / s, normalPdf(high) / s];
    const [f1, g1] = [(-low * f) / s, (-high * g) / s];
    const [f2, g2] = [((low * low - 1) * f) / (s * s), ((high * high - 1) * g) / (s * s)];
    const f3 = ((3 * low - low ** 3) * f) / s ** 3;
    const g3 = ((3 * high - high ** 3) * g) / s ** 3;
    // The share leg is e^y·Φ(−d₊), so that its derivatives mix by the binomial rule.
    v0 += debt * lowTail - share * highTail;
    v1 += -debt * f - share * (highTail - g);
    v2 += -debt * f1 - share * (highTail - 2 * g - g1);
    v3 += -debt * f2 - share * (highTail - 3 * g - 3 * g1 - g2);
    v4 += -debt * f3 - share * (highTail - 4 * g - 6 * g1 - 4 * g2 - g3);
  }
  out.value = v0;
  out.first = v1 / x;
  out.second = (v2 - v1) / x ** 2;
  out.third = (v3 - 3 * v2 + 2 * v1) / x ** 3;
  out.fourth = (v4 - 6 * v3 + 11 * v2 - 6 * v1) / x ** 4;
}
