import { unwrap } from '@cerberus/core';
import { attributeByFactor, attributeByGreek, attributeToFactors } from '@cerberus/risk';
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

describe('attribution to factors', () => {
  const attributed = (actual: number) =>
    unwrap(
      attributeByGreek({
        greeks: { delta: 0.5, gamma: 0.02, vega: 10, theta: -4, vanna: 0.1, volga: 2, rho: 3 },
        move: { spot: 8, volatility: 0.05, years: 0.01, rate: 0.001 },
        ...{ quantity: 100, actual, costs: { fees: 7, funding: 5 } },
      }),
    );
  /** Spot 200 rises by 4 %, where BTC rose by 5 % and QQQ fell by 1 %. */
  const loadings = [
    { name: 'BTC', beta: 1.2, move: 0.05 },
    { name: 'QQQ', beta: 0.5, move: -0.01 },
  ];

  test('by hand: factors, basis and effects', () => {
    const attribution = attributed(500);
    const split = unwrap(attributeToFactors({ attribution, exposure: 100 * 0.5 * 200, loadings }));
    // Exposure 10,000: BTC 10,000 · 1.2 · 0.05, QQQ 10,000 · 0.5 · −0.01; the delta term is 400.
    expect(split.byFactor['BTC']).toBeCloseTo(600, 10);
    expect(split.byFactor['QQQ']).toBeCloseTo(-50, 10);
    expect(split.basis).toBeCloseTo(400 - 550, 10);
    expect(split.effects.convexity).toBeCloseTo(100 * 0.02 * 32, 10);
    expect(split.effects.volatility).toBeCloseTo(100 * (10 * 0.05 + 0.00125 * 2), 10);
    expect(split.effects.time).toBeCloseTo(-4, 10);
    expect(split.effects.rates).toBeCloseTo(0.3, 10);
    expect(split.effects.cross).toBeCloseTo(100 * 0.1 * 8 * 0.05, 10);
    expect(split.costs).toBe(-12);
  });

  test.each([500, -300, 0])('every part together is the actual P&L of %d', (actual) => {
    const attribution = attributed(actual);
    const split = unwrap(attributeToFactors({ attribution, exposure: 1234, loadings }));
    const parts = [
      ...[...Object.values(split.byFactor), ...Object.values(split.effects)],
      ...[split.basis, split.costs, split.unexplained],
    ];
    expect(parts.reduce((a, b) => a + b, 0)).toBeCloseTo(actual, 9);
  });

  test('a return below a total loss and a beta that is no number are refused by name', () => {
    const attribution = attributed(1);
    const refused = (change: object) =>
      attributeToFactors({ attribution, exposure: 1, loadings: [{ ...loadings[0]!, ...change }] });
    expect(refused({ move: -1.5 })).toMatchObject({
      error: { code: 'CRB_RISK_OUT_OF_DOMAIN', path: 'move BTC' },
    });
    expect(refused({ beta: Number.NaN })).toMatchObject({
      error: { code: 'CRB_RISK_NOT_FINITE', path: 'beta BTC' },
    });
  });
});
