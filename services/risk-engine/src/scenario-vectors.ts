import { type EpochUs, toNumber } from '@cerberus/core';
import { allocateEuropeanColumns, europeanPriceBatch, setEuropeanRow } from '@cerberus/pricing';
import type { Instrument } from '@cerberus/schema';
import type { UnitOutcome } from './unit-risk.ts';

const US_PER_YEAR = 365 * 86_400 * 1e6;

export interface ScenarioInput {
  readonly instrument: Instrument;
  readonly unit: UnitOutcome;
  readonly spot: number;
  /** Log returns of the underlying, one a scenario. */
  readonly returns: Float64Array;
  readonly now: EpochUs;
  readonly rate: number;
}

/**
 * P&L of one unit held long under each scenario: the whole reprice at spot · e^r, volatility and time
 * unchanged (full revaluation, Jorion, Value at Risk, 3rd ed. 2007, ch. 10). Linear contracts move by
 * delta · (S e^r − S), which for them is the reprice itself.
 */
export function unitScenarioPnl(input: ScenarioInput): Float64Array | undefined {
  const { unit, instrument, returns, spot } = input;
  if (!unit.ok) return undefined;
  if (instrument.kind !== 'OPTION') {
    const { delta } = unit.risk;
    return returns.map((r) => delta * spot * Math.expm1(r));
  }
  return optionPnl(input, unit.risk.value, unit.risk.impliedVolatility);
}

function optionPnl(
  { instrument, returns, spot, now, rate }: ScenarioInput,
  value: number,
  volatility: number | null,
): Float64Array | undefined {
  const { strike, expiration, option_type: type } = instrument;
  if (strike === null || expiration === null || volatility === null) return undefined;
  const columns = allocateEuropeanColumns(returns.length);
  const row = {
    kind: type === 'PUT' ? ('put' as const) : ('call' as const),
    strike: toNumber(strike),
    timeYears: Math.max(0, expiration - now) / US_PER_YEAR,
    rate,
    dividendYield: 0,
    volatility,
  };
  returns.forEach((r, index) => {
    setEuropeanRow(columns, index, { ...row, spot: spot * Math.exp(r) });
  });
  const prices = new Float64Array(returns.length);
  if (!europeanPriceBatch(columns, prices).ok) return undefined;
  const multiplier = toNumber(instrument.contract_multiplier);
  return prices.map((price) => price * multiplier - value);
}
