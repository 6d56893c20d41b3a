import type { Clock, EpochUs } from '@cerberus/core';
import { COORDINATION_ERRORS, coordinationError } from './errors.ts';
import type { Term } from './port.ts';

/**
 * The term as its holder sees it. Time is judged by the monotonic clock alone, and a lease that has
 * run out stays so: a renewal that arrives late revives nothing.
 */
export class Lease implements Term {
  readonly name: string;
  readonly instanceId: string;
  readonly token: number;
  readonly electedAtUs: EpochUs;
  formerSilentMs: number | undefined;
  readonly #clock: Clock;
  #deadlineMs: number;
  #ended = false;

  constructor(options: {
    name: string;
    instanceId: string;
    token: number;
    clock: Clock;
    deadlineMonotonicMs: number;
  }) {
    this.name = options.name;
    this.instanceId = options.instanceId;
    this.token = options.token;
    this.#clock = options.clock;
    this.electedAtUs = options.clock.nowUs();
    this.#deadlineMs = options.deadlineMonotonicMs;
  }

  deadlineMonotonicMs(): number {
    return this.#deadlineMs;
  }

  leading(): boolean {
    if (!this.#ended && this.#clock.monotonicMs() >= this.#deadlineMs) this.#ended = true;
    return !this.#ended;
  }

  assertLeading(): void {
    if (this.leading()) return;
    throw coordinationError(COORDINATION_ERRORS.NOT_LEADING, {
      path: this.name,
      message: `term ${this.token} of ${this.instanceId} is over`,
    });
  }

  /** False where the lease had run out before. */
  renew(deadlineMonotonicMs: number): boolean {
    if (!this.leading()) return false;
    this.#deadlineMs = Math.max(this.#deadlineMs, deadlineMonotonicMs);
    return true;
  }

  end(): void {
    this.#ended = true;
  }
}
