import { SOBOL_DIMENSIONS_MAX, SobolStream } from '@cerberus/stats';
import { describe, expect, test } from '@jest/globals';

function points(stream: SobolStream, count: number): number[][] {
  const out = new Float64Array(stream.dimensions);
  return Array.from({ length: count }, () => {
    stream.next(out);
    return [...out];
  });
}

describe('Sobol sequence', () => {
  // First points as printed by Joe and Kuo's own generator for three dimensions.
  test('first points of the first three dimensions', () => {
    const expected = [
      [0, 0, 0],
      [0.5, 0.5, 0.5],
      [0.75, 0.25, 0.25],
      [0.25, 0.75, 0.75],
      [0.375, 0.375, 0.625],
      [0.875, 0.875, 0.125],
      [0.625, 0.125, 0.875],
      [0.125, 0.625, 0.375],
    ];
    const got = points(new SobolStream({ dimensions: 3 }), 8);
    for (const [i, point] of expected.entries()) {
      for (const [d, x] of point.entries()) expect(got[i]![d]).toBeCloseTo(x, 8);
    }
  });

  test('the first 2ᵐ points of every dimension fall one into each of 2ᵐ cells, shifted or not', () => {
    for (const seed of [undefined, 3]) {
      const stream = new SobolStream({
        dimensions: SOBOL_DIMENSIONS_MAX,
        ...(seed === undefined ? {} : { seed }),
      });
      const rows = points(stream, 256);
      for (let d = 0; d < SOBOL_DIMENSIONS_MAX; d++) {
        expect(new Set(rows.map((row) => Math.floor(row[d]! * 256))).size).toBe(256);
      }
    }
  });

  test('point n is the same however it is reached', () => {
    const stream = new SobolStream({ dimensions: 10, seed: 5 });
    const rows = points(stream, 40);
    for (const start of [0, 1, 17, 39]) {
      stream.seek(start);
      expect(points(stream, 1)[0]).toEqual(rows[start]);
    }
  });

  // Dimensions 1 and 2 are a (0, m, 2)-net: one point in each elementary rectangle of area 2⁻⁸.
  test('the first two dimensions fill every elementary rectangle', () => {
    const rows = points(new SobolStream({ dimensions: 2 }), 256);
    for (let a = 0; a <= 8; a++) {
      const cells = rows.map(
        ([x, y]) => Math.floor(x! * 2 ** a) * 512 + Math.floor(y! * 2 ** (8 - a)),
      );
      expect(new Set(cells).size).toBe(256);
    }
  });

  // ∫ Π (½ + xᵢ) dx = 1 in 8 dimensions; 4,096 random points err by √((13/12)⁸ − 1)/64 = 0.0148.
  test('integrates a smooth product ten times better than random points', () => {
    let squares = 0;
    for (let seed = 1; seed <= 8; seed++) {
      const rows = points(new SobolStream({ dimensions: 8, seed }), 4096);
      const mean = rows.reduce((s, row) => s + row.reduce((p, x) => p * (0.5 + x), 1), 0) / 4096;
      squares += (mean - 1) ** 2 / 8;
    }
    expect(Math.sqrt(squares)).toBeLessThan(0.00148);
  });
});
