import { millsRatio, normalCdf, normalPdf } from '@cerberus/stats';

/**
 * The inverse of the normalised Black function.
 *
 * With x = ln(A/B) ≤ 0 for present values A of the forward and B of the strike, the out-of-the-money
 * price over √(AB) is b(v) = e^{x/2} Φ(h+t) − e^{−x/2} Φ(h−t), h = x/v, t = v/2, and its distance to the
 * upper bound is d(v) = e^{x/2} − b(v). Both are the normalised vega ν = φ(√(h²+t²)) times a sum of
 * Mills' ratios, so that their logarithms need no exponential and hold over the whole range of a double.
 *
 * The inverse splits the range of b as in P. Jäckel, "Let's be rational", Wilmott (2015) 40-53: below
 * the inflection point v = √(2|x|) it solves for (−ln b)^{−1/2}, which is nearly linear in v; near the
 * upper bound for (−ln d)^{1/2}, nearly linear again; between for b itself. Steps are Householder's of
 * fourth order inside a bracket, so that the iteration cannot fail; two to four are needed.
 */

const LOG_SQRT_TWO_PI = 0.9189385332046727;
const INVERSE_SQRT_TWO_PI = 0.3989422804014327;
const EPSILON = 2.220446049250313e-16;
/** Half-width t and |x| below which differences of Mills' ratio are summed as a Taylor series. */
const SERIES_HALF_WIDTH = 0.25;
const SERIES_MONEYNESS = 1;
/** A step of fourth order this small leaves an error below the spacing of doubles. */
const STEP_SMALL = 1e-4;
/** Reached only if the bracket alone had to do the work, at one bit a step. */
const ITERATIONS_MAX = 128;

/**
 * b(v)/ν(v) = Y(h+t) − Y(h−t) with Y = Φ/φ. For small t and moderate x the difference is the odd part
 * of the Taylor series about h, from Y' = 1 + hY and Y⁽ⁿ⁺¹⁾ = hY⁽ⁿ⁾ + nY⁽ⁿ⁻¹⁾.
 */
function priceOverVega(x: number, v: number): number {
  const h = x / v;
  const t = 0.5 * v;
  if (t < SERIES_HALF_WIDTH && x > -SERIES_MONEYNESS) {
    let lower = millsRatio(-h);
    let upper = 1 + h * lower;
    let power = t;
    let sum = t * upper;
    for (let order = 1; order < 24; order += 2) {
      lower = h * upper + order * lower;
      upper = h * lower + (order + 1) * upper;
      power *= (t * t) / ((order + 1) * (order + 2));
      const term = power * upper;
      sum += term;
      if (Math.abs(term) < 0.1 * EPSILON * sum) break;
    }
    return 2 * sum;
  }
  const high = h + t;
  const first = high <= 0 ? millsRatio(-high) : normalCdf(high) / normalPdf(high);
  return first - millsRatio(t - h);
}

/** ln of the normalised vega ν = ∂b/∂v. */
function logVega(x: number, v: number): number {
  const h = x / v;
  return -0.5 * (h * h + 0.25 * v * v) - LOG_SQRT_TWO_PI;
}

/** Step of Householder's fourth-order rule for an increasing f from f − target over f', f''/f', f'''/f'. */
function householder(newton: number, second: number, third: number): number {
  const step =
    (newton * (1 + 0.5 * second * newton)) / (1 + newton * (second + (third * newton) / 6));
  // Far from the root the rational step may point the wrong way; Newton's never does.
  return step * newton > 0 ? step : newton;
}

/** Householder step towards ln b = logTarget through f = (−ln b)^{−1/2}. */
function lowerStep(x: number, v: number, logTarget: number): number {
  const ratio = priceOverVega(x, v);
  const logPrice = logVega(x, v) + Math.log(ratio);
  const slope = 1 / ratio;
  const h = x / v;
  const bend = (h * h) / v - 0.25 * v;
  const bendSlope = (-3 * h * h) / (v * v) - 0.25;
  const curvature = slope * (bend - slope);
  const quotient = slope / logPrice;
  const second = -1.5 * quotient + bend - slope;
  const third =
    second * second - 1.5 * (curvature / logPrice - quotient * quotient) + bendSlope - curvature;
  // (f* − f)/f' with f = (−g)^{−1/2}, f' = ½(−g)^{−3/2} g', without cancellation close to the root.
  const root = Math.sqrt(logPrice / logTarget);
  const newton = (-2 * logPrice * (root - 1)) / slope;
  return householder(newton, second, third);
}

