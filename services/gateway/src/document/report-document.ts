import type { TcaReport } from '@cerberus/schema';
import { amountText, finiteOrNull } from '@cerberus/web';
import { Type } from 'typebox';
import { Amount, AmountOrNull, Measure, Reasons, TextOrNull, Time, timeText } from './fields.ts';
import { symbolOf } from './order-document.ts';

export const REPORT_SCHEMA = Type.Object({
  order_id: Type.String(),
  account_id: Type.String(),
  symbol: Type.String(),
  final: Type.Boolean(),
  as_of: Time,
  orders: Type.Array(
    Type.Object({
      order_id: Type.String(),
      venue: Type.String(),
      symbol: Type.String(),
      side: Type.String(),
      qty: Amount,
      tif: Type.String(),
      order_type: Type.String(),
      limit_price: AmountOrNull,
      slice_id: TextOrNull,
      parent_id: TextOrNull,
    }),
  ),
  fills: Type.Array(
    Type.Object({
      order_id: Type.String(),
      fill_id: Type.String(),
      price: Amount,
      qty: Amount,
      slippage_bps: Measure,
      venue: Type.String(),
      timestamp: Time,
    }),
  ),
  costs: Type.Object({
    fees_usd: Measure,
    impact_bps: Measure,
    spread_cost_usd: Measure,
    total_cost_usd: Measure,
  }),
  violations: Type.Array(Type.String()),
  pnl: Type.Object({ realized: Measure, unrealized: Measure }),
  latency_ms: Measure,
  execution_quality: Type.Object({
    arrival_slippage_bps: Measure,
    vwap_slippage_bps: Measure,
    fill_rate: Measure,
    passive_ratio: Measure,
  }),
  reasons: Reasons,
});

/** The execution report of the public contract. */
export function reportDocument(report: TcaReport): Record<string, unknown> {
  return {
    order_id: report.order_id,
    account_id: report.account_id,
    symbol: symbolOf(report.instrument_id),
    final: report.final,
    as_of: timeText(report.as_of),
    orders: report.orders.map((order) => ({
      order_id: order.order_id,
      venue: order.venue,
      symbol: symbolOf(order.instrument_id),
      side: order.side,
      qty: amountText(order.quantity),
      tif: order.time_in_force,
      order_type: order.order_type,
      limit_price: amountText(order.limit_price),
      slice_id: order.slice_id,
      parent_id: order.parent_id,
    })),
    fills: report.fills.map((fill) => ({
      order_id: fill.order_id,
      fill_id: fill.fill_id,
      price: amountText(fill.price),
      qty: amountText(fill.quantity),
      slippage_bps: finiteOrNull(fill.slippage_bps),
      venue: fill.venue,
      timestamp: timeText(fill.event_time),
    })),
    costs: {
      fees_usd: finiteOrNull(report.fees_usd),
      impact_bps: finiteOrNull(report.impact_bps),
      spread_cost_usd: finiteOrNull(report.spread_cost_usd),
      total_cost_usd: finiteOrNull(report.total_cost_usd),
    },
    violations: report.violations,
    pnl: {
      realized: finiteOrNull(report.realized_pnl),
      unrealized: finiteOrNull(report.unrealized_pnl),
    },
    latency_ms: finiteOrNull(report.latency_ms),
    execution_quality: {
      arrival_slippage_bps: finiteOrNull(report.arrival_slippage_bps),
      vwap_slippage_bps: finiteOrNull(report.vwap_slippage_bps),
      fill_rate: finiteOrNull(report.fill_rate),
      passive_ratio: finiteOrNull(report.passive_ratio),
    },
    reasons: report.missing,
  };
}
