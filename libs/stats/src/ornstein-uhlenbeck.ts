import { fail, type Result } from '@cerberus/core';
import { argumentFault, STATS_ERRORS } from './errors.ts';
import { meanOf } from './moments.ts';
import { check, type Series } from './validation.ts';

/** The autoregression Xᵢ₊₁ = a + b Xᵢ + e behind the fit. */
export interface Autoregression {
  readonly intercept: number;
  readonly slope: number;
  /** Σe²/n, n transitions. */
  readonly residualVariance: number;
  /** Σe²/(n − 2). */
  readonly residualVarianceUnbiased: number;
  readonly transitions: number;
  readonly logLikelihood: number;
}

export interface OrnsteinUhlenbeck {
  /** Speed of reversion per unit of time. */
  readonly kappa: number;
  /** Level reverted to. */
  readonly mu: number;
  /** Volatility per √time. */
  readonly sigma: number;
  /** ln 2 / κ. */
  readonly halfLife: number;
  /** σ/√(2κ), the deviation that a z-score divides by. */
  readonly stationarySd: number;
  /** (1 − b)/dt, the first-order estimate, biased low; for comparison. */
  readonly kappaEuler: number;
  /** √(s²/dt), likewise. */
  readonly sigmaEuler: number;
  /** (X_last − μ)/stationary deviation. */
  readonly zScore: number;
}

export interface OrnsteinUhlenbeckFit {
  readonly autoregression: Autoregression;
  /** Absent where the slope is outside (0, 1): such a series has no Ornstein-Uhlenbeck reading. */
  readonly process?: OrnsteinUhlenbeck;
}

/**
 * Maximum likelihood of dX = κ(μ − X)dt + σdW from observations `dt` apart by the exact transition
 * law: b = e^{−κdt}, μ = a/(1 − b), σ² = 2κs²/(1 − b²), s² the residual variance Σe²/n.
 */
export function fitOrnsteinUhlenbeck(series: Series, dt: number): Result<OrnsteinUhlenbeckFit> {
  const fault =
    check.number(dt, 'dt', { above: 0 }) ??
    check.series(series, 'series', { minimumLength: 4, varying: true });
  if (fault !== undefined) return fail(fault);
  const n = series.length - 1;
  const from = Float64Array.from({ length: n }, (_, i) => series[i]!);
  const to = Float64Array.from({ length: n }, (_, i) => series[i + 1]!);
  const meanFrom = meanOf(from);
  const meanTo = meanOf(to);
  let square = 0;
  let cross = 0;
  for (let i = 0; i < n; i++) {
    square += (from[i]! - meanFrom) ** 2;
    cross += (from[i]! - meanFrom) * (to[i]! - meanTo);
  }
  if (square === 0) {
    return fail(
      argumentFault(STATS_ERRORS.CONSTANT, 'series', {
        expected: 'a series that varies before its last element',
        received: String(meanFrom),
      }),
    );
  }
  const slope = cross / square;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += (to[i]! - meanTo - slope * (from[i]! - meanFrom)) ** 2;
  const variance = sum / n;
  const exact = check.number(variance, 'residual variance', { above: 0 });
  if (exact !== undefined) return fail(exact);
  const autoregression: Autoregression = {
    intercept: meanTo - slope * meanFrom,
    slope,
    residualVariance: variance,
    residualVarianceUnbiased: sum / (n - 2),
    transitions: n,
    logLikelihood: -(n / 2) * (Math.log(2 * Math.PI * variance) + 1),
  };
  if (!(slope > 0 && slope < 1)) return check.result({ autoregression });
  return check.result({ autoregression, process: exactProcess(autoregression, dt, series[n]!) });
}

function exactProcess(fit: Autoregression, dt: number, last: number): OrnsteinUhlenbeck {
  const { slope, intercept, residualVariance } = fit;
  const kappa = -Math.log(slope) / dt;
  const mu = intercept / (1 - slope);
  const stationaryVariance = residualVariance / (1 - slope * slope);
  const stationarySd = Math.sqrt(stationaryVariance);
  return {
    kappa,
    mu,
    sigma: Math.sqrt(2 * kappa * stationaryVariance),
    halfLife: Math.LN2 / kappa,
    stationarySd,
    kappaEuler: (1 - slope) / dt,
    sigmaEuler: Math.sqrt(residualVariance / dt),
    zScore: (last - mu) / stationarySd,
  };
}

export interface TransitionInputs {
  readonly kappa: number;
  readonly mu: number;
  readonly sigma: number;
  readonly x0: number;
  readonly time: number;
}

/** Mean and variance of X_t given X₀: μ + (x₀ − μ)e^{−κt} and σ²(1 − e^{−2κt})/2κ. */
export function ornsteinUhlenbeckTransition(
  inputs: TransitionInputs,
): Result<{ readonly mean: number; readonly variance: number; readonly halfLife: number }> {
  const { kappa, mu, sigma, x0, time } = inputs;
  const fault =
    check.number(kappa, 'kappa', { above: 0 }) ??
    check.number(mu, 'mu') ??
    check.number(sigma, 'sigma', { atLeast: 0 }) ??
    check.number(x0, 'x0') ??
    check.number(time, 'time', { atLeast: 0 });
  if (fault !== undefined) return fail(fault);
  return check.result({
    mean: mu + (x0 - mu) * Math.exp(-kappa * time),
    variance: (-sigma * sigma * Math.expm1(-2 * kappa * time)) / (2 * kappa),
    halfLife: Math.LN2 / kappa,
  });
}
