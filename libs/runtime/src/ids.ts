import type { Clock, IdSource, Rng } from '@cerberus/core';

const SUB_MS_STEPS = 4096;

/**
 * UUID version 7 (RFC 9562 §5.7 with method 3: sub-millisecond fraction in rand_a): 48 bits of
 * milliseconds, 12 bits of fraction, 62 random bits. Ids of one source strictly increase, even when
 * the clock stands still or goes back.
 */
export class UuidV7Source implements IdSource {
  readonly #clock: Pick<Clock, 'nowUs'>;
  readonly #rng: Pick<Rng, 'nextUint32'>;
  #last = -1;

  constructor(clock: Pick<Clock, 'nowUs'>, rng: Pick<Rng, 'nextUint32'>) {
    this.#clock = clock;
    this.#rng = rng;
  }

  next(): string {
    const us = this.#clock.nowUs();
    // Milliseconds need 41 bits and the fraction 12: together exact in a double.
    const now =
      Math.floor(us / 1000) * SUB_MS_STEPS + Math.floor(((us % 1000) * SUB_MS_STEPS) / 1000);
    this.#last = now > this.#last ? now : this.#last + 1;
    const ms = Math.floor(this.#last / SUB_MS_STEPS);
    const time = ms.toString(16).padStart(12, '0');
    const fraction = (this.#last % SUB_MS_STEPS).toString(16).padStart(3, '0');
    const high = this.#rng.nextUint32();
    const variant = (0x8000 | (high & 0x3fff)).toString(16);
    const middle = (high >>> 16).toString(16).padStart(4, '0');
    const low = this.#rng.nextUint32().toString(16).padStart(8, '0');
    return `${time.slice(0, 8)}-${time.slice(8)}-7${fraction}-${variant}-${middle}${low}`;
  }
}
