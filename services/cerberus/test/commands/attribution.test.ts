import { describe, expect, test } from '@jest/globals';
import { cerberus, inScratch } from './command-line.ts';

const HEADER =
  'id,underlying,type,spot,strike,time_years,volatility,quantity,days,spot_end,volatility_end,fees';
const POSITIONS = [
  HEADER,
  'call,MSTR,call,140,150,0.25,0.9,100,1,147,0.92,2',
  'shares,MSTR,spot,140,,,,50,1,147,,1',
  'put,BTC,put,60000,55000,0.2,0.6,-2,1,63000,0.58,5',
  '',
].join('\n');
const BETAS = 'underlying,factor,beta\nMSTR,BTC,1.2\nMSTR,QQQ,0.5\n';
const FACTORS = ['--factor', 'BTC=0.05', '--factor', 'QQQ=-0.01'];
const FILES = { 'positions.csv': POSITIONS, 'betas.csv': BETAS };

interface Split {
  readonly by_factor: Record<string, number>;
  readonly effects: Record<string, number>;
  readonly basis: number;
  readonly costs: number;
  readonly unexplained: number;
  readonly actual: number;
}

test('by factor, every position adding up to its P&L', async () => {
  await inScratch(FILES, async (path) => {
    const args = ['attribution', path('positions.csv'), ...FACTORS, '--betas', path('betas.csv')];
    const run = await cerberus([...args, '--json']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const { positions } = JSON.parse(run.stdout) as {
      positions: { actual: number; factors: Split }[];
    };
    for (const { actual, factors } of positions) {
      const parts = [...Object.values(factors.by_factor), ...Object.values(factors.effects)];
      const rest = factors.basis + factors.costs + factors.unexplained;
      expect(parts.reduce((a, b) => a + b, rest)).toBeCloseTo(actual, 8);
    }
    const [, shares, put] = positions;
    // 50 shares of 140 rose by 5 %: 350 less the fee; betas say 6 % of BTC and −0.5 % of QQQ.
    expect(shares!.actual).toBeCloseTo(349, 10);
    expect(shares!.factors.by_factor['BTC']).toBeCloseTo(7000 * 0.06, 10);
    expect(shares!.factors.by_factor['QQQ']).toBeCloseTo(7000 * -0.005, 10);
    expect(shares!.factors.basis).toBeCloseTo(350 - 385, 10);
    // The coin is a factor itself and rose as the factor did: nothing is left beside it.
    expect(put!.factors.by_factor['QQQ']).toBe(0);
    expect(put!.factors.basis).toBeCloseTo(0, 8);
  });
});

test('betas by regression are those that made the history', async () => {
  const lines = ['date,underlying,close'];
  let [coin, index, share] = [100, 100, 100];
  for (let day = 0; day < 120; day += 1) {
    const date = new Date(Date.UTC(2024, 0, 1 + day)).toISOString().slice(0, 10);
    const [a, b] = [0.03 * Math.sin(day * day), 0.01 * Math.cos(3 * day)];
    [coin, index] = [coin * Math.exp(a), index * Math.exp(b)];
    share *= Math.exp(1.4 * a - 0.6 * b + 1e-6 * Math.sin(7 * day));
    lines.push(`${date},BTC,${coin}`, `${date},QQQ,${index}`, `${date},MSTR,${share}`);
  }
  await inScratch({ ...FILES, 'history.csv': lines.join('\n') }, async (path) => {
    const history = ['--history', path('history.csv')];
    const run = await cerberus([
      'attribution',
      path('positions.csv'),
      ...[...FACTORS, ...history, '--json'],
    ]);
    const shares = JSON.parse(run.stdout).positions[1].factors as Split;
    expect(shares.by_factor['BTC']).toBeCloseTo(7000 * 1.4 * 0.05, 1);
    expect(shares.by_factor['QQQ']).toBeCloseTo(7000 * -0.6 * -0.01, 1);
  });
});

describe('bad input', () => {
  const cases: [string, string[], string[]][] = [
    ['betas without factors', ['--betas', 'betas.csv'], ['--betas', '--factor NAME=return']],
    ['a factor without betas', FACTORS, ['line 2, underlying', 'betas of MSTR']],
    ['more than a total loss', ['--factor', 'BTC=-1'], ['--factor BTC', 'above -1']],
    ['a factor twice', [...FACTORS, '--factor', 'BTC=0'], ['--factor', 'each name once']],
  ];

  test.each(cases)('%s', async (_, flags, told) => {
    await inScratch(FILES, async (path) => {
      const named = flags.map((flag) => (flag.endsWith('.csv') ? path(flag) : flag));
      const run = await cerberus(['attribution', path('positions.csv'), ...named]);
      expect(run).toMatchObject({ code: 2, stdout: '' });
      for (const text of told) expect(run.stderr).toContain(text);
    });
  });
});
