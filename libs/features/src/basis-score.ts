import { fail, type Result } from '@cerberus/core';
import {
  fitOrnsteinUhlenbeck,
  normalCdf,
  ornsteinUhlenbeckTransition,
  type Series,
} from '@cerberus/stats';
import { check } from './errors.ts';

export interface Reversion {
  /** Level reverted to, speed per period, and volatility per √period. */
  readonly level: number;
  readonly speed: number;
  readonly volatility: number;
  /** σ/√(2θ). */
  readonly stationarySd: number;
  /** (x − level) over the stationary deviation. */
  readonly zScore: number;
  /** ln 2/θ, in periods. */
  readonly halfLife: number;
  /** E[x after `horizon` periods] − x. */
  readonly expectedChange: number;
  /** Deviation of that change. */
  readonly changeSd: number;
  /** 100 · (P(x rises within the horizon) − P(it falls)), −100 to 100: below 0 it is expected to fall. */
  readonly signal: number;
}

/**
 * Where a premium or basis stands and where it is expected to go: Ornstein-Uhlenbeck dx = θ(m − x)dt + σdW
 * by exact maximum likelihood, z-score in stationary deviations σ/√(2θ) (the s-score of Avellaneda and Lee,
 * Quantitative Finance 10 (2010) 761–782, eq. 15), and the signal from the exact transition law over
 * `horizon` periods: x + Δ is normal with mean change (m − x)(1 − e^{−θh}) and variance
 * σ²(1 − e^{−2θh})/2θ, so that P(rise) − P(fall) = 2Φ(mean/deviation) − 1. Undefined where the series shows
 * no reversion.
 */
export function reversionOf(series: Series, horizon: number): Result<Reversion | undefined> {
  const fault =
    check.series(series, 'series', { minimumLength: 4, varying: true }) ??
    check.number(horizon, 'horizon', { above: 0 });
  if (fault !== undefined) return fail(fault);
  const fit = fitOrnsteinUhlenbeck(series, 1);
  if (!fit.ok) return fit;
  const { process } = fit.value;
  if (process === undefined) return check.result(undefined);
  const { kappa, mu, sigma, halfLife, stationarySd, zScore } = process;
  const x0 = series[series.length - 1]!;
  const next = ornsteinUhlenbeckTransition({ kappa, mu, sigma, x0, time: horizon });
  if (!next.ok) return next;
  const expectedChange = next.value.mean - x0;
  const changeSd = Math.sqrt(next.value.variance);
  return check.result({
    ...{ level: mu, speed: kappa, volatility: sigma, stationarySd, zScore, halfLife },
    ...{ expectedChange, changeSd },
    signal: 100 * (2 * normalCdf(expectedChange / changeSd) - 1),
  });
}

/** What the risk of a basis position is made of. */
export interface BasisRiskInputs {
  /** z-score of the premium or basis; absent where it shows no reversion. */
  readonly zScore?: number;
  /** Half-life in periods; absent likewise. */
  readonly halfLife?: number;
  /** Periods within which a gap must close. */
  readonly horizon: number;
  /** λ of the copula of asset and driver. */
  readonly tailDependence: number;
  /** Share of the asset's past conditional volatilities at or below today's. */
  readonly volatilityRank: number;
}

/** Each component and their mean, 0 to 100. */
export interface BasisRisk {
  readonly score: number;
  readonly components: {
    readonly stretch: number;
    readonly persistence: number;
    readonly tail: number;
    readonly volatility: number;
  };
}

/**
 * Risk score of a basis position, a definition of this library: the mean of four components, each a
 * probability or share times 100. stretch: 2Φ(|z|) − 1, the part of the stationary law that lies nearer
 * its level. persistence: 2^{−h/half-life}, the part of a gap expected to stay open after h periods.
 * tail: λ, the chance that the asset is in its tail given that the driver is. volatility: the rank of
 * today's conditional volatility in its history. Without reversion stretch and persistence are 100.
 */
export function basisRisk(inputs: BasisRiskInputs): Result<BasisRisk> {
  const { zScore, halfLife, horizon, tailDependence, volatilityRank } = inputs;
  const fault =
    check.number(zScore ?? 0, 'zScore') ??
    check.number(halfLife ?? 1, 'halfLife', { above: 0 }) ??
    check.number(horizon, 'horizon', { above: 0 }) ??
    check.number(tailDependence, 'tailDependence', { atLeast: 0, atMost: 1 }) ??
    check.number(volatilityRank, 'volatilityRank', { atLeast: 0, atMost: 1 });
  if (fault !== undefined) return fail(fault);
  const components = {
    stretch: zScore === undefined ? 100 : 100 * (2 * normalCdf(Math.abs(zScore)) - 1),
    persistence: halfLife === undefined ? 100 : 100 * 2 ** (-horizon / halfLife),
    tail: 100 * tailDependence,
    volatility: 100 * volatilityRank,
  };
  const { stretch, persistence, tail, volatility } = components;
  return check.result({ score: (stretch + persistence + tail + volatility) / 4, components });
}
