import { unwrap } from '@cerberus/core';
import {
  deltaGammaVar,
  deltaNormalVar,
  type FactorModel,
  FactorSimulator,
  monteCarloVar,
  normalMultiples,
  type ReturnLaw,
  riskOfPnl,
  simulatePnl,
  taylorRevaluation,
} from '@cerberus/risk';
import { covarianceFrom, moments, squareMatrix } from '@cerberus/stats';
import { describe, expect, test } from '@jest/globals';

const CORRELATION = unwrap(
  squareMatrix([
    [1, 0.6, -0.3],
    [0.6, 1, -0.5],
    [-0.3, -0.5, 1],
  ]),
);

function modelOf(law: ReturnLaw, changes: Partial<FactorModel> = {}): FactorModel {
  return {
    factors: [
      { name: 'BTC', moves: 'relative', volatility: 0.6 },
      { name: 'MSTR', moves: 'relative', volatility: 0.9 },
      { name: 'VIX', moves: 'absolute', volatility: 0.8 },
    ],
    correlation: CORRELATION,
    law,
    horizonYears: 10 / 252,
    steps: 10,
    seed: 20240628,
    ...changes,
  };
}

const LAWS: readonly ReturnLaw[] = [
  { kind: 'diffusion' },
  {
    kind: 'jump-diffusion',
    intensity: 6,
    jumpMean: [-0.08, -0.1, 0.05],
    jumpSd: [0.05, 0.08, 0.02],
  },
  { kind: 't-copula', nu: 4, margins: { kind: 'student-t' } },
  { kind: 't-copula', nu: 4, margins: { kind: 'normal' } },
  {
    kind: 't-copula',
    nu: 5,
    margins: {
      kind: 'empirical',
      sortedOutcomes: [
        Float64Array.of(-2, -1, 0, 1, 2),
        Float64Array.of(-3, 0, 0, 3),
        Float64Array.of(-1, 1),
      ],
    },
  },
  {
    kind: 'heston',
    kappa: [3, 2, 1],
    theta: [0.36, 0.8, 0.64],
    volOfVariance: [0.9, 1.2, 0.5],
    rho: [-0.6, -0.5, 0.2],
    initialVariance: [0.3, 0.9, 0.64],
  },
];

describe('the same paths whatever the partition', () => {
  test.each(LAWS.map((law, i) => [`${law.kind} ${i}`, law] as const))('%s', (_, law) => {
    const simulator = unwrap(FactorSimulator.create(modelOf(law)));
    const gamma = unwrap(
      squareMatrix([
        [-400, 20, 10],
        [20, -90, 0],
        [10, 0, 30],
      ]),
    );
    const revalue = unwrap(taylorRevaluation({ delta: [100, -50, 30], gamma }));
    const whole = unwrap(simulatePnl(simulator, revalue, { from: 0, count: 300 }));
    for (const batchPaths of [1, 7, 299]) {
      const again = unwrap(simulatePnl(simulator, revalue, { from: 0, count: 300, batchPaths }));
      expect(again).toEqual(whole);
    }
    const other = unwrap(FactorSimulator.create(modelOf(law)));
    const tail = unwrap(simulatePnl(other, revalue, { from: 180, count: 120 }));
    const head = unwrap(simulatePnl(other, revalue, { from: 0, count: 180 }));
    expect([...head, ...tail]).toEqual([...whole]);
  });
});

