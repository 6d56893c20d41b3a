import type {
  GreeksReport,
  GreekTotals,
  InputAge,
  Instrument,
  Position,
  PositionGreeks,
} from '@cerberus/schema';
import { amountText, finiteOrNull } from '@cerberus/web';
import { type TSchema, Type } from 'typebox';
import {
  AmountOrNull,
  Inputs,
  Measure,
  Quality,
  type QualityText,
  qualityText,
  Reasons,
  TextOrNull,
  TimeOrNull,
  timeText,
  worstQuality,
} from './fields.ts';
import { symbolOf } from './order-document.ts';

export const GREEK_NAMES = [
  'delta',
  'gamma',
  'vega',
  'theta',
  'rho',
  'vanna',
  'volga',
  'charm',
  'speed',
  'zomma',
  'color',
  'dollar_delta',
  'dollar_gamma',
] as const;
export type GreekName = (typeof GREEK_NAMES)[number];
export type Units = 'library' | 'trader';

/**
 * Trader units: vega per volatility point, rho per percentage point, and what is differentiated by
 * volatility likewise. Theta and charm are per calendar day and dollar Greeks as stated in both.
 */
const TRADER_DIVISORS: Readonly<Partial<Record<GreekName, number>>> = {
  vega: 100,
  rho: 100,
  vanna: 100,
  volga: 10_000,
  zomma: 100,
};

const GREEK_FIELDS = Object.fromEntries(GREEK_NAMES.map((name) => [name, Measure])) as {
  [N in GreekName]: typeof Measure;
};

/** When a figure was made, from what, and how far it is to be trusted. */
export const PROVENANCE = {
  as_of: TimeOrNull,
  inputs: Inputs,
  quality: Quality,
  surface_id: TextOrNull,
} satisfies Record<string, TSchema>;

export const POSITION_GREEKS_SCHEMA = Type.Object({
  position_id: Type.String(),
  account_id: Type.String(),
  symbol: Type.String(),
  instrument_id: Type.String(),
  underlying: Type.String(),
  asset_class: Type.String(),
  quantity: AmountOrNull,
  avg_price: AmountOrNull,
  mark_price: Measure,
  market_value: Measure,
  unrealized_pnl: Measure,
  implied_volatility: Measure,
  ...GREEK_FIELDS,
  ...PROVENANCE,
  reasons: Reasons,
});

export const GREEK_TOTALS_SCHEMA = Type.Object({
  account_id: Type.String(),
  underlying: Type.String(),
  spot_price: Measure,
  market_value: Measure,
  unrealized_pnl: Measure,
  ...GREEK_FIELDS,
  ...PROVENANCE,
});

/** What turns records into documents: the exact positions, the instruments and the time. */
export interface RiskContext {
  position(positionId: string): Position | undefined;
  instrument(instrumentId: string): Instrument | undefined;
  nowUs(): number;
  readonly staleAfterMs: number;
}

/** Input ages at the time of the answer, not of the calculation. */
export function agedInputs(
  inputs: readonly InputAge[],
  asOfUs: number,
  nowUs: number,
): { name: string; age_ms: number | null }[] {
  const sinceMs = Math.max(0, nowUs - asOfUs) / 1000;
  return inputs.map(({ name, age_ms }) => ({
    name,
    age_ms: age_ms === null ? null : age_ms + sinceMs,
  }));
}

interface Dated {
  readonly as_of: number;
  readonly quality: GreeksReport['quality'];
}

/** A report nobody has renewed for long is not as good as it says. */
export function currentQuality(report: Dated, context: RiskContext): QualityText {
  const ageMs = (context.nowUs() - report.as_of) / 1000;
  const stated = qualityText(report.quality);
  return ageMs > context.staleAfterMs ? worstQuality([stated, 'degraded']) : stated;
}

function greekFields(
  source: Partial<Record<GreekName, number | null>>,
  units: Units,
): Record<string, number | null> {
  const fields: Record<string, number | null> = {};
  for (const name of GREEK_NAMES) {
    const value = finiteOrNull(source[name]);
    const divisor = units === 'trader' ? (TRADER_DIVISORS[name] ?? 1) : 1;
    fields[name] = value === null ? null : value / divisor;
  }
  return fields;
}

export function positionGreeksDocument(
  report: GreeksReport,
  greeks: PositionGreeks,
  context: RiskContext,
  units: Units = 'library',
): Record<string, unknown> {
  const nowUs = context.nowUs();
  const exact = context.position(greeks.position_id);
  const fields = {
    mark_price: finiteOrNull(greeks.mark_price),
    market_value: finiteOrNull(greeks.market_value),
    unrealized_pnl: finiteOrNull(greeks.unrealized_pnl),
    implied_volatility: finiteOrNull(greeks.implied_volatility),
    ...greekFields(greeks, units),
  };
  return {
    position_id: greeks.position_id,
    account_id: report.account_id,
    symbol: symbolOf(greeks.instrument_id),
    instrument_id: greeks.instrument_id,
    underlying: report.underlying,
    asset_class: greeks.asset_class,
    quantity: exact === undefined ? plain(greeks.quantity) : amountText(exact.quantity),
    avg_price: exact === undefined ? plain(greeks.average_price) : amountText(exact.average_price),
    ...fields,
    as_of: timeText(report.as_of),
    inputs: agedInputs(report.inputs, report.as_of, nowUs),
    quality: worstQuality([currentQuality(report, context), qualityText(greeks.quality)]),
    surface_id: report.surface_id,
    reasons: reasonsOf(fields, greeks.reason ?? 'not computed for this instrument'),
  };
}

export function totalsDocument(
  report: GreeksReport,
  context: RiskContext,
  units: Units = 'library',
): Record<string, unknown> {
  return {
    account_id: report.account_id,
    underlying: report.underlying,
    spot_price: finiteOrNull(report.spot_price),
    market_value: finiteOrNull(report.totals.market_value),
    unrealized_pnl: finiteOrNull(report.totals.unrealized_pnl),
    ...greekFields(report.totals as GreekTotals, units),
    as_of: timeText(report.as_of),
    inputs: agedInputs(report.inputs, report.as_of, context.nowUs()),
    quality: currentQuality(report, context),
    surface_id: report.surface_id,
  };
}

/** A double as plain decimal text, without exponent. */
function plain(value: number): string | null {
  if (!Number.isFinite(value)) return null;
  return value.toFixed(18).replace(/\.?0+$/, '');
}

export function reasonsOf(
  fields: Readonly<Record<string, unknown>>,
  reason: string,
): Record<string, string> {
  const missing = Object.entries(fields).filter(([, value]) => value === null);
  return Object.fromEntries(missing.map(([name]) => [name, reason]));
}
