import { unwrap } from '@cerberus/core';
import { realisedVolatilities, type VolatilityEstimator, volatilityCone } from '@cerberus/features';
import { describe, expect, test } from '@jest/globals';
import { absenceNote, column, isDataPresent, tableOf } from './published-figures.ts';

const suite = isDataPresent ? describe : describe.skip;

suite(`against published and independent figures${absenceNote}`, () => {
  test('the 30-day volatility that Strategy publishes for MSTR, on every day', () => {
    const rows = tableOf('mstr/mstr_strategy_daily.csv');
    // 30 closes are 29 returns; the publisher annualises by 252 and divides by n − 1.
    const options = { estimator: 'close', window: 29, periodsPerYear: 252 } as const;
    const found = unwrap(realisedVolatilities({ close: column(rows, 'close') }, options));
    const published = column(rows, '30d_historical_volatility').slice(29);
    expect(found).toHaveLength(published.length);
    for (const [k, value] of found.entries()) expect(value).toBeCloseTo(published[k]!, 9);
    const year = { ...options, window: 252 };
    const long = unwrap(realisedVolatilities({ close: column(rows, 'close') }, year));
    expect(long.at(-1)).toBeCloseTo(0.9100945721278172, 12);
  });

  test('percentiles of bitcoin 2018 to 2024, by the statistics module of Python', () => {
    const close = column(tableOf('daily/btc_usd_ohlcv_daily.csv'), 'close');
    const probabilities = [0.1, 0.25, 0.5, 0.75, 0.9];
    const implied = new Map([[30, 0.5]]);
    const options = { horizons: [30, 365], probabilities, periodsPerYear: 365, implied };
    const [month, year] = unwrap(volatilityCone({ close }, { ...options, estimator: 'close' }));
    const expected = [
      0.34317401805790393, 0.46440476768683564, 0.5810597702680956, 0.738782859770468,
      0.9580511406294699,
    ];
    for (const [i, value] of expected.entries()) {
      expect(month!.percentiles[i]).toBeCloseTo(value, 12);
    }
    expect(month).toMatchObject({ windows: 2343, separateWindows: 79, implied: 0.5 });
    expect(month!.minimum).toBeCloseTo(0.1705215027105545, 12);
    expect(month!.maximum).toBeCloseTo(1.9802166360763942, 12);
    expect(month!.current).toBeCloseTo(0.32845927047813406, 12);
    expect(month!.currentRank).toBeCloseTo(0.08792146820315834, 12);
    // 50 % lies between the first quartile and the median.
    expect(month!.impliedRank).toBeGreaterThan(0.25);
    expect(month!.impliedRank).toBeLessThan(0.5);
    expect(year!.percentiles[2]).toBeCloseTo(0.6849201567029488, 12);
    expect(year!.currentRank).toBeCloseTo(0.12450199203187251, 12);
  });

  const estimators: [VolatilityEstimator, number][] = [
    ['parkinson', 0.3589450036953202],
    ['garman-klass', 0.37079050725541196],
    ['yang-zhang', 0.3715261800609241],
  ];

  test.each(estimators)('%s of the last 30 days of bitcoin', (estimator, expected) => {
    const rows = tableOf('daily/btc_usd_ohlcv_daily.csv');
    const [open, high, low, close] = ['open', 'high', 'low', 'close'].map((name) =>
      column(rows, name),
    );
    const bars = { open: open!, high: high!, low: low!, close: close! };
    const options = { estimator, window: 30, periodsPerYear: 365 };
    const found = unwrap(realisedVolatilities(bars, options));
    expect(found.at(-1)).toBeCloseTo(expected, 12);
  });
});

describe('what is refused', () => {
  const close = Float64Array.from({ length: 50 }, (_, t) => 100 + Math.sin(t));
  const options = {
    ...{ horizons: [10], probabilities: [0.5], periodsPerYear: 252 },
    estimator: 'close' as const,
  };
  const bars = { open: close, high: close.map((x) => x + 1), low: close.map((x) => x - 1), close };
  const cases: [string, Parameters<typeof volatilityCone>, string, string][] = [
    [
      'a horizon longer than the history',
      [{ close }, { ...options, horizons: [10, 50] }],
      'CRB_FEATURES_TOO_SHORT',
      'close',
    ],
    [
      'a horizon of one period',
      [{ close }, { ...options, horizons: [1] }],
      'CRB_FEATURES_OUT_OF_DOMAIN',
      'horizons[0]',
    ],
    [
      'a price of zero',
      [{ close: close.map((x, t) => (t === 5 ? 0 : x)) }, options],
      'CRB_FEATURES_OUT_OF_DOMAIN',
      'close[5]',
    ],
    [
      'an implied volatility below zero',
      [{ close }, { ...options, implied: new Map([[10, -0.2]]) }],
      'CRB_FEATURES_OUT_OF_DOMAIN',
      'implied 10',
    ],
    [
      'a percentile of 1',
      [{ close }, { ...options, probabilities: [1] }],
      'CRB_FEATURES_OUT_OF_DOMAIN',
      'probabilities[0]',
    ],
    [
      'a close above its high',
      [
        { ...bars, high: bars.high.map((x, t) => (t === 7 ? 1 : x)) },
        { ...options, estimator: 'parkinson' },
      ],
      'CRB_FEATURES_BAR_INCONSISTENT',
      'row 7',
    ],
    [
      'bars without their range',
      [{ close }, { ...options, estimator: 'garman-klass' }],
      'CRB_FEATURES_LENGTH_MISMATCH',
      'open',
    ],
  ];

  test.each(cases)('%s', (_, [given, how], code, path) => {
    expect(volatilityCone(given, how)).toMatchObject({ ok: false, error: { code, path } });
  });
});
