import { type EpochUs, toNumber } from '@cerberus/core';
import { assetClassOf } from '@cerberus/model';
import type { GreeksReport, GreekTotals, InputAge, PositionGreeks } from '@cerberus/schema';
import { type Price, worstQuality } from './spot-prices.ts';
import type { ValuedPosition } from './valuation.ts';

export interface ReportContext {
  readonly accountId: string;
  readonly underlying: string;
  readonly spot: Price | undefined;
  readonly asOf: EpochUs;
  readonly inputs: readonly InputAge[];
}

const TOTALLED = [
  'market_value',
  'unrealized_pnl',
  'delta',
  'gamma',
  'vega',
  'theta',
  'rho',
  'vanna',
  'volga',
  'charm',
  'dollar_delta',
  'dollar_gamma',
] as const satisfies readonly (keyof GreekTotals)[];

/** Greeks of the positions of one account in one underlying, and their sum. */
export function greeksReport(
  valued: readonly ValuedPosition[],
  context: ReportContext,
): GreeksReport {
  const positions = valued.map((item) => positionGreeks(item, context.spot));
  return {
    account_id: context.accountId,
    underlying: context.underlying,
    as_of: context.asOf,
    spot_price: context.spot?.value ?? null,
    positions,
    totals: totals(positions),
    surface_id: null,
    inputs: context.inputs,
    quality: worstQuality(positions.map(({ quality }) => quality)),
  };
}

/** A sum with a part missing is not a smaller sum: it is not known. */
function totals(positions: readonly PositionGreeks[]): GreekTotals {
  const sums: Partial<Record<keyof GreekTotals, number | null>> = {};
  for (const name of TOTALLED) {
    let sum: number | null = 0;
    for (const position of positions) {
      const value: number | null = position[name];
      sum = value === null || sum === null ? null : sum + value;
    }
    sums[name] = sum;
  }
  return sums as GreekTotals;
}

function positionGreeks(
  { position, instrument, unit }: ValuedPosition,
  spot: Price | undefined,
): PositionGreeks {
  const quantity = toNumber(position.quantity);
  const average = toNumber(position.average_price);
  const identity = {
    position_id: position.position_id,
    instrument_id: instrument.instrument_id,
    asset_class: assetClassOf(instrument.kind),
    quantity,
    average_price: average,
  };
  if (!unit.ok) {
    return { ...identity, ...UNVALUED, quality: 'UNTRUSTED', reason: unit.reason };
  }
  const { risk } = unit;
  const spotPrice = spot?.value ?? risk.mark;
  const marketValue = risk.value * quantity;
  // A margined contract's value is its P&L already; what is bought outright has its cost to deduct.
  const margined = instrument.kind === 'PERPETUAL' || instrument.kind === 'FUTURE';
  const cost = margined ? 0 : quantity * average * toNumber(instrument.contract_multiplier);
  return {
    ...identity,
    mark_price: risk.mark,
    market_value: marketValue,
    unrealized_pnl: marketValue - cost,
    implied_volatility: risk.impliedVolatility,
    delta: risk.delta * quantity,
    gamma: risk.gamma * quantity,
    vega: risk.vega * quantity,
    theta: risk.theta * quantity,
    rho: risk.rho * quantity,
    vanna: risk.vanna * quantity,
    volga: risk.volga * quantity,
    charm: risk.charm * quantity,
    speed: risk.speed * quantity,
    zomma: risk.zomma * quantity,
    color: risk.color * quantity,
    dollar_delta: risk.delta * quantity * spotPrice,
    dollar_gamma: (risk.gamma * quantity * spotPrice * spotPrice) / 100,
    quality: risk.quality,
    reason: risk.note,
  };
}

const UNVALUED = {
  mark_price: null,
  market_value: null,
  unrealized_pnl: null,
  implied_volatility: null,
  delta: null,
  gamma: null,
  vega: null,
  theta: null,
  rho: null,
  vanna: null,
  volga: null,
  charm: null,
  speed: null,
  zomma: null,
  color: null,
  dollar_delta: null,
  dollar_gamma: null,
} as const;
