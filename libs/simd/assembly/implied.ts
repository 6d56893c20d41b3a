import { add, div, exponential, logarithm, millsRatio, mul, splat, sub } from './elementary';
import { leave, signsAt, within } from './european';

// The inversion of the scalar kernel (`impliedTotalVolatility`) on two quotes at once, in its lower and
// middle ranges: Householder's fourth-order steps for (−ln b)^{−1/2} below the inflection point of b and
// for b itself above. Quotes whose time value is lost in their intrinsic one, close to the upper bound or
// of very small total volatility are left to the scalar kernel, which subtracts in 106 bits.

const LOG_SQRT_TWO_PI: f64 = 0.9189385332046727;
const INVERSE_SQRT_TWO_PI: f64 = 0.3989422804014327;
const SQRT_TWO_PI: f64 = 2.5066282746310002;
const SQRT_HALF_PI: f64 = 1.2533141373155003;
/** A step of fourth order this small leaves an error below the spacing of doubles. */
const STEP_SMALL: f64 = 1e-4;
const STEPS_MAX: i32 = 8;
const TOTAL_MIN: f64 = 5e-3;
const TIME_VALUE_MIN: f64 = 1e-4;

/** The total volatility v with b(v) = price, for x ≤ 0; NaN in a lane that did not settle. */
// @ts-ignore: decorator
@inline
function totalVolatility(x: v128, price: v128): v128 {
  const zero = splat(0.0);
  const half = splat(0.5);
  const one = splat(1.0);
  const quarter = splat(0.25);
  const centre = f64x2.sqrt(mul(splat(-2.0), x));
  const vegaAtCentre = mul(splat(INVERSE_SQRT_TWO_PI), exponential(mul(half, x)));
  const priceAtCentre = mul(vegaAtCentre, sub(splat(SQRT_HALF_PI), millsRatio(f64x2.pmin(centre, splat(39.0)))));
  const isLower = f64x2.lt(price, priceAtCentre);
  const logTarget = logarithm(price);
  const lowerStart = mul(centre, f64x2.sqrt(div(logarithm(priceAtCentre), logTarget)));
  const middleStart = add(centre, div(sub(price, priceAtCentre), vegaAtCentre));
  let v = v128.bitselect(lowerStart, middleStart, isLower);
  const floor = v128.bitselect(mul(splat(0.01), v), centre, isLower);
  const ceiling = v128.bitselect(centre, splat(20.0), isLower);
  let settled = i64x2.splat(0);
  for (let count: i32 = 0; count < STEPS_MAX; count += 1) {
    const inverse = div(one, v);
    const h = mul(x, inverse);
    const t = mul(half, v);
    const square = mul(h, h);
    const logVega = sub(mul(splat(-0.5), add(square, mul(t, t))), splat(LOG_SQRT_TWO_PI));
    // Y(h+t) − Y(h−t) with Y = Φ/φ: Mills' ratio on the left, its complement to 1/φ on the right.
    const high = add(h, t);
    const mills = millsRatio(f64x2.pmin(f64x2.abs(high), splat(39.0)));
    const isRight = f64x2.gt(high, zero);
    let first = mills;
    if (v128.any_true(isRight)) {
      const whole = mul(splat(SQRT_TWO_PI), exponential(mul(half, mul(high, high))));
      first = v128.bitselect(sub(whole, mills), mills, isRight);
    }
    const ratio = sub(first, millsRatio(f64x2.pmin(sub(t, h), splat(39.0))));
    const bend = sub(mul(square, inverse), mul(quarter, v));
    const bendSlope = sub(mul(splat(-3.0), mul(square, mul(inverse, inverse))), quarter);

    const logPrice = add(logVega, logarithm(ratio));
    const slope = div(one, ratio);
    const inverseLog = div(one, logPrice);
    const curvature = mul(slope, sub(bend, slope));
    const quotient = mul(slope, inverseLog);
    const lowerSecond = sub(add(mul(splat(-1.5), quotient), bend), slope);
    const lowerThird = sub(
      add(
        sub(mul(lowerSecond, lowerSecond), mul(splat(1.5), sub(mul(curvature, inverseLog), mul(quotient, quotient)))),
        bendSlope,
      ),
      curvature,
    );
    const root = f64x2.sqrt(div(logPrice, logTarget));
    const lowerNewton = mul(mul(splat(-2.0), mul(logPrice, sub(root, one))), ratio);
    const middleNewton = sub(mul(price, exponential(f64x2.neg(logVega))), ratio);

    const newton = v128.bitselect(lowerNewton, middleNewton, isLower);
    const second = v128.bitselect(lowerSecond, bend, isLower);
    const third = v128.bitselect(lowerThird, add(bendSlope, mul(bend, bend)), isLower);
    const bottom = add(one, mul(newton, add(second, mul(mul(third, newton), splat(0.16666666666666666)))));
    const rational = div(mul(newton, add(one, mul(half, mul(second, newton)))), bottom);
    const move = v128.bitselect(rational, newton, f64x2.gt(mul(rational, newton), zero));
    const next = f64x2.pmax(f64x2.pmin(add(v, move), ceiling), floor);
    const moved = f64x2.abs(sub(next, v));
    const isSmall = f64x2.le(moved, mul(splat(STEP_SMALL), mul(v, f64x2.pmin(v, one))));
    v = v128.bitselect(v, next, settled);
    settled = v128.or(settled, isSmall);
    if (i64x2.all_true(settled)) return v;
  }
  return v128.bitselect(v, splat(NaN), settled);
}

