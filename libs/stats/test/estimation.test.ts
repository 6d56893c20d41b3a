import { unwrap } from '@cerberus/core';
import {
  adfTest,
  engleGranger,
  evaluateGarch,
  ewmaCovariance,
  ewmaVariance,
  fitGarch,
  fitOrnsteinUhlenbeck,
  fitTCopula,
  fitTCopulaMatrix,
  garchForecast,
  johansen,
  PhiloxStream,
  pseudoObservations,
  studentTCdf,
  tailDependence,
  tCopulaLogLikelihood,
} from '@cerberus/stats';
import { describe, expect, test } from '@jest/globals';

function garchSample(count: number, nu?: number): Float64Array {
  const stream = new PhiloxStream({ seed: 99, stream: nu ?? 0 });
  let h = 1;
  return Float64Array.from({ length: count }, () => {
    const mixing = nu === undefined ? 1 : Math.sqrt((nu - 2) / (2 * stream.nextGamma(nu / 2)));
    const e = Math.sqrt(h) * stream.nextNormal() * mixing;
    h = 0.05 + 0.1 * e * e + 0.85 * h;
    return 0.02 + e;
  });
}

describe('GARCH', () => {
  test('finds the parameters that drew a long series, within three standard errors', () => {
    const fit = unwrap(fitGarch(garchSample(4000, 6), { distribution: 'student-t' }));
    const truth = [0.02, 0.05, 0.1, 0.85, 6];
    const { mu, omega, alpha, beta, nu } = fit.parameters;
    for (const [i, value] of [mu, omega, alpha, beta, nu!].entries()) {
      const error = fit.standardErrors!.hessian[i]!;
      expect(Math.abs(value - truth[i]!) / error).toBeLessThan(3);
    }
    expect(fit.largestScore).toBeLessThan(1e-8);
  });

  test('the estimate does not depend on the unit of the returns', () => {
    const returns = garchSample(800);
    const one = unwrap(fitGarch(returns));
    const percent = unwrap(fitGarch(returns.map((r) => 100 * r)));
    expect(percent.parameters.alpha).toBeCloseTo(one.parameters.alpha, 7);
    expect(percent.parameters.omega / 1e4).toBeCloseTo(one.parameters.omega, 7);
  });

  test('white noise gives an answer on the bound, without standard errors, or an interior one', () => {
    const stream = new PhiloxStream({ seed: 4, stream: 0 });
    const noise = Float64Array.from({ length: 300 }, () => stream.nextNormal());
    const fit = unwrap(fitGarch(noise));
    expect(Number.isFinite(fit.logLikelihood)).toBe(true);
    expect(fit.parameters.alpha).toBeGreaterThanOrEqual(0);
  });

  test('a forecast runs the recursion', () => {
    const parameters = { mu: 0, omega: 0.1, alpha: 0.1, beta: 0.8 };
    expect(unwrap(garchForecast(parameters, 2, 1))).toBe(2);
    expect(unwrap(garchForecast(parameters, 2, 3))).toBeCloseTo(0.1 + 0.9 * (0.1 + 0.9 * 2), 14);
  });

  test('refusals name the field', () => {
    const wrong = { mu: 0, omega: 0.1, alpha: 0.3, beta: 0.8 };
    expect(evaluateGarch([1, 2, 3], wrong, 'unconditional')).toMatchObject({
      error: { code: 'CRB_STATS_OUT_OF_DOMAIN', path: 'alpha + beta' },
    });
    expect(evaluateGarch([1, 2, 3], { ...wrong, nu: 2 })).toMatchObject({
      error: { code: 'CRB_STATS_DEGREES_OF_FREEDOM', path: 'nu' },
    });
    expect(fitGarch(new Float64Array(20))).toMatchObject({
      error: { code: 'CRB_STATS_TOO_SHORT', path: 'returns' },
    });
    expect(fitGarch(new Float64Array(200).fill(0.01))).toMatchObject({
      error: { code: 'CRB_STATS_CONSTANT' },
    });
  });
});

describe('EWMA', () => {
  test('covariance of a series with itself is its normalised variance', () => {
    const returns = garchSample(60);
    const pair = unwrap(ewmaCovariance([returns, returns], 0.94));
    const alone = unwrap(ewmaVariance(returns, 0.94, 'normalised-weights')).next;
    expect(pair.data[0]).toBeCloseTo(alone, 14);
    expect(pair.data[1]).toBeCloseTo(alone, 14);
    expect(ewmaVariance(returns, 1)).toMatchObject({ error: { path: 'decay' } });
  });
});

