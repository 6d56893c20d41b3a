import {
  BOUNDARY_GAP,
  clamped,
  decay,
  DEVIATION,
  heights,
  INVERSE_DEVIATION,
  innerCount,
  innerPoints,
  MARKET,
  markets,
  nodeCount,
  nodeRoots,
  nodeSteps,
  RATE_DISCOUNT,
  ROOT_TAU,
  squares,
  TAU,
  VECTOR,
  weights,
  YIELD_DISCOUNT,
} from './scheme';
import { add, DENSITY_AT_ZERO, div, exponential, logarithm, mul, quickExponential, quickTail, splat, sub } from './elementary';

// The QD+ boundary (M. Li, "Analytical approximations for the critical stock prices of American options: a
// performance comparison", Rev. Deriv. Res. 13 (2010) 75-99): with the theta of the European put written
// out, the critical spot S of a put with strike one solves
// g(S) = c0 + (1 − c0)·S + c1·e^{−rτ}Φ(−d₋) + c2·S e^{−qτ}Φ(−d₊) + c3·e^{−rτ}φ(d₋) = 0,
// whose derivatives in ln S need no function more.

/** −ln B of QD+ is below the boundary's by this factor in the middle of the box the scheme is made for. */
const CORRECTION: f64 = 1.016;
/** Halley steps at the longest maturity and at the shortest three; one elsewhere. */
const STEPS_LONGEST: i32 = 2;
const STEPS_SHORTEST: i32 = 3;
const STEPS_THIRD: i32 = 2;

let c0: v128 = i64x2.splat(0);
let c1: v128 = i64x2.splat(0);
let c2: v128 = i64x2.splat(0);
let c3: v128 = i64x2.splat(0);

/** 1 − e^{−x}, without loss for small x. */
// @ts-ignore: decorator
@inline
function spentOf(x: v128, discount: v128): v128 {
  const one = splat(1.0);
  const series = mul(x, sub(one, mul(x, sub(splat(0.5), mul(x, splat(0.16666666666666666))))));
  return v128.bitselect(series, sub(one, discount), f64x2.lt(x, splat(1e-4)));
}

/** Coefficients of g at the maturity of a node; the ratios are 2r/σ², 2q/σ² and 2(r − q)/σ² − 1. */
// @ts-ignore: decorator
@inline
function prepareQd(market: usize, rate: v128, rateRatio: v128, yieldRatio: v128, drift: v128): void {
  const one = splat(1.0);
  const rateDiscount = v128.load(market, RATE_DISCOUNT);
  const inverseSpent = div(one, spentOf(mul(rate, v128.load(market, TAU)), rateDiscount));
  const share = mul(rateRatio, inverseSpent);
  const root = f64x2.sqrt(add(mul(drift, drift), mul(splat(4.0), share)));
  const inverseRoot = div(one, root);
  const bend = mul(share, mul(inverseSpent, inverseRoot));
  const scaled = mul(rateRatio, inverseRoot);
  const exponent = mul(splat(0.5), add(drift, root));
  c0 = sub(mul(mul(rateDiscount, scaled), sub(inverseSpent, mul(bend, inverseRoot))), exponent);
  c1 = f64x2.neg(add(scaled, c0));
  c2 = add(mul(yieldRatio, inverseRoot), sub(c0, one));
  c3 = mul(v128.load(market, INVERSE_DEVIATION), inverseRoot);
}

/** Halley's step of −ln S at S = e^{place}. */
// @ts-ignore: decorator
@inline
function halleyStep(market: usize, place: v128, carried: v128): v128 {
  const zero = splat(0.0);
  const one = splat(1.0);
  const two = splat(2.0);
  const minusHalf = splat(-0.5);
  const deviation = v128.load(market, DEVIATION);
  const inverse = v128.load(market, INVERSE_DEVIATION);
  const rateDiscount = v128.load(market, RATE_DISCOUNT);
  const spot = quickExponential(place);
  const low = add(mul(add(place, carried), inverse), mul(minusHalf, deviation));
  const high = add(low, deviation);
  const shape = mul(rateDiscount, quickExponential(mul(minusHalf, mul(low, low))));
  const debtTail = mul(shape, quickTail(f64x2.abs(low)));
  // S e^{−qτ}φ(d₊) = e^{−rτ}φ(d₋).
  const stockTail = mul(shape, quickTail(f64x2.abs(high)));
  const stockAll = mul(spot, v128.load(market, YIELD_DISCOUNT));
  const debt = v128.bitselect(debtTail, sub(rateDiscount, debtTail), f64x2.gt(low, zero));
  const stock = v128.bitselect(stockTail, sub(stockAll, stockTail), f64x2.gt(high, zero));
  const peak = mul(splat(DENSITY_AT_ZERO), shape);
  const own = mul(sub(one, c0), spot);
  const value = add(add(add(c0, own), mul(c1, debt)), add(mul(c2, stock), mul(c3, peak)));
  const fall = mul(peak, inverse);
  const lowFall = mul(low, fall);
  const stockSlope = sub(stock, fall);
  const slope = sub(add(own, mul(c2, stockSlope)), add(mul(c1, fall), mul(c3, lowFall)));
  const curl = mul(lowFall, inverse);
  const peakCurve = mul(sub(mul(low, low), one), mul(fall, inverse));
  const stockCurve = add(stockSlope, curl);
  const curve = add(add(own, mul(c1, curl)), add(mul(c2, stockCurve), mul(c3, peakCurve)));
  return div(mul(two, mul(value, slope)), sub(mul(two, mul(slope, slope)), mul(value, curve)));
}

