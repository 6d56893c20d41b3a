import { unwrap } from '@cerberus/core';
import {
  reverseStress,
  runStress,
  STRESS_SCENARIOS,
  shiftCorrelation,
  stressGrid,
  worstCase,
} from '@cerberus/risk';
import { cholesky, squareMatrix } from '@cerberus/stats';
import { describe, expect, test } from '@jest/globals';

describe('stress scenarios', () => {
  const factors = ['BTC', 'MSTR', 'GOLD'];
  const exposures = [100, 50, 10];
  const value = (moves: Float64Array): number =>
    moves.reduce((sum, move, i) => sum + exposures[i]! * move, 0);

  test('say which factors they do not move, and use proxies where given', () => {
    const proxies = [{ factor: 'MSTR', of: 'BTC', beta: 1.5 }];
    const results = unwrap(runStress({ scenarios: STRESS_SCENARIOS, factors, proxies, value }));
    const pandemic = results.find((r) => r.id === 'pandemic-2020')!;
    expect(pandemic.missing).toEqual(['GOLD']);
    expect(pandemic.applied['MSTR']).toBeCloseTo(1.5 * -0.334, 12);
    expect(pandemic.pnl).toBeCloseTo(-33.4 - 25.05, 10);
    const winter = results.find((r) => r.id === 'crypto-winter-2022')!;
    expect(winter.applied['MSTR']).toBe(-0.5426);
  });

  test('the worst case names what to hedge first', () => {
    const results = unwrap(runStress({ scenarios: STRESS_SCENARIOS, factors, value }));
    const worst = unwrap(
      worstCase({ results, scenarios: STRESS_SCENARIOS, factors, value, lossLimit: 100 }),
    );
    expect(worst.worst.id).toBe('bitcoin-halves');
    expect(worst.limitUse).toBeCloseTo(0.8, 12);
    expect(worst.recommendations[0]).toContain('BTC removes 63 %');
  });

  test('a grid knows its worst and best cell', () => {
    const axes = {
      spot: [-0.2, 0, 0.2],
      volatility: [-0.1, 0.1],
      correlation: [0],
      daysForward: [0, 5],
    };
    const grid = unwrap(
      stressGrid(axes, (p) => -1000 * p.spot ** 2 + 50 * p.volatility - p.daysForward + p.spot),
    );
    expect(grid.pnl).toHaveLength(12);
    expect(grid.worst).toMatchObject({ spot: -0.2, volatility: -0.1, daysForward: 5 });
    expect(grid.best).toMatchObject({ spot: 0, volatility: 0.1, daysForward: 0 });
    expect(stressGrid(axes, () => Number.NaN)).toMatchObject({
      error: { code: 'CRB_RISK_REVALUATION_NOT_FINITE' },
    });
  });

  test('shifted correlations stay positive definite', () => {
    const correlation = unwrap(
      squareMatrix([
        [1, 0.9, -0.8],
        [0.9, 1, -0.9],
        [-0.8, -0.9, 1],
      ]),
    );
    for (const shift of [-0.9, -0.3, 0, 0.5, 0.95]) {
      expect(cholesky(unwrap(shiftCorrelation(correlation, shift))).ok).toBe(true);
    }
  });
});

describe('reverse stress', () => {
  const covariance = unwrap(
    squareMatrix([
      [0.04, 0.018],
      [0.018, 0.09],
    ]),
  );

  // Minimum of mᵀC⁻¹m on δᵀm = −L: m = −L·Cδ/(δᵀCδ), at L/√(δᵀCδ) deviations.
  test('finds the closed-form scenario of a linear book', () => {
    const delta = [100, -40];
    const image = [0.04 * 100 - 0.018 * 40, 0.018 * 100 - 0.09 * 40];
    const variance = delta[0]! * image[0]! + delta[1]! * image[1]!;
    const loss = 45;
    const found = unwrap(
      reverseStress({ covariance, value: (m) => delta[0]! * m[0]! + delta[1]! * m[1]!, loss }),
    );
    expect(found.pnl).toBeCloseTo(-loss, 6);
    expect(found.deviations).toBeCloseTo(loss / Math.sqrt(variance), 6);
    expect(found.moves[0]).toBeCloseTo((-loss * image[0]!) / variance, 4);
    expect(found.moves[1]).toBeCloseTo((-loss * image[1]!) / variance, 4);
  });

  test('sees both sides of a short straddle and takes the nearer', () => {
    const value = (m: Float64Array): number => 0.3 * m[0]! - 20 * m[0]! ** 2 - 4 * m[1]! ** 2;
    const found = unwrap(reverseStress({ covariance, value, loss: 10 }));
    expect(found.pnl).toBeCloseTo(-10, 6);
    expect(found.moves[0]!).toBeLessThan(0);
    let nearest = Number.POSITIVE_INFINITY;
    for (let k = 0; k < 20_000; k++) {
      const angle = (2 * Math.PI * k) / 20_000;
      const z = [Math.cos(angle), Math.sin(angle)];
      const x = 0.2 * z[0]!;
      const y = 0.09 * z[0]! + Math.sqrt(0.09 - 0.0081) * z[1]!;
      const a = 20 * x * x + 4 * y * y;
      const b = -0.3 * x;
      nearest = Math.min(nearest, (-b + Math.sqrt(b * b + 40 * a)) / (2 * a));
    }
    expect(found.deviations).toBeCloseTo(nearest, 5);
  });

  test('a book that cannot lose that much says so', () => {
    const value = (m: Float64Array): number => Math.max(m[0]!, -0.1);
    expect(reverseStress({ covariance, value, loss: 5 })).toMatchObject({
      error: { code: 'CRB_RISK_UNREACHABLE', path: 'loss' },
    });
  });
});
