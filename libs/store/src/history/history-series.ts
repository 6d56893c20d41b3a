import {
  type Aggregate,
  defineSeries,
  type SeriesColumn,
  type SeriesDefinition,
} from '../series/definition.ts';

/*
 * The history that the reporting service writes and the gateway reads. Tables once made keep their
 * names, columns and chunks: `history-series.test.ts` holds the fingerprint of each.
 */

/** Figures of the contract that have a history, as the risk engine names them. */
export const HISTORY_METRICS = [
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

/** How long rows are kept, days; the coarsest roll-up of each series is kept for ever. */
export interface HistoryRetention {
  /** Risk figures as they were published. */
  readonly riskDays: number;
  /** Their roll-ups by the minute. */
  readonly minuteDays: number;
  /** Roll-ups by the hour. */
  readonly hourDays: number;
  readonly barDays: number;
  /** Positions, accounts and execution reports. */
  readonly ledgerDays: number;
}

export const HISTORY_RETENTION: HistoryRetention = {
  ...{ riskDays: 14, minuteDays: 90, hourDays: 1826, barDays: 1826, ledgerDays: 3653 },
};

const text = (name: string): SeriesColumn => ({ name, type: 'text' });
const double = (name: string, ...rollUp: Aggregate[]): SeriesColumn => ({
  ...{ name, type: 'double', rollUp },
});
const decimal = (name: string, ...rollUp: Aggregate[]): SeriesColumn => ({
  ...{ name, type: 'decimal', rollUp },
});
const integer = (name: string, ...rollUp: Aggregate[]): SeriesColumn => ({
  ...{ name, type: 'integer', rollUp },
});

/** Names of the series, as `SeriesStore.write` takes them. */
export type HistorySeriesName = 'risk_metrics' | 'bar' | 'position' | 'account' | 'tca_report';

/** Quality of a risk figure as a number, so that a roll-up keeps the worst. */
export const QUALITY_RANK = ['OK', 'DEGRADED', 'UNTRUSTED'] as const;

/** All of them, in the order in which their tables are made. */
export function historySeries(retention: HistoryRetention = HISTORY_RETENTION) {
  return {
    riskMetrics: riskMetricsSeries(retention),
    bars: barSeries(retention),
    positions: positionSeries(retention),
    accounts: accountSeries(retention),
    tcaReports: tcaReportSeries(retention),
  };
}

function riskMetricsSeries({ riskDays, minuteDays, hourDays }: HistoryRetention): SeriesDefinition {
  return defineSeries({
    name: 'risk_metrics',
    key: [text('account_id')],
    columns: [
      text('method'),
      integer('quality', 'max'),
      ...HISTORY_METRICS.map((name) => double(name, 'last', 'min', 'max', 'mean')),
      { name: 'missing', type: 'json' },
    ],
    ...{ chunkDays: 1, keepDays: riskDays },
    rollUps: [
      { interval: '1m', chunkDays: 7, keepDays: minuteDays },
      { interval: '1h', chunkDays: 90, keepDays: hourDays },
      { interval: '1d', chunkDays: 730 },
    ],
  });
}

function barSeries({ barDays, hourDays }: HistoryRetention): SeriesDefinition {
  return defineSeries({
    name: 'bar',
    key: [text('instrument_id'), text('bar_interval'), text('source')],
    columns: [
      double('open', 'first'),
      double('high', 'max'),
      double('low', 'min'),
      double('close', 'last'),
      double('volume', 'sum'),
      double('quote_volume', 'sum'),
      integer('trade_count', 'sum'),
      integer('close_time', 'max'),
      integer('revision'),
      { name: 'complete', type: 'boolean' },
    ],
    revision: 'revision',
    ...{ chunkDays: 90, keepDays: barDays },
    rollUps: [
      { interval: '1h', chunkDays: 180, keepDays: Math.max(barDays, hourDays) },
      { interval: '1d', chunkDays: 730 },
    ],
    // Bars of the platform's own making; a day that a venue gave as one bar has no hours.
    rollUpOf: { column: 'bar_interval', value: '1m' },
  });
}

function positionSeries({ ledgerDays }: HistoryRetention): SeriesDefinition {
  return defineSeries({
    name: 'position',
    key: [text('account_id'), text('instrument_id')],
    columns: [
      decimal('quantity', 'last', 'min', 'max'),
      decimal('average_price', 'last'),
      decimal('realized_pnl', 'last'),
      decimal('fees', 'last'),
      text('currency'),
      integer('revision'),
    ],
    revision: 'revision',
    ...{ chunkDays: 90, keepDays: ledgerDays },
    rollUps: [{ interval: '1d', chunkDays: 730 }],
  });
}

function accountSeries({ ledgerDays }: HistoryRetention): SeriesDefinition {
  return defineSeries({
    name: 'account',
    key: [text('account_id'), text('currency')],
    columns: [
      decimal('cash', 'last', 'min', 'max'),
      decimal('realized_pnl', 'last'),
      decimal('fees', 'last'),
      integer('revision'),
    ],
    revision: 'revision',
    ...{ chunkDays: 90, keepDays: ledgerDays },
    rollUps: [{ interval: '1d', chunkDays: 730 }],
  });
}

function tcaReportSeries({ ledgerDays }: HistoryRetention): SeriesDefinition {
  return defineSeries({
    name: 'tca_report',
    key: [text('account_id'), text('order_id')],
    columns: [
      text('instrument_id'),
      { name: 'final', type: 'boolean' },
      integer('fills'),
      ...[
        ...['fees_usd', 'impact_bps', 'spread_cost_usd', 'total_cost_usd', 'realized_pnl'],
        ...['unrealized_pnl', 'latency_ms', 'arrival_slippage_bps', 'vwap_slippage_bps'],
        ...['fill_rate', 'passive_ratio'],
      ].map((name) => double(name)),
      { name: 'violations', type: 'json' },
      { name: 'missing', type: 'json' },
    ],
    ...{ chunkDays: 90, keepDays: ledgerDays },
    rollUps: [],
  });
}
