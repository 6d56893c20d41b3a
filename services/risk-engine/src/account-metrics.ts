import { type EpochUs, toNumber } from '@cerberus/core';
import { concentration, deltaNormalVar, historicalVar } from '@cerberus/risk';
import type { Account, InputAge, RiskMetrics } from '@cerberus/schema';
import { ewmaCovariance } from '@cerberus/stats';
import type { PriceHistory } from './price-history.ts';
import { addScenarioPnl } from './scenario-vectors.ts';
import { type Price, worstQuality } from './spot-prices.ts';
import type { ValuedPosition } from './valuation.ts';

export interface MetricsInput {
  readonly accountId: string;
  readonly account: Account | undefined;
  readonly positions: readonly ValuedPosition[];
  /** Positions without reference data. */
  readonly unknown: readonly string[];
  readonly spotOf: (underlying: string) => Price | undefined;
  readonly history: PriceHistory;
  readonly historyDays: number;
  readonly historyDaysMin: number;
  readonly ewmaDecay: number;
  readonly rate: number;
  readonly dollarCurrencies: ReadonlySet<string>;
  readonly now: EpochUs;
  readonly inputs: readonly InputAge[];
}

type Put = (name: string, value: number | undefined, reason: string) => void;

/** Shocks of the stress figures: every underlying moves by the same fraction, or Bitcoin alone. */
const STRESS: readonly (readonly [name: string, shock: number])[] = [
  ['spot_down_10', -0.1],
  ['spot_up_10', 0.1],
  ['spot_down_20', -0.2],
  ['spot_up_20', 0.2],
];
const BITCOIN_STRESS: typeof STRESS = [['btc_50_drop', -0.5]];
const TEN_DAYS = 10;

/** Value, VaR, expected shortfall, stress and concentration of one account. */
export function accountMetrics(input: MetricsInput): RiskMetrics {
  const values: Record<string, number> = {};
  const missing: Record<string, string> = {};
  const put: Put = (name, value, reason) => {
    if (value === undefined || !Number.isFinite(value)) missing[name] = reason;
    else values[name] = value;
  };
  const unvalued = [...input.unknown, ...input.positions.flatMap(reasonOf)];
  const why = unvalued.length === 0 ? undefined : `not valued: ${unvalued.slice(0, 5).join('; ')}`;
  putValue(input, why, put);
  putGreeks(input, why, put);
  putConcentration(input, why, put);
  putHistorical(input, why, put);
  putParametric(input, why, put);
  return {
    account_id: input.accountId,
    as_of: input.now,
    method: 'historical, full revaluation, equal weights; parametric_*: delta-normal, EWMA',
    values,
    missing,
    stress: why === undefined ? stress(input) : {},
    inputs: input.inputs,
    quality: why === undefined ? qualityOf(input) : 'UNTRUSTED',
  };
}

function reasonOf({ position, unit }: ValuedPosition): string[] {
  return unit.ok ? [] : [`${position.instrument_id}: ${unit.reason}`];
}

function qualityOf({ positions }: MetricsInput) {
  return worstQuality(positions.flatMap(({ unit }) => (unit.ok ? [unit.risk.quality] : [])));
}

function marketValues({ positions }: MetricsInput): number[] {
  return positions.map(({ position, unit }) =>
    unit.ok ? unit.risk.value * toNumber(position.quantity) : 0,
  );
}

function putValue(input: MetricsInput, why: string | undefined, put: Put): void {
  let cash = 0;
  let cashWhy: string | undefined;
  for (const { currency, cash: amount } of input.account?.balances ?? []) {
    const price = input.dollarCurrencies.has(currency) ? 1 : input.spotOf(currency)?.value;
    if (amount === 0n) continue;
    if (price === undefined) cashWhy = `no price of ${currency} cash`;
    else cash += toNumber(amount) * price;
  }
  const value = marketValues(input).reduce((sum, item) => sum + item, cash);
  const reason = why ?? cashWhy;
  put('portfolio_value', reason === undefined ? value : undefined, reason ?? '');
}

function putGreeks(input: MetricsInput, why: string | undefined, put: Put): void {
  for (const name of ['delta', 'gamma', 'vega', 'theta'] as const) {
    let sum = 0;
    for (const { position, instrument, unit } of input.positions) {
      if (!unit.ok) continue;
      const spot = input.spotOf(instrument.underlying)?.value ?? unit.risk.mark;
      // Deltas of different underlyings add up in dollars only.
      const dollars = name === 'delta' ? spot : name === 'gamma' ? (spot * spot) / 100 : 1;
      sum += unit.risk[name] * toNumber(position.quantity) * dollars;
    }
    put(`portfolio_${name}`, why === undefined ? sum : undefined, why ?? '');
  }
}

function putConcentration(input: MetricsInput, why: string | undefined, put: Put): void {
  const result = concentration(marketValues(input));
  const reason = why ?? (result.ok ? '' : 'no position has a value');
  const known = why === undefined && result.ok ? result.value : undefined;
  put('concentration_score', known?.score, reason);
  put('largest_position_pct', known === undefined ? undefined : known.largestShare * 100, reason);
}

