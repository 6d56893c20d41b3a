import { unwrap } from '@cerberus/core';
import { attributeByFactor, attributeByGreek } from '@cerberus/risk';
import { describe, expect, test } from '@jest/globals';

describe('attribution by Greek', () => {
  // V = S²σ e^{−T}: every partial derivative is known in closed form.
  const priceOf = (s: number, v: number, t: number): number => s * s * v * Math.exp(-t);
  const s = 100;
  const v = 0.3;
  const e = Math.exp(-0.5);
  const greeks = {
    delta: 2 * s * v * e,
    gamma: 2 * v * e,
    vega: s * s * e,
    theta: s * s * v * e,
    vanna: 2 * s * e,
    charm: 2 * s * v * e,
    veta: s * s * e,
    zomma: 2 * e,
    color: 2 * v * e,
  };

  test('third-order terms leave only a fourth-order residual', () => {
    const move = { spot: 1, volatility: 0.003, years: 0.001 };
    const actual = priceOf(s + 1, v + 0.003, 0.5 - 0.001) - priceOf(s, v, 0.5);
    const result = unwrap(attributeByGreek({ greeks, move, quantity: 1, actual }));
    expect(result.unexplainedShare).toBeLessThan(1e-3);
    expect(result.exceedsThreshold).toBe(false);
    expect(result.causes).toEqual([]);
    expect(result.byGreek.vanna).toBeCloseTo(greeks.vanna * 0.003, 12);
  });

  test('terms, costs and residual add up to the actual P&L', () => {
    const costs = { fees: 3, slippage: 2, borrow: 1, funding: -0.5 };
    const result = unwrap(
      attributeByGreek({ greeks, move: { spot: 30 }, quantity: -2, actual: -5000, costs }),
    );
    const terms = Object.values(result.byGreek).reduce((a, b) => a + b, 0);
    const paid = Object.values(result.costs).reduce((a, b) => a + b, 0);
    expect(terms + paid + result.unexplained).toBeCloseTo(-5000, 9);
    expect(result.exceedsThreshold).toBe(true);
    expect(result.causes.length).toBeGreaterThan(0);
  });

  test('a NaN is refused by name', () => {
    const result = attributeByGreek({
      greeks: { delta: 1, gamma: Number.NaN },
      move: { spot: 1 },
      quantity: 1,
      actual: 1,
    });
    expect(result).toMatchObject({ error: { code: 'CRB_RISK_NOT_FINITE', path: 'greeks.gamma' } });
  });
});

test('attribution by factor leaves the specific part', () => {
  const result = unwrap(attributeByFactor([1000, -200], [0.02, 0.05], 15));
  expect(result.specific).toBeCloseTo(5, 12);
});
