import { randomFillSync } from 'node:crypto';
import type { Rng } from '@cerberus/core';

const TWO_POW_26 = 2 ** 26;
const TWO_POW_53 = 2 ** 53;

function doubleOf(high: number, low: number): number {
  return ((high >>> 5) * TWO_POW_26 + (low >>> 6)) / TWO_POW_53;
}

/**
 * xoshiro128** 1.1 (Blackman & Vigna, 2018, https://prng.di.unimi.it/xoshiro128starstar.c), its
 * 128-bit state filled from the seed by SplitMix64's 32-bit sibling. Same seed, same sequence.
 */
export class SeededRng implements Rng {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: number | string) {
    const next = splitMix32(typeof seed === 'number' ? seed >>> 0 : hashText(seed));
    this.#a = next();
    this.#b = next();
    this.#c = next();
    this.#d = next() | 1;
  }

  /** Resumes from an exact state, e.g. one that was written to a snapshot. */
  static fromState(state: readonly [number, number, number, number]): SeededRng {
    const rng = new SeededRng(0);
    rng.#a = state[0] >>> 0;
    rng.#b = state[1] >>> 0;
    rng.#c = state[2] >>> 0;
    rng.#d = state[3] >>> 0;
    return rng;
  }

  state(): readonly [number, number, number, number] {
    return [this.#a >>> 0, this.#b >>> 0, this.#c >>> 0, this.#d >>> 0];
  }

  nextUint32(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotateLeft(this.#d, 11);
    return result;
  }

  nextDouble(): number {
    const high = this.nextUint32();
    return doubleOf(high, this.nextUint32());
  }
}

function rotateLeft(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

function splitMix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
}

/** FNV-1a over UTF-16 code units. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

const POOL_WORDS = 1024;

/** The operating system's generator, read a page at a time. */
export class SystemRng implements Rng {
  readonly #pool = new Uint32Array(POOL_WORDS);
  #next = POOL_WORDS;

  nextUint32(): number {
    if (this.#next === POOL_WORDS) {
      randomFillSync(this.#pool);
      this.#next = 0;
    }
    const value = this.#pool[this.#next] as number;
    this.#next += 1;
    return value;
  }

  nextDouble(): number {
    const high = this.nextUint32();
    return doubleOf(high, this.nextUint32());
  }
}
