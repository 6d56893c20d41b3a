import { PhiloxStream, philox4x32 } from '@cerberus/stats';
import { describe, expect, test } from '@jest/globals';

/** Known answers of Philox4x32-10 published with Random123 (kat_vectors). */
const KNOWN: readonly (readonly [
  string,
  readonly number[],
  readonly number[],
  readonly number[],
])[] = [
  ['zeros', [0, 0, 0, 0], [0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
  [
    'ones',
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    'digits of pi',
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
];

describe('Philox4x32-10', () => {
  test.each(KNOWN)('known answer: %s', (_, counter, key, expected) => {
    const out = new Uint32Array(4);
    philox4x32(Uint32Array.from(counter), Uint32Array.from(key), out);
    expect([...out]).toEqual([...expected]);
  });

  test('a stream is found again by its address, whatever was drawn before', () => {
    const stream = new PhiloxStream({ seed: 42, stream: 7 });
    const first = Array.from({ length: 9 }, () => stream.nextDouble());
    stream.seek(8);
    const other = stream.nextDouble();
    stream.seek(7);
    expect(Array.from({ length: 9 }, () => stream.nextDouble())).toEqual(first);
    expect(other).not.toBe(first[0]);
    expect(new PhiloxStream({ seed: 2 ** 40 + 42, stream: 7 }).nextDouble()).not.toBe(first[0]);
  });

  test('moments of the normal, gamma and Poisson draws', () => {
    const stream = new PhiloxStream({ seed: 1, stream: 0 });
    const n = 20_000;
    const mean = (draw: () => number): number => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += draw();
      return sum / n;
    };
    expect(mean(() => stream.nextNormal())).toBeCloseTo(0, 1);
    expect(mean(() => stream.nextNormal() ** 2)).toBeCloseTo(1, 1);
    expect(Math.abs(mean(() => stream.nextGamma(2.5)) - 2.5)).toBeLessThan(0.05);
    expect(Math.abs(mean(() => stream.nextGamma(0.4)) - 0.4)).toBeLessThan(0.02);
    expect(Math.abs(mean(() => stream.nextPoisson(3.2)) - 3.2)).toBeLessThan(0.06);
  });
});
