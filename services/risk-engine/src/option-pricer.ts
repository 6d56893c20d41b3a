import { type EpochUs, invariant, toNumber } from '@cerberus/core';
import {
  allocateEuropeanColumns,
  allocateGreekColumns,
  europeanGreeksBatch,
  setEuropeanRow,
} from '@cerberus/pricing';
import type { Instrument } from '@cerberus/schema';
import type { Price } from './spot-prices.ts';
import type { UnitOutcome } from './unit-risk.ts';

/** Where an option's volatility came from, and how far it is to be trusted. */
export interface Volatility {
  readonly value: number;
  readonly source: string;
  readonly degraded: boolean;
}

const US_PER_YEAR = 365 * 86_400 * 1e6;

/**
 * The European options of one underlying, priced together by Black-Scholes-Merton. Arrays are laid
 * out once per set of options; a tick writes spot, time and volatility and runs one batch.
 */
export class OptionPricer {
  readonly #options: readonly Instrument[];
  readonly #columns;
  readonly #greeks;
  readonly #multipliers: Float64Array;
  /** Why an option can never be priced here. */
  readonly #refusals: readonly (string | undefined)[];

  constructor(options: readonly Instrument[], rate: number) {
    for (const { kind } of options) invariant(kind === 'OPTION', 'the pricer is given options');
    this.#options = options;
    this.#columns = allocateEuropeanColumns(options.length);
    this.#greeks = allocateGreekColumns(options.length);
    this.#multipliers = Float64Array.from(options, (each) => toNumber(each.contract_multiplier));
    this.#refusals = options.map((option) => refusalOf(option));
    options.forEach(({ option_type: type, strike }, row) => {
      setEuropeanRow(this.#columns, row, {
        kind: type === 'PUT' ? 'put' : 'call',
        // A row that cannot be priced still needs numbers the batch accepts; its result is not used.
        strike: strike === null ? 1 : toNumber(strike),
        ...{ spot: 1, timeYears: 0, rate, dividendYield: 0, volatility: 0 },
      });
    });
  }

  price(
    spot: Price,
    now: EpochUs,
    volatilityOf: (option: Instrument) => Volatility | undefined,
  ): Map<string, UnitOutcome> {
    const outcomes = new Map<string, UnitOutcome>();
    this.#columns.spot.fill(spot.value);
    const volatilities = this.#options.map((option, row) =>
      this.#prepare(row, { option, now, volatility: volatilityOf(option) }),
    );
    const priced = europeanGreeksBatch(this.#columns, this.#greeks);
    this.#options.forEach((option, row) => {
      const prepared = volatilities[row]!;
      if (typeof prepared === 'string') {
        outcomes.set(option.instrument_id, { ok: false, reason: prepared });
      } else if (!priced.ok) {
        const reason = `${priced.error.path ?? ''} ${priced.error.message}`.trim();
        outcomes.set(option.instrument_id, { ok: false, reason });
      } else outcomes.set(option.instrument_id, this.#unit(row, spot, prepared));
    });
    return outcomes;
  }

  /** Writes what a tick changes; a reason instead of a volatility when the option cannot be priced. */
  #prepare(
    row: number,
    input: {
      readonly option: Instrument;
      readonly now: EpochUs;
      readonly volatility: Volatility | undefined;
    },
  ): Volatility | string {
    const { option, now, volatility } = input;
    const expiration = option.expiration ?? now;
    this.#columns.timeYears[row] = Math.max(0, expiration - now) / US_PER_YEAR;
    this.#columns.volatility[row] = volatility?.value ?? 0;
    const refusal = this.#refusals[row];
    if (refusal !== undefined) return refusal;
    if (expiration <= now) return 'expired';
    return volatility ?? `no volatility for ${option.underlying}`;
  }

  #unit(row: number, spot: Price, prepared: Volatility): UnitOutcome {
    const greeks = this.#greeks;
    const multiplier = this.#multipliers[row]!;
    const scaled = (column: Float64Array) => column[row]! * multiplier;
    const degraded = prepared.degraded && spot.quality === 'OK';
    return {
      ok: true,
      risk: {
        mark: greeks.price[row]!,
        value: scaled(greeks.price),
        delta: scaled(greeks.delta),
        gamma: scaled(greeks.gamma),
        vega: scaled(greeks.vega),
        theta: scaled(greeks.theta),
        rho: scaled(greeks.rho),
        vanna: scaled(greeks.vanna),
        volga: scaled(greeks.volga),
        charm: scaled(greeks.charm),
        speed: scaled(greeks.speed),
        zomma: scaled(greeks.zomma),
        color: scaled(greeks.color),
        impliedVolatility: prepared.value,
        quality: degraded ? 'DEGRADED' : spot.quality,
        note: prepared.degraded ? `volatility: ${prepared.source}` : null,
      },
    };
  }
}

function refusalOf({ option_type, strike, expiration, style }: Instrument): string | undefined {
  if (option_type === null || strike === null || expiration === null) {
    return 'strike, expiry or type is missing';
  }
  return style === 'EUROPEAN' ? undefined : `${style} exercise is not revalued live`;
}
