import { describe, expect, test } from '@jest/globals';
import { cerberus, inScratch } from './command-line.ts';

const MARKET = '--type put --spot 36 --strike 40 --time-years 1 --rate 0.06 --volatility 0.2'.split(
  ' ',
);

describe('option commands', () => {
  test('one option by flags: European and American, with model, units and input in the answer', async () => {
    const run = await cerberus(['american', ...MARKET, '--json']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const { model, units, inputs, results } = JSON.parse(run.stdout);
    // Vector s-am of american.json (Longstaff-Schwartz 2001, table 1: 4.478 by 50 dates; continuous 4.4867).
    expect(results[0].price).toBeCloseTo(4.48667, 4);
    // Black-Scholes-Merton closed form.
    expect(results[0].european).toBeCloseTo(3.844308, 6);
    expect(model).toContain('American');
    expect(units).toContain('per calendar day');
    expect(inputs[0].sha256).toMatch(/^[0-9a-f]{16}$/);
  });

  test('many options from a file and from standard input, flags as defaults', async () => {
    const csv = 'id,type,strike,time_years\na,call,100,1\nb,put,100,1\n';
    const flags = ['--spot', '100', '--rate', '0.05', '--volatility', '0.2'];
    await inScratch({ 'options.csv': csv }, async (path) => {
      const file = await cerberus(['price', path('options.csv'), ...flags, '--json']);
      const [call, put] = JSON.parse(file.stdout).results;
      // Hull's and Haug's textbook case, and put-call parity.
      expect(call.price).toBeCloseTo(10.450583572185565, 12);
      expect(call.price - put.price).toBeCloseTo(100 - 100 * Math.exp(-0.05), 12);
      const lines = '{"type":"call","strike":100,"time_years":1}\n';
      const piped = await cerberus(['price', '-', ...flags, '--json'], lines);
      expect(JSON.parse(piped.stdout).results[0].price).toBe(call.price);
    });
  });

  test('Greeks in traders’ units, implied volatility and Heston agree with one another', async () => {
    const option = '--type call --spot 100 --strike 105 --time-years 0.5 --rate 0.03'.split(' ');
    const heston =
      '--variance 0.04 --mean-reversion 1 --long-run-variance 0.04 --volatility-of-variance 0 --correlation 0'.split(
        ' ',
      );
    const [trader, library, flat] = await Promise.all([
      cerberus(['greeks', ...option, '--volatility', '0.2', '--units', 'trader', '--json']),
      cerberus(['greeks', ...option, '--volatility', '0.2', '--json']),
      cerberus(['heston', ...option, ...heston, '--json']),
    ]);
    const [inPoints, inUnits] = [trader, library].map((run) => JSON.parse(run.stdout).results[0]);
    expect(inPoints.vega).toBeCloseTo(inUnits.vega / 100, 12);
    expect(inPoints.rho).toBeCloseTo(inUnits.rho / 10_000, 12);
    // A variance that never moves is Black-Scholes-Merton.
    expect(JSON.parse(flat.stdout).results[0].price).toBeCloseTo(inUnits.price, 8);
    const inverted = await cerberus(['iv', ...option, '--price', String(inUnits.price), '--json']);
    expect(JSON.parse(inverted.stdout).results[0].implied_volatility).toBeCloseTo(0.2, 12);
  });
});

test('a list of quotes may say which prices have no volatility, but bad inputs stay refused', async () => {
  const quotes = (text: string) =>
    `type,spot,strike,time_years,price\ncall,100,100,1,101\n${text}\n`;
  const args = ['iv', '-', '--skip-unsolved', '--json'];
  const told = await cerberus(args, quotes('call,100,100,1,8'));
  const [unsolved, solved] = JSON.parse(told.stdout).results;
  expect(unsolved).toMatchObject({
    implied_volatility: null,
    reason: 'CRB_PRICING_IV_PRICE_ABOVE_UPPER_BOUND',
  });
  // 8 is 0.4 σ S to first order: σ about 0.2.
  expect(solved.implied_volatility).toBeCloseTo(0.2, 2);
  expect((await cerberus(args, quotes('call,-1,100,1,8'))).code).toBe(2);
});

describe('bad input of option commands', () => {
  const row = (text: string) =>
    `type,spot,strike,time_years,volatility\ncall,100,100,1,0.2\n${text}\n`;
  const cases: [string, string[], string, string[]][] = [
    ['NaN', ['price', '-'], row('call,NaN,100,1,0.2'), ['line 3, spot', 'CRB_CLI_INPUT_INVALID']],
    [
      'infinite',
      ['price', '-'],
      row('call,100,1e999,1,0.2'),
      ['line 3, strike', 'a finite number'],
    ],
    [
      'negative spot',
      ['price', '-'],
      row('call,-1,100,1,0.2'),
      ['line 3, spot', 'CRB_PRICING_NEGATIVE'],
    ],
    ['zero strike', ['greeks', '-'], row('call,100,0,1,0.2'), ['line 3, strike', '> 0']],
    [
      'expired',
      ['price', '-'],
      row('put,100,90,-0.1,0.2'),
      ['line 3, time_years', 'CRB_PRICING_EXPIRED'],
    ],
    [
      'neither call nor put',
      ['price', '-'],
      row('swap,100,90,1,0.2'),
      ['line 3, type', 'one of call, put'],
    ],
    [
      'missing cell',
      ['price', '-'],
      row('call,100,,1,0.2'),
      ['line 3, strike', 'CRB_CLI_INPUT_MISSING'],
    ],
    ['ragged line', ['price', '-'], row('call,100'), ['line 3', 'CRB_CLI_INPUT_INVALID']],
    [
      'unknown column',
      ['price', '-'],
      'type,spto\ncall,1\n',
      ['column spto', 'CRB_CLI_INPUT_INVALID'],
    ],
    ['empty', ['price', '-'], '', ['CRB_CLI_INPUT_INVALID']],
    ['torn JSON', ['price', '-'], '{"type":"call"\n', ['line 1, column 15', 'a JSON object']],
    [
      'above its bound',
      ['iv', ...MARKET.slice(0, 10), '--price', '41'],
      '',
      ['price', 'CRB_PRICING_IV_PRICE_ABOVE_UPPER_BOUND'],
    ],
    ['no file', ['price', '/nowhere.csv'], '', ['/nowhere.csv', 'CRB_CLI_INPUT_UNREADABLE']],
    ['unknown flag', ['price', '--sport', '1'], '', ['--sport']],
    [
      'dividend after expiry',
      ['american', ...MARKET, '--dividends', '2=1'],
      '',
      ['CRB_PRICING_DIVIDEND_ORDER'],
    ],
  ];

  test.each(cases)(
    '%s: exit 2, a code, the place, and nothing printed',
    async (_, args, stdin, told) => {
      const run = await cerberus(args, stdin);
      expect(run.code).toBe(2);
      expect(run.stdout).toBe('');
      for (const text of told) expect(run.stderr).toContain(text);
    },
  );
});
