import { add, density, distribution, div, exponential, logarithm, mul, quickDistribution, quickExponential, splat, sub } from './elementary';
import { leave, pairPrice, signsAt, within } from './european';

// Two American options at once by the collocation of the scalar kernel (`solveBoundary`, system A, and
// `premiumValue`): each lane is one option, all share the scheme. A lane that has settled keeps its
// values, so that no price depends on its neighbour. Within the sweeps exponentials and distribution
// functions are good to 1e-9: the price depends on the boundary's error in second order only.
//
// A scheme is doubles: √(τᵢ/T) of the nodes; roots and weights of the inner rule; those of the outer
// rule; the inner matrix (node, point, node) and the outer one (point, node).

const DENSITY_AT_ZERO: f64 = 0.3989422804014327;
const BOUNDARY_GAP: f64 = 1e-12;
/** Vectors per node and point in the workspace. */
const COLUMNS: usize = 6;
const VECTOR: usize = 16;

let nodeCount: i32 = 0;
let innerCount: i32 = 0;
let outerCount: i32 = 0;
let sweepsMax: i32 = 0;
let tolerance: f64 = 0;
let rootNodes: usize = 0;
let innerRoots: usize = 0;
let innerWeights: usize = 0;
let outerRoots: usize = 0;
let outerWeights: usize = 0;
let innerMatrix: usize = 0;
let outerMatrix: usize = 0;
let values: usize = 0;
let moves: usize = 0;
let discounts: usize = 0;
let work: usize = 0;

/** Takes a scheme at `scheme`, and `space` for (4 + 6·inner)·nodes vectors. */
export function setScheme(scheme: usize, space: usize, nodes: i32, inner: i32, outer: i32, sweeps: i32, settled: f64): void {
  nodeCount = nodes;
  innerCount = inner;
  outerCount = outer;
  sweepsMax = sweeps;
  tolerance = settled;
  rootNodes = scheme;
  innerRoots = rootNodes + (<usize>nodes << 3);
  innerWeights = innerRoots + (<usize>inner << 3);
  outerRoots = innerWeights + (<usize>inner << 3);
  outerWeights = outerRoots + (<usize>outer << 3);
  innerMatrix = outerWeights + (<usize>outer << 3);
  outerMatrix = innerMatrix + (<usize>(nodes * inner * nodes) << 3);
  values = space;
  moves = values + <usize>nodes * VECTOR;
  discounts = moves + <usize>nodes * VECTOR;
  work = discounts + 2 * <usize>nodes * VECTOR;
}

/**
 * H at a point: the row of a matrix at `row` times the values at the nodes, never below zero. Ten nodes
 * are written out: the exits of so short a loop are mispredicted often enough to cost a third.
 */
// @ts-ignore: decorator
@inline
function interpolated(row: usize): v128 {
  if (nodeCount == 10) {
    let even = mul(v128.load64_splat(row, 0), v128.load(values, 0));
    let odd = mul(v128.load64_splat(row, 8), v128.load(values, 16));
    even = add(even, mul(v128.load64_splat(row, 16), v128.load(values, 32)));
    odd = add(odd, mul(v128.load64_splat(row, 24), v128.load(values, 48)));
    even = add(even, mul(v128.load64_splat(row, 32), v128.load(values, 64)));
    odd = add(odd, mul(v128.load64_splat(row, 40), v128.load(values, 80)));
    even = add(even, mul(v128.load64_splat(row, 48), v128.load(values, 96)));
    odd = add(odd, mul(v128.load64_splat(row, 56), v128.load(values, 112)));
    even = add(even, mul(v128.load64_splat(row, 64), v128.load(values, 128)));
    odd = add(odd, mul(v128.load64_splat(row, 72), v128.load(values, 144)));
    return f64x2.pmax(add(even, odd), splat(0.0));
  }
  let sum = splat(0.0);
  for (let j: i32 = 0; j < nodeCount; j += 1) {
    sum = add(sum, mul(v128.load64_splat(row + (<usize>j << 3)), v128.load(values + <usize>j * VECTOR)));
  }
  return f64x2.pmax(sum, splat(0.0));
}

