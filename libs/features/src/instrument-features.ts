import { bookImbalance, microprice, midPrice, type TopOfBook } from './microprice.ts';
import { SampledReturns } from './sampled-returns.ts';
import { EwmaVolatility, RealisedVolatility } from './volatility.ts';

export interface FeatureOptions {
  /** Returns are taken over at least this long. */
  readonly sampleSeconds: number;
  readonly ewmaHalfLifeSeconds: number;
  /** Returns before the EWMA is given. */
  readonly ewmaWarmup: number;
  /** Returns in the realised volatility. */
  readonly realisedWindow: number;
}

export interface FeatureValues {
  readonly values: Readonly<Record<string, number>>;
  /** Feature name to the reason it has no value. */
  readonly missing: Readonly<Record<string, string>>;
}

/** The streaming features of one instrument. Deterministic in the quotes it is given. */
export class InstrumentFeatures {
  readonly #options: FeatureOptions;
  readonly #returns: SampledReturns;
  readonly #ewma: EwmaVolatility;
  readonly #realised: RealisedVolatility;

  constructor(options: FeatureOptions) {
    this.#options = options;
    this.#returns = new SampledReturns(options.sampleSeconds);
    this.#ewma = new EwmaVolatility({
      halfLifeSeconds: options.ewmaHalfLifeSeconds,
      warmup: options.ewmaWarmup,
    });
    this.#realised = new RealisedVolatility(options.realisedWindow);
  }

  /** Takes a quote at its event time; prices must be positive and not crossed. */
  update(top: TopOfBook, eventSeconds: number): FeatureValues {
    const sampled = this.#returns.add(midPrice(top), eventSeconds);
    if (sampled !== undefined) {
      this.#ewma.add(sampled);
      this.#realised.add(sampled);
    }
    const mid = midPrice(top);
    const values: Record<string, number> = {
      mid,
      spread_bps: ((top.askPrice - top.bidPrice) / mid) * 10_000,
    };
    const missing: Record<string, string> = {};
    const put = (name: string, value: number | null, reason: string) => {
      if (value === null) missing[name] = reason;
      else values[name] = value;
    };
    put('microprice', microprice(top), 'no quantity shown');
    put('book_imbalance', bookImbalance(top), 'no quantity shown');
    const { ewmaWarmup, realisedWindow } = this.#options;
    put('ewma_volatility', this.#ewma.value(), progress(this.#ewma.observations, ewmaWarmup));
    put(
      'realised_volatility',
      this.#realised.value(),
      progress(this.#realised.observations, realisedWindow),
    );
    return { values, missing };
  }
}

function progress(have: number, need: number): string {
  return `${have} of ${need} returns so far`;
}
