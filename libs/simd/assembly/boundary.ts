import {
  BOUNDARY_GAP,
  clamped,
  DEVIATION,
  heights,
  INVERSE_DEVIATION,
  innerCount,
  innerMatrix,
  innerPoints,
  interpolate,
  jacobian,
  MARKET,
  markets,
  moves,
  nodeCount,
  nodeRoots,
  POINT,
  pulls,
  RATE_DISCOUNT,
  ROOT_TAU,
  residuals,
  roots,
  squares,
  sweepsMax,
  TAU,
  tolerance,
  VECTOR,
  weights,
  YIELD_DISCOUNT,
} from './scheme';
import { add, DENSITY_AT_ZERO, density, distribution, div, logarithm, mul, quickExponential, quickTail, splat, sub } from './elementary';
import { startBoundary } from './qd-plus';

// Exercise boundaries of two American puts with strike one at once, each lane with a market of its own and
// both with one scheme: H = ln²(B/B(0+)) at the nodes solves the scalar kernel's system A.
//
// From the QD+ boundary, 1 to 2 % off in ln B, one Newton sweep with the whole Jacobian, then sweeps with
// the same Jacobian until nothing moves: as a rule the first of them is the last. The linear systems are
// nearly lower triangular, because the boundary at a maturity depends on those before, so that two
// Gauss-Seidel passes solve them to 1e-3, and one where the move is small anyway. Within the sweeps
// exponentials and distribution functions are good to 1e-9.

/** A height from which its square root has a slope. */
const SMALLEST: f64 = 1e-30;

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

/** The row of a node in the Jacobian, its diagonal inverted. */
function writeRow(node: i32, rateFactor: v128, yieldFactor: v128, ownSlope: v128): void {
  const line = jacobian + <usize>(node * nodeCount) * VECTOR;
  for (let j: i32 = 0; j < nodeCount; j += 1) {
    let sum = splat(0.0);
    let cell = innerMatrix + (<usize>(node * innerCount * nodeCount + j) << 3);
    let pull = pulls;
    for (let k: i32 = 0; k < innerCount; k += 1) {
      const factor = sub(mul(yieldFactor, v128.load(pull, 16)), mul(rateFactor, v128.load(pull)));
      sum = add(sum, mul(factor, v128.load64_splat(cell)));
      cell += <usize>nodeCount << 3;
      pull += 2 * VECTOR;
    }
    if (j == node) sum = div(splat(1.0), add(sum, ownSlope));
    v128.store(line + <usize>j * VECTOR, sum);
  }
}

/**
 * ln(N/D) − ln B of system A at each node into `residuals`; `isFirst` also leaves its derivatives in H/2 at
 * the nodes in `jacobian`.
 */
