import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { cerberus, inScratch } from './command-line.ts';

/** Deterministic returns with changing volatility: a multiplicative congruential walk. */
function returns(count: number, seed: number): number[] {
  let state = seed;
  const uniform = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  return Array.from({ length: count }, (_, t) => {
    const normal = Array.from({ length: 12 }, uniform).reduce((sum, u) => sum + u, -6);
    return 0.01 * (1 + 0.8 * Math.sin(t / 25)) * normal;
  });
}

function dateOf(day: number): string {
  return new Date(Date.UTC(2020, 0, 1) + day * 86_400_000).toISOString().slice(0, 10);
}

function closes(steps: readonly number[], start = 100): string {
  let price = start;
  const lines = steps.map((step, day) => {
    price *= Math.exp(step);
    return `${dateOf(day)},${price}`;
  });
  return ['date,close', ...lines, ''].join('\n');
}

const DRIVER = returns(400, 7);
const OWN = returns(400, 11);
const ASSET = DRIVER.map((step, t) => 1.5 * step + 0.3 * (OWN[t]! - (OWN[t - 1] ?? 0)));
const FILES = { 'driver.csv': closes(DRIVER), 'asset.csv': closes(ASSET) };

const json = async (args: string[], stdin?: string) => {
  const run = await cerberus([...args, '--json'], stdin);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  return JSON.parse(run.stdout);
};

describe('commands on series', () => {
  test('var: historical figures by counting, every model beside them, a picture', async () => {
    const pnl = Array.from({ length: 100 }, (_, i) => i - 50);
    await inScratch({}, async (path) => {
      const input = ['pnl', ...pnl, ''].join('\n');
      const { estimates } = await json(['var', '-', '--plot', path('var.svg')], input);
      const historical = estimates.find(
        (each: { model: string; confidence: number }) =>
          each.model === 'historical' && each.confidence === 0.95,
      );
      // The fifth worst of 100 outcomes is −46; the five worst average −48.
      expect(historical).toMatchObject({ value_at_risk: 46, expected_shortfall: 48 });
      expect(estimates).toHaveLength(14);
      // Evenly spread outcomes are outside the domain of Cornish and Fisher: said, not guessed.
      expect(estimates.at(-1)).toMatchObject({
        model: 'cornish-fisher',
        refused: 'CRB_RISK_NOT_MONOTONE',
      });
      expect(readFileSync(path('var.svg'), 'utf8')).toMatch(/^<svg .*<\/svg>\s*$/s);
    });
  });

  test('garch, backtest-var, cointegration and basis of price files', async () => {
    await inScratch(FILES, async (path) => {
      const histories = [`A=${path('asset.csv')}`, `D=${path('driver.csv')}`].flatMap((file) => [
        '--history',
        file,
      ]);
      const [fit, backtest, relation, basis] = await Promise.all([
        json(['garch', path('driver.csv')]),
        json(['backtest-var', path('driver.csv'), '--window', '250', '--models', 'historical']),
        json(['cointegration', ...histories, '--y', 'A', '--x', 'D']),
        json(['basis', ...histories, '--asset', 'A', '--driver', 'D']),
      ]);
      expect(fit.persistence).toBe(fit.parameters.alpha + fit.parameters.beta);
      expect(fit.forecasts.map((each: { horizon: number }) => each.horizon)).toEqual([
        1, 5, 10, 21,
      ]);
      // 400 closes are 399 returns, of which 250 are seen by the first forecast.
      expect(backtest.backtests[0]).toMatchObject({ model: 'historical', forecasts: 149 });
      // The series were made with an elasticity of 1.5 and a stationary residual.
      expect(relation.engle_granger.hedge_ratio).toBeCloseTo(1.5, 1);
      expect(relation.engle_granger.p_value).toBeLessThan(0.01);
      expect(relation.johansen.trace_rank95).toBeGreaterThanOrEqual(1);
      expect(basis.linkage.leverage.all).toBeCloseTo(1.5, 0);
      expect(basis.relation.half_life_days).toBeLessThan(5);
    });
  }, 30_000);

  test('schedule: the published case of Almgren and Chriss (2000)', async () => {
    const flags =
      '--shares 1000000 --horizon 5 --periods 5 --volatility 0.95 --fixed-cost 0.0625 --permanent 2.5e-7 --temporary 2.5e-6 --risk-aversion 1e-6';
    const { schedule } = await json(['schedule', ...flags.split(' ')]);
    // Section 3 of the paper: κ ≈ 0.61 per day, and the programme sells everything.
    expect(schedule.urgency).toBeCloseTo(0.61, 2);
    expect(schedule.trades.reduce((sum: number, trade: number) => sum + trade, 0)).toBeCloseTo(
      1e6,
      3,
    );
  });

  test('attribution: terms, costs and the rest add up to the revaluation', async () => {
    const csv =
      'id,type,spot,strike,time_years,volatility,quantity,days,spot_end,volatility_end,fees\nx,call,100,105,0.25,0.3,10,1,102,0.31,2\n';
    const { positions } = await json(['attribution', '-'], csv);
    const [{ explained, actual, unexplained, costs }] = positions;
    expect(explained + costs.fees + unexplained).toBeCloseTo(actual, 10);
    expect(costs.fees).toBe(-2);
    expect(Math.abs(unexplained)).toBeLessThan(0.01 * Math.abs(actual));
  });
});

describe('bad input of commands on series', () => {
  const prices = (lines: string[]) => ['date,close', ...lines, ''].join('\n');
  const constant = prices(Array.from({ length: 60 }, (_, day) => `${dateOf(day)},100`));
  const cases: [string, string[], string, string[]][] = [
    ['short', ['garch', '-'], closes(DRIVER.slice(0, 20)), ['CRB_STATS_TOO_SHORT']],
    ['constant', ['var', '-'], constant, ['CRB_RISK_CONSTANT']],
    [
      'negative price',
      ['var', '-'],
      prices(['2024-01-01,1', '2024-01-02,-5']),
      ['line 3, close', 'above 0'],
    ],
    ['falling dates', ['garch', '-'], prices(['2024-01-02,1', '2024-01-01,2']), ['line 3, date']],
    ['no such date', ['garch', '-'], prices(['2024-13-01,1']), ['line 2, date', 'YYYY-MM-DD']],
    ['no column', ['var', '-'], 'a\n1\n', ['CRB_CLI_INPUT_MISSING', 'pnl or return']],
    [
      'confidence of 1',
      ['var', '-', '--confidence', '1'],
      closes(DRIVER),
      ['confidence', 'CRB_RISK_OUT_OF_DOMAIN'],
    ],
    [
      'unknown model',
      ['var', '-', '--models', 'oracle'],
      closes(DRIVER),
      ['--models', 'one of historical'],
    ],
    [
      'no impact',
      ['schedule', '--shares', '1', '--horizon', '1', '--volatility', '1', '--temporary', '0'],
      '',
      ['temporaryImpact', 'above 0'],
    ],
    [
      'picture of another kind',
      ['var', '-', '--plot', 'a.png'],
      closes(DRIVER),
      ['--plot', '.svg'],
    ],
  ];

  test.each(cases)('%s: exit 2 with its code, nothing printed', async (_, args, stdin, told) => {
    const run = await cerberus(args, stdin);
    expect(run.code).toBe(2);
    expect(run.stdout).toBe('');
    for (const text of told) expect(run.stderr).toContain(text);
  });
});
