import { invariant } from '@cerberus/core';

/**
 * The standard normal law for hot loops: no allocation, no table, one exponential per call.
 *
 * Accuracy: below 1e-15 relative in the body and 1e-14 in both tails to |x| = 37.5, where the tail
 * leaves the range of a double. The tail is the density times Mills' ratio, and the rounding error of
 * x² is carried into the exponential, which alone would cost x²·1e-16.
 *
 * Source: error function by W. J. Cody, "Rational Chebyshev approximations for the error function",
 * Math. Comp. 23 (1969) 631-637; quantile by M. J. Wichura, "Algorithm AS 241", Applied Statistics 37
 * (1988) 477-484, routine PPND16.
 */

const SQRT_HALF = Math.SQRT1_2;
const INVERSE_SQRT_TWO_PI = 0.3989422804014327;
const LOG_SQRT_TWO_PI = 0.9189385332046727;
const INVERSE_SQRT_PI = 0.5641895835477563;
const SQRT_HALF_PI = 1.2533141373155003;
/** Below this |x| the error function itself is approximated, above it the scaled complement. */
const BODY = 0.46875;
/** The same limit in standard deviations. */
const BODY_DEVIATIONS = BODY * Math.SQRT2;
/** Veltkamp's constant 2^27 + 1 splits a double into two halves of 26 bits. */
const SPLITTER = 134217729;

/** erf(x)/x for |x| ≤ 0.46875 as a function of x². */
function erfBody(square: number): number {
  const numerator =
    (((0.18577770618460315 * square + 3.1611237438705655) * square + 113.86415415105016) * square +
      377.485237685302) *
      square +
    3209.3775891384694;
  const denominator =
    (((square + 23.601290952344122) * square + 244.02463793444417) * square + 1282.6165260773723) *
      square +
    2844.236833439171;
  return numerator / denominator;
}

/** exp(x²)·erfc(x) for 0.46875 ≤ x ≤ 4. */
function erfcxMiddle(x: number): number {
  const numerator =
    (((((((2.1531153547440383e-8 * x + 0.5641884969886701) * x + 8.883149794388377) * x +
      66.11919063714163) *
      x +
      298.6351381974001) *
      x +
      881.952221241769) *
      x +
      1712.0476126340707) *
      x +
      2051.0783778260716) *
      x +
    1230.3393547979972;
  const denominator =
    (((((((x + 15.744926110709835) * x + 117.6939508913125) * x + 537.1811018620099) * x +
      1621.3895745666903) *
      x +
      3290.7992357334597) *
      x +
      4362.619090143247) *
      x +
      3439.3676741437216) *
      x +
    1230.3393548037495;
  return numerator / denominator;
}

/** exp(x²)·erfc(x) for x ≥ 4. */
function erfcxFar(x: number): number {
  const z = 1 / (x * x);
  const numerator =
    ((((0.016315387137302097 * z + 0.30532663496123236) * z + 0.36034489994980445) * z +
      0.12578172611122926) *
      z +
      0.016083785148742275) *
      z +
    0.0006587491615298378;
  const denominator =
    ((((z + 2.568520192289822) * z + 1.8729528499234673) * z + 0.5279051029514285) * z +
      0.06051834131244132) *
      z +
    0.0023352049762686918;
  return (INVERSE_SQRT_PI - (z * numerator) / denominator) / x;
}

/** What rounding took from `square` = x·x, exactly (Dekker's product). */
function squareResidual(x: number, square: number): number {
  const scaled = SPLITTER * x;
  const high = scaled - (scaled - x);
  const low = x - high;
  return high * high - square + 2 * high * low + low * low;
}

/** exp(−x²), with the rounding error of the square carried along. */
function expMinusSquare(x: number): number {
  const square = x * x;
  const value = Math.exp(-square);
  // Beyond 1e4 the result is zero and the splitting would overflow for huge x.
  return square < 1e4 ? value - value * squareResidual(x, square) : 0;
}

/** The error function 2/√π ∫₀ˣ exp(−t²) dt; x any real or ±Infinity. */
export function erf(x: number): number {
  const magnitude = Math.abs(x);
  if (magnitude <= BODY) return x * erfBody(x * x);
  const tail = erfcUpper(magnitude);
  return x > 0 ? 1 - tail : tail - 1;
}

/** The complement 1 − erf(x), relative accuracy kept in the right tail. */
export function erfc(x: number): number {
  if (x >= -BODY && x <= BODY) return 1 - x * erfBody(x * x);
  return x > 0 ? erfcUpper(x) : 2 - erfcUpper(-x);
}

function erfcUpper(x: number): number {
  if (x <= 4) return expMinusSquare(x) * erfcxMiddle(x);
  if (x < 27.3) return expMinusSquare(x) * erfcxFar(x);
  invariant(x >= 27.3, 'erfc of a number');
  return 0;
}

/** The scaled complement exp(x²)·erfc(x); overflows to Infinity below x = −26.6. */
export function erfcx(x: number): number {
  if (x >= -BODY && x <= BODY) return Math.exp(x * x) * (1 - x * erfBody(x * x));
  if (x > 0) return x <= 4 ? erfcxMiddle(x) : erfcxFar(x);
  const square = x * x;
  if (square > 708) return Number.POSITIVE_INFINITY;
  const growth = Math.exp(square);
  const exact = growth + growth * squareResidual(x, square);
  return 2 * exact - (x >= -4 ? erfcxMiddle(-x) : erfcxFar(-x));
}

/** Density φ(x) = exp(−x²/2)/√2π; zero where it leaves the range of a double. */
export function normalPdf(x: number): number {
  const square = x * x;
  // Beyond |x| = 39 the density is below the smallest double.
  if (square > 1521) return 0;
  const value = INVERSE_SQRT_TWO_PI * Math.exp(-0.5 * square);
  return value - value * 0.5 * squareResidual(x, square);
}

