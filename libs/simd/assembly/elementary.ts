// Elementary functions on two doubles at once, without branches: both lanes take the same way.
// Multiplication and addition stay apart (no fused or relaxed instruction), so that every machine gives
// the same bits.

export const DENSITY_AT_ZERO: f64 = 0.3989422804014327;
const SHIFTER: f64 = 6755399441055744.0; // 1.5 · 2^52: adding it leaves the rounded integer in the low bits

// @ts-ignore: decorator
@inline
export function splat(x: f64): v128 {
  return f64x2.splat(x);
}

// @ts-ignore: decorator
@inline
export function add(a: v128, b: v128): v128 {
  return f64x2.add(a, b);
}

// @ts-ignore: decorator
@inline
export function sub(a: v128, b: v128): v128 {
  return f64x2.sub(a, b);
}

// @ts-ignore: decorator
@inline
export function mul(a: v128, b: v128): v128 {
  return f64x2.mul(a, b);
}

// @ts-ignore: decorator
@inline
export function div(a: v128, b: v128): v128 {
  return f64x2.div(a, b);
}

/** a·x + b with two roundings. */
// @ts-ignore: decorator
@inline
export function step(a: v128, x: v128, b: f64): v128 {
  return f64x2.add(f64x2.mul(a, x), f64x2.splat(b));
}

/**
 * e^x for −708 ≤ x ≤ 709; arguments below are taken as −708, above as 709. Relative error below 3e-16:
 * x = n ln 2 + r in two parts, then 1 + r + r² q(r), q interpolated at Chebyshev nodes (1.7e-17).
 */
// @ts-ignore: decorator
@inline
export function exponential(argument: v128): v128 {
  const x = f64x2.pmax(f64x2.pmin(argument, splat(709.0)), splat(-708.0));
  const shifted = add(mul(x, splat(1.4426950408889634)), splat(SHIFTER));
  const whole = sub(shifted, splat(SHIFTER));
  const r = sub(sub(x, mul(whole, splat(6.93147180369123816490e-1))), mul(whole, splat(1.90821492927058770002e-10)));
  const square = mul(r, r);
  // Even and odd coefficients in r² are independent chains.
  let even = step(splat(2.762007600563138e-7), square, 2.480152132210459e-5);
  let odd = step(splat(2.5100375929185925e-8), square, 2.7557268480106926e-6);
  even = step(even, square, 1.388888891719689e-3);
  odd = step(odd, square, 1.9841269863040675e-4);
  even = step(even, square, 4.1666666666624164e-2);
  odd = step(odd, square, 8.333333333330065e-3);
  even = step(even, square, 0.5);
  odd = step(odd, square, 0.16666666666666669);
  const tail = mul(square, add(even, mul(odd, r)));
  const value = add(splat(1.0), add(r, tail));
  const scale = i64x2.add(i64x2.shl(shifted, 52), i64x2.splat(0x3ff0000000000000));
  return mul(value, scale);
}

/** ln x for normal positive x; relative error below 2e-16 (fdlibm e_log.c). */
// @ts-ignore: decorator
@inline
export function logarithm(x: v128): v128 {
  const exponent = i64x2.shr_s(i64x2.sub(x, i64x2.splat(0x3fe6a09e667f3bcd)), 52);
  const mantissa = i64x2.sub(x, i64x2.shl(exponent, 52));
  const k = sub(i64x2.add(exponent, i64x2.splat(0x4338000000000000)), splat(SHIFTER));
  const f = sub(mantissa, splat(1.0));
  const s = div(f, add(splat(2.0), f));
  const z = mul(s, s);
  const w = mul(z, z);
  const t1 = mul(w, step(step(splat(1.531383769920937332e-1), w, 2.222219843214978396e-1), w, 3.999999999940941908e-1));
  const t2 = mul(z, step(step(step(splat(1.479819860511658591e-1), w, 1.818357216161805012e-1), w, 2.857142874366239149e-1), w, 6.666666666666735130e-1));
  const half = mul(splat(0.5), mul(f, f));
  const correction = add(mul(s, add(half, add(t1, t2))), mul(k, splat(1.90821492927058770002e-10)));
  return add(mul(k, splat(6.93147180369123816490e-1)), sub(f, sub(half, correction)));
}

/** φ(x) for |x| ≤ 37.6; beyond, the value there or less. */
// @ts-ignore: decorator
@inline
export function density(x: v128): v128 {
  return mul(splat(0.3989422804014327), exponential(mul(splat(-0.5), mul(x, x))));
}

