import { unwrap } from '@cerberus/core';
import { concentration, deltaNormalVar, normalTail } from '@cerberus/risk';
import { squareMatrix } from '@cerberus/stats';
import { describe, expect, test } from '@jest/globals';

describe('delta-normal value at risk', () => {
  const covariance = unwrap(
    squareMatrix([
      [0.04, 0.018],
      [0.018, 0.09],
    ]),
  );

  test('components add up to the whole', () => {
    const risk = unwrap(deltaNormalVar([100, -40], covariance, 0.99));
    const sum = risk.componentVar.reduce((a, b) => a + b, 0);
    expect(sum).toBeCloseTo(risk.valueAtRisk, 10);
    const shortfall = risk.componentShortfall.reduce((a, b) => a + b, 0);
    expect(shortfall).toBeCloseTo(risk.expectedShortfall, 10);
  });

  test('a correlation beyond one is refused by name', () => {
    const wrong = unwrap(
      squareMatrix([
        [1, 1.2],
        [1.2, 1],
      ]),
    );
    expect(deltaNormalVar([1, 1], wrong, 0.99)).toMatchObject({
      error: { code: 'CRB_RISK_CORRELATION_NOT_POSITIVE_DEFINITE', path: 'covariance' },
    });
    expect(deltaNormalVar([1], covariance, 0.99)).toMatchObject({
      error: { code: 'CRB_RISK_LENGTH_MISMATCH', path: 'exposures' },
    });
  });

  // z = 2.3263478740408408 and φ(z)/0.01 = 2.6652142203458045, Abramowitz-Stegun table 26.5 to its digits.
  test('normal multiples at 99 %', () => {
    const tail = unwrap(normalTail(0.99, 0, 1));
    expect(tail.valueAtRisk).toBeCloseTo(2.3263478740408408, 13);
    expect(tail.expectedShortfall).toBeCloseTo(2.6652142203458045, 12);
  });
});

describe('concentration', () => {
  test('equal positions score 0, one position scores 1', () => {
    expect(unwrap(concentration([5, -5, 5, 5]))).toMatchObject({ herfindahl: 0.25, score: 0 });
    expect(unwrap(concentration([7]))).toMatchObject({ herfindahl: 1, score: 1, largestShare: 1 });
    expect(unwrap(concentration([0, -3, 1]))).toMatchObject({
      largestShare: 0.75,
      largestIndex: 1,
    });
  });

  test('an empty book has no concentration', () => {
    expect(concentration([0, 0])).toMatchObject({ error: { code: 'CRB_RISK_OUT_OF_DOMAIN' } });
  });
});
