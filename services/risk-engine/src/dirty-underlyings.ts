import type { Clock, TimerHandle } from '@cerberus/core';

export interface DirtyUnderlyingsOptions {
  /** Least time between two revaluations of one underlying. */
  readonly everyMs: number;
  readonly publish: (underlying: string) => void;
}

interface Pace {
  /** When it was last published. */
  atMs: number;
  waiting: TimerHandle | undefined;
}

/**
 * Underlyings with a newer price than their Greeks. The first tick after a quiet while is published
 * with all that came in the same turn; what comes within `everyMs` of a publication is one
 * revaluation at the end of it.
 */
export class DirtyUnderlyings {
  readonly #clock: Pick<Clock, 'after' | 'monotonicMs'>;
  readonly #options: DirtyUnderlyingsOptions;
  readonly #paces = new Map<string, Pace>();

  constructor(clock: Pick<Clock, 'after' | 'monotonicMs'>, options: DirtyUnderlyingsOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  add(underlying: string): void {
    const pace = this.#paceOf(underlying);
    if (pace.waiting !== undefined) return;
    const leftMs = pace.atMs + this.#options.everyMs - this.#clock.monotonicMs();
    const publish = () => this.#publish(underlying, pace);
    pace.waiting = leftMs > 0 ? this.#clock.after(leftMs, publish) : atEndOfTurn(publish);
  }

  stop(): void {
    for (const pace of this.#paces.values()) pace.waiting?.cancel();
    this.#paces.clear();
  }

  #publish(underlying: string, pace: Pace): void {
    pace.waiting = undefined;
    pace.atMs = this.#clock.monotonicMs();
    this.#options.publish(underlying);
  }

  #paceOf(underlying: string): Pace {
    let pace = this.#paces.get(underlying);
    if (pace === undefined) {
      pace = { atMs: Number.NEGATIVE_INFINITY, waiting: undefined };
      this.#paces.set(underlying, pace);
    }
    return pace;
  }
}

function atEndOfTurn(run: () => void): TimerHandle {
  let cancelled = false;
  queueMicrotask(() => {
    if (!cancelled) run();
  });
  return {
    cancel: () => {
      cancelled = true;
    },
  };
}