/**
 * Mills' ratio Q(x)/φ(x) for 0 ≤ x ≤ 39 as one rational function of degrees 9 and 10 with positive
 * coefficients; relative error below 1e-16 before rounding, 1e-15 with it.
 */
// @ts-ignore: decorator
@inline
export function millsRatio(x: v128): v128 {
  // Even and odd coefficients are chains of their own, as above.
  const square = mul(x, x);
  let topOdd = step(splat(3.5075370062464087e-6), square, 1.238652042961318e-3);
  let topEven = step(splat(9.419699842517605e-5), square, 1.031723940884568e-2);
  let bottomEven = step(splat(3.5075370062550256e-6), square, 1.2421595801411335e-3);
  let bottomOdd = step(splat(9.419699842335464e-5), square, 1.0411436397331716e-2);
  topOdd = step(topOdd, square, 5.953580769704862e-2);
  topEven = step(topEven, square, 2.4597767844283397e-1);
  bottomEven = step(bottomEven, square, 6.076744505109421e-2);
  bottomOdd = step(bottomOdd, square, 2.561065130662715e-1);
  topOdd = step(topOdd, square, 7.277075090943695e-1);
  topEven = step(topEven, square, 1.49255845073683);
  bottomEven = step(bottomEven, square, 7.848013162542371e-1);
  bottomOdd = step(bottomOdd, square, 1.718839864814702);
  topOdd = step(topOdd, square, 1.9447869003062277);
  topEven = step(topEven, square, 1.2533141373155001);
  bottomEven = step(bottomEven, square, 2.5655989100829704);
  bottomOdd = step(bottomOdd, square, 2.349600002608859);
  bottomEven = step(bottomEven, square, 1.0);
  return div(add(topEven, mul(topOdd, x)), add(bottomEven, mul(bottomOdd, x)));
}

/** Φ(x) from φ(x); the smaller tail keeps its relative accuracy. */
// @ts-ignore: decorator
@inline
export function distribution(x: v128, densityThere: v128): v128 {
  const magnitude = f64x2.pmin(f64x2.abs(x), splat(39.0));
  const tail = mul(densityThere, millsRatio(magnitude));
  return v128.bitselect(tail, sub(splat(1.0), tail), f64x2.lt(x, splat(0.0)));
}

/** e^x to 3e-10 relative, for iterations whose result does not need more: as `exponential`. */
// @ts-ignore: decorator
@inline
export function quickExponential(argument: v128): v128 {
  const x = f64x2.pmax(argument, splat(-708.0));
  const shifted = add(mul(x, splat(1.4426950408889634)), splat(SHIFTER));
  const r = sub(x, mul(sub(shifted, splat(SHIFTER)), splat(0.6931471805599453)));
  const square = mul(r, r);
  let even = step(splat(1.3933641121625462e-3), square, 4.166646500523263e-2);
  let odd = step(splat(1.9890980969294606e-4), square, 8.333310934359203e-3);
  even = step(even, square, 0.5000000013457808);
  odd = step(odd, square, 0.16666666681614345);
  const value = add(splat(1.0), add(r, mul(square, add(even, mul(odd, r)))));
  return mul(value, i64x2.add(i64x2.shl(shifted, 52), i64x2.splat(0x3ff0000000000000)));
}

/** Q(x)·e^{x²/2} of a magnitude x ≥ 0, taken as 39 above that, to 1e-9: the smaller tail of what has that density. */
// @ts-ignore: decorator
@inline
export function quickTail(magnitude: v128): v128 {
  const m = f64x2.pmin(magnitude, splat(39.0));
  const square = mul(m, m);
  let topOdd = step(splat(2.7626746344711806e-3 * DENSITY_AT_ZERO), square, 0.2004860828347409 * DENSITY_AT_ZERO);
  let topEven = step(splat(3.417689444271104e-2 * DENSITY_AT_ZERO), square, 0.6786373456873824 * DENSITY_AT_ZERO);
  let bottomEven = step(splat(2.762674924725314e-3), square, 0.20325026338445062);
  let bottomOdd = step(splat(3.417686171360504e-2), square, 0.712776408283678);
  topOdd = step(topOdd, square, 1.327929393130937 * DENSITY_AT_ZERO);
  topEven = step(topEven, square, 1.2533141370591219 * DENSITY_AT_ZERO);
  bottomEven = step(bottomEven, square, 1.5234804499057617);
  bottomOdd = step(bottomOdd, square, 1.8574189006923412);
  bottomEven = step(bottomEven, square, 1.0);
  return div(add(topEven, mul(topOdd, m)), add(bottomEven, mul(bottomOdd, m)));
}