/** What each point needs and does not change between sweeps. */
function prepare(rate: v128, yieldRate: v128, volatility: v128, rootTime: v128): void {
  const carry = sub(rate, yieldRate);
  const half = splat(0.5);
  let at = work;
  for (let node: i32 = 0; node < nodeCount; node += 1) {
    const rootTau = mul(rootTime, v128.load64_splat(rootNodes + (<usize>node << 3)));
    const tau = mul(rootTau, rootTau);
    const place = discounts + 2 * <usize>node * VECTOR;
    v128.store(place, exponential(f64x2.neg(mul(rate, tau))));
    v128.store(place + VECTOR, exponential(f64x2.neg(mul(yieldRate, tau))));
    const deviation = mul(volatility, rootTau);
    const inverseDeviation = div(splat(1.0), deviation);
    for (let k: i32 = 0; k < innerCount; k += 1) {
      const a = load<f64>(innerRoots + (<usize>k << 3));
      const theta = mul(tau, splat(a * a));
      const spread = mul(deviation, splat(a));
      const inverse = mul(inverseDeviation, splat(1.0 / a));
      const weight = mul(splat(load<f64>(innerWeights + (<usize>k << 3)) * a), tau);
      const yieldWeight = mul(mul(weight, yieldRate), quickExponential(f64x2.neg(mul(yieldRate, theta))));
      const rateWeight = mul(mul(weight, rate), quickExponential(f64x2.neg(mul(rate, theta))));
      const scaled = mul(splat(DENSITY_AT_ZERO), inverse);
      v128.store(at, mul(rateWeight, scaled));
      v128.store(at + VECTOR, mul(yieldWeight, scaled));
      v128.store(at + 2 * VECTOR, yieldWeight);
      v128.store(at + 3 * VECTOR, inverse);
      v128.store(at + 4 * VECTOR, sub(mul(mul(carry, theta), inverse), mul(half, spread)));
      v128.store(at + 5 * VECTOR, spread);
      at += COLUMNS * VECTOR;
    }
  }
}

/** The perpetual boundary of a put with strike one. */
// @ts-ignore: decorator
@inline
function perpetualBoundary(rate: v128, yieldRate: v128, volatility: v128): v128 {
  const variance = mul(volatility, volatility);
  const drift = sub(sub(rate, yieldRate), mul(splat(0.5), variance));
  const square = add(mul(drift, drift), mul(splat(2.0), mul(rate, variance)));
  const root = div(f64x2.neg(add(drift, f64x2.sqrt(square))), variance);
  return div(root, sub(root, splat(1.0)));
}

