import { type EpochUs, toNumber } from '@cerberus/core';
import { europeanPriceBatch } from '@cerberus/pricing';
import type { Instrument } from '@cerberus/schema';
import { ScenarioRevaluation } from '@cerberus/simd';
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
  const revaluation = revaluationOf(returns.length);
  revaluation.returns.set(returns);
  revaluation.prepare();
  const option = {
    sign: type === 'PUT' ? (-1 as const) : (1 as const),
    spot,
    strike: toNumber(strike),
    timeYears: Math.max(0, expiration - now) / US_PER_YEAR,
    rate,
    dividendYield: 0,
    volatility,
  };
  if (!revaluation.add(option, 1).ok) return undefined;
  const multiplier = toNumber(instrument.contract_multiplier);
  return Float64Array.from(revaluation.sums, (price) => price * multiplier - value);
}

/** Numbers of scenarios in use at a time: the history's, its change at midnight, a stress of one. */
const KEPT_MAX = 4;
/** Memory of the kernel by number of scenarios; it holds nothing between calls. */
const kept = new Map<number, ScenarioRevaluation>();

function revaluationOf(scenarioCount: number): ScenarioRevaluation {
  const known = kept.get(scenarioCount);
  if (known !== undefined) return known;
  if (kept.size === KEPT_MAX) kept.clear();
  const revaluation = new ScenarioRevaluation(scenarioCount, europeanPriceBatch);
  kept.set(scenarioCount, revaluation);
  return revaluation;
}
