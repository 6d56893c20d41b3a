import { type EpochUs, toNumber } from '@cerberus/core';
import { europeanPriceBatch } from '@cerberus/pricing';
import type { Instrument } from '@cerberus/schema';
import { type RevaluedOption, ScenarioRevaluation } from '@cerberus/simd';
import type { UnitOutcome } from './unit-risk.ts';

const US_PER_YEAR = 365 * 86_400 * 1e6;

export interface Scenarios {
  readonly spot: number;
  /** Log returns of the underlying, one a scenario. */
  readonly returns: Float64Array;
  readonly now: EpochUs;
  readonly rate: number;
}

export interface ScenarioInput extends Scenarios {
  readonly instrument: Instrument;
  readonly unit: UnitOutcome;
}

export interface HeldUnits {
  readonly instrument: Instrument;
  readonly unit: UnitOutcome;
  /** Signed. */
  readonly quantity: number;
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
  { instrument, ...scenarios }: ScenarioInput,
  value: number,
  volatility: number | null,
): Float64Array | undefined {
  const option = optionOf(instrument, volatility, scenarios);
  if (option === undefined) return undefined;
  const revaluation = prepared(scenarios.returns);
  if (!revaluation.add(option, 1).ok) return undefined;
  const multiplier = toNumber(instrument.contract_multiplier);
  return Float64Array.from(revaluation.sums, (price) => price * multiplier - value);
}

/**
 * Adds the P&L of what is held on one underlying to `total`, one element a scenario: the sum of
 * `unitScenarioPnl` times quantity, but what the options share is computed once. False where one of
 * them cannot be valued; `total` is then of no use.
 */
export function addScenarioPnl(
  total: Float64Array,
  held: readonly HeldUnits[],
  scenarios: Scenarios,
): boolean {
  const { spot, returns } = scenarios;
  const revaluation = prepared(returns);
  let value = 0;
  let exposure = 0;
  for (const { instrument, unit, quantity } of held) {
    if (!unit.ok) return false;
    const { delta, impliedVolatility } = unit.risk;
    if (instrument.kind !== 'OPTION') {
      exposure += quantity * delta * spot;
      continue;
    }
    const option = optionOf(instrument, impliedVolatility, scenarios);
    if (option === undefined) return false;
    const multiplier = toNumber(instrument.contract_multiplier);
    if (!revaluation.add(option, quantity * multiplier).ok) return false;
    value += quantity * unit.risk.value;
  }
  for (let s = 0; s < total.length; s += 1) {
    total[s]! += revaluation.sums[s]! - value + exposure * Math.expm1(returns[s]!);
  }
  return true;
}

function optionOf(
  { strike, expiration, option_type: type }: Instrument,
  volatility: number | null,
  { spot, now, rate }: Scenarios,
): RevaluedOption | undefined {
  if (strike === null || expiration === null || volatility === null) return undefined;
  return {
    sign: type === 'PUT' ? -1 : 1,
    spot,
    strike: toNumber(strike),
    timeYears: Math.max(0, expiration - now) / US_PER_YEAR,
    rate,
    dividendYield: 0,
    volatility,
  };
}

/** The kernel for these returns, its sums at zero. */
function prepared(returns: Float64Array): ScenarioRevaluation {
  const revaluation = revaluationOf(returns.length);
  revaluation.returns.set(returns);
  revaluation.prepare();
  return revaluation;
}

/** Numbers of scenarios in use at a time: two of the history, their change at midnight, two of stress. */
const KEPT_MAX = 6;
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
