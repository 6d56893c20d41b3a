import type { RiskMetrics } from '@cerberus/schema';
import { finiteOrNull } from '@cerberus/web';
import { Type } from 'typebox';
import { Inputs, Measure, Quality, Reasons, Time, TimeOrNull, timeText } from './fields.ts';
import { agedInputs, currentQuality, type RiskContext } from './risk-document.ts';

/** Figures that the contract names; what the engine computes beside them is added. */
export const METRIC_NAMES = [
  'portfolio_value',
  'var_95_1d',
  'var_99_1d',
  'var_95_10d',
  'es_95_1d',
  'es_99_1d',
  'portfolio_delta',
  'portfolio_gamma',
  'portfolio_vega',
  'portfolio_theta',
  'concentration_score',
  'largest_position_pct',
] as const;

export interface RiskLimit {
  readonly hard: number | null;
  readonly soft: number | null;
  readonly utilization: number | null;
}

export const RISK_METRICS_SCHEMA = Type.Object(
  {
    account_id: Type.String(),
    timestamp: Time,
    method: Type.String(),
    ...Object.fromEntries(METRIC_NAMES.map((name) => [name, Type.Optional(Measure)])),
    stress_scenarios: Type.Optional(Type.Record(Type.String(), Type.Number())),
    limits: Type.Record(
      Type.String(),
      Type.Object({ hard: Measure, soft: Measure, utilization: Measure }),
    ),
    as_of: TimeOrNull,
    inputs: Inputs,
    quality: Quality,
    reasons: Reasons,
  },
  { additionalProperties: true },
);

/** Which figures are wanted; undefined for all. */
export type MetricSelection = (name: string) => boolean;

export function riskMetricsDocument(
  metrics: RiskMetrics,
  context: RiskContext,
  options: {
    readonly limits: Readonly<Record<string, RiskLimit>>;
    readonly wanted?: MetricSelection | undefined;
  },
): Record<string, unknown> {
  const wanted = options.wanted ?? (() => true);
  const values: Record<string, number | null> = {};
  const reasons: Record<string, string> = {};
  for (const name of new Set<string>([...METRIC_NAMES, ...Object.keys(metrics.values)])) {
    if (!wanted(name)) continue;
    values[name] = finiteOrNull(metrics.values[name]);
    if (values[name] === null) reasons[name] = metrics.missing[name] ?? 'not computed';
  }
  for (const [name, reason] of Object.entries(metrics.missing)) {
    if (wanted(name)) reasons[name] = reason;
  }
  return {
    account_id: metrics.account_id,
    timestamp: timeText(metrics.as_of),
    method: metrics.method,
    ...values,
    ...(wanted('stress_scenarios') ? { stress_scenarios: metrics.stress } : {}),
    limits: Object.fromEntries(Object.entries(options.limits).filter(([name]) => wanted(name))),
    as_of: timeText(metrics.as_of),
    inputs: agedInputs(metrics.inputs, metrics.as_of, context.nowUs()),
    quality: currentQuality(metrics, context),
    reasons,
  };
}