/** Solves for H at the nodes; gives the lanes that settled. */
function solve(rate: v128, yieldRate: v128, volatility: v128, time: v128): v128 {
  const zero = splat(0.0);
  const one = splat(1.0);
  const half = splat(0.5);
  const rootTime = f64x2.sqrt(time);
  const carry = sub(rate, yieldRate);
  const isCapped = f64x2.gt(yieldRate, rate);
  const atExpiry = v128.bitselect(div(rate, yieldRate), one, isCapped);
  const logAtExpiry = logarithm(atExpiry);
  const perpetual = perpetualBoundary(rate, yieldRate, volatility);
  const lowest = sub(logarithm(perpetual), logAtExpiry);
  prepare(rate, yieldRate, volatility, rootTime);

  const start = f64x2.pmin(perpetual, mul(splat(0.999999), atExpiry));
  const pullScale = div(atExpiry, sub(atExpiry, start));
  for (let node: i32 = 0; node < nodeCount; node += 1) {
    const root = mul(rootTime, v128.load64_splat(rootNodes + (<usize>node << 3)));
    const pull = mul(mul(root, sub(mul(carry, root), mul(splat(2.0), volatility))), pullScale);
    const share = exponential(f64x2.pmin(pull, zero));
    const height = logarithm(div(add(start, mul(sub(atExpiry, start), share)), atExpiry));
    v128.store(values + <usize>node * VECTOR, mul(height, height));
  }

  let settled = i64x2.splat(0);
  for (let sweep: i32 = 0; sweep < sweepsMax; sweep += 1) {
    let change = zero;
    let row = innerMatrix;
    let at = work;
    for (let node: i32 = 0; node < nodeCount; node += 1) {
      const rootTau = mul(rootTime, v128.load64_splat(rootNodes + (<usize>node << 3)));
      const tau = mul(rootTau, rootTau);
      const own = f64x2.sqrt(v128.load(values + <usize>node * VECTOR));
      const deviation = mul(volatility, rootTau);
      const inverseDeviation = div(one, deviation);
      const minus = sub(mul(add(sub(logAtExpiry, own), mul(carry, tau)), inverseDeviation), mul(half, deviation));
      const plus = add(minus, deviation);
      const rateDiscount = v128.load(discounts + 2 * <usize>node * VECTOR);
      const yieldDiscount = v128.load(discounts + (2 * <usize>node + 1) * VECTOR);
      const plusDensity = density(plus);
      const rateDensity = mul(mul(rateDiscount, density(minus)), inverseDeviation);
      const yieldDensity = mul(mul(yieldDiscount, plusDensity), inverseDeviation);
      let top = rateDensity;
      let topSlope = mul(minus, mul(rateDensity, inverseDeviation));
      let bottom = add(yieldDensity, mul(yieldDiscount, distribution(plus, plusDensity)));
      let bottomSlope = mul(minus, mul(yieldDensity, inverseDeviation));
      for (let k: i32 = 0; k < innerCount; k += 1) {
        const distance = sub(f64x2.sqrt(interpolated(row)), own);
        row += <usize>nodeCount << 3;
        const inverse = v128.load(at + 3 * VECTOR);
        const low = add(mul(distance, inverse), v128.load(at + 4 * VECTOR));
        const high = add(low, v128.load(at + 5 * VECTOR));
        const rateLeg = mul(v128.load(at), quickExponential(mul(splat(-0.5), mul(low, low))));
        const highShape = quickExponential(mul(splat(-0.5), mul(high, high)));
        const yieldLeg = mul(v128.load(at + VECTOR), highShape);
        top = add(top, rateLeg);
        const likely = quickDistribution(high, mul(splat(DENSITY_AT_ZERO), highShape));
        bottom = add(bottom, add(yieldLeg, mul(v128.load(at + 2 * VECTOR), likely)));
        if (sweep == 0) {
          topSlope = add(topSlope, mul(low, mul(rateLeg, inverse)));
          bottomSlope = add(bottomSlope, mul(low, mul(yieldLeg, inverse)));
        }
        at += COLUMNS * VECTOR;
      }
      const old = f64x2.neg(own);
      const plain = sub(sub(logarithm(div(top, bottom)), logAtExpiry), old);
      change = f64x2.max(change, f64x2.abs(plain));
      let move = plain;
      const place = moves + <usize>node * VECTOR;
      if (sweep == 0) {
        // Newton in ln B with the node's own slope; a slope near one would throw it out.
        const slope = sub(div(bottomSlope, bottom), div(topSlope, top));
        move = v128.bitselect(div(plain, sub(one, slope)), plain, f64x2.lt(slope, half));
      } else if (sweep >= 2 && (sweep & 1) == 0) {
        // Aitken: moves that shrink by a steady ratio add up to a geometric series.
        const ratio = div(plain, v128.load(place));
        move = v128.bitselect(div(plain, sub(one, ratio)), plain, within(ratio, -0.5, 0.6));
      }
      v128.store(place, plain);
      const next = f64x2.pmax(f64x2.pmin(add(old, move), splat(-BOUNDARY_GAP)), lowest);
      const held = values + <usize>node * VECTOR;
      v128.store(held, v128.bitselect(v128.load(held), mul(next, next), settled));
    }
    settled = v128.or(settled, f64x2.lt(change, splat(tolerance)));
    if (i64x2.all_true(settled)) break;
  }
  return settled;
}

