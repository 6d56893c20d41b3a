import { unwrap } from '@cerberus/core';
import {
  cholesky,
  ledoitWolf,
  PhiloxStream,
  sampleCovariance,
  squareMatrix,
} from '@cerberus/stats';
import { describe, expect, test } from '@jest/globals';

function sample(variables: number, rows: number, seed: number): Float64Array[] {
  const stream = new PhiloxStream({ seed, stream: 0 });
  const common = Float64Array.from({ length: rows }, () => stream.nextNormal());
  return Array.from({ length: variables }, (_, i) =>
    Float64Array.from(
      { length: rows },
      (_, t) => (0.5 + i / 10) * (common[t]! + stream.nextNormal()),
    ),
  );
}

/** δ of Ledoit and Wolf (2004), lemma 3.2 to 3.4, from the definitions: one matrix per observation. */
function naiveIdentityIntensity(columns: readonly Float64Array[]): number {
  const p = columns.length;
  const n = columns[0]!.length;
  const x = columns.map((c) => {
    const mean = c.reduce((a, b) => a + b, 0) / n;
    return c.map((v) => v - mean);
  });
  const s = x.map((a) => x.map((b) => a.reduce((sum, v, t) => sum + v * b[t]!, 0) / n));
  const mu = s.reduce((sum, row, i) => sum + row[i]! / p, 0);
  let d2 = 0;
  let b2 = 0;
  for (let i = 0; i < p; i++) {
    for (let j = 0; j < p; j++) {
      d2 += (s[i]![j]! - (i === j ? mu : 0)) ** 2 / p;
      for (let t = 0; t < n; t++) b2 += (x[i]![t]! * x[j]![t]! - s[i]![j]!) ** 2 / (p * n * n);
    }
  }
  return Math.min(b2, d2) / d2;
}

describe('Ledoit-Wolf shrinkage', () => {
  test('intensity towards the identity is that of the definitions', () => {
    for (const [variables, rows] of [
      [3, 40],
      [12, 20],
      [20, 10],
    ] as const) {
      const columns = sample(variables, rows, variables);
      const shrunk = unwrap(ledoitWolf(columns));
      expect(shrunk.intensity).toBeCloseTo(naiveIdentityIntensity(columns), 12);
    }
  });

  test('is positive definite where the sample covariance is not', () => {
    const columns = sample(20, 10, 3);
    expect(cholesky(unwrap(sampleCovariance(columns))).ok).toBe(false);
    expect(cholesky(unwrap(ledoitWolf(columns)).covariance).ok).toBe(true);
    expect(cholesky(unwrap(ledoitWolf(columns, 'constant-correlation')).covariance).ok).toBe(true);
  });

  test('constant correlation keeps the variances and shrinks less with more data', () => {
    const few = unwrap(ledoitWolf(sample(6, 30, 9), 'constant-correlation'));
    const many = unwrap(ledoitWolf(sample(6, 3000, 9), 'constant-correlation'));
    expect(few.intensity).toBeGreaterThan(0);
    expect(few.intensity).toBeLessThanOrEqual(1);
    const columns = sample(6, 30, 9);
    const variances = unwrap(sampleCovariance(columns)).data.filter((_, k) => k % 7 === 0);
    const kept = few.covariance.data.filter((_, k) => k % 7 === 0);
    for (const [i, v] of variances.entries()) expect(kept[i]).toBeCloseTo((v * 29) / 30, 12);
    expect(many.covariance.size).toBe(6);
  });
});

test('a matrix that is not positive definite, not symmetric or not square is refused', () => {
  const indefinite = unwrap(
    squareMatrix([
      [1, 2],
      [2, 1],
    ]),
  );
  expect(cholesky(indefinite, 'correlation')).toMatchObject({
    error: { code: 'CRB_STATS_NOT_POSITIVE_DEFINITE', path: 'correlation' },
  });
  const skew = unwrap(
    squareMatrix([
      [1, 0.2],
      [0.3, 1],
    ]),
  );
  expect(cholesky(skew)).toMatchObject({ error: { path: 'matrix[1][0]' } });
  expect(squareMatrix([[1, 2], [3]])).toMatchObject({
    error: { code: 'CRB_STATS_LENGTH_MISMATCH', path: 'matrix[1]' },
  });
});
