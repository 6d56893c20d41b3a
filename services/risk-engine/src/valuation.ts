import { type EpochUs, toNumber } from '@cerberus/core';
import type { Instrument } from '@cerberus/schema';
import { OptionPricer, type Volatility } from './option-pricer.ts';
import type { HeldPosition, PositionBook } from './position-book.ts';
import type { SpotPrices } from './spot-prices.ts';
import { linearUnit, type UnitOutcome } from './unit-risk.ts';

export interface ValuedPosition extends HeldPosition {
  readonly unit: UnitOutcome;
}

export interface ValuationOptions {
  readonly book: Pick<PositionBook, 'revision'>;
  /** What is valued: the accounts' positions, or one of each instrument. */
  readonly held: (underlying: string) => readonly HeldPosition[];
  readonly prices: SpotPrices;
  readonly rate: number;
  readonly volatilityOf: (option: Instrument) => Volatility | undefined;
}

interface Laid {
  readonly revision: number;
  readonly pricer: OptionPricer;
}

/** Values what is held in an underlying at its newest prices. */
export class Valuation {
  readonly #options: ValuationOptions;
  readonly #pricers = new Map<string, Laid>();

  constructor(options: ValuationOptions) {
    this.#options = options;
  }

  value(underlying: string, now: EpochUs): ValuedPosition[] {
    const { prices } = this.#options;
    const held = this.#options.held(underlying);
    if (held.length === 0) return [];
    const options = this.#priceOptions(underlying, held, now);
    return held.map(({ position, instrument }) => ({
      ...{ position, instrument },
      unit:
        instrument.kind === 'OPTION'
          ? (options.get(instrument.instrument_id) ?? {
              ok: false,
              reason: `no spot price of ${underlying}`,
            })
          : linearUnit(
              instrument,
              prices.price(instrument.instrument_id),
              toNumber(position.average_price),
            ),
    }));
  }

  #priceOptions(underlying: string, held: readonly HeldPosition[], now: EpochUs) {
    const { book, prices, rate, volatilityOf } = this.#options;
    const spot = prices.spot(underlying);
    if (spot === undefined) return new Map<string, UnitOutcome>();
    let laid = this.#pricers.get(underlying);
    if (laid?.revision !== book.revision) {
      const ids = new Map(
        held
          .filter(({ instrument }) => instrument.kind === 'OPTION')
          .map(({ instrument }) => [instrument.instrument_id, instrument]),
      );
      laid = { revision: book.revision, pricer: new OptionPricer([...ids.values()], rate) };
      this.#pricers.set(underlying, laid);
    }
    return laid.pricer.price(spot, now, volatilityOf);
  }
}