/** Kim's premium at x = S/K of a put with strike one. */
function premium(x: v128, logRatio: v128, rate: v128, yieldRate: v128, volatility: v128, time: v128): v128 {
  const half = splat(0.5);
  const carry = sub(rate, yieldRate);
  const deviation = mul(volatility, f64x2.sqrt(time));
  const inverseDeviation = div(splat(1.0), deviation);
  const yieldShare = mul(yieldRate, x);
  let total = splat(0.0);
  for (let k: i32 = 0; k < outerCount; k += 1) {
    const a = load<f64>(outerRoots + (<usize>k << 3));
    const theta = mul(time, splat(a * a));
    const spread = mul(deviation, splat(a));
    const distance = add(logRatio, f64x2.sqrt(interpolated(outerMatrix + (<usize>(k * nodeCount) << 3))));
    const inverse = mul(inverseDeviation, splat(1.0 / a));
    const low = sub(mul(add(distance, mul(carry, theta)), inverse), mul(half, spread));
    const high = add(low, spread);
    const debt = mul(mul(rate, exponential(f64x2.neg(mul(rate, theta)))), distribution(f64x2.neg(low), density(low)));
    const share = mul(mul(yieldShare, exponential(f64x2.neg(mul(yieldRate, theta)))), distribution(f64x2.neg(high), density(high)));
    total = add(total, mul(splat(load<f64>(outerWeights + (<usize>k << 3)) * a), sub(debt, share)));
  }
  return mul(total, time);
}

/**
 * American prices of a batch of `capacity` rows at `base`: six columns of inputs, one of prices, signs,
 * rows left. Gives the number of rows left: early exercise never better, two boundaries, no settling,
 * inputs that are not ordinary.
 */
export function americanPrices(base: usize, capacity: i32, count: i32): i32 {
  const column = <usize>capacity << 3;
  const out = base + 6 * column;
  const signs = out + column;
  const list = (signs + <usize>capacity + 7) & ~7;
  let left: i32 = 0;
  for (let row: i32 = 0; row < count; row += 2) {
    const at = base + (<usize>row << 3);
    const spot = v128.load(at);
    const strike = v128.load(at + column);
    const time = v128.load(at + 2 * column);
    const volatility = v128.load(at + 5 * column);
    const sign = signsAt(signs + <usize>row);
    const isCall = f64x2.gt(sign, splat(0.0));
    // The call on S struck at K is S puts on K/S with rate and yield exchanged.
    const rate = v128.bitselect(v128.load(at + 4 * column), v128.load(at + 3 * column), isCall);
    const yieldRate = v128.bitselect(v128.load(at + 3 * column), v128.load(at + 4 * column), isCall);
    const unit = v128.bitselect(spot, strike, isCall);
    const other = v128.bitselect(strike, spot, isCall);
    const european = pairPrice(at, column, sign);
    const ratio = div(other, unit);
    let ok = v128.and(within(spot, 1e-30, 1e30), within(strike, 1e-30, 1e30));
    ok = v128.and(ok, v128.and(within(time, 1e-5, 100.0), within(volatility, 0.01, 10.0)));
    ok = v128.and(ok, v128.and(within(rate, 1e-6, 2.0), within(yieldRate, 0.0, 2.0)));
    ok = v128.and(ok, v128.and(within(ratio, 1e-3, 1e3), f64x2.eq(f64x2.abs(sign), splat(1.0))));
    ok = v128.and(ok, f64x2.ge(european, splat(0.0)));
    if (v128.any_true(ok)) {
      ok = v128.and(ok, solve(rate, yieldRate, volatility, time));
      const isCapped = f64x2.gt(yieldRate, rate);
      const atExpiry = v128.bitselect(div(rate, yieldRate), splat(1.0), isCapped);
      const last = f64x2.sqrt(v128.load(values + <usize>(nodeCount - 1) * VECTOR));
      const exercise = mul(atExpiry, exponential(f64x2.neg(last)));
      const logRatio = logarithm(div(ratio, atExpiry));
      const early = f64x2.pmax(premium(ratio, logRatio, rate, yieldRate, volatility, time), splat(0.0));
      const intrinsic = mul(sign, sub(spot, strike));
      const held = f64x2.max(add(european, mul(unit, early)), intrinsic);
      v128.store(out + (<usize>row << 3), v128.bitselect(intrinsic, held, f64x2.le(ratio, exercise)));
    }
    left = leave(ok, row, count, list, left);
  }
  return left;
}