/** What a node needs of the market at its maturity, and the weights of the yield at its points. */
// @ts-ignore: decorator
@inline
function writeMarket(node: i32, rate: v128, yieldRate: v128, volatility: v128, rootTime: v128): void {
  const market = markets + <usize>node * MARKET;
  const rootTau = mul(rootTime, v128.load64_splat(nodeRoots + (<usize>node << 3)));
  const tau = mul(rootTau, rootTau);
  const deviation = mul(volatility, rootTau);
  const paid = mul(yieldRate, tau);
  const yieldDiscount = exponential(f64x2.neg(paid));
  v128.store(market, rootTau, ROOT_TAU);
  v128.store(market, tau, TAU);
  v128.store(market, deviation, DEVIATION);
  v128.store(market, div(splat(1.0), deviation), INVERSE_DEVIATION);
  v128.store(market, exponential(f64x2.neg(mul(rate, tau))), RATE_DISCOUNT);
  v128.store(market, yieldDiscount, YIELD_DISCOUNT);
  decay(innerPoints, innerCount, paid, yieldDiscount, weights + <usize>(node * innerCount) * VECTOR);
}

/** Bjerksund and Stensland's trigger (1993), which is close at long maturities. */
// @ts-ignore: decorator
@inline
function trigger(rootTau: v128, carry: v128, volatility: v128, farthest: v128): v128 {
  const one = splat(1.0);
  const end = exponential(f64x2.neg(farthest));
  const pull = div(mul(rootTau, sub(mul(carry, rootTau), mul(splat(2.0), volatility))), sub(one, end));
  const share = exponential(f64x2.pmin(pull, splat(0.0)));
  return f64x2.neg(logarithm(add(end, mul(sub(one, end), share))));
}

/**
 * Writes the markets of the nodes and the boundary to start from. QD+ is solved from the longest maturity
 * down, each from the two before it: −ln B/(σ√τ) is all but linear in ln τ.
 */
export function startBoundary(rate: v128, yieldRate: v128, volatility: v128, rootTime: v128, logAtExpiry: v128, farthest: v128): void {
  const gap = splat(BOUNDARY_GAP);
  const carry = sub(rate, yieldRate);
  const scale = div(splat(2.0), mul(volatility, volatility));
  const drift = sub(mul(carry, scale), splat(1.0));
  const rateRatio = mul(rate, scale);
  const yieldRatio = mul(yieldRate, scale);
  let known = splat(0.0);
  let before = splat(0.0);
  for (let node: i32 = nodeCount - 1; node >= 0; node -= 1) {
    const market = markets + <usize>node * MARKET;
    writeMarket(node, rate, yieldRate, volatility, rootTime);
    prepareQd(market, rate, rateRatio, yieldRatio, drift);
    let height: v128;
    let steps = 1;
    if (node == nodeCount - 1) {
      height = trigger(v128.load(market, ROOT_TAU), carry, volatility, farthest);
      steps = STEPS_LONGEST;
    } else {
      const slope = mul(sub(known, before), v128.load64_splat(nodeSteps + (<usize>node << 3)));
      height = clamped(mul(v128.load(market, DEVIATION), add(known, slope)), gap, farthest);
      if (node < 3) steps = node < 2 ? STEPS_SHORTEST : STEPS_THIRD;
    }
    const carried = mul(carry, v128.load(market, TAU));
    for (; steps > 0; steps -= 1) {
      height = clamped(add(height, halleyStep(market, sub(logAtExpiry, height), carried)), gap, farthest);
    }
    before = known;
    known = mul(height, v128.load(market, INVERSE_DEVIATION));
    height = clamped(mul(height, splat(CORRECTION)), gap, farthest);
    v128.store(heights + <usize>node * VECTOR, height);
    v128.store(squares + <usize>node * VECTOR, mul(height, height));
  }
}
