import { unwrap } from '@cerberus/core';
import { historicalVar, ScenarioTail } from '@cerberus/risk';
import { describe, expect, test } from '@jest/globals';

const TEN = [-3.1, 1.2, 0.4, -0.7, 2, -2.4, 0.1, 0.9, -0.2, 1.5];

describe('historical value at risk', () => {
  test('the ten worst of a thousand are exactly the tail at 99 %', () => {
    const pnl = Float64Array.from({ length: 1000 }, (_, i) => i - 500);
    const risk = unwrap(historicalVar(pnl, { confidence: 0.99 }));
    expect(risk.valueAtRisk).toBe(491);
    expect(risk.expectedShortfall).toBe(495.5);
  });

  test('1000 · (1 − 0.95) counts 50, not 50.000000000000043', () => {
    const pnl = Float64Array.from({ length: 1000 }, (_, i) => i);
    expect(unwrap(historicalVar(pnl, { confidence: 0.95 })).valueAtRisk).toBe(-49);
  });

  test('a fault names the row that is not finite', () => {
    const result = historicalVar([1, Number.NaN, 2], { confidence: 0.95 });
    expect(result).toMatchObject({
      ok: false,
      error: { code: 'CRB_RISK_NOT_FINITE', path: 'pnl[1]' },
    });
    expect(historicalVar([1], { confidence: 1 })).toMatchObject({
      error: { code: 'CRB_RISK_OUT_OF_DOMAIN', path: 'confidence', received: '1' },
    });
    expect(historicalVar([], { confidence: 0.9 })).toMatchObject({
      error: { code: 'CRB_RISK_TOO_SHORT' },
    });
  });
});

describe('scenario tail', () => {
  test('agrees with the sorting definition for sizes around every tail boundary', () => {
    let seed = 12345;
    const next = (): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return seed / 2 ** 32 - 0.5;
    };
    for (const size of [1, 2, 3, 5, 19, 20, 21, 100, 250, 499, 500, 501]) {
      for (const confidence of [0.5, 0.9, 0.95, 0.975, 0.99]) {
        const tail = unwrap(ScenarioTail.create(size, confidence));
        const pnl = Float64Array.from({ length: size }, () => Math.round(next() * 40));
        expect(tail.measure(pnl)).toBeUndefined();
        const reference = unwrap(historicalVar(pnl, { confidence }));
        expect(tail.valueAtRisk).toBe(reference.valueAtRisk);
        expect(tail.expectedShortfall).toBeCloseTo(reference.expectedShortfall, 12);
      }
    }
  });

  test('measures a portfolio after a trade and leaves its inputs alone', () => {
    const tail = unwrap(ScenarioTail.create(10, 0.8));
    const portfolio = Float64Array.from(TEN);
    const instrument = Float64Array.from(TEN, (x) => -x);
    expect(tail.measureSum(portfolio, instrument, 0.5)).toBeUndefined();
    expect(tail.valueAtRisk).toBeCloseTo(1.2, 15);
    expect([...portfolio]).toEqual(TEN);
  });

  test('refuses other lengths and what is not finite, keeping the last measurement', () => {
    const tail = unwrap(ScenarioTail.create(3, 0.5));
    tail.measure([-1, 0, 1]);
    expect(tail.measure([1, 2])?.code).toBe('CRB_RISK_LENGTH_MISMATCH');
    expect(tail.measureSum([0, 0, 0], [0, 0, 1], Number.POSITIVE_INFINITY)?.code).toBe(
      'CRB_RISK_NOT_FINITE',
    );
    expect(tail.valueAtRisk).toBe(0);
  });
});