function sweep(rate: v128, yieldRate: v128, volatility: v128, logAtExpiry: v128, isFirst: bool): void {
  const one = splat(1.0);
  const half = splat(0.5);
  const minusHalf = splat(-0.5);
  const inverseVolatility = div(one, volatility);
  const carry = sub(rate, yieldRate);
  const lean = sub(mul(carry, inverseVolatility), mul(half, volatility));
  const rateScale = mul(mul(rate, inverseVolatility), splat(DENSITY_AT_ZERO));
  const yieldScale = mul(mul(yieldRate, inverseVolatility), splat(DENSITY_AT_ZERO));
  interpolate(innerMatrix, nodeCount * innerCount);
  let root = roots;
  let weight = weights;
  for (let node: i32 = 0; node < nodeCount; node += 1) {
    const market = markets + <usize>node * MARKET;
    const rootTau = v128.load(market, ROOT_TAU);
    const tau = v128.load(market, TAU);
    const deviation = v128.load(market, DEVIATION);
    const inverseDeviation = v128.load(market, INVERSE_DEVIATION);
    const own = v128.load(heights + <usize>node * VECTOR);
    const shift = mul(lean, rootTau);
    const growth = mul(rate, tau);
    let rateSum = splat(0.0);
    let yieldSum = splat(0.0);
    let tailSum = splat(0.0);
    let rateSlope = splat(0.0);
    let yieldSlope = splat(0.0);
    let point = innerPoints;
    let pull = pulls;
    for (let k: i32 = 0; k < innerCount; k += 1) {
      const a = v128.load64_splat(point);
      const distance = sub(v128.load(root), own);
      const inverse = mul(inverseDeviation, v128.load64_splat(point, 8));
      const low = add(mul(distance, inverse), mul(a, shift));
      const high = add(low, mul(a, deviation));
      const discount = mul(growth, v128.load64_splat(point, 16));
      const rateLeg = mul(v128.load64_splat(point, 24), quickExponential(sub(mul(minusHalf, mul(low, low)), discount)));
      const held = v128.load(weight);
      const yieldLeg = mul(held, quickExponential(mul(minusHalf, mul(high, high))));
      const tail = mul(yieldLeg, quickTail(f64x2.abs(high)));
      const likely = v128.bitselect(tail, sub(held, tail), f64x2.lt(high, splat(0.0)));
      rateSum = add(rateSum, rateLeg);
      yieldSum = add(yieldSum, yieldLeg);
      tailSum = add(tailSum, mul(a, likely));
      if (isFirst) {
        const steep = mul(low, inverse);
        const ratePull = mul(steep, rateLeg);
        const yieldPull = mul(steep, yieldLeg);
        rateSlope = add(rateSlope, ratePull);
        yieldSlope = add(yieldSlope, yieldPull);
        // Where H is held at zero it does not move.
        const there = v128.load(root);
        const inverseRoot = v128.and(div(one, there), f64x2.gt(there, splat(SMALLEST)));
        v128.store(pull, mul(ratePull, inverseRoot));
        v128.store(pull, mul(yieldPull, inverseRoot), 16);
        pull += 2 * VECTOR;
      }
      root += VECTOR;
      weight += VECTOR;
      point += POINT;
    }
    const minus = sub(mul(add(sub(logAtExpiry, own), mul(carry, tau)), inverseDeviation), mul(half, deviation));
    const plus = add(minus, deviation);
    const plusDensity = density(plus);
    const rateDensity = mul(mul(v128.load(market, RATE_DISCOUNT), density(minus)), inverseDeviation);
    const yieldDiscount = v128.load(market, YIELD_DISCOUNT);
    const yieldDensity = mul(mul(yieldDiscount, plusDensity), inverseDeviation);
    const rateWeight = mul(rateScale, rootTau);
    const yieldWeight = mul(yieldScale, rootTau);
    const top = add(rateDensity, mul(rateWeight, rateSum));
    const sure = add(mul(yieldDiscount, distribution(plus, plusDensity)), mul(mul(yieldRate, tau), tailSum));
    const bottom = add(add(yieldDensity, mul(yieldWeight, yieldSum)), sure);
    const place = <usize>node * VECTOR;
    v128.store(residuals + place, add(sub(logarithm(div(top, bottom)), logAtExpiry), own));
    if (isFirst) {
      const inverseTop = div(one, top);
      const inverseBottom = div(one, bottom);
      const rateFactor = mul(rateWeight, inverseTop);
      const yieldFactor = mul(yieldWeight, inverseBottom);
      const steep = mul(minus, inverseDeviation);
      const topSlope = mul(add(mul(rateWeight, rateSlope), mul(steep, rateDensity)), inverseTop);
      const bottomSlope = mul(add(mul(yieldWeight, yieldSlope), mul(steep, yieldDensity)), inverseBottom);
      writeRow(node, rateFactor, yieldFactor, div(add(one, sub(topSlope, bottomSlope)), own));
    }
  }
}

/** Gauss-Seidel passes from zero on Jacobian · move = residual; the diagonal is held inverted. */
function solveMoves(passes: i32): void {
  for (let pass: i32 = 0; pass < passes; pass += 1) {
    for (let i: i32 = 0; i < nodeCount; i += 1) {
      const line = jacobian + <usize>(i * nodeCount) * VECTOR;
      const place = <usize>i * VECTOR;
      let rest = v128.load(residuals + place);
      for (let j: i32 = 0; j < i; j += 1) {
        const at = <usize>j * VECTOR;
        rest = sub(rest, mul(v128.load(line + at), v128.load(moves + at)));
      }
      if (pass > 0) {
        for (let j: i32 = i + 1; j < nodeCount; j += 1) {
          const at = <usize>j * VECTOR;
          rest = sub(rest, mul(v128.load(line + at), v128.load(moves + at)));
        }
      }
      v128.store(moves + place, mul(rest, v128.load(line + place)));
    }
  }
}

/**
 * Solves for the boundary; `heights` and `squares` hold it after. Gives the lanes that settled; a lane that
 * has keeps its values, so that no price depends on its neighbour.
 */
export function solve(rate: v128, yieldRate: v128, volatility: v128, time: v128, atExpiry: v128): v128 {
  const logAtExpiry = logarithm(atExpiry);
  const farthest = sub(logAtExpiry, logarithm(perpetualBoundary(rate, yieldRate, volatility)));
  const gap = splat(BOUNDARY_GAP);
  startBoundary(rate, yieldRate, volatility, f64x2.sqrt(time), logAtExpiry, farthest);
  let settled = i64x2.splat(0);
  for (let count: i32 = 0; count < sweepsMax; count += 1) {
    sweep(rate, yieldRate, volatility, logAtExpiry, count == 0);
    solveMoves(count == 0 ? 2 : 1);
    let change = splat(0.0);
    for (let node: i32 = 0; node < nodeCount; node += 1) {
      const place = <usize>node * VECTOR;
      const own = v128.load(heights + place);
      const move = div(v128.load(moves + place), own);
      // The premium sees the boundary for as long as it lasts: a move counts by its share of √T.
      change = f64x2.max(change, f64x2.abs(mul(move, v128.load64_splat(nodeRoots + (<usize>node << 3)))));
      const next = v128.bitselect(own, clamped(sub(own, move), gap, farthest), settled);
      v128.store(heights + place, next);
      v128.store(squares + place, mul(next, next));
    }
    settled = v128.or(settled, f64x2.lt(change, splat(tolerance)));
    if (i64x2.all_true(settled)) break;
  }
  return settled;
}
