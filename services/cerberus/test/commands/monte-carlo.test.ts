import { readFileSync } from 'node:fs';
import { CerberusError } from '@cerberus/core';
import { normalQuantile } from '@cerberus/stats';
import { describe, expect, test } from '@jest/globals';
import { loadBook } from '../../src/commands/book-options.ts';
import { simulate } from '../../src/commands/monte-carlo.ts';
import {
  type MonteCarloOptions,
  monteCarloChoice,
} from '../../src/commands/monte-carlo-options.ts';
import { Progress } from '../../src/commands/progress.ts';
import { bookMoves, type MoveOptions } from '../../src/commands/var-source.ts';
import { cerberus, inScratch } from './command-line.ts';

const BOOK = [
  'account_id,kind,symbol,quantity,price,currency,venue,volatility,multiplier',
  'demo,cash,,1000,,USDT,,,',
  'demo,spot,BTCUSDT,2,50000,USDT,BINANCE,,',
  'demo,spot,MSTR.NASDAQ,300,100,USD,,,',
  'demo,option,BTC-20241227-60000-C,-3,,USDT,,0.6,',
  'demo,option,MSTR-20241227-150-P,100,,USD,,0.9,',
  '',
].join('\n');

/** Two correlated walks with days of their own size, and a volatility index. */
function history(days = 200): string {
  const lines = ['date,underlying,close'];
  for (const [name, start, phase] of [
    ['BTC', 60_000, 0],
    ['MSTR', 120, 1],
    ['VIX', 15, 2],
  ] as const) {
    for (let day = 0; day < days; day++) {
      const date = new Date(Date.UTC(2024, 0, 1 + day)).toISOString().slice(0, 10);
      const wave = 0.06 * Math.sin(day / 3 + phase) + 0.04 * Math.sin(day * 2.7 + phase * day);
      lines.push(`${date},${name},${start * Math.exp(wave)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

const FILES = { 'book.csv': BOOK, 'history.csv': history(), 'short.csv': history(20) };
const RETURNS = ['return', ...Array.from({ length: 250 }, (_, i) => 0.03 * Math.sin(i * i)), ''];
const QUICK = ['--method', 'monte-carlo', '--paths', '6000'];

const json = async (args: readonly string[], stdin?: string) => {
  const run = await cerberus([...args, '--json'], stdin);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  return JSON.parse(run.stdout);
};

const bookFlags = (path: (name: string) => string, file = 'history.csv') => [
  ...['--positions', path('book.csv'), '--history', path(file), '--as-of', '2024-07-19'],
];

const flagsOf = (flags: Partial<MonteCarloOptions>): MonteCarloOptions => ({
  ...{ law: 'gbm', correlation: 'sample', revaluation: 'full', margins: 'empirical' },
  ...{ paths: '6000', seed: '1', stepsPerDay: '1' },
  ...flags,
});
const quiet = () => new Progress({ silent: true });

describe('the same figures for any number of threads, bit for bit', () => {
  const laws: [string, Partial<MonteCarloOptions>, MoveOptions][] = [
    ['gbm, sample', {}, {}],
    ['jumps, ewma', { law: 'jumps', correlation: 'ewma' }, {}],
    ['heston, shrunk, hours', { law: 'heston', correlation: 'shrunk', stepsPerDay: '4' }, {}],
    [
      't-copula, dcc, moved volatility, time passing',
      { law: 't-copula', correlation: 'dcc' },
      { volatilityFactor: 'VIX', passTime: true },
    ],
    [
      'delta-gamma-vega',
      { revaluation: 'delta-gamma-vega' },
      { volatilityFactor: 'VIX', passTime: true },
    ],
  ];

  test.each(laws)('%s', async (_, flags, moves) => {
    await inScratch(FILES, async (path) => {
      const loaded = loadBook({
        ...{ positions: path('book.csv'), history: [path('history.csv')] },
        ...{ asOf: '2024-07-19', rate: '0' },
      });
      const book = bookMoves(loaded, moves).simulated(5);
      const [one, two, four] = await Promise.all(
        ['1', '2', '4'].map((threads) =>
          simulate(book, monteCarloChoice(flagsOf({ ...flags, threads })), quiet()),
        ),
      );
      expect(one!.pnl).toHaveLength(6000);
      expect(new Set(one!.pnl).size).toBeGreaterThan(5900);
      expect(two!.pnl).toEqual(one!.pnl);
      expect(four!.pnl).toEqual(one!.pnl);
    });
  });

  test('on the command line', async () => {
    await inScratch(FILES, async (path) => {
      const args = ['var', ...QUICK, ...bookFlags(path), '--json', '--threads'];
      const [one, three] = await Promise.all(['1', '3'].map((n) => cerberus([...args, n])));
      expect(one).toMatchObject({ code: 0, stderr: '' });
      expect(three!.stdout).toBe(one!.stdout);
    });
  });
});

describe('what comes out', () => {
  test('a series: the lognormal quantile lies inside the interval that is told', async () => {
    const { monte_carlo: run } = await json(
      ['var', '-', ...QUICK, '--value', '1000', '--horizon', '4', '--confidence', '0.99'],
      RETURNS.join('\n'),
    );
    const spread = run.factors[0].volatility * Math.sqrt(run.horizon_years);
    const exact = -1000 * Math.expm1(-0.5 * spread ** 2 + normalQuantile(0.01) * spread);
    const [{ error, value_at_risk: value }] = run.estimates;
    // Four standard errors: the seed is fixed, and so is the outcome.
    expect(Math.abs(value - exact)).toBeLessThan(4 * error.var_standard_error);
    expect(error.var_low).toBeLessThan(value);
    expect(error.var_high).toBeGreaterThan(value);
    expect(run).toMatchObject({ paths: 6000, seed: 1, steps: 4, law: { kind: 'diffusion' } });
  });

  test('P&L is simulated in differences, and may be negative', async () => {
    const pnl = RETURNS.map((x) => (typeof x === 'number' ? 500 * x - 2 : x)).with(0, 'pnl');
    const { monte_carlo: run } = await json(['var', '-', ...QUICK], pnl.join('\n'));
    const spread = run.factors[0].volatility * Math.sqrt(run.horizon_years);
    const estimate = run.estimates.find((each: { confidence: number }) => each.confidence === 0.95);
    const exact = -normalQuantile(0.05) * spread;
    const error = estimate.error.var_standard_error;
    expect(Math.abs(estimate.value_at_risk - exact)).toBeLessThan(4 * error);
  });

  test('risk tells it beside history, and draws its distribution', async () => {
    await inScratch(FILES, async (path) => {
      const flags = ['risk', ...bookFlags(path), '--paths', '5000', '--plot', path('pnl.svg')];
      const { value_at_risk: tail } = await json(flags);
      expect(tail.monte_carlo.estimates).toHaveLength(2);
      expect(tail.monte_carlo.correlation[0][0]).toBeCloseTo(1, 12);
      const [, worst] = tail.monte_carlo.estimates;
      expect(worst.expected_shortfall).toBeGreaterThan(worst.value_at_risk);
      const picture = readFileSync(path('pnl.svg'), 'utf8');
      expect(picture).toContain('Monte Carlo VaR 0.99');
      expect(picture).toContain('paths');
      const without = await json(['risk', ...bookFlags(path), '--no-monte-carlo']);
      expect(without.value_at_risk.monte_carlo).toBeNull();
      expect(without.value_at_risk.estimates).toEqual(tail.estimates);
    });
  }, 60_000);

  test('history of a book over several days, backtested as well', async () => {
    await inScratch(FILES, async (path) => {
      const flags = [...bookFlags(path), '--models', 'historical'];
      const one = await json(['var', ...flags]);
      const ten = await json(['var', ...flags, '--horizon', '10']);
      expect(one.observations).toBe(199);
      expect(ten.estimates[0].value_at_risk).toBeGreaterThan(one.estimates[0].value_at_risk);
      const tested = await json(['backtest-var', ...flags, '--window', '100']);
      expect(tested.backtests[0]).toMatchObject({ forecasts: 99 });
    });
  }, 60_000);
});

describe('bad input of Monte Carlo', () => {
  const flags: [string, Partial<MonteCarloOptions>, string, string][] = [
    ['an unknown law', { law: 'levy' }, '--law', 'one of gbm, jumps, heston, t-copula'],
    ['an unknown correlation', { correlation: 'guess' }, '--correlation', 'shrunk'],
    ['an unknown revaluation', { revaluation: 'none' }, '--revaluation', 'delta-gamma-vega'],
    ['too few paths', { paths: '10' }, '--paths', 'from 1000'],
    ['no thread', { threads: '0' }, '--threads', 'from 1 to 64'],
    ['a seed with a fraction', { seed: '1.5' }, '--seed', 'a whole number'],
    ['a parameter of another law', { nu: '5' }, '--nu', '--law t-copula'],
    ['two numbers of three', { law: 'jumps', jumps: '1,2' }, '--jumps', '3 numbers'],
    ['a number that is none', { law: 'heston', heston: ['BTC=1,2,3,4,x'] }, '--heston', 'finite'],
  ];

  test.each(flags)('%s', (_, options, path, expected) => {
    const act = () => monteCarloChoice(flagsOf(options));
    expect(act).toThrow(CerberusError);
    expect(act).toThrow(
      expect.objectContaining({
        fault: expect.objectContaining({
          ...{ code: 'CRB_CLI_OPTION_INVALID', path },
          expected: expect.stringContaining(expected),
        }),
      }),
    );
  });

  const kernels: [string, string[], string[]][] = [
    [
      'two degrees of freedom',
      ['--law', 't-copula', '--nu', '2'],
      ['law.nu', 'CRB_RISK_DEGREES_OF_FREEDOM', 'more than 2'],
    ],
    [
      'jumps beyond the variance',
      ['--law', 'jumps', '--jumps', '250,0,1'],
      ['returns of BTC', 'CRB_RISK_OUT_OF_DOMAIN'],
    ],
    [
      'a correlation of 2 with the variance',
      ['--law', 'heston', '--heston', 'BTC=1,0.3,0.5,2,0.3'],
      ['heston BTC.rho', 'at most 1'],
    ],
    ['a volatility without history', ['--volatility-factor', 'DVOL'], ['a history of DVOL']],
  ];

  test.each(kernels)('%s: exit 2, nothing printed', async (_, options, told) => {
    await inScratch(FILES, async (path) => {
      const run = await cerberus(['var', ...QUICK, ...bookFlags(path), ...options]);
      expect(run).toMatchObject({ code: 2, stdout: '' });
      for (const text of told) expect(run.stderr).toContain(text);
    });
  });

  test('a short history, a total loss, both sources and neither', async () => {
    await inScratch(FILES, async (path) => {
      const [short, loss, both, neither] = await Promise.all([
        cerberus(['var', ...QUICK, ...bookFlags(path, 'short.csv')]),
        cerberus(['var', '-', ...QUICK], RETURNS.with(9, -1).join('\n')),
        cerberus(['var', path('history.csv'), ...bookFlags(path)]),
        cerberus(['var']),
      ]);
      expect(short.stderr).toContain('returns of BTC');
      expect(short.stderr).toContain('CRB_RISK_TOO_SHORT');
      expect(loss.stderr).toContain('standard input observation 9');
      expect(both.stderr).toContain('received: both');
      expect(neither.stderr).toContain('received: neither');
      for (const run of [short, loss, both, neither]) expect(run.code).toBe(2);
    });
  });
});

test('an interrupt cancels the paths, and the pool is gone', async () => {
  await inScratch(FILES, async (path) => {
    const loaded = loadBook({
      ...{ positions: path('book.csv'), history: [path('history.csv')] },
      ...{ asOf: '2024-07-19', rate: '0' },
    });
    const choice = monteCarloChoice(flagsOf({ paths: '10000000', stepsPerDay: '24' }));
    const before = process.listenerCount('SIGINT');
    const run = simulate(bookMoves(loaded, {}).simulated(1), choice, quiet());
    expect(process.listenerCount('SIGINT')).toBe(before + 1);
    process.emit('SIGINT');
    await expect(run).rejects.toMatchObject({ code: 'CRB_RUNTIME_JOB_CANCELLED' });
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});
