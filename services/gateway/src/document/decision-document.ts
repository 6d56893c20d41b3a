import type { Check, OrderDecision } from '@cerberus/schema';
import { type TSchema, Type } from 'typebox';
import { Measure, TextOrNull, Time, TimeOrNull, timeOrNull, timeText } from './fields.ts';

export const CHECK_SCHEMA = Type.Object({
  check: Type.String(),
  passed: Type.Boolean(),
  severity: Type.Enum(['HARD', 'SOFT']),
  scope: Type.String(),
  value: Measure,
  limit: Measure,
  unit: Type.String(),
  utilization: Measure,
  code: Type.String(),
  message: Type.String(),
});

const FIGURE = Type.Object({ before: Measure, after: Measure, change: Measure });

export const RISK_IMPACT_SCHEMA = Type.Object({
  delta: FIGURE,
  gamma: FIGURE,
  vega: FIGURE,
  theta: FIGURE,
  var_99_1d: FIGURE,
  es_99_1d: FIGURE,
  margin: FIGURE,
  concentration: FIGURE,
  missing: Type.Record(Type.String(), Type.String()),
  scenario_set_id: TextOrNull,
  as_of: TimeOrNull,
});

const JUDGED = {
  order_id: TextOrNull,
  passed: Type.Boolean(),
  checks_performed: Type.Array(CHECK_SCHEMA),
  warnings: Type.Array(CHECK_SCHEMA),
  blocks: Type.Array(CHECK_SCHEMA),
  reference_price: Measure,
  as_of: TimeOrNull,
  elapsed_us: Type.Number(),
} satisfies Record<string, TSchema>;

export const CHECK_ANSWER_SCHEMA = Type.Object({
  ...JUDGED,
  risk_impact: RISK_IMPACT_SCHEMA,
  max_quantity: Type.String(),
});

export const DECISION_SCHEMA = Type.Object({
  ...JUDGED,
  decision_id: Type.String(),
  outcome: Type.Enum(['APPROVED', 'BLOCKED']),
  decision_time: Time,
  expires_at: Time,
});

/** Hard checks that failed, and soft ones. */
export function split(checks: readonly Check[]): { blocks: Check[]; warnings: Check[] } {
  const blocks: Check[] = [];
  const warnings: Check[] = [];
  for (const check of checks) {
    if (!check.passed) (check.severity === 'HARD' ? blocks : warnings).push(check);
  }
  return { blocks, warnings };
}

export function decisionDocument(decision: OrderDecision): Record<string, unknown> {
  return {
    order_id: decision.order_id,
    decision_id: decision.decision_id,
    outcome: decision.outcome,
    passed: decision.outcome === 'APPROVED',
    checks_performed: decision.checks,
    ...split(decision.checks),
    reference_price: decision.reference_price,
    as_of: timeOrNull(decision.reference_time),
    decision_time: timeText(decision.decision_time),
    expires_at: timeText(decision.expires_at),
    elapsed_us: decision.elapsed_us,
  };
}