/**
 * Volatilities of a batch of `capacity` quotes at `base`: columns spot, strike, time, rate, yield, price
 * and the volatilities written; signs; rows left. Gives the number of rows left.
 */
export function impliedVolatilities(base: usize, capacity: i32, count: i32): i32 {
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
    const rate = v128.load(at + 3 * column);
    const yieldRate = v128.load(at + 4 * column);
    const price = v128.load(at + 5 * column);
    const sign = signsAt(signs + <usize>row);
    const forward = mul(spot, exponential(f64x2.neg(mul(yieldRate, time))));
    const present = mul(strike, exponential(f64x2.neg(mul(rate, time))));
    const intrinsic = mul(sign, sub(forward, present));
    const isInside = f64x2.gt(intrinsic, splat(0.0));
    const timeValue = v128.bitselect(sub(price, intrinsic), price, isInside);
    const larger = f64x2.pmax(forward, present);
    const smaller = f64x2.pmin(forward, present);
    const bound = f64x2.sqrt(div(smaller, larger));
    const target = div(timeValue, f64x2.sqrt(mul(forward, present)));
    const x = f64x2.neg(f64x2.abs(logarithm(div(forward, present))));
    let ok = v128.and(within(spot, 1e-30, 1e30), within(strike, 1e-30, 1e30));
    ok = v128.and(ok, v128.and(within(time, 1e-9, 1e3), within(x, -5.0, 0.0)));
    ok = v128.and(ok, v128.and(within(rate, -10.0, 10.0), within(yieldRate, -10.0, 10.0)));
    ok = v128.and(ok, v128.and(f64x2.eq(f64x2.abs(sign), splat(1.0)), f64x2.gt(target, splat(1e-12))));
    ok = v128.and(ok, f64x2.le(target, mul(splat(0.7), bound)));
    const least = v128.bitselect(mul(splat(TIME_VALUE_MIN), larger), splat(0.0), isInside);
    ok = v128.and(ok, f64x2.gt(timeValue, least));
    const total = totalVolatility(x, target);
    ok = v128.and(ok, within(total, TOTAL_MIN, 10.0));
    v128.store(out + (<usize>row << 3), div(total, f64x2.sqrt(time)));
    left = leave(ok, row, count, list, left);
  }
  return left;
}
