import { assertNever, formatDecimal } from '@cerberus/core';
import type {
  Account,
  Bar,
  MessageByTopic,
  Position,
  RiskMetrics,
  TcaReport,
} from '@cerberus/schema';
import {
  HISTORY_METRICS,
  type HistorySeriesName,
  QUALITY_RANK,
  type SeriesRow,
} from '@cerberus/store';

/** Topics that have a history; a position's or an account's tombstone leaves its history as it is. */
export const HISTORY_TOPICS = [
  'risk.metrics',
  'md.bar',
  'position',
  'account',
  'tca.report',
] as const;
export type HistoryTopic = (typeof HISTORY_TOPICS)[number];

export interface HistoryRows {
  readonly series: HistorySeriesName;
  readonly rows: readonly SeriesRow[];
}

/** The rows that a message adds, with keys that follow from it alone: read again, they are the same. */
export function historyRows<T extends HistoryTopic>(
  topic: T,
  message: MessageByTopic[T],
): HistoryRows;
export function historyRows(
  topic: HistoryTopic,
  message: RiskMetrics | Bar | Position | Account | TcaReport,
): HistoryRows {
  switch (topic) {
    case 'risk.metrics':
      return { series: 'risk_metrics', rows: [riskRow(message as RiskMetrics)] };
    case 'md.bar':
      return { series: 'bar', rows: [barRow(message as Bar)] };
    case 'position':
      return { series: 'position', rows: [positionRow(message as Position)] };
    case 'account':
      return { series: 'account', rows: accountRows(message as Account) };
    case 'tca.report':
      return { series: 'tca_report', rows: [reportRow(message as TcaReport)] };
    default:
      return assertNever(topic);
  }
}

function riskRow(metrics: RiskMetrics): SeriesRow {
  const { account_id, as_of: timeUs, method, quality, values, missing } = metrics;
  const figures = HISTORY_METRICS.map((name) => [name, finite(values[name])] as const);
  // Only the reasons of what is kept: the engine gives more figures than have a history.
  const absent = figures.flatMap(([name, value]) =>
    value === null ? [[name, missing[name] ?? 'not computed'] as const] : [],
  );
  return {
    timeUs,
    values: {
      ...{ account_id, method, quality: QUALITY_RANK.indexOf(quality) },
      ...Object.fromEntries(figures),
      missing: absent.length === 0 ? null : JSON.stringify(Object.fromEntries(absent)),
    },
  };
}

function finite(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : value;
}

function barRow(bar: Bar): SeriesRow {
  const { open_time: timeUs, interval, venue: _venue, ...values } = bar;
  return { timeUs, values: { ...values, bar_interval: interval } };
}

function positionRow(position: Position): SeriesRow {
  const { account_id, instrument_id, currency, revision, updated_at: timeUs } = position;
  return {
    timeUs,
    values: {
      ...{ account_id, instrument_id, currency, revision },
      quantity: formatDecimal(position.quantity),
      average_price: formatDecimal(position.average_price),
      realized_pnl: formatDecimal(position.realized_pnl),
      fees: formatDecimal(position.fees),
    },
  };
}

function accountRows({ account_id, balances, updated_at, revision }: Account): SeriesRow[] {
  return balances.map(({ currency, cash, realized_pnl, fees }) => ({
    timeUs: updated_at,
    values: {
      ...{ account_id, currency, revision },
      cash: formatDecimal(cash),
      realized_pnl: formatDecimal(realized_pnl),
      fees: formatDecimal(fees),
    },
  }));
}

function reportRow(report: TcaReport): SeriesRow {
  const { as_of: timeUs, orders: _orders, fills, violations, missing, ...values } = report;
  return {
    timeUs,
    values: {
      ...values,
      fills: fills.length,
      violations: JSON.stringify(violations),
      missing: JSON.stringify(missing),
    },
  };
}