describe('against closed forms', () => {
  const oneStep = modelOf({ kind: 'diffusion' }, { steps: 1, horizonYears: 1 / 252 });

  test('the expected simple return of every law is its drift', () => {
    const revalue = unwrap(taylorRevaluation({ delta: [1, 0, 0] }));
    for (const law of LAWS) {
      if (law.kind === 't-copula') continue;
      const drifting = modelOf(law, {
        factors: modelOf(law).factors.map((f) => ({ ...f, drift: 0.5 })),
      });
      const simulator = unwrap(FactorSimulator.create(drifting));
      const risk = unwrap(monteCarloVar(simulator, revalue, { confidence: 0.99, paths: 4_000 }));
      const sd = 0.6 * Math.sqrt(10 / 252) * 1.6;
      expect(Math.abs(risk.mean - Math.expm1((0.5 * 10) / 252))).toBeLessThan(
        (4 * sd) / Math.sqrt(4_000),
      );
    }
  });

  test('a linear book of normal moves has the delta-normal risk inside the stated interval', () => {
    const factors = oneStep.factors.map((f) => ({ ...f, moves: 'absolute' as const }));
    const simulator = unwrap(FactorSimulator.create({ ...oneStep, factors }));
    const delta = [1000, -300, 200];
    const revalue = unwrap(taylorRevaluation({ delta }));
    const risk = unwrap(
      monteCarloVar(simulator, revalue, { confidence: 0.99, level: 0.999, paths: 20_000 }),
    );
    const sd = factors.map((f) => f.volatility / Math.sqrt(252));
    const covariance = unwrap(covarianceFrom(sd, CORRELATION));
    const exact = unwrap(deltaNormalVar(delta, covariance, 0.99));
    expect(exact.valueAtRisk).toBeGreaterThan(risk.error.varLow);
    expect(exact.valueAtRisk).toBeLessThan(risk.error.varHigh);
    expect(exact.expectedShortfall).toBeGreaterThan(risk.error.shortfallLow);
    expect(exact.expectedShortfall).toBeLessThan(risk.error.shortfallHigh);
  });

  test('a delta-gamma book has the cumulants of the quadratic form', () => {
    const factors = oneStep.factors.map((f) => ({ ...f, moves: 'absolute' as const }));
    const simulator = unwrap(FactorSimulator.create({ ...oneStep, factors }));
    const sd = factors.map((f) => f.volatility / Math.sqrt(252));
    const covariance = unwrap(covarianceFrom(sd, CORRELATION));
    const gamma = unwrap(
      squareMatrix([
        [-8000, 500, 0],
        [500, 900, 0],
        [0, 0, -700],
      ]),
    );
    const delta = [400, 200, 100];
    const exact = unwrap(deltaGammaVar({ delta, gamma, covariance, confidence: 0.99 }));
    const revalue = unwrap(taylorRevaluation({ delta, gamma }));
    const pnl = unwrap(simulatePnl(simulator, revalue, { from: 0, count: 40_000 }));
    const sample = unwrap(moments(pnl));
    expect(sample.mean).toBeCloseTo(exact.cumulants[0], 0);
    expect(sample.sampleSd ** 2 / exact.cumulants[1]).toBeCloseTo(1, 1);
    expect(sample.skewness).toBeCloseTo(exact.skewness, 1);
  });

  test('one step of the multivariate t has unit-variance margins and its own tail', () => {
    const law: ReturnLaw = { kind: 't-copula', nu: 5, margins: { kind: 'student-t' } };
    const factors = [{ name: 'X', moves: 'absolute' as const, volatility: 1 }];
    const correlation = unwrap(squareMatrix([[1]]));
    const simulator = unwrap(
      FactorSimulator.create({ factors, correlation, law, horizonYears: 1, steps: 1, seed: 7 }),
    );
    const revalue = unwrap(taylorRevaluation({ delta: [1] }));
    const risk = unwrap(
      monteCarloVar(simulator, revalue, { confidence: 0.99, level: 0.999, paths: 20_000 }),
    );
    // t₅ quantile 3.364929998907216 (R qt) times √(3/5).
    const exact = 3.364929998907216 * Math.sqrt(0.6);
    expect(exact).toBeGreaterThan(risk.error.varLow);
    expect(exact).toBeLessThan(risk.error.varHigh);
    expect(exact).toBeGreaterThan(normalMultiples(0.99).z);
  });
});

describe('refusals', () => {
  test('a correlation that is not positive definite, degrees of freedom of 2, a step count of 0', () => {
    const wrong = unwrap(
      squareMatrix([
        [1, 0.9, -0.9],
        [0.9, 1, 0.9],
        [-0.9, 0.9, 1],
      ]),
    );
    const codeOf = (model: FactorModel): unknown => FactorSimulator.create(model);
    expect(codeOf(modelOf({ kind: 'diffusion' }, { correlation: wrong }))).toMatchObject({
      error: { code: 'CRB_RISK_CORRELATION_NOT_POSITIVE_DEFINITE' },
    });
    expect(codeOf(modelOf({ kind: 't-copula', nu: 2, margins: { kind: 'normal' } }))).toMatchObject(
      { error: { code: 'CRB_RISK_DEGREES_OF_FREEDOM', path: 'law.nu' } },
    );
    expect(codeOf(modelOf({ kind: 'diffusion' }, { steps: 0 }))).toMatchObject({
      error: { code: 'CRB_RISK_OUT_OF_DOMAIN', path: 'steps' },
    });
  });

  test('a revaluation that gives NaN names the path', () => {
    const simulator = unwrap(FactorSimulator.create(modelOf({ kind: 'diffusion' })));
    const result = simulatePnl(simulator, (_, count, pnl) => pnl.fill(Number.NaN, 0, count), {
      from: 40,
      count: 3,
    });
    expect(result).toMatchObject({
      error: { code: 'CRB_RISK_REVALUATION_NOT_FINITE', path: 'path 40' },
    });
  });
});

test('the interval of a small sample says how much it covers', () => {
  const risk = unwrap(
    riskOfPnl(
      Float64Array.from({ length: 100 }, (_, i) => i),
      { confidence: 0.99 },
    ),
  );
  // Binomial(100, 0.01): P(N ≤ 3) − P(N = 0) = 0.98163 − 0.36603; the worst outcome bounds no more.
  expect(risk.error.varHigh).toBe(0);
  expect(risk.error.coverage).toBeCloseTo(0.6156, 4);
});
