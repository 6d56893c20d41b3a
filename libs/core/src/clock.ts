import type { EpochUs } from './time.ts';

export interface TimerHandle {
  cancel(): void;
}

/**
 * The only source of time. Wall time dates events; monotonic time measures ages, leases and
 * deadlines. A virtual implementation drives replays and tests.
 */
export interface Clock {
  /** Wall clock, microseconds since the epoch. */
  nowUs(): EpochUs;
  /** Milliseconds from an arbitrary start, never going back. */
  monotonicMs(): number;
  after(delayMs: number, run: () => void): TimerHandle;
  every(periodMs: number, run: () => void): TimerHandle;
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** Uniform random numbers; seeded wherever a decision depends on them. */
export interface Rng {
  /** Uniform on [0, 1) with 53 random bits. */
  nextDouble(): number;
  /** Uniform integer on [0, 2³²). */
  nextUint32(): number;
}

/** Unique identifiers, ordered by creation within one source. */
export interface IdSource {
  next(): string;
}
