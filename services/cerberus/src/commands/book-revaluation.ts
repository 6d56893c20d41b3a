import { type Result, unwrap } from '@cerberus/core';
import { type Revaluation, type TaylorExposure, taylorRevaluation } from '@cerberus/risk';
import { EuropeanBatch, type RevaluedOption, ScenarioRevaluation } from '@cerberus/simd';
import { symmetric } from '@cerberus/stats';
import { type Book, SCALAR_EUROPEAN, slope, takesVectors, yearsLeft } from './book.ts';
import type { BookLine, OptionTerms } from './book-lines.ts';
import { faulty } from './input.ts';

/** What the rows of moves hold beside the underlyings, and whether time passes. */
export interface RevaluationTerms {
  /** Calendar days that the options age by; 0 leaves time as it is. */
  readonly daysForward: number;
  /** The last move of a row is a relative one of every option's volatility. */
  readonly movesVolatility: boolean;
}

interface Held {
  readonly line: BookLine;
  readonly option: RevaluedOption;
}

interface Underlying {
  readonly spot: number;
  /** Σ of the positions without optionality. */
  readonly slope: number;
  readonly held: readonly Held[];
  /** Value of the options today. */
  today: number;
}

/**
 * P&L of a book in scenarios of simple returns of its underlyings, in the order of `Book.underlyings`:
 * options on one underlying share the exponentials of its moves and go to the vector kernels two
 * scenarios at a time. Agrees with `Book.pnl` to 1e-13 of spot plus strike, times the quantity.
 */
export class BookRevaluation {
  /** Moves in a row. */
  readonly factorCount: number;
  readonly #underlyings: readonly Underlying[];
  readonly #scenarios: ScenarioRevaluation;
  readonly #batch: EuropeanBatch | undefined;

  /** For up to `capacity` scenarios a call; `vectorised` false has the scalar kernels do all. */
  constructor(
    book: Book,
    terms: RevaluationTerms,
    { capacity, vectorised }: { readonly capacity: number; readonly vectorised?: boolean },
  ) {
    const vectors = takesVectors(capacity, vectorised);
    this.#scenarios = new ScenarioRevaluation(capacity, SCALAR_EUROPEAN.prices, vectors);
    this.#batch = terms.movesVolatility
      ? new EuropeanBatch(capacity, SCALAR_EUROPEAN, vectors)
      : undefined;
    this.#underlyings = book.underlyings.map((name) => underlyingOf(book, name, terms));
    this.factorCount = book.underlyings.length + (terms.movesVolatility ? 1 : 0);
    const still = new Float64Array(this.factorCount);
    for (const [i, each] of this.#underlyings.entries()) {
      const today = { ...each, held: todayOf(book, each.held) };
      each.today = this.#optionValues(today, { moves: still, count: 1, column: i })[0] ?? 0;
    }
  }

  /** P&L of the whole book; scenario s is row s of `moves`. */
  readonly pnl: Revaluation = (moves, count, out) => {
    out.fill(0, 0, count);
    for (const index of this.#underlyings.keys()) this.#add(index, { moves, count, out });
  };

  /** P&L by underlying, in the order of `Book.underlyings`. */
  byUnderlying(moves: Float64Array, count: number): Float64Array[] {
    return this.#underlyings.map((_, index) => {
      const out = new Float64Array(count);
      this.#add(index, { moves, count, out });
      return out;
    });
  }

  #add(
    index: number,
    {
      moves,
      count,
      out,
    }: { readonly moves: Float64Array; readonly count: number; readonly out: Float64Array },
  ): void {
    const underlying = this.#underlyings[index]!;
    const values = this.#optionValues(underlying, { moves, count, column: index });
    const linear = underlying.slope * underlying.spot;
    for (let s = 0; s < count; s += 1) {
      const options = values.length === 0 ? 0 : values[s]! - underlying.today;
      out[s]! += options + linear * moves[s * this.factorCount + index]!;
    }
  }

  /** Value of the options on one underlying in each scenario; empty where there are none. */
  #optionValues(underlying: Underlying, rows: Rows): Float64Array {
    if (underlying.held.length === 0) return new Float64Array(0);
    return this.#batch === undefined
      ? this.#bySpot(underlying, rows)
      : this.#bySpotAndVolatility(underlying, rows, this.#batch);
  }

  #bySpot({ held }: Underlying, { moves, count, column }: Rows): Float64Array {
    const scenarios = this.#scenarios;
    const { returns } = scenarios;
    for (let s = 0; s < count; s += 1) {
      returns[s] = Math.log1p(moves[s * this.factorCount + column]!);
    }
    returns.fill(0, count);
    scenarios.prepare();
    for (const { line, option } of held) of(line, scenarios.add(option, line.quantity));
    return scenarios.sums;
  }

  #bySpotAndVolatility(
    { held, spot }: Underlying,
    { moves, count, column }: Rows,
    batch: EuropeanBatch,
  ): Float64Array {
    const { options, values } = batch;
    const sums = new Float64Array(count);
    const width = this.factorCount;
    for (const { line, option } of held) {
      options.sign.fill(option.sign, 0, count);
      for (const name of FIXED) options[name].fill(option[name], 0, count);
      for (let s = 0; s < count; s += 1) {
        options.spot[s] = spot * (1 + moves[s * width + column]!);
        options.volatility[s] = option.volatility * (1 + moves[s * width + width - 1]!);
      }
      of(line, batch.prices(count));
      for (let s = 0; s < count; s += 1) sums[s]! += line.quantity * values.price[s]!;
    }
    return sums;
  }
}