describe('unit roots and cointegration', () => {
  test('a constant step, a constant series and a short one are refused', () => {
    const line = Float64Array.from({ length: 50 }, (_, i) => i);
    expect(adfTest(line, { deterministic: 'c', lags: 1 })).toMatchObject({
      error: { code: 'CRB_STATS_CONSTANT' },
    });
    expect(adfTest([1, 2, 1], { deterministic: 'c', lags: 1 })).toMatchObject({
      error: { code: 'CRB_STATS_TOO_SHORT' },
    });
    expect(
      engleGranger(garchSample(50), garchSample(49), { deterministic: 'c', lags: 0 }),
    ).toMatchObject({ error: { code: 'CRB_STATS_LENGTH_MISMATCH', path: 'x' } });
    expect(johansen([line], 1)).toMatchObject({ error: { path: 'columns.length' } });
  });

  test('the same series twice is collinear, not cointegrated with infinite evidence', () => {
    const walk = garchSample(100).map((_, i, all) =>
      all.slice(0, i + 1).reduce((a, b) => a + b, 0),
    );
    expect(johansen([walk, walk], 1)).toMatchObject({ error: { code: 'CRB_STATS_SINGULAR' } });
  });
});

describe('Ornstein-Uhlenbeck and copulas', () => {
  test('an explosive series has no process, and says so by its absence', () => {
    const growing = Float64Array.from({ length: 40 }, (_, i) => 1.05 ** i + (i % 3) * 0.01);
    expect(unwrap(fitOrnsteinUhlenbeck(growing, 1)).process).toBeUndefined();
    expect(fitOrnsteinUhlenbeck([1, 1, 1, 1, 1], 1)).toMatchObject({
      error: { code: 'CRB_STATS_CONSTANT' },
    });
  });

  test('uniforms outside (0, 1) are refused by row', () => {
    const u = Float64Array.from({ length: 30 }, (_, i) => (i + 0.5) / 30);
    const v = Float64Array.from(u);
    v[7] = 1;
    expect(fitTCopula(u, v)).toMatchObject({
      error: { code: 'CRB_STATS_OUT_OF_DOMAIN', path: 'v[7]' },
    });
    expect(tailDependence({ rho: 1, nu: 4 })).toMatchObject({ error: { path: 'rho' } });
  });

  test('independent pairs are recognised as without tail dependence', () => {
    const stream = new PhiloxStream({ seed: 8, stream: 0 });
    const draw = (): Float64Array => Float64Array.from({ length: 150 }, () => stream.nextNormal());
    const u = unwrap(pseudoObservations(draw()));
    const v = unwrap(pseudoObservations(draw()));
    const fit = unwrap(fitTCopula(u, v));
    expect(Math.abs(fit.rho)).toBeLessThan(0.25);
    expect(fit.tailDependence).toBeLessThan(0.1);
  });

  test('the matrix fit finds the copula of three variables, and is the bivariate one for two', () => {
    const stream = new PhiloxStream({ seed: 21, stream: 0 });
    const nu = 5;
    const columns = [0, 1, 2].map(() => new Float64Array(600));
    for (let t = 0; t < 600; t++) {
      const scale = Math.sqrt(nu / (2 * stream.nextGamma(nu / 2)));
      const common = stream.nextNormal();
      for (const column of columns) {
        const x = Math.SQRT1_2 * (common + stream.nextNormal());
        column[t] = studentTCdf(x * scale, nu);
      }
    }
    const fit = unwrap(fitTCopulaMatrix(columns));
    expect(Math.abs(fit.nu - nu)).toBeLessThan(2);
    expect(Math.abs(fit.correlation.data[1]! - 0.5)).toBeLessThan(0.1);
    const pair = unwrap(fitTCopulaMatrix(columns.slice(0, 2)));
    const rho = pair.correlation.data[1]!;
    const same = tCopulaLogLikelihood({ rho, nu: pair.nu }, columns[0]!, columns[1]!);
    expect(pair.logLikelihood).toBeCloseTo(unwrap(same), 8);
  });

  test('ties share their mean rank', () => {
    expect([...unwrap(pseudoObservations([5, 1, 5, 2]))]).toEqual([0.7, 0.2, 0.7, 0.4]);
  });
});
