import { solve } from './boundary';
import { decay, heights, interpolate, nodeCount, outerCount, outerMatrix, outerPoints, POINT, roots, VECTOR } from './scheme';
import { add, div, exponential, logarithm, mul, quickExponential, quickTail, splat, sub } from './elementary';
import { leave, pairPrice, signsAt, within } from './european';

// Two American options at once: the European price plus Kim's premium over the boundary (`premiumValue` of
// the scalar kernel).

/** Kim's premium at x = S/K of a put with strike one. */
function premium(x: v128, logRatio: v128, rate: v128, yieldRate: v128, volatility: v128, time: v128): v128 {
  const zero = splat(0.0);
  const minusHalf = splat(-0.5);
  const deviation = mul(volatility, f64x2.sqrt(time));
  const inverseDeviation = div(splat(1.0), deviation);
  const shift = sub(mul(mul(sub(rate, yieldRate), time), inverseDeviation), mul(splat(0.5), deviation));
  const debtWeights = roots + <usize>outerCount * VECTOR;
  const shareWeights = debtWeights + <usize>outerCount * VECTOR;
  const grown = mul(rate, time);
  const paid = mul(yieldRate, time);
  decay(outerPoints, outerCount, grown, exponential(f64x2.neg(grown)), debtWeights);
  decay(outerPoints, outerCount, paid, exponential(f64x2.neg(paid)), shareWeights);
  interpolate(outerMatrix, outerCount);
  let debts = zero;
  let shares = zero;
  let point = outerPoints;
  let at: usize = 0;
  for (let k: i32 = 0; k < outerCount; k += 1) {
    const a = v128.load64_splat(point);
    const distance = add(logRatio, v128.load(roots + at));
    const low = add(mul(distance, mul(inverseDeviation, v128.load64_splat(point, 8))), mul(a, shift));
    const high = add(low, mul(a, deviation));
    const debtWeight = v128.load(debtWeights + at);
    const shareWeight = v128.load(shareWeights + at);
    const debtTail = mul(mul(debtWeight, quickExponential(mul(minusHalf, mul(low, low)))), quickTail(f64x2.abs(low)));
    const shareTail = mul(mul(shareWeight, quickExponential(mul(minusHalf, mul(high, high)))), quickTail(f64x2.abs(high)));
    debts = add(debts, mul(a, v128.bitselect(debtTail, sub(debtWeight, debtTail), f64x2.gt(low, zero))));
    shares = add(shares, mul(a, v128.bitselect(shareTail, sub(shareWeight, shareTail), f64x2.gt(high, zero))));
    point += POINT;
    at += VECTOR;
  }
  return sub(mul(grown, debts), mul(mul(paid, x), shares));
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
      const isCapped = f64x2.gt(yieldRate, rate);
      const atExpiry = v128.bitselect(div(rate, yieldRate), splat(1.0), isCapped);
      ok = v128.and(ok, solve(rate, yieldRate, volatility, time, atExpiry));
      const last = v128.load(heights + <usize>(nodeCount - 1) * VECTOR);
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
