import { type Clock, type EpochUs, epochUs, type TimerHandle } from '@cerberus/core';

interface Timer {
  dueMs: number;
  readonly order: number;
  readonly periodMs: number | undefined;
  readonly run: () => void;
}

/** 2026-01-01T00:00:00Z. */
const DEFAULT_START_US = 1_767_225_600_000_000;

/** Rounds of the event loop given to promises between two timers. */
const SETTLE_ROUNDS = 10;

/**
 * Time that moves only when a test or a replay says so. Timers due at the same moment run in the
 * order in which they were set.
 */
export class VirtualClock implements Clock {
  readonly #startUs: number;
  readonly #timers = new Set<Timer>();
  #elapsedMs = 0;
  #wallShiftUs = 0;
  #order = 0;

  constructor(startUs: number = DEFAULT_START_US) {
    this.#startUs = startUs;
  }

  nowUs(): EpochUs {
    return epochUs(this.#startUs + this.#wallShiftUs + Math.round(this.#elapsedMs * 1000));
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  after(delayMs: number, run: () => void): TimerHandle {
    return this.#arm(delayMs, undefined, run);
  }

  every(periodMs: number, run: () => void): TimerHandle {
    if (!(periodMs > 0)) throw new RangeError(`a period must be positive, got ${periodMs}`);
    return this.#arm(periodMs, periodMs, run);
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const abort = (): void => {
        timer.cancel();
        reject(signal?.reason);
      };
      const timer = this.after(delayMs, () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Timers that are set. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves time on and runs what falls due, synchronously. */
  advance(byMs: number): void {
    const untilMs = this.#elapsedMs + byMs;
    for (let timer = this.#nextDue(untilMs); timer; timer = this.#nextDue(untilMs))
      this.#fire(timer);
    this.#elapsedMs = untilMs;
  }

  /** Like `advance`, but lets promises settle before and after every timer. */
  async advanceAsync(byMs: number): Promise<void> {
    const untilMs = this.#elapsedMs + byMs;
    await settle();
    for (let timer = this.#nextDue(untilMs); timer; timer = this.#nextDue(untilMs)) {
      this.#fire(timer);
      await settle();
    }
    this.#elapsedMs = untilMs;
    await settle();
  }

  /** Moves the wall clock alone, as an administrator or NTP would; monotonic time stays. */
  shiftWall(byMs: number): void {
    this.#wallShiftUs += Math.round(byMs * 1000);
  }

  /** Moves forward to a wall-clock moment, e.g. of the next recorded event; never back. */
  advanceTo(us: number): void {
    const byMs = (us - this.nowUs()) / 1000;
    if (byMs > 0) this.advance(byMs);
  }

  #arm(delayMs: number, periodMs: number | undefined, run: () => void): TimerHandle {
    const timer: Timer = {
      dueMs: this.#elapsedMs + Math.max(0, delayMs),
      order: this.#order++,
      periodMs,
      run,
    };
    this.#timers.add(timer);
    return { cancel: () => this.#timers.delete(timer) };
  }

  #nextDue(untilMs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs > untilMs) continue;
      const isEarlier =
        next === undefined ||
        timer.dueMs < next.dueMs ||
        (timer.dueMs === next.dueMs && timer.order < next.order);
      if (isEarlier) next = timer;
    }
    return next;
  }

  #fire(timer: Timer): void {
    this.#elapsedMs = Math.max(this.#elapsedMs, timer.dueMs);
    if (timer.periodMs === undefined) this.#timers.delete(timer);
    else timer.dueMs += timer.periodMs;
    timer.run();
  }
}

async function settle(): Promise<void> {
  for (let round = 0; round < SETTLE_ROUNDS; round += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
