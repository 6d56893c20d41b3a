import { add, density, distribution, div, exponential, mul, splat, sub } from './elementary';

/** e^{r} − of `count` log returns, rounded up to pairs; once per underlying, whatever hangs on it. */
export function growth(returns: usize, out: usize, count: i32): void {
  for (let at: usize = 0; at < <usize>count << 3; at += 16) {
    v128.store(out + at, exponential(v128.load(returns + at)));
  }
}

/**
 * out[s] += weight · price of one option at each scenario's spot: `forward` and `present` are the present
 * values of forward and strike at today's spot, `logRatio` their ln(forward/present), so that a scenario
 * needs no logarithm. Deviations are held to ±38, beyond which the tail is below the smallest double.
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
  const inverseTotal = splat(1.0 / total);
  const shift = splat(logRatio / total + 0.5 * total);
  const totals = splat(total);
  const signs = splat(sign);
  const ratioNow = splat(forward / present);
  const forwardWeight = splat(sign * weight * forward);
  const presentWeight = splat(sign * weight * present);
  const high = splat(38.0);
  const low = splat(-38.0);
  for (let at: usize = 0; at < <usize>count << 3; at += 16) {
    const grown = v128.load(growths + at);
    const raw = add(mul(v128.load(returns + at), inverseTotal), shift);
    const first = f64x2.pmax(f64x2.pmin(raw, high), low);
    const second = f64x2.pmax(f64x2.pmin(sub(raw, totals), high), low);
    const firstDensity = density(first);
    const secondDensity = f64x2.pmin(mul(firstDensity, mul(ratioNow, grown)), splat(0.3989422804014327));
    const share = mul(mul(forwardWeight, grown), distribution(mul(signs, first), firstDensity));
    const debt = mul(presentWeight, distribution(mul(signs, second), secondDensity));
    v128.store(out + at, add(v128.load(out + at), sub(share, debt)));
  }
}
