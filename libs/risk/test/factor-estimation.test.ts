import { unwrap } from '@cerberus/core';
import {
  estimateFactorModel,
  estimateHeston,
  estimateJumps,
  type FactorModelChoice,
  FactorSimulator,
  type LawChoice,
  type ReturnLaw,
  riskOfPnl,
  simulatePnl,
} from '@cerberus/risk';
import { normalQuantile, PhiloxStream, squareMatrix, studentTQuantile } from '@cerberus/stats';
import { describe, expect, test } from '@jest/globals';

const PERIODS_PER_YEAR = 252;
const NAMES = ['BTC', 'MSTR'];
const CORRELATION = unwrap(
  squareMatrix([
    [1, 0.6],
    [0.6, 1],
  ]),
);

/** Independent periods of log-returns under a law: one path of the simulator each. */
function drawn(law: ReturnLaw, periods: number): Float64Array[] {
  const simulator = unwrap(
    FactorSimulator.create({
      factors: [
        { name: 'BTC', moves: 'relative', volatility: 0.5 },
        { name: 'MSTR', moves: 'relative', volatility: 0.8 },
      ],
      ...{ correlation: CORRELATION, law, horizonYears: 1 / PERIODS_PER_YEAR, steps: 1, seed: 5 },
    }),
  );
  const moves = new Float64Array(periods * 2);
  simulator.fill(0, periods, moves);
  return [0, 1].map((i) =>
    Float64Array.from({ length: periods }, (_, t) => Math.log1p(moves[2 * t + i]!)),
  );
}

const choiceOf = (law: LawChoice, changes: Partial<FactorModelChoice> = {}): FactorModelChoice => ({
  ...{ law, estimator: { kind: 'sample' }, horizonPeriods: 1, stepsPerPeriod: 1, seed: 1 },
  ...changes,
});

const history = (returns: readonly Float64Array[]) => ({
  ...{ names: NAMES, returns, periodsPerYear: PERIODS_PER_YEAR },
});

