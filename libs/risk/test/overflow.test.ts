import { unwrap } from '@cerberus/core';
import {
  cornishFisherTail,
  normalTail,
  performance,
  ScenarioTail,
  studentTail,
} from '@cerberus/risk';
import { describe, expect, test } from '@jest/globals';

describe('numbers at the edge of a double', () => {
  test('a confidence whose tail rounds to 1 is refused, not answered with an infinity', () => {
    const expected = { error: { code: 'CRB_RISK_OUT_OF_DOMAIN', path: '1 − confidence' } };
    expect(normalTail(1e-300, 0, 1)).toMatchObject(expected);
    expect(
      studentTail({ confidence: 1e-300, nu: 4, mean: 0, spread: 1, spreadIs: 'scale' }),
    ).toMatchObject(expected);
    expect(
      cornishFisherTail({ confidence: 1e-300, mean: 0, sd: 1, skewness: 0, excessKurtosis: 0 }),
    ).toMatchObject(expected);
  });

  test('a result that overflows names the field', () => {
    expect(normalTail(0.99, 0, 1e308)).toMatchObject({
      error: { code: 'CRB_RISK_OVERFLOW', path: 'result.valueAtRisk' },
    });
    expect(performance([0.01, 0.02, -0.01], { periodsPerYear: 12, riskFree: 1e308 })).toMatchObject(
      {
        error: { code: 'CRB_RISK_OVERFLOW' },
      },
    );
  });

  test('a tail sum that overflows keeps the last measurement', () => {
    const tail = unwrap(ScenarioTail.create(4, 0.5));
    tail.measure([-1, -2, 3, 4]);
    expect(tail.measure([-1e308, -1.5e308, 0, 0])?.code).toBe('CRB_RISK_OVERFLOW');
    expect(tail.expectedShortfall).toBe(1.5);
  });
});
