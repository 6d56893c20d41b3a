import { add, div, exponential, logarithm, mul, splat, step, sub } from './elementary';

// Standard normals from Philox4x32-10 streams, the same draws as `PhiloxStream` of the statistics
// library: two words make a uniform on (0, 1), Wichura's AS 241 turns it into a normal.

/** High words of the products of four words with one multiplier. */
// @ts-ignore: decorator
@inline
function multiplyHigh(words: v128, multiplier: v128): v128 {
  const low = i64x2.extmul_low_i32x4_u(words, multiplier);
  const high = i64x2.extmul_high_i32x4_u(words, multiplier);
  return i32x4.shuffle(low, high, 1, 3, 5, 7);
}

// @ts-ignore: decorator
@inline
function centre(q: v128): v128 {
  const r = sub(splat(0.180625), mul(q, q));
  let top = step(splat(2509.0809287301227), r, 33430.57558358813);
  let bottom = step(splat(5226.495278852854), r, 28729.085735721943);
  top = step(top, r, 67265.7709270087);
  bottom = step(bottom, r, 39307.89580009271);
  top = step(top, r, 45921.95393154987);
  bottom = step(bottom, r, 21213.794301586597);
  top = step(top, r, 13731.69376550946);
  bottom = step(bottom, r, 5394.196021424751);
  top = step(top, r, 1971.5909503065513);
  bottom = step(bottom, r, 687.1870074920579);
  top = step(top, r, 133.14166789178438);
  bottom = step(bottom, r, 42.31333070160091);
  top = step(top, r, 3.3871328727963665);
  bottom = step(bottom, r, 1.0);
  return div(mul(q, top), bottom);
}

function nearTail(root: v128): v128 {
  const r = sub(root, splat(1.6));
  let top = step(splat(7.745450142783414e-4), r, 2.2723844989269184e-2);
  let bottom = step(splat(1.0507500716444169e-9), r, 5.475938084995345e-4);
  top = step(top, r, 0.2417807251774506);
  bottom = step(bottom, r, 1.5198666563616457e-2);
  top = step(top, r, 1.2704582524523684);
  bottom = step(bottom, r, 0.14810397642748008);
  top = step(top, r, 3.6478483247632045);
  bottom = step(bottom, r, 0.6897673349851);
  top = step(top, r, 5.769497221460691);
  bottom = step(bottom, r, 1.6763848301838038);
  top = step(top, r, 4.630337846156546);
  bottom = step(bottom, r, 2.053191626637759);
  top = step(top, r, 1.4234371107496835);
  bottom = step(bottom, r, 1.0);
  return div(top, bottom);
}

function farTail(root: v128): v128 {
  const r = sub(root, splat(5.0));
  let top = step(splat(2.0103343992922881e-7), r, 2.7115555687434876e-5);
  let bottom = step(splat(2.0442631033899397e-15), r, 1.421511758316446e-7);
  top = step(top, r, 1.2426609473880784e-3);
  bottom = step(bottom, r, 1.8463183175100548e-5);
  top = step(top, r, 2.6532189526576124e-2);
  bottom = step(bottom, r, 7.868691311456133e-4);
  top = step(top, r, 0.29656057182850487);
  bottom = step(bottom, r, 1.4875361290850615e-2);
  top = step(top, r, 1.7848265399172913);
  bottom = step(bottom, r, 0.1369298809227358);
  top = step(top, r, 5.463784911164114);
  bottom = step(bottom, r, 0.599832206555888);
  top = step(top, r, 6.657904643501103);
  bottom = step(bottom, r, 1.0);
  return div(top, bottom);
}

/** Φ⁻¹(p), 0 < p < 1. */
// @ts-ignore: decorator
@inline
function quantile(p: v128): v128 {
  const q = sub(p, splat(0.5));
  const central = f64x2.le(f64x2.abs(q), splat(0.425));
  const value = centre(q);
  if (i64x2.all_true(central)) return value;
  const isLower = f64x2.lt(q, splat(0.0));
  const tail = v128.bitselect(p, sub(splat(1.0), p), isLower);
  const root = f64x2.sqrt(f64x2.neg(logarithm(tail)));
  const far = f64x2.gt(root, splat(5.0));
  let outside = nearTail(root);
  if (v128.any_true(far)) outside = v128.bitselect(farTail(root), outside, far);
  return v128.bitselect(value, v128.bitselect(f64x2.neg(outside), outside, isLower), central);
}

/** Uniforms of the two low lanes: (⌊high/32⌋·2²⁶ + ⌊low/64⌋ + ½)·2⁻⁵³. */
// @ts-ignore: decorator
@inline
function uniforms(high: v128, low: v128): v128 {
  const upper = f64x2.convert_low_i32x4_u(i32x4.shr_u(high, 5));
  const lower = f64x2.convert_low_i32x4_u(i32x4.shr_u(low, 6));
  const sum = add(add(mul(upper, splat(67108864.0)), lower), splat(0.5));
  return mul(sum, splat(1.1102230246251565e-16));
}

