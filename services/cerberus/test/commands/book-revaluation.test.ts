import { epochUsFromMs } from '@cerberus/core';
import { describe, expect, test } from '@jest/globals';
import { Book } from '../../src/commands/book.ts';
import type { BookLine } from '../../src/commands/book-lines.ts';
import { BookRevaluation, taylorOf } from '../../src/commands/book-revaluation.ts';
import { cerberus, inScratch } from './command-line.ts';

const AS_OF = epochUsFromMs(Date.UTC(2024, 5, 30));
const MARKET = {
  asOf: AS_OF,
  rate: 0.03,
  prices: new Map([
    ['BTC', 60_000],
    ['MSTR', 140],
  ]),
};

/** Options of many strikes and expiries on both underlyings, and every kind of linear line. */
function lines(): BookLine[] {
  const base = { account: 'a', entryPrice: null };
  const options = Array.from({ length: 90 }, (_, i): BookLine => {
    const [underlying, spot] = i % 2 === 0 ? (['BTC', 60_000] as const) : (['MSTR', 140] as const);
    return {
      ...base,
      ...{ id: `a:${i}`, symbol: `${underlying}-${i}`, underlying, kind: 'option' },
      quantity: (i % 7) - 3,
      option: {
        kind: i % 3 === 0 ? 'put' : 'call',
        strike: spot * (0.6 + 0.01 * i),
        expiration: epochUsFromMs(AS_OF / 1000 + (3 + 5 * i) * 86_400_000),
        volatility: 0.3 + 0.006 * i,
      },
    };
  });
  return [
    ...options,
    { ...base, id: 'spot', symbol: 'BTC', underlying: 'BTC', kind: 'spot', quantity: 2 },
    { ...base, id: 'perp', symbol: 'M', underlying: 'MSTR', kind: 'perpetual', quantity: -40 },
    { ...base, id: 'inverse', symbol: 'B', underlying: 'BTC', kind: 'inverse', quantity: -500 },
    { ...base, id: 'cash', symbol: 'USD', underlying: null, kind: 'cash', quantity: 1e6 },
  ];
}

const LINES = lines();
const COUNT = 101;
const MOVES = Float64Array.from({ length: 3 * COUNT }, (_, k) => 0.4 * Math.sin(1 + 1.7 * k));
/** Σ |quantity| (spot + strike) of the options: what the bound of the kernels is relative to. */
const SCALE = LINES.reduce(
  (sum, { option, quantity, underlying }) =>
    option === undefined
      ? sum
      : sum + Math.abs(quantity) * (option.strike + MARKET.prices.get(underlying!)!),
  0,
);
const BOUND = 2e-13 * SCALE;

/** The same scenarios by `Book.pnl` on the scalar kernels, one by one. */
function reference(daysForward: number, movesVolatility: boolean): Float64Array {
  const width = movesVolatility ? 3 : 2;
  return Float64Array.from({ length: COUNT }, (_, s) => {
    const row = MOVES.subarray(s * width, (s + 1) * width);
    const moved = LINES.map((line): BookLine => {
      if (line.option === undefined || !movesVolatility) return line;
      const volatility = line.option.volatility * (1 + row[2]!);
      return { ...line, option: { ...line.option, volatility } };
    });
    const shock = { spotFactors: [1 + row[0]!, 1 + row[1]!], daysForward };
    const total = (values: Float64Array) => values.reduce((sum, each) => sum + each, 0);
    const today = total(new Book(LINES, MARKET, false).todayValues);
    return total(new Book(moved, MARKET, false).values(shock)) - today;
  });
}

