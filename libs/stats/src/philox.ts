import { invariant, type Rng } from '@cerberus/core';
import { normalQuantile } from './normal.ts';

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;
const TWO_POW_32 = 2 ** 32;
const TWO_POW_MINUS_53 = 2 ** -53;

/** High word of the 64-bit product of two unsigned 32-bit words. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const low = aLow * bLow;
  const middle = aHigh * bLow + (low >>> 16);
  const other = aLow * bHigh + (middle & 0xffff);
  // `middle` may exceed 32 bits by one, hence the division in place of a shift.
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(other / 65536)) >>> 0;
}

/**
 * Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011):
 * four random words as a pure function of a counter of four and a key of two, so that any draw of any
 * path is had without the draws before it, in any order, by any worker. Writes into out[0..3], which
 * may be `counter` itself.
 */
export function philox4x32(counter: Uint32Array, key: Uint32Array, out: Uint32Array): void {
  let c0 = counter[0]!;
  let c1 = counter[1]!;
  let c2 = counter[2]!;
  let c3 = counter[3]!;
  let k0 = key[0]!;
  let k1 = key[1]!;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1 >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** Which of the 2⁶⁴ independent sequences of a seed, e.g. the number of a path. */
export interface StreamAddress {
  readonly seed: number;
  readonly stream: number;
}

/**
 * A stream of uniforms addressed by (seed, stream): the seed is the key, the stream and the block
 * number are the counter. Two streams never overlap; each holds 2⁶⁴ blocks. Seed and stream are whole
 * numbers from 0 to 2⁵³ − 1.
 */
export class PhiloxStream implements Rng {
  private readonly counter = new Uint32Array(4);
  private readonly key = new Uint32Array(2);
  private readonly block = new Uint32Array(4);
  private used = 4;

  constructor(address: StreamAddress) {
    invariant(Number.isSafeInteger(address.seed) && address.seed >= 0, 'seed is a whole number');
    this.key[0] = address.seed % TWO_POW_32;
    this.key[1] = Math.floor(address.seed / TWO_POW_32);
    this.seek(address.stream);
  }

  /** Goes to the first draw of another stream of the same seed, without allocation. */
  seek(stream: number): void {
    invariant(Number.isSafeInteger(stream) && stream >= 0, 'stream is a whole number');
    this.counter[0] = 0;
    this.counter[1] = 0;
    this.counter[2] = stream % TWO_POW_32;
    this.counter[3] = Math.floor(stream / TWO_POW_32);
    this.used = 4;
  }

  nextUint32(): number {
    if (this.used === 4) {
      philox4x32(this.counter, this.key, this.block);
      this.counter[0] = (this.counter[0]! + 1) >>> 0;
      if (this.counter[0] === 0) this.counter[1] = (this.counter[1]! + 1) >>> 0;
      this.used = 0;
    }
    return this.block[this.used++]!;
  }

  nextDouble(): number {
    const high = this.nextUint32() >>> 5;
    const low = this.nextUint32() >>> 6;
    return (high * 67108864 + low) * TWO_POW_MINUS_53;
  }

  /** Uniform on (0, 1), centred in its cell so that neither end occurs. */
  nextOpen(): number {
    const high = this.nextUint32() >>> 5;
    const low = this.nextUint32() >>> 6;
    return (high * 67108864 + low + 0.5) * TWO_POW_MINUS_53;
  }

  /** Standard normal by inversion: one uniform each, so draws line up across models. */
  nextNormal(): number {
    return normalQuantile(this.nextOpen());
  }

  fillNormals(out: Float64Array): void {
    for (let i = 0; i < out.length; i++) out[i] = this.nextNormal();
  }

  /** Gamma variable of shape a > 0 and unit scale (Marsaglia and Tsang, ACM TOMS 26 (2000) 363–372). */
  nextGamma(shape: number): number {
    if (shape < 1) return this.nextGamma(shape + 1) * this.nextOpen() ** (1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.nextNormal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(this.nextOpen()) < 0.5 * x * x + d - d * v + d * Math.log(v)) {
        return d * v;
      }
    }
  }

  /** Poisson count by inversion of its distribution, mean ≥ 0; bounded at 1,000 + 10 means. */
  nextPoisson(mean: number): number {
    const target = this.nextOpen();
    const limit = 1000 + Math.ceil(10 * mean);
    let term = Math.exp(-mean);
    let sum = term;
    let count = 0;
    while (sum < target && count < limit) {
      count++;
      term *= mean / count;
      sum += term;
    }
    return count;
  }
}
