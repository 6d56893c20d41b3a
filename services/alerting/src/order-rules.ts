import { formatDecimal } from '@cerberus/core';
import type { OrderDecision, OrderEvent, TcaReport } from '@cerberus/schema';
import type { Condition } from './alert-life.ts';

export interface OrderThresholds {
  readonly nearFraction: number;
  readonly slippageBps: number;
}

/** What a gate decision gives rise to: breaches of limits, and orders that came near one. */
export function decisionConditions(
  decision: OrderDecision,
  { nearFraction }: OrderThresholds,
): Condition[] {
  const { account_id: account, instrument_id: instrument } = decision;
  return decision.checks.flatMap((check): Condition[] => {
    const data = {
      order_id: decision.order_id,
      check: check.check,
      code: check.code,
      scope: check.scope,
      utilization: check.utilization === null ? '' : check.utilization.toFixed(4),
    };
    const common = { category: 'limits', subject: `${account} ${instrument} ${check.check}`, data };
    if (!check.passed) {
      const hard = check.severity === 'HARD';
      return [
        {
          ...common,
          rule: hard ? 'limit_breach' : 'soft_limit_breach',
          severity: 'WARNING',
          message: `${hard ? 'Order blocked' : 'Soft limit passed'}: ${check.message}`,
          actions: [
            'Review the order and the limit',
            `GET /api/v1/risk/orders/${decision.order_id}`,
          ],
        },
      ];
    }
    if (check.utilization === null || check.utilization < nearFraction) return [];
    const share = `${Math.round(check.utilization * 100)} %`;
    return [
      {
        ...common,
        rule: 'limit_near',
        severity: 'INFO',
        message: `${check.check} of ${account} is at ${share} of its limit`,
        actions: ['Reduce the position or raise the limit'],
      },
    ];
  });
}

/** An order nobody knows the outcome of. */
export function unknownOrder(event: OrderEvent): Condition {
  return {
    rule: 'order_unknown',
    category: 'execution',
    severity: 'CRITICAL',
    subject: event.order_id,
    message: `Outcome of order ${event.order_id} at ${event.venue} is unknown: ${event.reason ?? 'no reason given'}`,
    data: {
      account_id: event.account_id,
      client_order_id: event.client_order_id,
      quantity: formatDecimal(event.quantity),
    },
    actions: ['Look the client order id up at the venue', 'Engage the kill switch if it persists'],
  };
}

export function slippageCondition(
  report: TcaReport,
  { slippageBps }: OrderThresholds,
): Condition | undefined {
  const { arrival_slippage_bps: bps } = report;
  if (!report.final || bps === null || bps < slippageBps) return undefined;
  return {
    rule: 'slippage',
    category: 'execution',
    severity: 'WARNING',
    subject: report.order_id,
    message: `Order ${report.order_id} slipped ${bps.toFixed(1)} bp against arrival`,
    data: { account_id: report.account_id, instrument_id: report.instrument_id },
    actions: ['Use limit orders or a slower schedule'],
  };
}
