import { faultOf } from '@cerberus/core';
import { SystemClock } from '@cerberus/runtime';
import type { Command } from 'commander';
import { Book } from './book.ts';
import { asOfFlag, isoTime, readBook } from './book-lines.ts';
import { CLI_ERRORS } from './errors.ts';
import { type History, readHistory, requireColumns } from './history.ts';
import { faulty, hashOf, type InputHash, readRows } from './input.ts';
import { collected, numberFlag, pairsFlag } from './options.ts';
import type { OutputOptions } from './report.ts';

export interface BookOptions extends OutputOptions {
  readonly positions: string;
  readonly price?: readonly string[];
  readonly prices?: string;
  readonly history?: readonly string[];
  readonly volatility?: readonly string[];
  readonly rate: string;
  readonly asOf?: string;
}

export interface LoadedBook {
  readonly book: Book;
  readonly history: History | undefined;
  readonly inputs: readonly InputHash[];
  /** How prices, time and currencies were read. */
  readonly conventions: readonly string[];
}

const POSITIONS = [
  '--positions <file>',
  'CSV: account_id,kind,symbol,quantity,price,currency,venue,volatility,multiplier',
] as const;

/** The flags of every command that revalues a book. */
export function withBook(command: Command): Command {
  return withMarket(command.requiredOption(...POSITIONS));
}

/** The same flags for a command that takes a book or something else. */
export function withOptionalBook(command: Command): Command {
  return withMarket(command.option(...POSITIONS));
}

function withMarket(command: Command): Command {
  return command
    .option('--price <NAME=x>', 'price of an underlying (repeat)', collected)
    .option('--prices <file>', 'prices: columns underlying, price')
    .option(
      '--history <file>',
      'date,underlying,close; or NAME=FILE with date, close (repeat)',
      collected,
    )
    .option('--volatility <NAME=v>', 'for options whose line has none (repeat)', collected)
    .option('--rate <r>', 'interest rate, continuous', '0')
    .option('--as-of <time>', 'YYYY-MM-DD or YYYY-MM-DDTHH:MMZ (default: now)');
}

/** Reads positions, prices and history; a price not given is the last close. */
export function loadBook(options: BookOptions): LoadedBook {
  const asOf = options.asOf === undefined ? new SystemClock().nowUs() : asOfFlag(options.asOf);
  const volatilities = numbersByName('--volatility', options.volatility ?? []);
  const rate = numberFlag('--rate', options.rate);
  const { input, lines } = readBook(options.positions, asOf, volatilities);
  const history = options.history === undefined ? undefined : readHistory(options.history);
  const prices = new Map<string, number>();
  for (const { name, values } of history?.series.values() ?? []) prices.set(name, values.at(-1)!);
  const inputs: InputHash[] = [input, ...(history?.inputs ?? [])];
  if (options.prices !== undefined) inputs.push(readPrices(options.prices, prices));
  const given = numbersByName('--price', options.price ?? []);
  for (const [name, price] of given) prices.set(name, price);
  if (given.size + volatilities.size > 0) {
    const flags = JSON.stringify([[...given].sort(), [...volatilities].sort()]);
    inputs.push({ source: 'command line', sha256: hashOf(flags) });
  }
  for (const { underlying, id } of lines) {
    if (underlying !== null && !prices.has(underlying)) throw missingPrice(underlying, id);
  }
  const book = new Book(lines, { asOf, rate, prices });
  const conventions = [
    `as of ${isoTime(asOf)}; rate ${rate}; options European by Black-Scholes-Merton without yield; dollars and stablecoins at par`,
  ];
  return { book, history, inputs, conventions };
}

function missingPrice(underlying: string, id: string) {
  return faulty(
    faultOf(CLI_ERRORS.INPUT_MISSING, {
      path: `price of ${underlying} (position ${id})`,
      expected: `--price ${underlying}=x, --prices or --history`,
    }),
  );
}

function numbersByName(flag: string, texts: readonly string[]): Map<string, number> {
  const numbers = new Map<string, number>();
  for (const [name, text] of pairsFlag(flag, texts)) {
    const value = numberFlag(`${flag} ${name}`, text);
    if (value > 0) numbers.set(name, value);
    else {
      const path = `${flag} ${name}`;
      const expected = 'a number above 0';
      throw faulty(faultOf(CLI_ERRORS.OPTION_INVALID, { path, expected, received: text }));
    }
  }
  return numbers;
}

function readPrices(path: string, prices: Map<string, number>): InputHash {
  const read = readRows(path);
  requireColumns(read, ['underlying', 'price']);
  for (const row of read.rows) {
    const price = row.number('price');
    if (price <= 0) {
      const expected = 'a number above 0';
      const where = { path: row.path('price'), expected, received: String(price) };
      throw faulty(faultOf(CLI_ERRORS.INPUT_INVALID, where));
    }
    prices.set(row.required('underlying'), price);
  }
  return read;
}
