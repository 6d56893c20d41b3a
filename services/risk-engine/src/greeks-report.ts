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
  // Named one by one, as below: a field that is looked up by a variable costs an object each time.
  const sums: { -readonly [K in keyof GreekTotals]: GreekTotals[K] } = {
    market_value: 0,
    unrealized_pnl: 0,
    delta: 0,
    gamma: 0,
    vega: 0,
    theta: 0,
    rho: 0,
    vanna: 0,
    volga: 0,
    charm: 0,
    dollar_delta: 0,
    dollar_gamma: 0,
  };
  for (const position of positions) {
    sums.market_value = plus(sums.market_value, position.market_value);
    sums.unrealized_pnl = plus(sums.unrealized_pnl, position.unrealized_pnl);
    sums.delta = plus(sums.delta, position.delta);
    sums.gamma = plus(sums.gamma, position.gamma);
    sums.vega = plus(sums.vega, position.vega);
    sums.theta = plus(sums.theta, position.theta);
    sums.rho = plus(sums.rho, position.rho);
    sums.vanna = plus(sums.vanna, position.vanna);
    sums.volga = plus(sums.volga, position.volga);
    sums.charm = plus(sums.charm, position.charm);
    sums.dollar_delta = plus(sums.dollar_delta, position.dollar_delta);
    sums.dollar_gamma = plus(sums.dollar_gamma, position.dollar_gamma);
  }
  return sums;
}

/** Null where a part of it is not known. */
function plus(sum: number | null, part: number | null): number | null {
  return sum === null || part === null ? null : sum + part;
}

function times(value: number | null, factor: number): number | null {
  return value === null ? null : value * factor;
}

/** One literal: a tick makes one for each position, and parts put together cost twice as much memory. */
function positionGreeks(
  { position, instrument, unit }: ValuedPosition,
  spot: Price | undefined,
): PositionGreeks {
  const quantity = toNumber(position.quantity);
  const average = toNumber(position.average_price);
  const risk = unit.ok ? unit.risk : UNKNOWN;
  const spotPrice = spot?.value ?? (unit.ok ? unit.risk.mark : 0);
  // A margined contract's value is its P&L already; what is bought outright has its cost to deduct.
  const margined = instrument.kind === 'PERPETUAL' || instrument.kind === 'FUTURE';
  const cost = margined ? 0 : quantity * average * toNumber(instrument.contract_multiplier);
  const marketValue = times(risk.value, quantity);
  const delta = times(risk.delta, quantity);
  const gamma = times(risk.gamma, quantity);
  return {
    position_id: position.position_id,
    instrument_id: instrument.instrument_id,
    asset_class: assetClassOf(instrument.kind),
    quantity,
    average_price: average,
    mark_price: risk.mark,
    market_value: marketValue,
    unrealized_pnl: plus(marketValue, -cost),
    implied_volatility: risk.impliedVolatility,
    delta,
    gamma,
    vega: times(risk.vega, quantity),
    theta: times(risk.theta, quantity),
    rho: times(risk.rho, quantity),
    vanna: times(risk.vanna, quantity),
    volga: times(risk.volga, quantity),
    charm: times(risk.charm, quantity),
    speed: times(risk.speed, quantity),
    zomma: times(risk.zomma, quantity),
    color: times(risk.color, quantity),
    dollar_delta: times(delta, spotPrice),
    dollar_gamma: gamma === null ? null : (gamma * spotPrice * spotPrice) / 100,
    quality: risk.quality,
    reason: unit.ok ? unit.risk.note : unit.reason,
  };
}

const UNKNOWN = {
  mark: null,
  value: null,
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
  impliedVolatility: null,
  quality: 'UNTRUSTED',
} as const;
