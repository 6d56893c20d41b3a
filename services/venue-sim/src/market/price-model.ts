import { hashText, PricePath } from './price-path.ts';
import type { SymbolSpec } from './symbol-spec.ts';

const ANCHOR_MS = Date.UTC(2026, 0, 1);
/** The basis is the difference of two slow paths: mean zero, some basis points, no drift. */
const BASIS_VOLATILITY = 0.02;
const BASIS_LAG_MS = 6 * 3_600_000;
const BASIS_MEAN = 2e-4;

/** Mid price of one instrument as a function of time. A perpetual is its spot times a basis. */
export class PriceModel {
  readonly #spot: PricePath;
  readonly #basis: PricePath | undefined;
  #factor = 1;

  constructor(seed: number, spec: SymbolSpec) {
    const { generator } = spec;
    const followed = generator.follows ?? spec.symbol;
    this.#spot = new PricePath({
      seed: hashText(`${seed}:${followed}`),
      startPrice: generator.startPrice,
      annualVolatility: generator.annualVolatility,
      anchorMs: ANCHOR_MS,
    });
    this.#basis =
      generator.follows === undefined
        ? undefined
        : new PricePath({
            seed: hashText(`${seed}:basis:${followed}`),
            startPrice: 1,
            annualVolatility: BASIS_VOLATILITY,
            anchorMs: ANCHOR_MS,
          });
  }

  /** Multiplies every price, past ones too, so that bars stay continuous but for this instant. */
  shock(factor: number): void {
    this.#factor *= factor;
  }

  midAt(timeMs: number): number {
    return this.indexAt(timeMs) * (1 + this.basisAt(timeMs));
  }

  indexAt(timeMs: number): number {
    return this.#spot.priceAt(timeMs) * this.#factor;
  }

  /** Mean-reverting by construction: the move of a path over the last hours. */
  basisAt(timeMs: number): number {
    if (this.#basis === undefined) return 0;
    const move = this.#basis.priceAt(timeMs) / this.#basis.priceAt(timeMs - BASIS_LAG_MS) - 1;
    return BASIS_MEAN + move;
  }
}
