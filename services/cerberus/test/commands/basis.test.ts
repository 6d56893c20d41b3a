import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { cerberus, inScratch } from './command-line.ts';

const SHARED = process.env['CERBERUS_SHARED_DIR'] ?? join(process.cwd(), '..', 'shared');
const DATA = join(SHARED, 'data');
const isPresent = existsSync(DATA);
const suite = isPresent ? describe : describe.skip;
const note = isPresent ? '' : ' (shared/data is absent)';
const PAIR = [
  ...['--history', `MSTR=${join(DATA, 'daily', 'mstr_ohlcv_daily.csv')}`],
  ...['--history', `BTC=${join(DATA, 'daily', 'btc_usd_ohlcv_daily.csv')}`],
  ...['--asset', 'MSTR', '--driver', 'BTC'],
];

const json = async (args: readonly string[]) => {
  const run = await cerberus([...args, '--json']);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  return JSON.parse(run.stdout);
};

suite(`MSTR on bitcoin, 2020 to 2024${note}`, () => {
  test('premium by day: its multiple, reversion, score and picture', async () => {
    await inScratch({}, async (path) => {
      const capital = join(DATA, 'mstr', 'mstr_daily_capital_and_mnav.csv');
      const flags = ['--capital', capital, '--plot', path('premium.svg')];
      const { premium, risk, tail_capital: tail } = await json(['basis', ...PAIR, ...flags]);
      // The table has 2.0246 for the last day, at a bitcoin price of its own source.
      expect(premium.multiple).toBeCloseTo(2.0246, 2);
      expect(premium.coin_per_share).toBeCloseTo(0.00118605, 8);
      const { level, speed, volatility, stationary_sd: sd, z_score: z } = premium.reversion;
      expect(sd).toBeCloseTo(volatility / Math.sqrt(2 * speed), 12);
      expect(z).toBeCloseTo((Math.log(premium.multiple) - level) / sd, 12);
      // A least-squares fit in Python of the table's own multiples: z 1.5608, half-life 60.29 days.
      expect(z).toBeCloseTo(1.5608, 2);
      expect(premium.reversion.half_life / 60.29).toBeCloseTo(1, 2);
      const parts = Object.values(risk.components as Record<string, number>);
      expect(risk.score).toBeCloseTo(parts.reduce((a, b) => a + b, 0) / 4, 12);
      expect(tail.hedged).toBeLessThan(tail.unhedged);
      expect(readFileSync(path('premium.svg'), 'utf8')).toContain('Premium of MSTR to BTC');
    });
  });

  test('premium of today alone, from figures on the command line', async () => {
    const figures = ['--holdings', '226177', '--shares', '190697245'];
    const claims = ['--debt', '1444698000', '--cash', '95326000'];
    const { premium, relation } = await json(['basis', ...PAIR, ...figures, ...claims]);
    // Closes of 2024-06-28: MSTR 137.75, BTC 60,320.136; the filings' figures by hand.
    const coins = 226_177 * 60_320.13671875;
    expect(premium.coin_value).toBeCloseTo(coins, -3);
    expect(premium.premium).toBeCloseTo((137.75 * 190_697_245) / coins - 1, 5);
    expect(premium.reversion).toBeNull();
    expect(relation.signal).toBeLessThan(0);
    expect(relation.ornstein_uhlenbeck.z_score).toBeGreaterThan(1);
  });
});

suite(`bad capital${note}`, () => {
  const cases: [string, string, string[], string[]][] = [
    ['shares missing', '', ['--holdings', '5'], ['--shares', 'CRB_CLI_INPUT_MISSING']],
    ['no holdings', '', ['--holdings', '0', '--shares', '5'], ['--holdings', 'above 0']],
    [
      'figures and a file',
      'date,holdings,shares\n2020-09-30,1,1\n',
      ['--capital', 'capital.csv', '--debt', '5'],
      ['--debt', 'not both'],
    ],
    [
      'no column of shares',
      'date,holdings\n2020-09-30,1\n',
      ['--capital', 'capital.csv'],
      ['shares or diluted_shares'],
    ],
    [
      'a negative debt',
      'date,holdings,shares,debt\n2020-09-30,1,1,-7\n',
      ['--capital', 'capital.csv'],
      ['line 2, debt', 'at least 0'],
    ],
    [
      'capital after the history',
      'date,holdings,shares\n2024-06-20,1,1\n',
      ['--capital', 'capital.csv'],
      ['at least 60 days'],
    ],
  ];

  test.each(cases)('%s', async (_, capital, flags, told) => {
    await inScratch({ 'capital.csv': capital }, async (path) => {
      const named = flags.map((flag) => (flag.endsWith('.csv') ? path(flag) : flag));
      const run = await cerberus(['basis', ...PAIR, ...named]);
      expect(run).toMatchObject({ code: 2, stdout: '' });
      for (const text of told) expect(run.stderr).toContain(text);
    });
  });
});
