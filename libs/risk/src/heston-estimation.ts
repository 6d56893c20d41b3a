import { fail, ok, type Result } from '@cerberus/core';
import { meanOf, type Series, sampleVariance } from '@cerberus/stats';
import { check } from './errors.ts';
import { filterByGarch } from './filtered-historical.ts';
import { stationaryGarch } from './var-forecast.ts';

/** dv = κ(θ − v)dt + ξ√v dW per year, correlation ρ with the return. */
export interface HestonParameters {
  readonly kappa: number;
  readonly theta: number;
  readonly volOfVariance: number;
  readonly rho: number;
  readonly initialVariance: number;
}

/**
 * A square-root variance matched to the GARCH(1,1) of a history of log-returns: κ = −N ln(α + β), the rate
 * at which a GARCH forecast reverts; θ its unconditional and v₀ its next variance, times N periods a year;
 * ξ² = 2κ Var(h)/θ, so that the stationary variance of v, ξ²θ/2κ (Cox, Ingersoll and Ross, Econometrica 53
 * (1985), eq. 20), is the one of the filtered variances; ρ the correlation of the standardised return with
 * the change of variance that follows. Nelson (J. Econometrics 45 (1990) 7–38) has the diffusion limit.
 * Without reversion or without variation of the variance it is constant: κ = ξ = ρ = 0, θ = v₀.
 */
export function estimateHeston(returns: Series, periodsPerYear: number): Result<HestonParameters> {
  const fault = check.number(periodsPerYear, 'periodsPerYear', { above: 0 });
  if (fault !== undefined) return fail(fault);
  const parameters = stationaryGarch(returns);
  if (!parameters.ok) return parameters;
  const filtered = filterByGarch(returns, parameters.value);
  if (!filtered.ok) return filtered;
  const { variances, residuals, nextVariance } = filtered.value;
  const { omega, alpha, beta } = parameters.value;
  const persistence = alpha + beta;
  const spread = sampleVariance(variances);
  const initialVariance = nextVariance * periodsPerYear;
  if (!(persistence > 0 && spread > 0)) {
    const still = { kappa: 0, theta: initialVariance, volOfVariance: 0, rho: 0 };
    return check.result({ ...still, initialVariance });
  }
  const kappa = -Math.log(persistence) * periodsPerYear;
  const theta = (omega / (1 - persistence)) * periodsPerYear;
  const stationary = spread * periodsPerYear * periodsPerYear;
  const changes = Float64Array.from(
    residuals,
    (_, t) => (variances[t + 1] ?? nextVariance) - variances[t]!,
  );
  return check.result({
    ...{ kappa, theta, initialVariance },
    volOfVariance: Math.sqrt((2 * kappa * stationary) / theta),
    rho: correlation(residuals, changes),
  });
}

/** Fault of parameters given by hand, by the names that the law has for them. */
export function hestonFault(given: HestonParameters, path: string): Result<void> {
  const fault =
    check.number(given.kappa, `${path}.kappa`, { atLeast: 0 }) ??
    check.number(given.theta, `${path}.theta`, { atLeast: 0 }) ??
    check.number(given.volOfVariance, `${path}.volOfVariance`, { atLeast: 0 }) ??
    check.number(given.rho, `${path}.rho`, { atLeast: -1, atMost: 1 }) ??
    check.number(given.initialVariance, `${path}.initialVariance`, { atLeast: 0 });
  return fault === undefined ? ok(undefined) : fail(fault);
}

function correlation(x: Float64Array, y: Float64Array): number {
  const [meanX, meanY] = [meanOf(x), meanOf(y)];
  let cross = 0;
  for (let t = 0; t < x.length; t++) cross += (x[t]! - meanX) * (y[t]! - meanY);
  const scale = (x.length - 1) * Math.sqrt(sampleVariance(x) * sampleVariance(y));
  return scale === 0 ? 0 : Math.min(1, Math.max(-1, cross / scale));
}
