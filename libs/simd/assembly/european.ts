import { add, density, distribution, div, exponential, logarithm, mul, splat, sub } from './elementary';

// Memory of a batch of `capacity` rows (a multiple of two) from `base` on: six columns of inputs
// (spot, strike, time, rate, yield, volatility), seventeen of outputs in the order of GREEK_NAMES, all
// doubles; then the signs as bytes; then, aligned to eight, the rows left to the scalar kernel as i32.

const INPUTS: usize = 6;
const OUTPUTS: usize = 17;
const INVERSE_DAYS: f64 = 1.0 / 365.0;

// @ts-ignore: decorator
@inline
export function signsAt(at: usize): v128 {
  const bytes = v128.load16_lane(at, i64x2.splat(0), 0);
  return f64x2.convert_low_i32x4_s(i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(bytes)));
}

// @ts-ignore: decorator
@inline
export function within(x: v128, low: f64, high: f64): v128 {
  return v128.and(f64x2.ge(x, splat(low)), f64x2.le(x, splat(high)));
}

/** Writes the numbers of the rows whose lane is not ordinary behind the list; gives its new length. */
// @ts-ignore: decorator
@inline
export function leave(ordinary: v128, row: i32, count: i32, list: usize, length: i32): i32 {
  const mask = i64x2.bitmask(ordinary);
  if (mask == 3) return length;
  if ((mask & 1) == 0) {
    store<i32>(list + (<usize>length << 2), row);
    length += 1;
  }
  if ((mask & 2) == 0 && row + 1 < count) {
    store<i32>(list + (<usize>length << 2), row + 1);
    length += 1;
  }
  return length;
}

/**
 * Ordinary rows: the range in which no factor of the formulae leaves the normal doubles. All else, NaN
 * included, goes to the scalar kernel, which knows the limits and the faults.
 */
// @ts-ignore: decorator
@inline
function ordinaryRows(sign: v128, spot: v128, strike: v128, time: v128, rate: v128, yieldRate: v128, volatility: v128): v128 {
  let ok = v128.and(within(spot, 1e-30, 1e30), within(strike, 1e-30, 1e30));
  ok = v128.and(ok, v128.and(within(time, 1e-9, 1e3), within(volatility, 1e-4, 1e2)));
  ok = v128.and(ok, v128.and(within(f64x2.abs(rate), 0.0, 10.0), within(f64x2.abs(yieldRate), 0.0, 10.0)));
  return v128.and(ok, f64x2.eq(f64x2.abs(sign), splat(1.0)));
}

/**
 * Price of the pair of rows at `at`; −1 in a lane whose d₁ or d₂ is beyond 35, where it would not be good,
 * and NaN where an input is.
 */
// @ts-ignore: decorator
@inline
export function pairPrice(at: usize, column: usize, sign: v128): v128 {
  const time = v128.load(at + 2 * column);
  const forward = mul(v128.load(at), exponential(f64x2.neg(mul(v128.load(at + 4 * column), time))));
  const present = mul(v128.load(at + column), exponential(f64x2.neg(mul(v128.load(at + 3 * column), time))));
  const total = mul(v128.load(at + 5 * column), f64x2.sqrt(time));
  const ratio = div(forward, present);
  const first = add(div(logarithm(ratio), total), mul(splat(0.5), total));
  const second = sub(first, total);
  const firstDensity = density(first);
  const share = mul(forward, distribution(mul(sign, first), firstDensity));
  const debt = mul(present, distribution(mul(sign, second), mul(firstDensity, ratio)));
  const price = f64x2.max(mul(sign, sub(share, debt)), splat(0.0));
  const isGood = v128.and(within(first, -35.0, 35.0), within(second, -35.0, 35.0));
  return v128.bitselect(price, splat(-1.0), isGood);
}

/** Prices alone, into the first output column. Gives the number of rows left. */
export function prices(base: usize, capacity: i32, count: i32): i32 {
  const column = <usize>capacity << 3;
  const out = base + INPUTS * column;
  const signs = out + OUTPUTS * column;
  const list = (signs + <usize>capacity + 7) & ~7;
  let left: i32 = 0;
  for (let row: i32 = 0; row < count; row += 2) {
    const at = base + (<usize>row << 3);
    const sign = signsAt(signs + <usize>row);
    const price = pairPrice(at, column, sign);
    v128.store(out + (<usize>row << 3), price);
    const ordinary = ordinaryRows(
      sign,
      v128.load(at),
      v128.load(at + column),
      v128.load(at + 2 * column),
      v128.load(at + 3 * column),
      v128.load(at + 4 * column),
      v128.load(at + 5 * column),
    );
    left = leave(v128.and(ordinary, f64x2.ge(price, splat(0.0))), row, count, list, left);
  }
  return left;
}

