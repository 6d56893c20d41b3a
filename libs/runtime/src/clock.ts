import { type Clock, type EpochUs, epochUs, type TimerHandle } from '@cerberus/core';

/** `setTimeout` takes a signed 32-bit delay; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** How far the interpolated time may leave the system clock before it is set anew. */
const REANCHOR_MS = 2;

/**
 * The wall clock with microsecond digits: the system clock has milliseconds only, so it is
 * interpolated by the monotonic clock and set anew whenever somebody adjusts the system clock.
 */
export class SystemClock implements Clock {
  #anchorWallMs = performance.timeOrigin;
  #anchorMonotonicMs = 0;

  nowUs(): EpochUs {
    const monotonicMs = performance.now();
    const wallMs = Date.now();
    let nowMs = this.#anchorWallMs + (monotonicMs - this.#anchorMonotonicMs);
    if (Math.abs(nowMs - wallMs) > REANCHOR_MS) {
      this.#anchorWallMs = wallMs;
      this.#anchorMonotonicMs = monotonicMs;
      nowMs = wallMs;
    }
    return epochUs(Math.floor(nowMs * 1000));
  }

  monotonicMs(): number {
    return performance.now();
  }

  after(delayMs: number, run: () => void): TimerHandle {
    let timer: NodeJS.Timeout;
    const arm = (leftMs: number): void => {
      const stepMs = Math.min(leftMs, LONGEST_TIMER_MS);
      timer = setTimeout(() => (leftMs > stepMs ? arm(leftMs - stepMs) : run()), stepMs);
    };
    arm(Math.max(0, delayMs));
    return { cancel: () => clearTimeout(timer) };
  }

  every(periodMs: number, run: () => void): TimerHandle {
    const timer = setInterval(run, Math.min(Math.max(1, periodMs), LONGEST_TIMER_MS));
    return { cancel: () => clearInterval(timer) };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delayMs, signal);
  }
}

/** A sleep over any clock's timer; rejects with the signal's reason when aborted. */
export function sleepOn(
  clock: Pick<Clock, 'after'>,
  delayMs: number,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
