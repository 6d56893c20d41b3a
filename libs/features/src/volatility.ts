import { invariant } from '@cerberus/core';
import type { LogReturn } from './sampled-returns.ts';

/** Seconds of a year for markets that never close; volatilities are per sqrt(year). */
export const SECONDS_PER_YEAR = 365 * 24 * 3600;

/**
 * Exponentially weighted variance rate of returns at uneven spacing:
 * v ← w·v + (1 − w)·r²/Δ with w = 2^(−Δ/h); for even spacing this is the RiskMetrics recursion with
 * λ = 2^(−Δ/h) (RiskMetrics Technical Document, 4th ed. 1996, equation 5.3), zero mean.
 * The start is the plain mean of the first `warmup` observations.
 */
export class EwmaVolatility {
  readonly #halfLifeSeconds: number;
  readonly #warmup: number;
  #count = 0;
  #rate = 0;

  constructor(options: { readonly halfLifeSeconds: number; readonly warmup: number }) {
    invariant(options.halfLifeSeconds > 0, 'half-life is positive');
    invariant(options.warmup >= 1, 'warm-up is at least one return');
    this.#halfLifeSeconds = options.halfLifeSeconds;
    this.#warmup = options.warmup;
  }

  get observations(): number {
    return this.#count;
  }

  add({ value, seconds }: LogReturn): void {
    const rate = (value * value) / seconds;
    this.#count += 1;
    if (this.#count <= this.#warmup) {
      this.#rate += (rate - this.#rate) / this.#count;
      return;
    }
    const keep = 2 ** (-seconds / this.#halfLifeSeconds);
    this.#rate = keep * this.#rate + (1 - keep) * rate;
  }

  /** Annualised, fraction per sqrt(year); null before the warm-up is over. */
  value(): number | null {
    return this.#count < this.#warmup ? null : Math.sqrt(this.#rate * SECONDS_PER_YEAR);
  }
}

/**
 * Close-to-close realised volatility over the last `window` returns: sqrt(Σr² / Σt), annualised,
 * zero mean. Summed oldest first on every call, so that it equals the batch computation over the
 * same returns bit for bit.
 * Source: Andersen and Bollerslev (1998), International Economic Review 39(4), equation 7.
 */
export class RealisedVolatility {
  readonly #squares: Float64Array;
  readonly #seconds: Float64Array;
  #next = 0;
  #count = 0;

  constructor(window: number) {
    invariant(Number.isInteger(window) && window >= 2, 'window is at least two returns');
    this.#squares = new Float64Array(window);
    this.#seconds = new Float64Array(window);
  }

  get observations(): number {
    return this.#count;
  }

  add({ value, seconds }: LogReturn): void {
    this.#squares[this.#next] = value * value;
    this.#seconds[this.#next] = seconds;
    this.#next = (this.#next + 1) % this.#squares.length;
    this.#count = Math.min(this.#count + 1, this.#squares.length);
  }

  /** Annualised, fraction per sqrt(year); null until the window is full. */
  value(): number | null {
    const window = this.#squares.length;
    if (this.#count < window) return null;
    let squares = 0;
    let seconds = 0;
    for (let index = 0; index < window; index += 1) {
      const slot = (this.#next + index) % window;
      squares += this.#squares[slot]!;
      seconds += this.#seconds[slot]!;
    }
    return Math.sqrt((squares / seconds) * SECONDS_PER_YEAR);
  }
}