const FIXED = ['strike', 'timeYears', 'rate', 'dividendYield'] as const;

interface Rows {
  readonly moves: Float64Array;
  readonly count: number;
  /** Which move of a row is the underlying's. */
  readonly column: number;
}

function underlyingOf(book: Book, name: string, terms: RevaluationTerms): Underlying {
  const spot = book.spotOf(name);
  const own = book.lines.filter(({ underlying }) => underlying === name);
  return {
    spot,
    slope: own.reduce(
      (sum, line) => (line.option === undefined ? sum + slope(line, spot) : sum),
      0,
    ),
    held: own.flatMap((line) =>
      line.option === undefined
        ? []
        : [{ line, option: revalued(book, line.option, { spot, days: terms.daysForward }) }],
    ),
    today: 0,
  };
}

function todayOf(book: Book, held: readonly Held[]): Held[] {
  return held.map(({ line, option }) => ({
    line,
    option: revalued(book, line.option!, { spot: option.spot, days: 0 }),
  }));
}

function revalued(
  { market }: Book,
  terms: OptionTerms,
  { spot, days }: { readonly spot: number; readonly days: number },
): RevaluedOption {
  return {
    sign: terms.kind === 'call' ? 1 : -1,
    ...{ spot, strike: terms.strike, volatility: terms.volatility },
    ...{ timeYears: yearsLeft(terms, market.asOf, days), rate: market.rate, dividendYield: 0 },
  };
}

/** A fault of the kernel names the position that it met. */
function of<T>(line: BookLine, result: Result<T>): T {
  if (result.ok) return result.value;
  const path = `position ${line.id} (${line.symbol}), ${result.error.path ?? 'price'}`;
  throw faulty({ ...result.error, path });
}

/** Delta, gamma, vega, volga, vanna and theta of the book in units of the moves. */
export function taylorOf(book: Book, terms: RevaluationTerms): Revaluation {
  return unwrap(taylorRevaluation(taylorExposure(book, terms)));
}

export function taylorExposure(book: Book, terms: RevaluationTerms): TaylorExposure {
  const { underlyings, lines } = book;
  const volatility = terms.movesVolatility ? underlyings.length : -1;
  const size = underlyings.length + (terms.movesVolatility ? 1 : 0);
  const delta = new Float64Array(size);
  const gamma = new Float64Array(size * size);
  let carry = 0;
  for (const [row, greeks] of book.greeks().entries()) {
    const { underlying, option } = lines[row]!;
    if (underlying === null) continue;
    const i = underlyings.indexOf(underlying);
    const spot = book.spotOf(underlying);
    delta[i]! += greeks.delta * spot;
    gamma[i * size + i]! += greeks.gamma * spot * spot;
    carry += greeks.theta * terms.daysForward;
    if (option === undefined || volatility < 0) continue;
    const sigma = option.volatility;
    delta[volatility]! += greeks.vega * sigma;
    gamma[volatility * size + volatility]! += greeks.volga * sigma * sigma;
    gamma[volatility * size + i]! += greeks.vanna * spot * sigma;
  }
  return { delta, gamma: symmetric(size, (i, j) => gamma[i * size + j]!), carry };
}
