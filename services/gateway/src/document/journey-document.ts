import { amountText } from '@cerberus/web';
import { Type } from 'typebox';
import type { JourneyEffects } from '../model/journey-marks.ts';
import type { OrderEntry } from '../model/order-history.ts';
import type { Marked } from '../model/record-mark.ts';
import { decisionDocument } from './decision-document.ts';
import { TextOrNull, Time, timeText } from './fields.ts';
import { fillDocument } from './order-document.ts';

export const JOURNEY_SCHEMA = Type.Object({
  order_id: Type.String(),
  trace_id: TextOrNull,
  /** Whether every step that says its trace is of the order's. */
  one_trace: Type.Boolean(),
  steps: Type.Array(
    Type.Object({
      stage: Type.String(),
      at: Time,
      trace_id: TextOrNull,
      detail: Type.Record(Type.String(), Type.Unknown()),
    }),
  ),
});

interface Step {
  readonly stage: string;
  readonly timeUs: number;
  readonly traceId: string | null;
  readonly detail: Record<string, unknown>;
}

/** The way of an order: each station that it passed, when, and in which trace. */
export function journeyDocument(
  entry: OrderEntry,
  effects: JourneyEffects | undefined,
): Record<string, unknown> {
  const steps = [
    ...orderSteps(entry),
    ...entry.fills.map((fill) => step('filled', fill, fillDocument(fill))),
    ...effectSteps(effects),
  ].sort((a, b) => a.timeUs - b.timeUs);
  return {
    order_id: entry.orderId,
    trace_id: entry.traceId,
    one_trace: steps.every(({ traceId }) => traceId === null || traceId === entry.traceId),
    steps: steps.map(({ stage, timeUs, traceId, detail }) => ({
      stage,
      at: timeText(timeUs),
      trace_id: traceId,
      detail,
    })),
  };
}

function orderSteps(entry: OrderEntry): Step[] {
  const steps: Step[] = [];
  if (entry.request !== undefined) {
    const { source, requested_by, request_id } = entry.request.message;
    steps.push(step('requested', entry.request, { source, requested_by, request_id }));
  }
  if (entry.decision !== undefined) {
    const stage = entry.decision.message.outcome === 'APPROVED' ? 'approved' : 'blocked';
    steps.push(step(stage, entry.decision, decisionDocument(entry.decision.message)));
  }
  for (const change of entry.changes) {
    const { kind } = change.message;
    const isRequest = 'source' in change.message;
    const stage = `${kind === 'CANCEL' ? 'cancel' : 'replace'}_${isRequest ? 'requested' : 'decided'}`;
    steps.push(step(stage, change, { request_id: change.message.request_id }));
  }
  for (const event of entry.events) {
    const { status, client_order_id, venue_order_id, filled_quantity, reason } = event.message;
    steps.push(
      step(STAGES[status] ?? status.toLowerCase(), event, {
        status,
        client_order_id,
        venue_order_id,
        filled_quantity: amountText(filled_quantity),
        reason,
      }),
    );
  }
  return steps;
}

const STAGES: Readonly<Record<string, string>> = {
  PENDING_NEW: 'submitted',
  NEW: 'acknowledged',
};

function effectSteps(effects: JourneyEffects | undefined): Step[] {
  if (effects === undefined) return [];
  const { position, greeks, tca } = effects;
  const steps: Step[] = [];
  if (position !== undefined) {
    const { position_id, quantity, average_price } = position.message;
    steps.push(
      step('position', position, {
        position_id,
        quantity: amountText(quantity),
        avg_price: amountText(average_price),
      }),
    );
  }
  if (greeks !== undefined) {
    const { underlying, totals } = greeks.message;
    steps.push(
      step('greeks', greeks, {
        underlying,
        delta: totals.delta,
        dollar_delta: totals.dollar_delta,
      }),
    );
  }
  if (tca !== undefined) {
    const { arrival_slippage_bps, fill_rate, final } = tca.message;
    steps.push(step('tca', tca, { arrival_slippage_bps, fill_rate, final }));
  }
  return steps;
}

function step(stage: string, mark: Marked<unknown>, detail: Record<string, unknown>): Step {
  return { stage, timeUs: mark.timeUs, traceId: mark.traceId, detail };
}