describe('revaluation of a book in many scenarios', () => {
  const cases = [
    [0, false],
    [10, false],
    [0, true],
    [10, true],
  ] as const;

  test.each(cases)('%d days on, volatilities moved %s', (daysForward, movesVolatility) => {
    const expected = reference(daysForward, movesVolatility);
    const book = new Book(LINES, MARKET);
    for (const vectorised of [true, false]) {
      const terms = { daysForward, movesVolatility };
      const revaluation = new BookRevaluation(book, terms, { capacity: 128, vectorised });
      const pnl = new Float64Array(COUNT);
      revaluation.pnl(MOVES, COUNT, pnl);
      const far = expected.map((value, s) => Math.abs(value - pnl[s]!));
      expect(Math.max(...far)).toBeLessThan(BOUND);
      const parts = revaluation.byUnderlying(MOVES, COUNT);
      expect(parts[0]![7]! + parts[1]![7]!).toBeCloseTo(pnl[7]!, 6);
    }
  });

  test('no move is no P&L at all', () => {
    const terms = { daysForward: 0, movesVolatility: false };
    const pnl = new Float64Array(2);
    new BookRevaluation(new Book(LINES, MARKET), terms, { capacity: 2 }).pnl(
      new Float64Array(4),
      2,
      pnl,
    );
    expect([...pnl]).toEqual([0, 0]);
  });

  test('vectors and the scalar kernels value and differentiate the book alike', () => {
    const [vector, scalar] = [true, false].map((each) => new Book(LINES, MARKET, each)) as [
      Book,
      Book,
    ];
    for (const [row, greeks] of scalar.greeks().entries()) {
      const other = vector.greeks()[row]!;
      for (const [name, value] of Object.entries(greeks)) {
        const found = other[name as keyof typeof other];
        expect(Math.abs(found - value)).toBeLessThanOrEqual(1e-11 * Math.abs(value) + 1e-7);
      }
    }
  });

  test('delta, gamma and vega of the book are the first terms of its revaluation', () => {
    const terms = { daysForward: 0, movesVolatility: true };
    const book = new Book(LINES, MARKET);
    const errorOf = (size: number): number => {
      const moves = Float64Array.of(size, -0.6 * size, 0.8 * size);
      const [full, taylor] = [new Float64Array(1), new Float64Array(1)];
      new BookRevaluation(book, terms, { capacity: 1 }).pnl(moves, 1, full);
      taylorOf(book, terms)(moves, 1, taylor);
      return Math.abs(full[0]! - taylor[0]!);
    };
    // What is left is of third order: a tenth of the move leaves about a thousandth.
    expect(errorOf(2e-4) / errorOf(2e-3)).toBeLessThan(2e-3);
  });

  test('a volatility that would fall below zero names the position', () => {
    const terms = { daysForward: 0, movesVolatility: true };
    const revaluation = new BookRevaluation(new Book(LINES, MARKET), terms, { capacity: 1 });
    const act = () => revaluation.pnl(Float64Array.of(0, 0, -1.5), 1, new Float64Array(1));
    expect(act).toThrow('position a:0 (BTC-0), row 0 volatility');
  });
});

test('greeks of a file of many rows: vectors give what each row alone gives, and name a bad one', async () => {
  const rows = Array.from({ length: 80 }, (_, i) => `call,100,${60 + i},0.5,${0.1 + 0.005 * i}`);
  const header = 'type,spot,strike,time_years,volatility';
  const bad = rows.with(70, 'call,100,100,0.5,-1');
  await inScratch(
    { 'many.csv': [header, ...rows].join('\n'), 'bad.csv': [header, ...bad].join('\n') },
    async (path) => {
      const many = JSON.parse((await cerberus(['greeks', path('many.csv'), '--json'])).stdout);
      const alone = JSON.parse(
        (await cerberus(['greeks', '-', '--json'], `${header}\n${rows[33]}\n`)).stdout,
      );
      for (const [name, value] of Object.entries(alone.results[0])) {
        if (typeof value !== 'number') continue;
        expect(Math.abs(many.results[33][name] - value)).toBeLessThan(
          1e-11 * (1 + Math.abs(value)),
        );
      }
      const run = await cerberus(['greeks', path('bad.csv')]);
      expect(run).toMatchObject({ code: 2, stdout: '' });
      expect(run.stderr).toContain('bad.csv line 72, volatility');
    },
  );
});
