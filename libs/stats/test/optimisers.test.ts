import { unwrap } from '@cerberus/core';
import {
  findRoot,
  levenbergMarquardt,
  minimiseInBox,
  minimiseInInterval,
  nelderMead,
} from '@cerberus/stats';
import { describe, expect, test } from '@jest/globals';

const rosenbrock = (x: Float64Array): number => 100 * (x[1]! - x[0]! ** 2) ** 2 + (1 - x[0]!) ** 2;

function rosenbrockWithGradient(x: Float64Array, gradient: Float64Array): number {
  const rest = x[1]! - x[0]! ** 2;
  gradient[0] = -400 * x[0]! * rest - 2 * (1 - x[0]!);
  gradient[1] = 200 * rest;
  return rosenbrock(x);
}

describe('Brent', () => {
  test('finds the root of x³ − 2x − 5 that Newton printed', () => {
    const root = unwrap(findRoot((x) => x ** 3 - 2 * x - 5, { from: 2, to: 3 }));
    expect(root).toBeCloseTo(2.0945514815423265, 14);
  });

  test('an interval without a change of sign is a fault', () => {
    expect(findRoot((x) => x * x + 1, { from: -1, to: 1 })).toMatchObject({
      error: { code: 'CRB_STATS_NO_BRACKET' },
    });
  });

  test('finds the minimum of x·ln x at 1/e', () => {
    const found = unwrap(minimiseInInterval((x) => x * Math.log(x), { from: 0.01, to: 3 }));
    expect(found.at).toBeCloseTo(1 / Math.E, 7);
  });
});

describe('several variables', () => {
  test('Nelder-Mead crosses the Rosenbrock valley', () => {
    const found = unwrap(nelderMead(rosenbrock, [-1.2, 1], { restarts: 2 }));
    expect(found.converged).toBe(true);
    expect(found.at[0]).toBeCloseTo(1, 5);
    expect(found.at[1]).toBeCloseTo(1, 5);
  });

  test('Nelder-Mead keeps out of where the objective is not finite', () => {
    const found = unwrap(nelderMead((x) => x[0]! - Math.log(x[0]!), [5]));
    expect(found.at[0]).toBeCloseTo(1, 5);
  });

  test('L-BFGS crosses it too, without bounds', () => {
    const found = unwrap(minimiseInBox(rosenbrockWithGradient, [-1.2, 1]));
    expect(found.converged).toBe(true);
    expect(found.at[0]).toBeCloseTo(1, 7);
  });

  // On x ≤ 0.5 the minimum is where y = x² on the bound: (0.5, 0.25), value 0.25.
  test('L-BFGS stops at a bound that binds', () => {
    const found = unwrap(
      minimiseInBox(rosenbrockWithGradient, [-1.2, 1], { lower: [-2, -2], upper: [0.5, 2] }),
    );
    expect(found.at[0]).toBe(0.5);
    expect(found.at[1]).toBeCloseTo(0.25, 7);
    expect(found.value).toBeCloseTo(0.25, 10);
  });

  test('L-BFGS on 30 variables of very different curvature', () => {
    const size = 30;
    const found = unwrap(
      minimiseInBox(
        (x, gradient) => {
          let value = 0;
          for (let i = 0; i < size; i++) {
            const weight = 10 ** ((4 * i) / (size - 1));
            value += 0.5 * weight * (x[i]! - i) ** 2;
            gradient[i] = weight * (x[i]! - i);
          }
          return value;
        },
        new Float64Array(size),
        { iterationsMax: 2000 },
      ),
    );
    for (let i = 0; i < size; i++) expect(found.at[i]).toBeCloseTo(i, 6);
  });

  // Misra1a of the NIST StRD: certified b1 = 238.94212918, b2 = 5.5015643181e-4, RSS = 0.12455138894.
  test('Levenberg-Marquardt reproduces a certified non-linear fit', () => {
    const y = [
      10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.4, 75.47,
      81.78,
    ];
    const x = [
      77.6, 114.9, 141.1, 190.8, 239.9, 289, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760,
    ];
    const found = unwrap(
      levenbergMarquardt(
        ([b1, b2], out) => {
          for (let i = 0; i < y.length; i++) out[i] = b1! * (1 - Math.exp(-b2! * x[i]!)) - y[i]!;
        },
        [500, 0.0001],
        { residualCount: y.length },
      ),
    );
    expect(found.at[0]! / 238.94212918).toBeCloseTo(1, 7);
    expect(found.at[1]! / 5.5015643181e-4).toBeCloseTo(1, 7);
    expect(found.value / 0.12455138894).toBeCloseTo(1, 8);
  });

  test('a start that is not finite is refused', () => {
    expect(nelderMead(() => Number.NaN, [1])).toMatchObject({
      error: { code: 'CRB_STATS_NOT_FINITE', path: 'objective(start)' },
    });
  });
});
