import { describe, expect, test } from '@jest/globals';
import { type DoubleDouble, discountInto } from '../src/double-double.ts';
import { gaussLegendre } from '../src/quadrature.ts';
import { solveObstacle, tridiagonal } from '../src/tridiagonal.ts';

describe('Gauss-Legendre rules', () => {
  test.each([1, 2, 7, 20, 64, 301])('order %d integrates polynomials of its degree', (order) => {
    const { nodes, weights } = gaussLegendre(order);
    for (const degree of [0, 1, order, 2 * order - 1]) {
      const sum = nodes.reduce((total, x, i) => total + weights[i]! * x ** degree, 0);
      expect(Math.abs(sum - (degree % 2 === 0 ? 2 / (degree + 1) : 0))).toBeLessThan(1e-13);
    }
  });
});

test('a discount factor carries 100 bits', () => {
  const out: DoubleDouble = { high: 0, low: 0 };
  // e^{-1} to 40 digits: 0.3678794411714423215955237701614608674458.
  discountInto(out, 1, 1);
  expect(out.high).toBe(0.36787944117144233);
  expect(Math.abs(out.low - -1.2428753672788363e-17)).toBeLessThan(1e-30);
  discountInto(out, 0.25, 0);
  expect(out).toEqual({ high: 1, low: 0 });
});

test('an obstacle problem obeys both conditions everywhere', () => {
  const size = 50;
  const matrix = tridiagonal(size);
  matrix.lower.fill(-1);
  matrix.diagonal.fill(2.05);
  matrix.upper.fill(-1);
  const rightSide = Float64Array.from({ length: size }, (_, i) => Math.sin(0.3 * i) * 0.2);
  const obstacle = Float64Array.from({ length: size }, (_, i) => 1 - Math.abs(i - 20) / 8);
  const solution = new Float64Array(size);
  solveObstacle(matrix, rightSide, { solution, obstacle });
  for (let i = 0; i < size; i += 1) {
    const residual =
      2.05 * solution[i]! - (solution[i - 1] ?? 0) - (solution[i + 1] ?? 0) - rightSide[i]!;
    const gap = solution[i]! - obstacle[i]!;
    expect(gap).toBeGreaterThanOrEqual(0);
    expect(residual).toBeGreaterThan(-1e-12);
    expect(Math.min(Math.abs(residual), gap)).toBeLessThan(1e-12);
  }
});