function exposures(input: MetricsInput): Map<string, number> {
  const byUnderlying = new Map<string, number>();
  for (const { position, instrument, unit } of input.positions) {
    const spot = input.spotOf(instrument.underlying)?.value;
    if (!unit.ok || spot === undefined) continue;
    const dollars = unit.risk.delta * toNumber(position.quantity) * spot;
    const before = byUnderlying.get(instrument.underlying) ?? 0;
    byUnderlying.set(instrument.underlying, before + dollars);
  }
  return byUnderlying;
}

function jointReturns(input: MetricsInput) {
  const names = [...exposures(input).keys()].sort();
  const { historyDays: most, historyDaysMin: fewest, history } = input;
  const joint = names.length === 0 ? undefined : history.joint(names, { most, fewest });
  const have = names.map((name) => `${name} ${history.days(name)}`).join(', ');
  const reason =
    names.length === 0
      ? 'no position with a spot price'
      : `fewer than ${fewest} daily returns (${have})`;
  return { names, joint, reason };
}

function putHistorical(input: MetricsInput, why: string | undefined, put: Put): void {
  const { names, joint, reason } = jointReturns(input);
  const blocked = why ?? (joint === undefined ? reason : undefined);
  const daily = blocked === undefined ? portfolioPnl(input, names, joint!.returns) : undefined;
  const tenDay =
    blocked === undefined
      ? portfolioPnl(
          input,
          names,
          joint!.returns.map((series) => overlapping(series, TEN_DAYS)),
        )
      : undefined;
  for (const confidence of [95, 99]) {
    for (const [pnl, horizon] of [
      [daily, '1d'],
      [tenDay, '10d'],
    ] as const) {
      const tail =
        pnl === undefined || pnl.length === 0
          ? undefined
          : historicalVar(pnl, { confidence: confidence / 100 });
      const known = tail?.ok === true ? tail.value : undefined;
      const because = blocked ?? 'price history is too short';
      put(`var_${confidence}_${horizon}`, known?.valueAtRisk, because);
      put(`es_${confidence}_${horizon}`, known?.expectedShortfall, because);
    }
  }
}

/** Overlapping sums: an n-day return needs n days, not √n times one day. */
function overlapping(series: Float64Array, days: number): Float64Array {
  const sums = new Float64Array(Math.max(0, series.length - days + 1));
  for (let start = 0; start < sums.length; start += 1) {
    let sum = 0;
    for (let day = 0; day < days; day += 1) sum += series[start + day]!;
    sums[start] = sum;
  }
  return sums;
}

function portfolioPnl(
  input: MetricsInput,
  names: readonly string[],
  returns: readonly Float64Array[],
): Float64Array | undefined {
  const total = new Float64Array(returns[0]!.length);
  const held = Map.groupBy(input.positions, ({ instrument }) => instrument.underlying);
  for (const [underlying, positions] of held) {
    const series = returns[names.indexOf(underlying)];
    if (series === undefined) return undefined;
    if (!addPnl(total, { ...input, underlying, positions, returns: series })) return undefined;
  }
  return total;
}

function putParametric(input: MetricsInput, why: string | undefined, put: Put): void {
  const { names, joint, reason } = jointReturns(input);
  const covariance = joint && ewmaCovariance(joint.returns, input.ewmaDecay);
  const held = exposures(input);
  for (const confidence of [95, 99]) {
    const tail =
      covariance?.ok === true && why === undefined
        ? deltaNormalVar(
            names.map((name) => held.get(name)!),
            covariance.value,
            confidence / 100,
          )
        : undefined;
    const known = tail?.ok === true ? tail.value : undefined;
    const because = why ?? (covariance?.ok === false ? covariance.error.message : reason);
    put(`parametric_var_${confidence}_1d`, known?.valueAtRisk, because);
    put(`parametric_es_${confidence}_1d`, known?.expectedShortfall, because);
  }
}

/** Nothing where a position cannot be valued. */
function stress(input: MetricsInput): Record<string, number> {
  const names = [...STRESS, ...BITCOIN_STRESS].map(([name]) => name);
  const total = new Float64Array(names.length);
  const held = Map.groupBy(input.positions, ({ instrument }) => instrument.underlying);
  for (const [underlying, positions] of held) {
    const shocks = underlying === 'BTC' ? [...STRESS, ...BITCOIN_STRESS] : STRESS;
    const returns = Float64Array.from(shocks, ([, shock]) => Math.log1p(shock));
    const moved = total.subarray(0, returns.length);
    if (!addPnl(moved, { ...input, underlying, positions, returns })) return {};
  }
  return Object.fromEntries(names.map((name, index) => [name, total[index]!]));
}

interface HeldOnOne extends Pick<MetricsInput, 'spotOf' | 'now' | 'rate' | 'positions'> {
  readonly underlying: string;
  readonly returns: Float64Array;
}

/** Of the positions on one underlying, one element a scenario. False where they cannot be valued. */
function addPnl(
  total: Float64Array,
  { spotOf, now, rate, positions, underlying, returns }: HeldOnOne,
): boolean {
  const spot = spotOf(underlying)?.value;
  if (spot === undefined) return false;
  const units = positions.map(({ position, instrument, unit }) => {
    return { instrument, unit, quantity: toNumber(position.quantity) };
  });
  return addScenarioPnl(total, units, { spot, returns, now, rate });
}
