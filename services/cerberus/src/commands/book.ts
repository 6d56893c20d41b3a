import { type EpochUs, unwrap } from '@cerberus/core';
import { europeanGreeksBatch, europeanPriceBatch, setEuropeanRow } from '@cerberus/pricing';
import { EuropeanBatch, isVectorised } from '@cerberus/simd';
import type { BookLine, OptionTerms } from './book-lines.ts';

const US_PER_YEAR = 365 * 86_400 * 1e6;
const US_PER_DAY = 86_400 * 1e6;
/** From so many options on, pairs of them in vectors cost less than opening the kernel does. */
export const VECTOR_ROWS_MIN = 64;

/** The scalar kernels: reference of the vector ones, and what computes the rows that they leave. */
export const SCALAR_EUROPEAN = { greeks: europeanGreeksBatch, prices: europeanPriceBatch };

/** Whether so many rows go to the vector kernels; a caller may decide itself. */
export function takesVectors(rows: number, wanted?: boolean): boolean {
  return wanted ?? (rows >= VECTOR_ROWS_MIN && isVectorised());
}

export interface Market {
  readonly asOf: EpochUs;
  readonly rate: number;
  /** One price per underlying. */
  readonly prices: ReadonlyMap<string, number>;
}

/** What moves in a scenario; spots are factors of today's prices, in the order of `underlyings`. */
export interface Shock {
  readonly spotFactors: ArrayLike<number>;
  /** Added to the volatility of every option. */
  readonly volatility?: number;
  readonly daysForward?: number;
}

export interface PositionGreeks {
  readonly value: number;
  /** Currency moved per 100 % of the underlying, linearly. */
  readonly exposure: number;
  readonly delta: number;
  readonly gamma: number;
  readonly vega: number;
  readonly theta: number;
  readonly rho: number;
  readonly vanna: number;
  readonly volga: number;
}

/**
 * A book revalued whole: Black-Scholes-Merton for options, exactly for everything else. Many options go to
 * the vector kernels, which agree with the scalar ones to 1e-11 relative (libs/simd).
 */
export class Book {
  readonly lines: readonly BookLine[];
  readonly underlyings: readonly string[];
  readonly market: Market;
  readonly #factors: Int32Array;
  readonly #spots: Float64Array;
  readonly #optionRows: readonly number[];
  readonly #batch: EuropeanBatch;
  readonly #today: Float64Array;

  /** `vectorised` decides which kernels price the options; by default their number does. */
  constructor(lines: readonly BookLine[], market: Market, vectorised?: boolean) {
    this.lines = lines;
    this.market = market;
    this.underlyings = [...new Set(lines.flatMap(({ underlying }) => underlying ?? []))].sort();
    this.#factors = Int32Array.from(lines, ({ underlying }) =>
      underlying === null ? -1 : this.underlyings.indexOf(underlying),
    );
    this.#spots = Float64Array.from(this.underlyings, (name) => market.prices.get(name)!);
    this.#optionRows = lines.flatMap(({ option }, row) => (option === undefined ? [] : [row]));
    const count = this.#optionRows.length;
    const vectors = takesVectors(count, vectorised);
    this.#batch = new EuropeanBatch(Math.max(count, 1), SCALAR_EUROPEAN, vectors);
    this.#optionRows.forEach((line, row) => {
      const { kind, strike, volatility } = lines[line]!.option!;
      const contract = { kind, strike, volatility, spot: 0, timeYears: 0 };
      setEuropeanRow(this.#batch.options, row, {
        ...contract,
        rate: market.rate,
        dividendYield: 0,
      });
    });
    this.#today = this.values({ spotFactors: new Float64Array(this.underlyings.length).fill(1) });
  }

  /** Value of every position in a scenario; faults of the pricing kernel are thrown. */
  values(shock: Shock, out = new Float64Array(this.lines.length)): Float64Array {
    this.#layOptions(shock);
    unwrap(this.#batch.prices(this.#optionRows.length));
    const premiums = this.#batch.values.price;
    let option = 0;
    for (const [row, line] of this.lines.entries()) {
      const factor = this.#factors[row]!;
      const spot = factor < 0 ? 1 : this.#spots[factor]! * shock.spotFactors[factor]!;
      out[row] =
        line.option === undefined
          ? worth(line, spot, this.#spots[factor] ?? 1)
          : line.quantity * premiums[option++]!;
    }
    return out;
  }

  /** P&L of every position against today. */
  positionPnl(shock: Shock): Float64Array {
    return this.values(shock).map((value, row) => value - this.#today[row]!);
  }

  pnl(shock: Shock): number {
    return this.positionPnl(shock).reduce((sum, each) => sum + each, 0);
  }

  get todayValues(): Float64Array {
    return this.#today;
  }

  /** Sensitivities per position, in units of the account's currency. */
  greeks(): PositionGreeks[] {
    this.#layOptions({ spotFactors: new Float64Array(this.underlyings.length).fill(1) });
    unwrap(this.#batch.greeks(this.#optionRows.length));
    const columns = this.#batch.values;
    let option = 0;
    return this.lines.map((line, row) => {
      const factor = this.#factors[row]!;
      const spot = factor < 0 ? 0 : this.#spots[factor]!;
      const value = this.#today[row]!;
      if (line.option === undefined) {
        const delta = slope(line, spot);
        return { ...FLAT, value, delta, exposure: delta * spot };
      }
      const at = option++;
      const scaled = (column: Float64Array): number => column[at]! * line.quantity;
      const delta = scaled(columns.delta);
      return {
        ...{ value, delta, exposure: delta * spot },
        gamma: scaled(columns.gamma),
        vega: scaled(columns.vega),
        theta: scaled(columns.theta),
        rho: scaled(columns.rho),
        vanna: scaled(columns.vanna),
        volga: scaled(columns.volga),
      };
    });
  }

  spotOf(underlying: string): number {
    return this.market.prices.get(underlying)!;
  }

  /** An option that expires within the days forward is worth its payoff at the scenario's price. */
  #layOptions({ spotFactors, volatility = 0, daysForward = 0 }: Shock): void {
    const { options } = this.#batch;
    this.#optionRows.forEach((line, row) => {
      const factor = this.#factors[line]!;
      const { option } = this.lines[line]!;
      options.spot[row] = this.#spots[factor]! * spotFactors[factor]!;
      options.timeYears[row] = yearsLeft(option!, this.market.asOf, daysForward);
      options.volatility[row] = option!.volatility + volatility;
    });
  }
}

/** Years to expiry so many days on, none after it. */
export function yearsLeft({ expiration }: OptionTerms, asOf: EpochUs, daysForward: number): number {
  return Math.max(0, expiration - asOf - daysForward * US_PER_DAY) / US_PER_YEAR;
}

const FLAT = { gamma: 0, vega: 0, theta: 0, rho: 0, vanna: 0, volga: 0 };

/** Value of a position without optionality; without an entry price, gain is counted from today's. */
function worth({ kind, quantity, entryPrice }: BookLine, spot: number, today: number): number {
  switch (kind) {
    case 'cash':
      return quantity;
    case 'perpetual':
      return quantity * (spot - (entryPrice ?? today));
    case 'inverse':
      return quantity * (spot / (entryPrice ?? today) - 1);
    default:
      return quantity * spot;
  }
}

/** Change of value per 1.00 of the underlying of a position without optionality. */
export function slope({ kind, quantity, entryPrice }: BookLine, spot: number): number {
  if (kind === 'cash') return 0;
  return kind === 'inverse' ? quantity / (entryPrice ?? spot) : quantity;
}