describe('a law is found again from what it has drawn', () => {
  test('diffusion: volatilities and correlation within four standard errors', () => {
    const periods = 20_000;
    const model = unwrap(
      estimateFactorModel(
        history(drawn({ kind: 'diffusion' }, periods)),
        choiceOf({ kind: 'diffusion' }),
      ),
    );
    for (const [i, truth] of [0.5, 0.8].entries()) {
      // The deviation of a sample deviation is σ/√(2n).
      const error = truth / Math.sqrt(2 * periods);
      expect(Math.abs(model.factors[i]!.volatility - truth)).toBeLessThan(4 * error);
    }
    // Of a correlation: (1 − ρ²)/√n.
    expect(Math.abs(model.correlation.data[1]! - 0.6)).toBeLessThan((4 * 0.64) / 141);
  });

  test('jumps: their rate, mean and deviation, and the diffusion beneath', () => {
    const law = {
      kind: 'jump-diffusion' as const,
      ...{ intensity: 2, jumpMean: [-0.25, -0.45], jumpSd: [0.08, 0.1] },
    };
    const periods = 30_000;
    const returns = drawn(law, periods);
    const found = unwrap(estimateJumps(returns));
    const count = (2 / PERIODS_PER_YEAR) * periods;
    expect(Math.abs(found.jumpRows.length - count)).toBeLessThan(4 * Math.sqrt(count));
    for (const [i, mean] of law.jumpMean.entries()) {
      const sd = law.jumpSd[i]!;
      expect(Math.abs(found.mean[i]! - mean)).toBeLessThan(0.02);
      expect(Math.abs(found.sd[i]! / sd - 1)).toBeLessThan(0.15);
    }
    const model = unwrap(estimateFactorModel(history(returns), choiceOf({ kind: law.kind })));
    expect(model.factors[0]!.volatility).toBeCloseTo(0.5, 2);
    expect(model.factors[1]!.volatility).toBeCloseTo(0.8, 2);
  });

  test('t-copula: degrees of freedom within a quarter', () => {
    const law = { kind: 't-copula' as const, nu: 4, margins: { kind: 'student-t' as const } };
    const choice = choiceOf({ kind: 't-copula', margins: 'empirical' });
    const model = unwrap(estimateFactorModel(history(drawn(law, 2_000)), choice));
    expect(model.law).toMatchObject({ kind: 't-copula' });
    expect((model.law as typeof law).nu / 4).toBeGreaterThan(0.75);
    expect((model.law as typeof law).nu / 4).toBeLessThan(1.25);
  });

  test('Heston: the reversion, level and spread of a GARCH variance', () => {
    const [omega, alpha, beta] = [4e-6, 0.08, 0.9];
    const stream = new PhiloxStream({ seed: 3, stream: 0 });
    let variance = omega / (1 - alpha - beta);
    const returns = Float64Array.from({ length: 20_000 }, () => {
      const r = Math.sqrt(variance) * stream.nextNormal();
      variance = omega + alpha * r * r + beta * variance;
      return r;
    });
    const fit = unwrap(estimateHeston(returns, PERIODS_PER_YEAR));
    const theta = omega / (1 - alpha - beta);
    // Bollerslev, J. Econometrics 31 (1986), eq. 18: Var(h) = 2α²θ²/(1 − β² − 2αβ − 3α²).
    const spread =
      (2 * alpha ** 2 * theta ** 2) / (1 - beta ** 2 - 2 * alpha * beta - 3 * alpha ** 2);
    expect(fit.kappa / (-Math.log(alpha + beta) * PERIODS_PER_YEAR)).toBeCloseTo(1, 0);
    expect(fit.theta / (theta * PERIODS_PER_YEAR)).toBeCloseTo(1, 1);
    const stationary = (fit.volOfVariance ** 2 * fit.theta) / (2 * fit.kappa);
    expect(stationary / (spread * PERIODS_PER_YEAR ** 2)).toBeGreaterThan(0.7);
    expect(stationary / (spread * PERIODS_PER_YEAR ** 2)).toBeLessThan(1.4);
    // Normal shocks: up or down makes no difference to the variance that follows.
    expect(Math.abs(fit.rho)).toBeLessThan(0.05);
  });
});

describe('value at risk of one coin against closed forms', () => {
  const sample = drawn({ kind: 'diffusion' }, 2_000)[0]!;
  const single = { names: ['BTC'], returns: [sample], periodsPerYear: PERIODS_PER_YEAR };
  const linear = (moves: Float64Array, count: number, pnl: Float64Array) => {
    for (let s = 0; s < count; s += 1) pnl[s] = 1e6 * moves[s]!;
  };
  const riskOf = (choice: FactorModelChoice, confidence: number) => {
    const model = unwrap(estimateFactorModel(single, choice));
    const simulator = unwrap(FactorSimulator.create(model));
    const pnl = unwrap(simulatePnl(simulator, linear, { from: 0, count: 40_000 }));
    return { model, risk: unwrap(riskOfPnl(pnl, { confidence, level: 0.9999 })) };
  };

  test.each(['sample', 'ewma', 'dcc', 'ledoit-wolf'] as const)('diffusion, %s', (kind) => {
    const estimator = {
      sample: { kind: 'sample' as const },
      ewma: { kind: 'ewma' as const, decay: 0.94 },
      dcc: { kind: 'dcc' as const },
      'ledoit-wolf': { kind: 'ledoit-wolf' as const, target: 'constant-correlation' as const },
    }[kind];
    const choice = choiceOf({ kind: 'diffusion' }, { estimator, horizonPeriods: 10 });
    const { model, risk } = riskOf(choice, 0.99);
    // Lognormal quantile: 1 − exp(−½σ²T + z σ√T).
    const spread = model.factors[0]!.volatility * Math.sqrt(10 / PERIODS_PER_YEAR);
    const exact = -1e6 * Math.expm1(-0.5 * spread ** 2 + normalQuantile(0.01) * spread);
    expect(exact).toBeGreaterThan(risk.error.varLow);
    expect(exact).toBeLessThan(risk.error.varHigh);
    expect(risk.error.varStandardError).toBeGreaterThan(0);
  });

  test('one Student-t period', () => {
    const law = { kind: 't-copula', margins: 'student-t', nu: 5 } as const;
    const { model, risk } = riskOf(choiceOf(law), 0.99);
    const spread = model.factors[0]!.volatility / Math.sqrt(PERIODS_PER_YEAR);
    const t = studentTQuantile(0.01, 5) * Math.sqrt(3 / 5);
    const exact = -1e6 * Math.expm1(-0.5 * spread ** 2 + t * spread);
    expect(exact).toBeGreaterThan(risk.error.varLow);
    expect(exact).toBeLessThan(risk.error.varHigh);
  });

  test('jumps given by hand keep the variance of the returns', () => {
    const jumps = { intensity: 10, mean: -0.05, sd: 0.03 };
    const { model } = riskOf(choiceOf({ kind: 'jump-diffusion', jumps }), 0.99);
    const total = model.factors[0]!.volatility ** 2 + 10 * (0.05 ** 2 + 0.03 ** 2);
    const plain = unwrap(estimateFactorModel(single, choiceOf({ kind: 'diffusion' })));
    expect(total).toBeCloseTo(plain.factors[0]!.volatility ** 2, 12);
  });
});