/** Householder step towards ln d = logTarget through f = (−ln d)^{1/2}. */
function upperStep(x: number, v: number, logTarget: number): number {
  const h = x / v;
  const t = 0.5 * v;
  const ratio = millsRatio(h + t) + millsRatio(t - h);
  const logDistance = logVega(x, v) + Math.log(ratio);
  const slope = -1 / ratio;
  const bend = (h * h) / v - 0.25 * v;
  const bendSlope = (-3 * h * h) / (v * v) - 0.25;
  const curvature = slope * (bend - slope);
  const quotient = slope / logDistance;
  const second = -0.5 * quotient + bend - slope;
  const third =
    second * second - 0.5 * (curvature / logDistance - quotient * quotient) + bendSlope - curvature;
  const root = Math.sqrt(logTarget / logDistance);
  const newton = (2 * logDistance * (root - 1)) / slope;
  return householder(newton, second, third);
}

/** Householder step towards b = target through b itself. */
function middleStep(x: number, v: number, target: number): number {
  const h = x / v;
  const vega = Math.exp(logVega(x, v));
  const bend = (h * h) / v - 0.25 * v;
  const bendSlope = (-3 * h * h) / (v * v) - 0.25;
  const newton = target / vega - priceOverVega(x, v);
  return householder(newton, bend, bendSlope + bend * bend);
}

type StepRule = (x: number, v: number, target: number) => number;

/** The root of one rule from a start inside (low, high); each step's sign narrows the bracket. */
function iterate(
  rule: StepRule,
  [x, target]: readonly [number, number],
  start: number,
  bracket: readonly [number, number],
): number {
  let [low, high] = bracket;
  let v = start;
  for (let iteration = 0; iteration < ITERATIONS_MAX; iteration += 1) {
    const step = rule(x, v, target);
    if (step > 0) low = v;
    else high = v;
    let next = v + step;
    if (!(next > low && next < high)) {
      if (Math.abs(step) <= 4 * EPSILON * v) return v;
      next = high < Number.MAX_VALUE ? 0.5 * (low + high) : 2 * v;
    }
    const moved = Math.abs(next - v);
    v = next;
    if (moved <= STEP_SMALL * v * Math.min(1, v)) return v;
  }
  return v;
}

/**
 * Total volatility v = σ√T with b(v) = price, for x ≤ 0, 0 < price < e^{x/2} and
 * distance = e^{x/2} − price > 0, given apart because it carries digits that the price has lost.
 *
 * Accuracy: what the double price determines, and not worse than 1e-14 relative.
 */
export function impliedTotalVolatility(x: number, price: number, distance: number): number {
  const magnitude = -x;
  const bound = price + distance;
  const centre = Math.sqrt(2 * magnitude);
  // b and d at the inflection point, where h + t = 0.
  const vegaAtCentre = INVERSE_SQRT_TWO_PI * Math.exp(-0.5 * magnitude);
  const halfPlane = 1.2533141373155003;
  const tail = millsRatio(centre);
  const priceAtCentre = vegaAtCentre * (halfPlane - tail);
  if (price < priceAtCentre && magnitude > 0) {
    const logTarget = Math.log(price);
    const start = centre * Math.sqrt(Math.log(priceAtCentre) / logTarget);
    return iterate(lowerStep, [x, logTarget], start, [0, centre]);
  }
  if (distance > 0.3 * bound) {
    const start = centre + (price - priceAtCentre) / vegaAtCentre;
    return iterate(middleStep, [x, price], start, [centre, Number.POSITIVE_INFINITY]);
  }
  const logTarget = Math.log(distance);
  const excess = Math.log(vegaAtCentre * (halfPlane + tail)) - logTarget;
  const start = Math.sqrt(centre * centre + 8 * Math.max(excess, 0)) + 1e-3;
  return iterate(upperStep, [x, logTarget], start, [centre, Number.POSITIVE_INFINITY]);
}
