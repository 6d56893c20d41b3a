import { unwrap } from '@cerberus/core';
import { decomposeScenarios, deltaNormalVar } from '@cerberus/risk';
import { PhiloxStream, squareMatrix } from '@cerberus/stats';
import { describe, expect, test } from '@jest/globals';

function normals(count: number, seed: number): Float64Array {
  const out = new Float64Array(count);
  new PhiloxStream({ seed, stream: 0 }).fillNormals(out);
  return out;
}

describe('decomposition of scenario risk', () => {
  const count = 20_000;
  const a = normals(count, 1);
  const b = normals(count, 2).map((x, i) => 0.5 * a[i]! + Math.sqrt(0.75) * x);
  const positions = [a.map((x) => 3 * x), b.map((x) => 2 * x), a.map((x) => -0.5 * x)];
  const parts = unwrap(
    decomposeScenarios(positions, { confidence: 0.975, positionValues: [3, 2, -0.5] }),
  );

  test('components add up to the whole, VaR and ES', () => {
    const sum = (x: Float64Array): number => x.reduce((p, q) => p + q, 0);
    expect(sum(parts.componentVar)).toBeCloseTo(parts.valueAtRisk, 12);
    expect(sum(parts.componentShortfall)).toBeCloseTo(parts.expectedShortfall, 12);
  });

  test('components are those of the normal law that drew the scenarios', () => {
    const covariance = unwrap(
      squareMatrix([
        [1, 0.5],
        [0.5, 1],
      ]),
    );
    const exact = unwrap(deltaNormalVar([2.5, 2], covariance, 0.975));
    expect(parts.componentVar[0]! + parts.componentVar[2]!).toBeCloseTo(exact.componentVar[0]!, 0);
    expect(parts.componentVar[1]!).toBeCloseTo(exact.componentVar[1]!, 0);
    expect(parts.marginalShortfall[0]).toBeCloseTo(parts.marginalShortfall[2]!, 9);
  });

  test('incremental risk is the risk that goes with the position', () => {
    const rest = unwrap(decomposeScenarios(positions.slice(0, 2), { confidence: 0.975 }));
    expect(parts.incrementalVar[2]).toBeCloseTo(parts.valueAtRisk - rest.valueAtRisk, 12);
  });

  test('positions of different lengths are refused by name', () => {
    expect(decomposeScenarios([[1, 2], [1]], { confidence: 0.9 })).toMatchObject({
      error: { code: 'CRB_RISK_LENGTH_MISMATCH', path: 'positionPnl[1]' },
    });
  });
});
