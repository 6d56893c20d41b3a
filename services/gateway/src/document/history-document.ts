import type { Instrument } from '@cerberus/schema';
import {
  HISTORY_METRICS,
  QUALITY_RANK,
  type SeriesInterval,
  type SeriesPoint,
} from '@cerberus/store';
import { Type } from 'typebox';
import { isComplete } from '../store/history-store.ts';
import {
  Measure,
  Quality,
  qualityText,
  Reasons,
  TextOrNull,
  Time,
  TimeOrNull,
  timeText,
} from './fields.ts';

export const INTERVALS = ['raw', '1m', '1h', '1d'] as const;

const Units = Type.Record(Type.String(), Type.String(), { description: 'Unit of each figure' });
const Complete = Type.Boolean({ description: 'false while the interval may still change' });
const RANGE = {
  interval: Type.Enum([...INTERVALS]),
  from: Time,
  to: Type.String({ description: 'exclusive' }),
  units: Units,
  as_of: Type.Unsafe<string | null>({
    ...TimeOrNull,
    description: 'Up to when the newest item of this page knows; null without items',
  }),
  next_cursor: TextOrNull,
};

const Spread = Type.Object({ min: Measure, max: Measure, mean: Measure });

export const RISK_HISTORY_PAGE = Type.Object({
  account_id: Type.String(),
  ...RANGE,
  items: Type.Array(
    Type.Object({
      time: Type.String({ description: 'of the figures, or the start of the interval' }),
      quality: Quality,
      ...Object.fromEntries(HISTORY_METRICS.map((name) => [name, Measure])),
      reasons: Type.Optional(Reasons),
      samples: Type.Optional(Type.Integer({ description: 'Figures the interval was made of' })),
      complete: Type.Optional(Complete),
      ranges: Type.Optional(
        Type.Record(Type.String(), Spread, { description: 'Within the interval' }),
      ),
    }),
    { description: 'From old to new; of an interval the last figure and the worst quality' },
  ),
});

export const BAR_HISTORY_PAGE = Type.Object({
  instrument_id: Type.String(),
  symbol: Type.String(),
  ...RANGE,
  items: Type.Array(
    Type.Object({
      time: Type.String({ description: 'start of the bar' }),
      bar_interval: Type.String(),
      source: Type.Enum(['TRADES', 'VENUE'], { description: 'who made the bar, or what it is of' }),
      open: Measure,
      high: Measure,
      low: Measure,
      close: Measure,
      volume: Measure,
      quote_volume: Measure,
      trade_count: Measure,
      revision: Type.Optional(Type.Integer()),
      complete: Complete,
    }),
    { description: 'From old to new' },
  ),
});

const DOLLARS = 'USD';

/** As the risk engine gives them: Greeks in library units, deltas and gammas in dollars. */
export const RISK_UNITS: Readonly<Record<(typeof HISTORY_METRICS)[number], string>> = {
  portfolio_value: DOLLARS,
  var_95_1d: DOLLARS,
  var_99_1d: DOLLARS,
  var_95_10d: DOLLARS,
  es_95_1d: DOLLARS,
  es_99_1d: DOLLARS,
  portfolio_delta: DOLLARS,
  portfolio_gamma: 'USD per 1 % of the underlying',
  portfolio_vega: 'USD per 1.00 of volatility',
  portfolio_theta: 'USD per year',
  concentration_score: 'fraction, 0 to 1',
  largest_position_pct: '%',
};

export function barUnits({ base_currency, quote_currency }: Instrument): Record<string, string> {
  const prices = ['open', 'high', 'low', 'close'].map((name) => [name, quote_currency]);
  return {
    ...Object.fromEntries(prices),
    volume: base_currency,
    quote_volume: quote_currency,
    trade_count: 'trades',
  };
}

export function riskPointDocument(
  point: SeriesPoint,
  interval: SeriesInterval,
  nowUs: number,
): Record<string, unknown> {
  const { values, timeUs } = point;
  if (interval === 'raw') {
    const missing = values['missing'] as Record<string, string> | null;
    return {
      ...{ time: timeText(timeUs), quality: qualityOf(values['quality']) },
      ...Object.fromEntries(HISTORY_METRICS.map((name) => [name, values[name] ?? null])),
      reasons: missing ?? {},
    };
  }
  const spread = (name: string) => ({
    min: values[`${name}_min`] ?? null,
    max: values[`${name}_max`] ?? null,
    mean: values[`${name}_mean`] ?? null,
  });
  return {
    ...{ time: timeText(timeUs), quality: qualityOf(values['quality_max']) },
    ...Object.fromEntries(HISTORY_METRICS.map((name) => [name, values[`${name}_last`] ?? null])),
    samples: Number(values['samples']),
    complete: isComplete(point, interval, nowUs),
    ranges: Object.fromEntries(HISTORY_METRICS.map((name) => [name, spread(name)])),
  };
}

function qualityOf(rank: SeriesPoint['values'][string] | undefined) {
  return qualityText(QUALITY_RANK[Number(rank ?? 2)] ?? 'UNTRUSTED');
}

/** A bar as it was published, or made of those of a minute. */
export function barPointDocument(
  point: SeriesPoint,
  interval: SeriesInterval,
  nowUs: number,
): Record<string, unknown> {
  const { key, values, timeUs } = point;
  const [, barInterval, source] = key;
  if (interval === 'raw' || interval === '1m') {
    const { open, high, low, close, volume, quote_volume } = values;
    return {
      ...{ time: timeText(timeUs), bar_interval: barInterval, source },
      ...{ open, high, low, close, volume, quote_volume },
      trade_count: Number(values['trade_count']),
      revision: Number(values['revision']),
      complete: values['complete'],
    };
  }
  return {
    ...{ time: timeText(timeUs), bar_interval: interval, source },
    ...{ open: values['open_first'], high: values['high_max'], low: values['low_min'] },
    ...{ close: values['close_last'], volume: values['volume_sum'] },
    quote_volume: values['quote_volume_sum'],
    trade_count: Number(values['trade_count_sum']),
    complete: isComplete(point, interval, nowUs),
  };
}
