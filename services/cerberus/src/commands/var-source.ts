import { epochUsFromMs, faultOf, unwrap } from '@cerberus/core';
import {
  filterByGarch,
  filteredHorizonReturns,
  overlappingSums,
  stationaryGarch,
} from '@cerberus/risk';
import type { Command } from 'commander';
import { type BookOptions, type LoadedBook, loadBook, withOptionalBook } from './book-options.ts';
import {
  calendarDays,
  factorReturns,
  periodsPerYear,
  type ScenarioPnl,
  scenarioPnl,
} from './book-returns.ts';
import { CLI_ERRORS } from './errors.ts';
import { readReturns } from './history.ts';
import { faulty, type InputHash } from './input.ts';
import type { SimulatedBook } from './monte-carlo.ts';
import { numberFlag } from './options.ts';

/** Paths and seed of a filtered P&L over several periods. */
const FILTERED = { paths: 20_000, seed: 1 };
const UNDATED = epochUsFromMs(0);

export interface SourceOptions extends Omit<BookOptions, 'positions'>, MoveOptions {
  readonly positions?: string;
  readonly column?: string;
  readonly value?: string;
}

/** Where outcomes come from: a series as it is, or today's book revalued on every day of history. */
export interface VarSource {
  /** P&L of one period, in time order. */
  readonly pnl: Float64Array;
  readonly days: Float64Array | undefined;
  readonly meaning: string;
  readonly conventions: readonly string[];
  readonly units: string;
  readonly inputs: readonly InputHash[];
  /** P&L over several periods: overlapping ones, or paths of filtered returns. */
  over(periods: number, model: 'historical' | 'filtered-garch'): Float64Array;
  /** The factors to simulate. */
  simulated(periods: number): SimulatedBook;
}

export const FILTERED_CONVENTION = `several periods: overlapping ones, or ${FILTERED.paths} filtered paths of seed ${FILTERED.seed}`;

export function withSource(command: Command): Command {
  return withOptionalBook(
    command
      .argument('[file]', 'CSV or NDJSON in time order, - for standard input; or --positions')
      .option(
        '--column <name>',
        'column (default: pnl, return, close or price, whichever is there)',
      ),
  );
}

/** How a book moves over the horizon. */
export function withPassTime(command: Command): Command {
  return command
    .option('--pass-time', 'options age over the horizon (default: time stands still)')
    .option(
      '--volatility-factor <NAME>',
      'Monte Carlo: a history, such as VIX, that moves every volatility in proportion',
    );
}

/** The file or the book, exactly one of them. */
export function readSource(file: string | undefined, options: SourceOptions): VarSource {
  const { positions } = options;
  if ((file === undefined) === (positions === undefined)) {
    const expected = 'a file of one series, or --positions with --history';
    const received = file === undefined ? 'neither' : 'both';
    throw faulty(faultOf(CLI_ERRORS.OPTION_INVALID, { path: 'file', expected, received }));
  }
  if (file === undefined) {
    refuseFlags(options, ['column', 'value'], 'a file of one series');
    return bookSource({ ...options, positions: positions! });
  }
  refuseFlags(
    options,
    ['history', 'price', 'prices', 'volatility', 'asOf', 'volatilityFactor', 'passTime'],
    '--positions',
  );
  return seriesSource(file, options);
}

function refuseFlags(
  options: SourceOptions,
  names: readonly (keyof SourceOptions)[],
  expected: string,
): void {
  const name = names.find((each) => options[each] !== undefined);
  if (name === undefined) return;
  const path = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  throw faulty(faultOf(CLI_ERRORS.OPTION_INVALID, { path, expected }));
}

function seriesSource(file: string, options: SourceOptions): VarSource {
  const series = readReturns(file, options.column);
  const value = options.value === undefined ? 1 : numberFlag('--value', options.value);
  const pnl = series.values.map((x) => x * value);
  const isFraction = series.isReturn && options.value === undefined;
  return {
    pnl,
    days: series.days,
    meaning: series.meaning,
    conventions: [],
    units: isFraction ? 'fraction of the value held' : 'currency of the P&L',
    inputs: [series.input],
    over: (periods, model) =>
      model === 'historical' ? unwrap(overlappingSums(pnl, periods)) : filteredOver(pnl, periods),
    simulated: (horizonPeriods) => ({
      names: [SERIES],
      returns: [series.isReturn ? logarithmic(series) : pnl],
      moves: series.isReturn ? 'relative' : 'absolute',
      periodsPerYear: periodsPerYear(series.days),
      lines: [{ ...HELD, quantity: series.isReturn ? value : 1 }],
      market: { asOf: UNDATED, rate: 0, prices: new Map([[SERIES, 1]]) },
      terms: { daysForward: 0, movesVolatility: false },
      horizonPeriods,
    }),
  };
}

