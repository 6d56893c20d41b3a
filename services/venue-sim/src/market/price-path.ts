// Taken out of the global once: this is the one hot place of the simulator, and a test runner's
// sandbox makes every look-up of a global slow.
const { imul, sqrt, log, cos, PI, floor } = Math;

/** The path is defined from here on for 2³⁹ ms, which is until June 2037. */
const ORIGIN_MS = Date.UTC(2020, 0, 1);
const SPAN_LOG2 = 39;
/** Below this the path is linear: 2⁶ ms. */
const FINEST_LOG2 = 6;
const YEAR_MS = 365.25 * 86_400_000;

/**
 * A Brownian motion that is a function of (seed, time): Lévy's midpoint construction with the
 * normal variate of every dyadic interval taken from a hash of the interval. So a restarted
 * simulator goes on with the same prices, and every bar interval is a view of one path.
 * Source: Karatzas & Shreve, Brownian Motion and Stochastic Calculus, section 2.3.
 */
export class PricePath {
  readonly #seed: number;
  readonly #startPrice: number;
  readonly #volatility: number;
  readonly #anchor: number;

  /** `startPrice` is the price at `anchorMs`; `annualVolatility` as a fraction. */
  constructor(options: {
    readonly seed: number;
    readonly startPrice: number;
    readonly annualVolatility: number;
    readonly anchorMs: number;
  }) {
    this.#seed = options.seed;
    this.#startPrice = options.startPrice;
    this.#volatility = options.annualVolatility;
    this.#anchor = this.#motion(options.anchorMs);
  }

  priceAt(timeMs: number): number {
    const move = (this.#motion(timeMs) - this.#anchor) * this.#volatility;
    return this.#startPrice * Math.exp(move);
  }

  /** Standard Brownian motion with time in years. */
  #motion(timeMs: number): number {
    const offset = Math.min(Math.max(timeMs - ORIGIN_MS, 0), 2 ** SPAN_LOG2);
    let low = 0;
    let spanLog2 = SPAN_LOG2;
    let atLow = 0;
    let atHigh = hashNormal(this.#seed, 255, 0) * sqrt(2 ** SPAN_LOG2 / YEAR_MS);
    while (spanLog2 > FINEST_LOG2) {
      const span = 2 ** spanLog2;
      const index = low / span;
      const middle =
        (atLow + atHigh) / 2 + hashNormal(this.#seed, spanLog2, index) * sqrt(span / 4 / YEAR_MS);
      spanLog2 -= 1;
      if (offset < low + span / 2) atHigh = middle;
      else {
        low += span / 2;
        atLow = middle;
      }
    }
    const fraction = (offset - low) / 2 ** spanLog2;
    return atLow + (atHigh - atLow) * fraction;
  }
}

/** Standard normal by Box and Muller from two hashed uniforms. */
export function hashNormal(seed: number, stream: number, index: number): number {
  const radius = sqrt(-2 * log(hashUniform(seed, 2 * stream, index)));
  return radius * cos(2 * PI * hashUniform(seed, 2 * stream + 1, index));
}

/** Uniform on (0, 1), a function of its arguments (MurmurHash3 finalisers, chained). */
export function hashUniform(seed: number, stream: number, index: number): number {
  let hash = mix(seed ^ imul(stream + 1, 0x9e3779b1));
  hash = mix(hash ^ (index >>> 0));
  hash = mix(hash ^ floor(index / 2 ** 32));
  return ((hash >>> 0) + 0.5) / 2 ** 32;
}

function mix(value: number): number {
  let hash = value | 0;
  hash = imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