/**
 * Mills' ratio Q(x)/φ(x) for x ≥ 0: the upper tail in units of the density, between √(π/2) at zero
 * and 1/x far out. Callers that hold the density get the tail by one product.
 */
export function millsRatio(x: number): number {
  const scaled = x * SQRT_HALF;
  if (scaled <= BODY) return SQRT_HALF_PI * erfcx(scaled);
  return SQRT_HALF_PI * (scaled <= 4 ? erfcxMiddle(scaled) : erfcxFar(scaled));
}

/**
 * Upper tail Q(x) = P(Z > x) for x ≥ 0 from the density φ(x), which the caller has at hand: the
 * kernel form of `normalSf`, without a second exponential.
 */
export function upperTailGivenPdf(x: number, density: number): number {
  const scaled = x * SQRT_HALF;
  if (scaled <= BODY) return 0.5 - 0.5 * scaled * erfBody(scaled * scaled);
  return density * SQRT_HALF_PI * (scaled <= 4 ? erfcxMiddle(scaled) : erfcxFar(scaled));
}

/** Distribution function Φ(x) = P(Z ≤ x); relative accuracy kept in the left tail. */
export function normalCdf(x: number): number {
  if (x < -BODY_DEVIATIONS) return x < -39 ? 0 : upperTailGivenPdf(-x, normalPdf(x));
  if (x > BODY_DEVIATIONS) return x > 39 ? 1 : 1 - upperTailGivenPdf(x, normalPdf(x));
  invariant(!Number.isNaN(x), 'normalCdf of a number');
  const scaled = x * SQRT_HALF;
  return 0.5 + 0.5 * scaled * erfBody(scaled * scaled);
}

/** Survival function P(Z > x), computed directly and not as 1 − Φ(x). */
export function normalSf(x: number): number {
  return normalCdf(-x);
}

/** ln Φ(x) for any x, relative accuracy 1e-14 in both tails; −Infinity at −Infinity. */
export function normalLogCdf(x: number): number {
  if (x >= 0) return Math.log1p(-normalCdf(-x));
  if (x > -1) return Math.log(normalCdf(x));
  invariant(!Number.isNaN(x), 'normalLogCdf of a number');
  if (x < -1e154) return Number.NEGATIVE_INFINITY;
  return Math.log(millsRatio(-x)) - LOG_SQRT_TWO_PI - 0.5 * x * x;
}

/** Φ⁻¹ about the centre as a function of q = p − ½, |q| ≤ 0.425. */
function quantileCentre(q: number): number {
  const r = 0.180625 - q * q;
  const numerator =
    ((((((2509.0809287301227 * r + 33430.57558358813) * r + 67265.7709270087) * r +
      45921.95393154987) *
      r +
      13731.69376550946) *
      r +
      1971.5909503065513) *
      r +
      133.14166789178438) *
      r +
    3.3871328727963665;
  const denominator =
    ((((((5226.495278852854 * r + 28729.085735721943) * r + 39307.89580009271) * r +
      21213.794301586597) *
      r +
      5394.196021424751) *
      r +
      687.1870074920579) *
      r +
      42.31333070160091) *
      r +
    1;
  return (q * numerator) / denominator;
}

/** −Φ⁻¹ in the tail as a function of r = √(−ln p), for r ≤ 5. */
function quantileNearTail(root: number): number {
  const r = root - 1.6;
  const numerator =
    ((((((0.0007745450142783414 * r + 0.022723844989269184) * r + 0.2417807251774506) * r +
      1.2704582524523684) *
      r +
      3.6478483247632045) *
      r +
      5.769497221460691) *
      r +
      4.630337846156546) *
      r +
    1.4234371107496835;
  const denominator =
    ((((((1.0507500716444169e-9 * r + 0.0005475938084995345) * r + 0.015198666563616457) * r +
      0.14810397642748008) *
      r +
      0.6897673349851) *
      r +
      1.6763848301838038) *
      r +
      2.053191626637759) *
      r +
    1;
  return numerator / denominator;
}

/** −Φ⁻¹ in the far tail as a function of r = √(−ln p), for r > 5. */
function quantileFarTail(root: number): number {
  const r = root - 5;
  const numerator =
    ((((((2.0103343992922881e-7 * r + 0.000027115555687434876) * r + 0.0012426609473880784) * r +
      0.026532189526576124) *
      r +
      0.29656057182850487) *
      r +
      1.7848265399172913) *
      r +
      5.463784911164114) *
      r +
    6.657904643501103;
  const denominator =
    ((((((2.0442631033899397e-15 * r + 1.421511758316446e-7) * r + 0.000018463183175100548) * r +
      0.0007868691311456133) *
      r +
      0.014875361290850615) *
      r +
      0.1369298809227358) *
      r +
      0.599832206555888) *
      r +
    1;
  return numerator / denominator;
}

/**
 * Quantile Φ⁻¹(p) for 0 ≤ p ≤ 1, ±Infinity at the ends. Relative accuracy 1e-15 except close to
 * p = ½, where the result is as exact as the distance of p from ½, and close to one, where the
 * spacing of doubles below one limits it: use `-normalQuantile(1 - p)` with 1 − p at hand there.
 */
export function normalQuantile(p: number): number {
  invariant(p >= 0 && p <= 1, 'normalQuantile of a probability');
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return quantileCentre(q);
  const tail = q < 0 ? p : 1 - p;
  if (tail === 0) return q < 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const root = Math.sqrt(-Math.log(tail));
  const magnitude = root <= 5 ? quantileNearTail(root) : quantileFarTail(root);
  return q < 0 ? -magnitude : magnitude;
}
