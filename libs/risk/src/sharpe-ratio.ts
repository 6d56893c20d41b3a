import { fail, type Result } from '@cerberus/core';
import { normalCdf, normalQuantile } from '@cerberus/stats';
import { check } from './errors.ts';

/** Chance that the true ratio is above 0; null where the estimate has no error to speak of. */
export function probabilityOf(sharpe: number, error: number | null): number | null {
  const score = error === null || error === 0 ? Number.NaN : sharpe / error;
  return Number.isFinite(score) ? normalCdf(score) : null;
}

/**
 * √((1 − S·SR + (K−1)/4·SR²)/(n−1)) (Mertens 2002); null where the estimated variance is negative, which
 * tiny samples allow.
 */
export function sharpeError(
  sharpe: number,
  skewness: number,
  kurtosis: number,
  n: number,
): number | null {
  const variance = (1 - skewness * sharpe + ((kurtosis - 1) / 4) * sharpe * sharpe) / (n - 1);
  return variance < 0 ? null : Math.sqrt(variance);
}

const EULER_GAMMA = 0.5772156649015329;

export interface DeflatedSharpeInputs {
  /** Strategies tried, at least 2. */
  readonly trials: number;
  readonly varianceOfTrialSharpes: number;
  readonly observations: number;
  /** Per period. */
  readonly sharpe: number;
  readonly skewness: number;
  /** Plain: 3 for the normal law. */
  readonly kurtosis: number;
}

/**
 * Deflated Sharpe ratio (Bailey and López de Prado, J. Portfolio Management 40 (2014) 94–107): the chance
 * that the true ratio exceeds what the best of N trials without skill shows,
 * √V[(1−γ)N⁻¹(1−1/N) + γN⁻¹(1−1/(Ne))].
 */
export function deflatedSharpe(
  inputs: DeflatedSharpeInputs,
): Result<{ readonly expectedMaximumSharpe: number; readonly deflatedSharpe: number }> {
  const { trials, varianceOfTrialSharpes, observations, sharpe, skewness, kurtosis } = inputs;
  const fault =
    check.number(trials, 'trials', { atLeast: 2 }) ??
    check.number(varianceOfTrialSharpes, 'varianceOfTrialSharpes', { atLeast: 0 }) ??
    check.number(observations, 'observations', { atLeast: 2, integer: true }) ??
    check.number(sharpe, 'sharpe') ??
    check.number(skewness, 'skewness') ??
    check.number(kurtosis, 'kurtosis', { atLeast: 1 });
  if (fault !== undefined) return fail(fault);
  const expectedMaximumSharpe =
    Math.sqrt(varianceOfTrialSharpes) *
    ((EULER_GAMMA - 1) * normalQuantile(1 / trials) -
      EULER_GAMMA * normalQuantile(1 / (trials * Math.E)));
  const error = sharpeError(sharpe, skewness, kurtosis, observations);
  const usable = check.number(error ?? -1, 'variance of the Sharpe ratio', { above: 0 });
  if (usable !== undefined) return fail(usable);
  return check.result({
    expectedMaximumSharpe,
    deflatedSharpe: normalCdf((sharpe - expectedMaximumSharpe) / error!),
  });
}
