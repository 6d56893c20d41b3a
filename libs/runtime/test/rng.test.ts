import { describe, expect, test } from '@jest/globals';
import { SeededRng, SystemRng } from '../src/rng.ts';

/** The reference xoshiro128** of Blackman & Vigna, in exact 32-bit arithmetic on bigints. */
function referenceXoshiro(state: readonly number[], count: number): number[] {
  const mask = 0xffffffffn;
  const rotl = (x: bigint, k: bigint) => ((x << k) | (x >> (32n - k))) & mask;
  const s = state.map((word) => BigInt(word)) as [bigint, bigint, bigint, bigint];
  return Array.from({ length: count }, () => {
    const result = (rotl((s[1] * 5n) & mask, 7n) * 9n) & mask;
    const t = (s[1] << 9n) & mask;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 11n);
    return Number(result);
  });
}

describe('SeededRng', () => {
  test('is xoshiro128**', () => {
    const state = [1, 2, 3, 0xfedcba98] as const;
    const rng = SeededRng.fromState(state);
    const got = Array.from({ length: 1000 }, () => rng.nextUint32());
    expect(got).toEqual(referenceXoshiro(state, 1000));
    // First output for state (1, 2, 3, 4): rotl(2 * 5, 7) * 9 = 11520.
    expect(SeededRng.fromState([1, 2, 3, 4]).nextUint32()).toBe(11_520);
  });

  test('repeats for the same seed and differs for another', () => {
    const take = (seed: number | string) => {
      const rng = new SeededRng(seed);
      return Array.from({ length: 5 }, () => rng.nextUint32());
    };
    expect(take(7)).toEqual(take(7));
    expect(take('btc')).toEqual(take('btc'));
    expect(take(7)).not.toEqual(take(8));
  });

  test('goes on from a saved state', () => {
    const rng = new SeededRng(3);
    rng.nextDouble();
    const copy = SeededRng.fromState(rng.state());
    expect(copy.nextDouble()).toBe(rng.nextDouble());
  });
});

test.each([
  ['seeded', new SeededRng(1)],
  ['system', new SystemRng()],
])('%s doubles lie in [0, 1) with mean ½ and variance 1/12', (_, rng) => {
  const n = 100_000;
  let sum = 0;
  let squares = 0;
  for (let index = 0; index < n; index += 1) {
    const x = rng.nextDouble();
    if (!(x >= 0 && x < 1)) throw new Error(`out of range: ${x}`);
    sum += x;
    squares += x * x;
  }
  const mean = sum / n;
  // Six standard errors: 6·√(1/12/n) = 0.0055; of the variance 6·√(1/180/n) = 0.0014.
  expect(Math.abs(mean - 0.5)).toBeLessThan(0.0055);
  expect(Math.abs(squares / n - mean * mean - 1 / 12)).toBeLessThan(0.0014);
});
