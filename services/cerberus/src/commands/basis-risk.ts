import { unwrap } from '@cerberus/core';
import { type BasisRisk, basisRisk, type Reversion } from '@cerberus/features';
import { historicalVar, overlappingSums } from '@cerberus/risk';
import { empiricalQuantile, type GarchFit } from '@cerberus/stats';
import { betaOf } from './stress.ts';
import type { Table } from './table.ts';

/** Tail capital: expected shortfall at this confidence over so many periods. */
const TAIL = { confidence: 0.99, periods: 10 };

export interface LinkedReturns {
  readonly asset: Float64Array;
  readonly driver: Float64Array;
  readonly margins: readonly [GarchFit, GarchFit];
  /** Coins' worth of driver that hedges one of asset. */
  readonly hedgeRatio: number;
  readonly tailDependence: number;
}

export interface TailCapital {
  /** Expected shortfall as a fraction of the asset's value. */
  readonly unhedged: number;
  readonly hedged: number;
}

/** Beta on the days on which the driver's conditional volatility was below and above its median. */
export function leverageByVolatility({ asset, driver, margins }: LinkedReturns) {
  const { variances } = margins[1];
  const median = unwrap(empiricalQuantile(variances, 0.5));
  const rows = Array.from(variances.keys());
  const over = (kept: readonly number[]) => {
    const pick = (values: Float64Array) => Float64Array.from(kept, (t) => values[t]!);
    return betaOf(pick(asset), pick(driver));
  };
  return {
    calm: over(rows.filter((t) => variances[t]! <= median)),
    turbulent: over(rows.filter((t) => variances[t]! > median)),
  };
}

/** What must be held against the tail of the asset alone, and of the asset hedged by the driver. */
export function tailCapitalOf({ asset, driver, hedgeRatio }: LinkedReturns): TailCapital {
  const shortfall = (returns: Float64Array) => {
    const sums = unwrap(overlappingSums(returns, TAIL.periods));
    const risk = unwrap(historicalVar(sums, { confidence: TAIL.confidence }));
    return risk.expectedShortfall;
  };
  return {
    unhedged: shortfall(asset),
    hedged: shortfall(asset.map((r, t) => r - hedgeRatio * driver[t]!)),
  };
}

export const TAIL_CONVENTION = `tail capital: historical expected shortfall at ${100 * TAIL.confidence} % of log returns over ${TAIL.periods} overlapping days; risk score: mean of stretch 2Φ(|z|) − 1, persistence 2^(−h/half-life), tail dependence and rank of the asset’s GARCH volatility, each 0 to 100`;

export function basisRiskOf(
  linked: LinkedReturns,
  reversion: Reversion | undefined,
  horizon: number,
): BasisRisk {
  const { variances, next } = linked.margins[0];
  const volatilityRank = variances.filter((each) => each <= next).length / variances.length;
  const { tailDependence } = linked;
  const moving =
    reversion === undefined ? {} : { zScore: reversion.zScore, halfLife: reversion.halfLife };
  return unwrap(basisRisk({ horizon, tailDependence, volatilityRank, ...moving }));
}

export function riskTable({ score, components }: BasisRisk, capital: TailCapital): Table {
  return {
    title: 'Risk of the position',
    columns: ['measure', 'value'],
    rows: [
      ['risk score, 0 to 100', score],
      ['stretch', components.stretch],
      ['persistence', components.persistence],
      ['tail dependence', components.tail],
      ['volatility', components.volatility],
      ['tail capital, fraction of the asset', capital.unhedged],
      ['tail capital hedged by the driver', capital.hedged],
    ],
  };
}