/** Price and sixteen Greeks; formulae and units as in the scalar kernel. Gives the number of rows left. */
export function greeks(base: usize, capacity: i32, count: i32): i32 {
  const column = <usize>capacity << 3;
  const outputs = base + INPUTS * column;
  const signs = outputs + OUTPUTS * column;
  const list = (signs + <usize>capacity + 7) & ~7;
  let left: i32 = 0;
  for (let row: i32 = 0; row < count; row += 2) {
    const at = base + (<usize>row << 3);
    const spot = v128.load(at);
    const strike = v128.load(at + column);
    const time = v128.load(at + 2 * column);
    const rate = v128.load(at + 3 * column);
    const yieldRate = v128.load(at + 4 * column);
    const volatility = v128.load(at + 5 * column);
    const sign = signsAt(signs + <usize>row);
    const root = f64x2.sqrt(time);
    const total = mul(volatility, root);
    const forward = mul(spot, exponential(f64x2.neg(mul(yieldRate, time))));
    const present = mul(strike, exponential(f64x2.neg(mul(rate, time))));
    const ratio = div(forward, present);
    const inverseTotal = div(splat(1.0), total);
    const inverseSpot = div(splat(1.0), spot);
    const inverseStrike = div(splat(1.0), strike);
    const inverseVolatility = mul(inverseTotal, root);
    const halfInverseTime = div(splat(0.5), time);
    const first = add(mul(logarithm(ratio), inverseTotal), mul(splat(0.5), total));
    const second = sub(first, total);
    const firstDensity = density(first);
    const share = mul(mul(sign, forward), distribution(mul(sign, first), firstDensity));
    const debt = mul(mul(sign, present), distribution(mul(sign, second), mul(firstDensity, ratio)));

    const product = mul(first, second);
    const drift = sub(mul(sub(rate, yieldRate), inverseTotal), mul(second, halfInverseTime));
    const weight = mul(forward, firstDensity);
    const price = f64x2.max(sub(share, debt), splat(0.0));
    const delta = mul(share, inverseSpot);
    const scaled = mul(weight, inverseSpot);
    const gamma = mul(mul(scaled, inverseTotal), inverseSpot);
    const vega = mul(weight, root);
    const theta = sub(sub(mul(yieldRate, share), mul(rate, debt)), mul(mul(vega, volatility), halfInverseTime));
    const firstDrift = mul(first, drift);
    let to = outputs + (<usize>row << 3);
    v128.store(to, price);
    to += column;
    v128.store(to, delta);
    to += column;
    v128.store(to, gamma);
    to += column;
    v128.store(to, vega);
    to += column;
    v128.store(to, mul(theta, splat(INVERSE_DAYS)));
    to += column;
    v128.store(to, mul(time, debt));
    to += column;
    v128.store(to, f64x2.neg(mul(time, share)));
    to += column;
    v128.store(to, f64x2.neg(mul(mul(scaled, second), inverseVolatility)));
    to += column;
    v128.store(to, mul(mul(vega, product), inverseVolatility));
    to += column;
    v128.store(to, mul(sub(mul(yieldRate, delta), mul(scaled, drift)), splat(INVERSE_DAYS)));
    to += column;
    v128.store(to, mul(mul(vega, sub(add(yieldRate, firstDrift), halfInverseTime)), splat(INVERSE_DAYS)));
    to += column;
    v128.store(to, f64x2.neg(mul(mul(gamma, inverseSpot), add(mul(first, inverseTotal), splat(1.0)))));
    to += column;
    v128.store(to, mul(mul(gamma, sub(product, splat(1.0))), inverseVolatility));
    to += column;
    v128.store(to, mul(mul(gamma, add(add(yieldRate, halfInverseTime), firstDrift)), splat(INVERSE_DAYS)));
    to += column;
    const bend = add(add(mul(product, sub(splat(1.0), product)), mul(first, first)), mul(second, second));
    v128.store(to, f64x2.neg(mul(mul(mul(vega, inverseVolatility), inverseVolatility), bend)));
    to += column;
    v128.store(to, f64x2.neg(mul(debt, inverseStrike)));
    to += column;
    v128.store(to, mul(mul(mul(weight, inverseTotal), inverseStrike), inverseStrike));
    let ok = ordinaryRows(sign, spot, strike, time, rate, yieldRate, volatility);
    ok = v128.and(ok, v128.and(within(first, -35.0, 35.0), within(second, -35.0, 35.0)));
    left = leave(ok, row, count, list, left);
  }
  return left;
}