let word0: v128 = i64x2.splat(0);
let word1: v128 = i64x2.splat(0);
let word2: v128 = i64x2.splat(0);
let word3: v128 = i64x2.splat(0);

/** Four successive Philox blocks of a stream, one in each lane of the four words. */
// @ts-ignore: decorator
@inline
function philoxFour(block: i32, streamLow: i32, streamHigh: i32, seedLow: i32, seedHigh: i32): void {
  let c0 = i32x4.add(i32x4.splat(block), i32x4(0, 1, 2, 3));
  let c1 = i64x2.splat(0);
  let c2 = i32x4.splat(streamLow);
  let c3 = i32x4.splat(streamHigh);
  let k0 = seedLow;
  let k1 = seedHigh;
  const m0 = i32x4.splat(0xd2511f53);
  const m1 = i32x4.splat(0xcd9e8d57);
  for (let round = 0; round < 10; round += 1) {
    const high0 = multiplyHigh(c0, m0);
    const low0 = i32x4.mul(c0, m0);
    const high1 = multiplyHigh(c2, m1);
    const low1 = i32x4.mul(c2, m1);
    c0 = v128.xor(v128.xor(high1, c1), i32x4.splat(k0));
    c1 = low1;
    c2 = v128.xor(v128.xor(high0, c3), i32x4.splat(k1));
    c3 = low0;
    k0 += 0x9e3779b9;
    k1 += 0xbb67ae85;
  }
  word0 = c0;
  word1 = c1;
  word2 = c2;
  word3 = c3;
}

// @ts-ignore: decorator
@inline
function upperHalf(words: v128): v128 {
  return i64x2.shuffle(words, words, 1, 0);
}

/** The first `count` normals of a stream (a multiple of eight), in the order of the stream. */
export function normals(out: usize, count: i32, streamLow: i32, streamHigh: i32, seedLow: i32, seedHigh: i32): void {
  let to = out;
  for (let block: i32 = 0; block < count >> 1; block += 4) {
    philoxFour(block, streamLow, streamHigh, seedLow, seedHigh);
    const a = quantile(uniforms(word0, word1));
    const b = quantile(uniforms(word2, word3));
    const c = quantile(uniforms(upperHalf(word0), upperHalf(word1)));
    const d = quantile(uniforms(upperHalf(word2), upperHalf(word3)));
    v128.store(to, i64x2.shuffle(a, b, 0, 2));
    v128.store(to + 16, i64x2.shuffle(a, b, 1, 3));
    v128.store(to + 32, i64x2.shuffle(c, d, 0, 2));
    v128.store(to + 48, i64x2.shuffle(c, d, 1, 3));
    to += 64;
  }
}

// @ts-ignore: decorator
@inline
function laneSum(x: v128): f64 {
  return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1);
}

/**
 * Sums of one block of European paths from the `count` normals at `draws`: payoff, its square, control
 * less its mean, its square, and their product, into five doubles at `out`. `paired` uses each draw with
 * both signs, a pair being one sample.
 */
export function europeanSums(
  draws: usize,
  count: i32,
  out: usize,
  sign: f64,
  start: f64,
  total: f64,
  present: f64,
  controlMean: f64,
  paired: bool,
): void {
  const signs = splat(sign);
  const starts = splat(start);
  const totals = splat(total);
  const presents = splat(present);
  const means = splat(controlMean);
  const zero = splat(0.0);
  const half = splat(0.5);
  let payoffs = zero;
  let squares = zero;
  let controls = zero;
  let controlSquares = zero;
  let products = zero;
  for (let at: usize = 0; at < <usize>count << 3; at += 16) {
    const move = mul(totals, v128.load(draws + at));
    const terminal = mul(starts, exponential(move));
    let payoff = f64x2.pmax(mul(signs, sub(terminal, presents)), zero);
    let control = sub(terminal, means);
    if (paired) {
      const other = mul(starts, exponential(f64x2.neg(move)));
      payoff = mul(half, add(payoff, f64x2.pmax(mul(signs, sub(other, presents)), zero)));
      control = mul(half, add(control, sub(other, means)));
    }
    payoffs = add(payoffs, payoff);
    squares = add(squares, mul(payoff, payoff));
    controls = add(controls, control);
    controlSquares = add(controlSquares, mul(control, control));
    products = add(products, mul(payoff, control));
  }
  store<f64>(out, laneSum(payoffs));
  store<f64>(out + 8, laneSum(squares));
  store<f64>(out + 16, laneSum(controls));
  store<f64>(out + 24, laneSum(controlSquares));
  store<f64>(out + 32, laneSum(products));
}