const SERIES = 'series';
const HELD = {
  ...{ id: SERIES, account: '', symbol: SERIES, underlying: SERIES },
  ...{ kind: 'spot' as const, entryPrice: null },
};

/** ln(1 + r); a return of −1 or less leaves nothing to grow. */
function logarithmic({ values, input }: ReturnType<typeof readReturns>): Float64Array {
  const row = values.findIndex((r) => !(r > -1));
  if (row === -1) return values.map(Math.log1p);
  const path = `${input.source} observation ${row + 1}`;
  const received = String(values[row]);
  throw faulty(
    faultOf(CLI_ERRORS.INPUT_INVALID, { path, expected: 'a simple return above -1', received }),
  );
}

function bookSource(options: BookOptions & SourceOptions): VarSource {
  const moves = bookMoves(loadBook(options), options);
  return {
    pnl: moves.pnl(moves.spots, 1).total,
    days: moves.days,
    meaning: 'full revaluation of today’s book on every day of history',
    conventions: moves.conventions,
    units: 'currency of the account',
    inputs: moves.inputs,
    over: (periods, model) => moves.pnl(moves.over(periods, model), periods).total,
    simulated: moves.simulated,
  };
}

/** A book with the moves of its factors, as history has them and as they are simulated. */
export interface BookMoves {
  readonly days: Float64Array;
  /** Log-returns of one period by underlying. */
  readonly spots: readonly Float64Array[];
  readonly conventions: readonly string[];
  readonly inputs: readonly InputHash[];
  /** Log-returns over several periods by underlying. */
  over(periods: number, model: 'historical' | 'filtered-garch'): Float64Array[];
  /** Full revaluation in scenarios of log-returns that take so many periods. */
  pnl(moves: readonly Float64Array[], periods: number): ScenarioPnl;
  simulated(periods: number): SimulatedBook;
}

export interface MoveOptions {
  readonly volatilityFactor?: string;
  readonly passTime?: boolean;
}

export function bookMoves(loaded: LoadedBook, options: MoveOptions): BookMoves {
  const { book, inputs } = loaded;
  const { volatilityFactor: factor, passTime = false } = options;
  const { days, columns } = factorReturns(loaded, factor === undefined ? [] : [factor]);
  const spots = columns.slice(0, book.underlyings.length);
  const perYear = periodsPerYear(days);
  const daysForward = (periods: number) => (passTime ? calendarDays(periods, perYear) : 0);
  return {
    ...{ days, spots, inputs },
    conventions: [
      ...loaded.conventions,
      passTime
        ? 'options age over the horizon'
        : 'time and volatilities stay as they are within the horizon',
      ...(factor === undefined
        ? []
        : [`Monte Carlo: ${factor} moves the volatility of every option in proportion`]),
    ],
    over: (periods, model) =>
      spots.map((column) =>
        model === 'historical'
          ? unwrap(overlappingSums(column, periods))
          : filteredOver(column, periods),
      ),
    pnl: (moves, periods) => scenarioPnl(book, moves, { daysForward: daysForward(periods) }),
    simulated: (horizonPeriods) => ({
      names: factor === undefined ? book.underlyings : [...book.underlyings, factor],
      returns: columns,
      moves: 'relative',
      periodsPerYear: perYear,
      ...{ lines: book.lines, market: book.market, horizonPeriods },
      terms: {
        daysForward: daysForward(horizonPeriods),
        movesVolatility: factor !== undefined,
      },
    }),
  };
}

/** One seed for every factor draws the same days of each, so that they keep their dependence. */
function filteredOver(values: Float64Array, horizon: number): Float64Array {
  const parameters = unwrap(stationaryGarch(values));
  const filtered = unwrap(filterByGarch(values, parameters));
  return unwrap(filteredHorizonReturns(filtered, { parameters, horizon, ...FILTERED }));
}
