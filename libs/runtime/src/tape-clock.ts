import { type Clock, type EpochUs, epochUs, type TimerHandle } from '@cerberus/core';
import { SystemClock } from './clock.ts';

/**
 * The process clock of a replay. Its wall time is that of the recording: it stands until the tape
 * moves it, flows between two lines where the tape says so, and never goes back. Monotonic time and
 * timers stay real, because leases, deadlines and drains of this process are.
 */
export class TapeClock implements Clock {
  readonly #real: Clock;
  #anchorUs: EpochUs;
  #anchorMs: number;
  #rate = 0;
  #untilUs = Number.POSITIVE_INFINITY;

  constructor(startUs: EpochUs, real: Clock = new SystemClock()) {
    this.#real = real;
    this.#anchorUs = startUs;
    this.#anchorMs = real.monotonicMs();
  }

  nowUs(): EpochUs {
    if (this.#rate === 0) return this.#anchorUs;
    const flowedMs = (this.#real.monotonicMs() - this.#anchorMs) * this.#rate;
    return epochUs(Math.min(this.#anchorUs + Math.floor(flowedMs * 1000), this.#untilUs));
  }

  /** Stands at this time from now on; an earlier time than the present one leaves it there. */
  advanceTo(timeUs: EpochUs): void {
    this.#setAt(epochUs(Math.max(this.nowUs(), timeUs)));
    this.#rate = 0;
  }

  /** Goes on by itself, `rate` tape seconds a second, and stands again at `untilUs`. */
  flow(options: { readonly rate: number; readonly untilUs?: EpochUs }): void {
    this.#setAt(this.nowUs());
    this.#rate = options.rate;
    this.#untilUs = Math.max(options.untilUs ?? Number.POSITIVE_INFINITY, this.#anchorUs);
  }

  monotonicMs(): number {
    return this.#real.monotonicMs();
  }

  after(delayMs: number, run: () => void): TimerHandle {
    return this.#real.after(delayMs, run);
  }

  every(periodMs: number, run: () => void): TimerHandle {
    return this.#real.every(periodMs, run);
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return this.#real.sleep(delayMs, signal);
  }

  #setAt(timeUs: EpochUs): void {
    this.#anchorUs = timeUs;
    this.#anchorMs = this.#real.monotonicMs();
  }
}
