import { invariant } from '@cerberus/core';
import { normalQuantile } from './normal.ts';
import { PhiloxStream } from './philox.ts';
import { SOBOL_DIRECTIONS } from './sobol-directions.ts';

/** Dimensions for which direction numbers are kept. */
export const SOBOL_DIMENSIONS_MAX = SOBOL_DIRECTIONS.length + 1;
const BITS = 32;
const TWO_POW_MINUS_32 = 2 ** -32;

/**
 * Sobol's low-discrepancy sequence in Gray-code order (Antonov and Saleev 1979; Bratley and Fox, Algorithm
 * 659, ACM TOMS 14 (1988) 88–100), 2³² points, with the direction numbers of Joe and Kuo (2008).
 *
 * With a seed, every dimension is moved by its own random digital shift (XOR), which keeps the net
 * property and makes several seeds independent estimates, so that an error can be measured. Point n is a
 * function of (seed, n): any partition of the points gives the same ones. Without a seed point 0 is the
 * origin; coordinates are centred by half a cell, so none is 0 or 1.
 */
export class SobolStream {
  readonly dimensions: number;
  private readonly directions: Uint32Array;
  private readonly shift: Uint32Array;
  private readonly state: Uint32Array;
  private index = 0;

  constructor(options: { readonly dimensions: number; readonly seed?: number }) {
    const { dimensions, seed } = options;
    invariant(
      Number.isInteger(dimensions) && dimensions >= 1 && dimensions <= SOBOL_DIMENSIONS_MAX,
      `Sobol dimensions are from 1 to ${SOBOL_DIMENSIONS_MAX}`,
    );
    this.dimensions = dimensions;
    this.directions = directionNumbers(dimensions);
    this.shift = new Uint32Array(dimensions);
    this.state = new Uint32Array(dimensions);
    if (seed !== undefined) {
      const stream = new PhiloxStream({ seed, stream: 0 });
      for (let d = 0; d < dimensions; d++) this.shift[d] = stream.nextUint32();
    }
  }

  /** Goes to point `index`, so that it is the next one. */
  seek(index: number): void {
    invariant(Number.isInteger(index) && index >= 0 && index < 2 ** BITS, 'index is below 2^32');
    this.index = index;
    const gray = (index ^ (index >>> 1)) >>> 0;
    for (let d = 0; d < this.dimensions; d++) {
      let word = 0;
      for (let bit = 0; bit < BITS; bit++) {
        if ((gray >>> bit) & 1) word ^= this.directions[d * BITS + bit]!;
      }
      this.state[d] = word >>> 0;
    }
  }

  /** Writes the next point, each coordinate in (0, 1). */
  next(out: Float64Array): void {
    invariant(this.index < 2 ** BITS, 'the sequence has 2^32 points');
    for (let d = 0; d < this.dimensions; d++) {
      out[d] = (((this.state[d]! ^ this.shift[d]!) >>> 0) + 0.5) * TWO_POW_MINUS_32;
    }
    // The Gray code of n + 1 differs from that of n in the bit of the lowest zero of n.
    const bit = Math.min(31 - Math.clz32(~this.index & (this.index + 1)), BITS - 1);
    for (let d = 0; d < this.dimensions; d++) {
      this.state[d] = (this.state[d]! ^ this.directions[d * BITS + bit]!) >>> 0;
    }
    this.index++;
  }

  /** The next point mapped to independent standard normals. */
  nextNormals(out: Float64Array): void {
    this.next(out);
    for (let d = 0; d < this.dimensions; d++) out[d] = normalQuantile(out[d]!);
  }
}

/** v_k of each dimension, the most significant bit first. */
function directionNumbers(dimensions: number): Uint32Array {
  const v = new Uint32Array(dimensions * BITS);
  for (let bit = 0; bit < BITS; bit++) v[bit] = 2 ** (BITS - 1 - bit);
  for (let d = 1; d < dimensions; d++) {
    const [polynomial = 0, ...initial] = SOBOL_DIRECTIONS[d - 1]!;
    const degree = initial.length;
    for (let bit = 0; bit < BITS; bit++) {
      if (bit < degree) {
        v[d * BITS + bit] = initial[bit]! * 2 ** (BITS - 1 - bit);
        continue;
      }
      const back = v[d * BITS + bit - degree]!;
      let word = back ^ (back >>> degree);
      for (let k = 1; k < degree; k++) {
        if ((polynomial >>> (degree - k)) & 1) word ^= v[d * BITS + bit - k]!;
      }
      v[d * BITS + bit] = word >>> 0;
    }
  }
  return v;
}
