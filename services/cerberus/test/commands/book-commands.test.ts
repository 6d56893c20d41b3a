import { describe, expect, test } from '@jest/globals';
import { cerberus, inScratch } from './command-line.ts';

const HEADER = 'account_id,kind,symbol,quantity,price,currency,venue,volatility,multiplier';
const BOOK = [
  HEADER,
  'demo,cash,,1000,,USDT,,,',
  'demo,spot,BTCUSDT,2,50000,USDT,BINANCE,,',
  'demo,perpetual,BTCUSDT-PERP,-1,59000,USDT,BINANCE,,',
  'demo,perpetual,BTCUSD-PERP,-300,60000,BTC,BINANCE,,',
  'demo,spot,MSTR.NASDAQ,10,100,USD,,,',
  'demo,option,BTC-20241227-60000-C,1,,USDT,,0.6,',
  '',
].join('\n');
const MARKET = ['--price', 'BTC=60000', '--price', 'MSTR=120', '--as-of', '2024-06-30T08:00Z'];

function history(): string {
  const lines = ['date,underlying,close'];
  for (const [name, start, phase] of [
    ['BTC', 60_000, 0],
    ['MSTR', 120, 1],
  ] as const) {
    for (let day = 0; day < 200; day++) {
      const date = new Date(Date.UTC(2024, 0, 1 + day)).toISOString().slice(0, 10);
      const wave =
        0.1 * Math.sin(day / 3 + phase) + 0.02 * Math.sin(day * 2.7) * Math.sin(day / 40);
      lines.push(`${date},${name},${start * Math.exp(wave)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

describe('risk, stress and reverse-stress of a book', () => {
  test('values every kind of line and sums Greeks by underlying', async () => {
    await inScratch({ 'book.csv': BOOK }, async (path) => {
      const run = await cerberus(['risk', '--positions', path('book.csv'), ...MARKET, '--json']);
      expect(run).toMatchObject({ code: 0, stderr: '' });
      const report = JSON.parse(run.stdout);
      const values = report.positions.map((each: { value: number }) => each.value);
      // Cash, 2 coins, a short with 1,000 lost, a coin-margined short at its entry, shares.
      expect(values.slice(0, 5)).toEqual([1000, 120_000, -1000, 0, 1200]);
      const [btc, mstr] = report.underlyings;
      const option = report.positions[5];
      // 180 days at the money with 60 %: the approximation 0.4 σ√T S, good to 2 %.
      expect(option.value / (0.4 * 0.6 * Math.sqrt(180 / 365) * 60_000)).toBeCloseTo(1, 1);
      // Spot, less the perpetual, less 300 contracts of 100 dollars at 60,000.
      expect(btc.delta - option.delta).toBeCloseTo(2 - 1 - 0.5, 10);
      expect(mstr).toMatchObject({ underlying: 'MSTR', delta: 10, exposure: 1200 });
      expect(report.value_at_risk).toBeNull();
      expect(report.stress.scenarios).toHaveLength(15);
    });
  });

  test('value at risk by full revaluation of a history, components adding up', async () => {
    await inScratch({ 'book.csv': BOOK, 'history.csv': history() }, async (path) => {
      const files = ['--positions', path('book.csv'), '--history', path('history.csv')];
      const asOf = ['--as-of', '2024-07-19'];
      const report = JSON.parse((await cerberus(['risk', ...files, ...asOf, '--json'])).stdout);
      const { estimates, components99, observations } = report.value_at_risk;
      expect(observations).toBe(199);
      const whole = estimates.find(
        (each: { method: string; confidence: number }) =>
          each.method === 'historical' && each.confidence === 0.99,
      );
      const sum = components99.reduce(
        (total: number, each: { component_var: number }) => total + each.component_var,
        0,
      );
      expect(sum).toBeCloseTo(whole.value_at_risk, 6);
      expect(whole.expected_shortfall).toBeGreaterThanOrEqual(whole.value_at_risk);
      const found = JSON.parse(
        (await cerberus(['reverse-stress', ...files, ...asOf, '--loss', '5000', '--json'])).stdout,
      );
      expect(found.pnl).toBeCloseTo(-5000, 2);
      expect(found.deviations).toBeGreaterThan(0);
    });
  });

  test('a scenario of one’s own moves what it names, others by beta or not at all', async () => {
    const scenarios = 'id,factor,move\ncrash,BTC,-0.5\n';
    await inScratch({ 'book.csv': BOOK, 'own.csv': scenarios }, async (path) => {
      const args = ['--positions', path('book.csv'), '--scenarios', path('own.csv'), ...MARKET];
      const [crash] = JSON.parse((await cerberus(['stress', ...args, '--json'])).stdout).scenarios;
      expect(crash).toMatchObject({ id: 'crash', applied: { BTC: -0.5 }, missing: ['MSTR'] });
      // 2 coins lose 60,000, the short wins 30,000, the inverse short 15,000; the call loses its value.
      expect(crash.pnl).toBeLessThan(-15_000);
      expect(crash.pnl).toBeGreaterThan(-15_000 - 11_000);
    });
  });
});

test('a grid beyond a total loss and a history twice over are refused', async () => {
  await inScratch({ 'book.csv': BOOK, 'history.csv': history() }, async (path) => {
    const book = ['--positions', path('book.csv')];
    const grid = await cerberus(['stress', ...book, ...MARKET, '--grid', '--grid-spot=-1.5']);
    expect(grid).toMatchObject({ code: 2, stdout: '' });
    expect(grid.stderr).toContain('--grid-spot');
    const twice = ['--history', path('history.csv'), '--history', path('history.csv')];
    const again = await cerberus(['reverse-stress', ...book, ...twice, ...MARKET, '--loss', '1']);
    expect(again).toMatchObject({ code: 2, stdout: '' });
    expect(again.stderr).toContain('line 2, date');
  });
});

describe('bad input of book commands', () => {
  const line = (text: string) => `${HEADER}\n${text}\n`;
  const cases: [string, string, string[], string[]][] = [
    ['no price', BOOK, MARKET.slice(4), ['price of BTC', 'CRB_CLI_INPUT_MISSING']],
    [
      'expired option',
      line('a,option,BTC-20200101-100-C,1,,USDT,,0.5,'),
      MARKET,
      ['line 2, symbol', 'expired 2020-01-01'],
    ],
    [
      'no volatility',
      line('a,option,BTC-20300101-100-C,1,,USDT,,,'),
      MARKET,
      ['line 2, volatility', '--volatility BTC=0.6'],
    ],
    [
      'bad quantity',
      line('a,spot,BTCUSDT,many,,USDT,,,'),
      MARKET,
      ['line 2, quantity', 'CRB_ORDERS_FILE_INVALID'],
    ],
    ['zero price', BOOK, ['--price', 'BTC=0', ...MARKET.slice(4)], ['--price BTC', 'above 0']],
    ['bad time', BOOK, ['--as-of', 'yesterday'], ['--as-of', 'YYYY-MM-DD']],
  ];

  test.each(cases)('%s', async (_, book, flags, told) => {
    await inScratch({ 'book.csv': book }, async (path) => {
      const run = await cerberus(['risk', '--positions', path('book.csv'), ...flags]);
      expect(run.code).toBe(2);
      expect(run.stdout).toBe('');
      for (const text of told) expect(run.stderr).toContain(text);
    });
  });
});
