import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { cerberus, inScratch } from './command-line.ts';

const SHARED = process.env['CERBERUS_SHARED_DIR'] ?? join(process.cwd(), '..', 'shared');
const DATA = join(SHARED, 'data');
const isPresent = existsSync(DATA);
const suite = isPresent ? describe : describe.skip;

suite(`real prices${isPresent ? '' : ' (shared/data is absent)'}`, () => {
  test('MSTR: today’s 30-day volatility is the published one; an implied one is ranked', async () => {
    await inScratch({}, async (path) => {
      const file = join(DATA, 'mstr', 'mstr_strategy_daily.csv');
      const flags = ['--periods-per-year', '252', '--horizons', '10,252', '--implied', '29=0.9'];
      const run = await cerberus(['vol-cone', file, ...flags, '--plot', path('c.svg'), '--json']);
      expect(run).toMatchObject({ code: 0, stderr: '' });
      const { cone } = JSON.parse(run.stdout);
      expect(cone.map((slice: { horizon: number }) => slice.horizon)).toEqual([10, 29, 252]);
      expect(cone[1].current).toBeCloseTo(0.83020217974214, 12);
      expect(cone[2].current).toBeCloseTo(0.9100945721278172, 12);
      expect(cone[1].implied).toBe(0.9);
      expect(cone[1].implied_rank).toBeGreaterThan(cone[1].current_rank);
      expect(readFileSync(path('c.svg'), 'utf8')).toContain('implied 29');
    });
  });

  test('BTC: periods of a year as the dates have it; range estimators from the bars', async () => {
    const file = join(DATA, 'daily', 'btc_usd_ohlcv_daily.csv');
    const run = await cerberus(['vol-cone', file, '--estimator', 'garman-klass', '--json']);
    const { cone, periods_per_year: perYear } = JSON.parse(run.stdout);
    expect(perYear).toBeCloseTo(365.25, 10);
    expect(cone).toHaveLength(7);
    for (const { percentiles, minimum, maximum } of cone) {
      const ladder = [minimum, ...percentiles, maximum];
      expect(ladder).toEqual([...ladder].sort((a, b) => a - b));
    }
  });
});

describe('bad input', () => {
  const prices = ['date,close', '2024-01-01,100', '2024-01-02,101', '2024-01-03,99', ''];
  const bars = 'open,high,low,close\n1,2,1,2\n2,1,2,2\n2,3,1,2\n2,3,1,2\n';
  const cases: [string, string, string[], string[]][] = [
    ['a horizon too long', prices.join('\n'), ['--horizons', '5'], ['CRB_FEATURES_TOO_SHORT']],
    ['a horizon of 1', prices.join('\n'), ['--horizons', '1'], ['--horizons', 'from 2']],
    [
      'a price of zero',
      prices.with(2, '2024-01-02,0').join('\n'),
      ['--horizons', '2'],
      ['line 3, close', 'above 0'],
    ],
    [
      'bars that contradict themselves',
      bars,
      ['--horizons', '2', '--estimator', 'parkinson'],
      ['line 3', 'low ≤ open'],
    ],
    [
      'no range',
      prices.join('\n'),
      ['--estimator', 'parkinson'],
      ['column open', 'CRB_CLI_INPUT_MISSING'],
    ],
    ['an implied of zero', prices.join('\n'), ['--implied', '2=0'], ['--implied', 'above 0']],
  ];

  test.each(cases)('%s', async (_, stdin, flags, told) => {
    const run = await cerberus(['vol-cone', '-', ...flags], stdin);
    expect(run).toMatchObject({ code: 2, stdout: '' });
    for (const text of told) expect(run.stderr).toContain(text);
  });
});
