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
  readonly #rate: number;

  constructor(options: readonly Instrument[], rate: number) {
    for (const { kind } of options) invariant(kind === 'OPTION', 'the pricer is given options');
    this.#options = options;
    this.#rate = rate;
    this.#columns = allocateEuropeanColumns(options.length);
    this.#greeks = allocateGreekColumns(options.length);
  }

  price(
    spot: Price,
    now: EpochUs,
    volatilityOf: (option: Instrument) => Volatility | undefined,
  ): Map<string, UnitOutcome> {
    const outcomes = new Map<string, UnitOutcome>();
    const volatilities = this.#options.map((option, row) =>
      this.#prepare(row, { option, spot: spot.value, now, volatility: volatilityOf(option) }),
    );
    const priced = europeanGreeksBatch(this.#columns, this.#greeks);
    this.#options.forEach((option, row) => {
      const prepared = volatilities[row]!;
      if (typeof prepared === 'string') {
        outcomes.set(option.instrument_id, { ok: false, reason: prepared });
      } else if (!priced.ok) {
        const reason = `${priced.error.path ?? ''} ${priced.error.message}`.trim();
        outcomes.set(option.instrument_id, { ok: false, reason });
      } else outcomes.set(option.instrument_id, this.#unit(row, option, { spot, prepared }));
    });
    return outcomes;
  }

  /** Writes the row; a reason instead of a volatility when the option cannot be priced. */
  #prepare(
    row: number,
    input: {
      readonly option: Instrument;
      readonly spot: number;
      readonly now: EpochUs;
      readonly volatility: Volatility | undefined;
    },
  ): Volatility | string {
    const { option, spot, now, volatility } = input;
    const { option_type: type, strike, expiration, style } = option;
    const usable = type !== null && strike !== null && expiration !== null;
    setEuropeanRow(this.#columns, row, {
      kind: type === 'PUT' ? 'put' : 'call',
      spot,
      // A row that cannot be priced still needs numbers the batch accepts; its result is not used.
      strike: usable ? toNumber(strike) : spot,
      timeYears: usable ? Math.max(0, expiration - now) / US_PER_YEAR : 0,
      rate: this.#rate,
      dividendYield: 0,
      volatility: volatility?.value ?? 0,
    });
    if (!usable) return 'strike, expiry or type is missing';
    if (style !== 'EUROPEAN') return `${style} exercise is not revalued live`;
    if (expiration <= now) return 'expired';
    return volatility ?? `no volatility for ${option.underlying}`;
  }

  #unit(
    row: number,
    option: Instrument,
    { spot, prepared }: { readonly spot: Price; readonly prepared: Volatility },
  ): UnitOutcome {
    const greeks = this.#greeks;
    const multiplier = toNumber(option.contract_multiplier);
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