describe('what is refused, and how it is named', () => {
  const good = drawn({ kind: 'diffusion' }, 100);
  const copula = { kind: 't-copula', margins: 'normal' } as const;
  const cases: [string, Float64Array[], LawChoice, string, string][] = [
    [
      'a short history',
      good.map((r) => r.slice(0, 20)),
      { kind: 'diffusion' },
      'CRB_RISK_TOO_SHORT',
      'returns of BTC',
    ],
    [
      'a constant one',
      [good[0]!, new Float64Array(100)],
      { kind: 'diffusion' },
      'CRB_RISK_CONSTANT',
      'returns of MSTR',
    ],
    [
      'lengths apart',
      [good[0]!, good[1]!.slice(1)],
      { kind: 'diffusion' },
      'CRB_RISK_LENGTH_MISMATCH',
      'returns of MSTR',
    ],
    [
      'one series twice',
      [good[0]!, good[0]!],
      { kind: 'diffusion' },
      'CRB_RISK_CORRELATION_NOT_POSITIVE_DEFINITE',
      'covariance',
    ],
    [
      'a missing return',
      [good[0]!, good[1]!.map((r, t) => (t === 7 ? Number.NaN : r))],
      { kind: 'diffusion' },
      'CRB_RISK_NOT_FINITE',
      'returns of MSTR[7]',
    ],
    ['two degrees of freedom', good, { ...copula, nu: 2 }, 'CRB_RISK_DEGREES_OF_FREEDOM', 'law.nu'],
    [
      'jumps wilder than the returns',
      good,
      { kind: 'jump-diffusion', jumps: { intensity: 252, mean: 0, sd: 0.5 } },
      'CRB_RISK_OUT_OF_DOMAIN',
      'returns of BTC',
    ],
    [
      'a correlation of variance above 1',
      good,
      {
        kind: 'heston',
        given: new Map([
          ['BTC', { kappa: 1, theta: 0.2, volOfVariance: 0.4, rho: 2, initialVariance: 0.2 }],
        ]),
      },
      'CRB_RISK_OUT_OF_DOMAIN',
      'heston BTC.rho',
    ],
  ];

  test.each(cases)('%s', (_, returns, law, code, path) => {
    const result = estimateFactorModel(history(returns), choiceOf(law));
    expect(result).toMatchObject({ ok: false, error: { code } });
    expect((result as { error: { path?: string } }).error.path).toContain(path);
  });
});
