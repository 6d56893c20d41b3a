import { add, density, distribution, exponential, mul, splat, step, sub } from './elementary';

const SHIFTER: f64 = 6755399441055744.0;
/** The table of Φ and φ has this many places a unit, from −REACH to REACH; Φ(−9) is 1e-19. */
const DENSITY_OF_PLACES: f64 = 64.0;
const REACH: f64 = 9.0;
const PLACES: i32 = 1153;
const TABLE: usize = memory.data(1153 * 16, 16);

/** Fills the table; once per instance. */
export function tabulate(): void {
  for (let place: i32 = 0; place < PLACES; place += 1) {
    const x = splat(<f64>place / DENSITY_OF_PLACES - REACH);
    const there = density(x);
    v128.store(TABLE + (<usize>place << 4), i64x2.shuffle(distribution(x, there), there, 0, 2));
  }
}

/**
 * Φ(x) to 5e-16 absolute: Taylor's series from the nearest place xᵢ, with s = xᵢt and u = t²,
 * Φ(xᵢ) + φ(xᵢ)·t·[1 − s/2 + (s² − u)/6 − (s³ − 3su)/24 + (s⁴ − 6s²u + 3u²)/120], |t| ≤ 1/128.
 */
// @ts-ignore: decorator
@inline
function tabulated(argument: v128): v128 {
  const x = f64x2.pmax(f64x2.pmin(argument, splat(REACH)), splat(-REACH));
  const shifted = add(mul(x, splat(DENSITY_OF_PLACES)), splat(SHIFTER));
  const near = mul(sub(shifted, splat(SHIFTER)), splat(1.0 / DENSITY_OF_PLACES));
  const middle = TABLE + (<usize>(PLACES >> 1) << 4);
  const first = v128.load(middle + (<usize>i32x4.extract_lane(shifted, 0) << 4));
  const second = v128.load(middle + (<usize>i32x4.extract_lane(shifted, 2) << 4));
  const t = sub(x, near);
  const s = mul(near, t);
  const u = mul(t, t);
  const plain = step(step(splat(1.0 / 40.0), u, -1.0 / 6.0), u, 1.0);
  const linear = step(splat(0.125), u, -0.5);
  const square = step(splat(-0.05), u, 1.0 / 6.0);
  const high = step(splat(1.0 / 120.0), s, -1.0 / 24.0);
  const series = add(plain, mul(s, add(linear, mul(s, add(square, mul(s, high))))));
  const steep = mul(i64x2.shuffle(first, second, 1, 3), t);
  return add(i64x2.shuffle(first, second, 0, 2), mul(steep, series));
}

/** e^{r} − of `count` log returns, rounded up to pairs; once per underlying, whatever hangs on it. */
export function growth(returns: usize, out: usize, count: i32): void {
  for (let at: usize = 0; at < <usize>count << 3; at += 16) {
    v128.store(out + at, exponential(v128.load(returns + at)));
  }
}

/**
 * out[s] += weight · price of one option at each scenario's spot: `forward` and `present` are the present
 * values of forward and strike at today's spot, `logRatio` their ln(forward/present), so that a scenario
 * needs no logarithm; Φ is absolute to 5e-16, which is the accuracy of the price over spot plus strike.
 */
export function revalue(
  returns: usize,
  growths: usize,
  out: usize,
  count: i32,
  sign: f64,
  forward: f64,
  present: f64,
  logRatio: f64,
  total: f64,
  weight: f64,
): void {
  // The sign goes into d₁ and d₂ from the start.
  const slope = splat(sign / total);
  const shift = splat(sign * (logRatio / total + 0.5 * total));
  const totals = splat(sign * total);
  const forwardWeight = splat(sign * weight * forward);
  const presentWeight = splat(sign * weight * present);
  for (let at: usize = 0; at < <usize>count << 3; at += 16) {
    const first = add(mul(v128.load(returns + at), slope), shift);
    const share = mul(mul(forwardWeight, v128.load(growths + at)), tabulated(first));
    const debt = mul(presentWeight, tabulated(sub(first, totals)));
    v128.store(out + at, add(v128.load(out + at), sub(share, debt)));
  }
}
