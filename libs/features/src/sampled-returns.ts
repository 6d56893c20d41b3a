import { invariant } from '@cerberus/core';

export interface LogReturn {
  readonly value: number;
  readonly seconds: number;
}

/**
 * Turns ticks at uneven times into log returns over at least `stepSeconds`. Sampling on a grid keeps
 * bid-ask bounce, which grows with the number of ticks, out of the variance.
 */
export class SampledReturns {
  readonly #stepSeconds: number;
  #lastPrice = Number.NaN;
  #lastSeconds = Number.NaN;

  constructor(stepSeconds: number) {
    invariant(stepSeconds > 0, 'sampling step is positive');
    this.#stepSeconds = stepSeconds;
  }

  /** The return since the last sample, once the step has passed; a tick from the past gives none. */
  add(price: number, seconds: number): LogReturn | undefined {
    invariant(price > 0 && Number.isFinite(price), 'price is positive and finite');
    if (Number.isNaN(this.#lastPrice)) {
      this.#lastPrice = price;
      this.#lastSeconds = seconds;
      return undefined;
    }
    const elapsed = seconds - this.#lastSeconds;
    if (elapsed < this.#stepSeconds) return undefined;
    const value = Math.log(price / this.#lastPrice);
    this.#lastPrice = price;
    this.#lastSeconds = seconds;
    return { value, seconds: elapsed };
  }
}
