import { epochUs } from '@cerberus/core';
import { describe, expect, test } from '@jest/globals';
import { SystemClock } from '../src/clock.ts';
import { TapeClock } from '../src/tape-clock.ts';

const START = epochUs(1_723_161_253_000_000);
const at = (seconds: number) => epochUs(START + seconds * 1_000_000);

/** The real clock under the test's hand: its monotonic time moves only when told. */
class HandClock extends SystemClock {
  ms = 0;

  override monotonicMs(): number {
    return this.ms;
  }
}

describe('TapeClock', () => {
  test('stands until the tape moves it, and never goes back', () => {
    const real = new HandClock();
    const clock = new TapeClock(START, real);
    real.ms += 5000;
    expect(clock.nowUs()).toBe(START);
    clock.advanceTo(at(2));
    expect(clock.nowUs()).toBe(at(2));
    clock.advanceTo(at(1));
    expect(clock.nowUs()).toBe(at(2));
  });

  test('flows at the rate of the tape and stops at the next line', () => {
    const real = new HandClock();
    const clock = new TapeClock(START, real);
    clock.flow({ rate: 4, untilUs: at(10) });
    real.ms += 1000;
    expect(clock.nowUs()).toBe(at(4));
    real.ms += 60_000;
    expect(clock.nowUs()).toBe(at(10));
    clock.flow({ rate: 1 });
    real.ms += 2500;
    expect(clock.nowUs()).toBe(at(12.5));
    expect(clock.monotonicMs()).toBe(63_500);
  });

  test('a limit that lies behind does not turn time back', () => {
    const real = new HandClock();
    const clock = new TapeClock(at(5), real);
    clock.flow({ rate: 1, untilUs: START });
    real.ms += 1000;
    expect(clock.nowUs()).toBe(at(5));
  });

  test('timers are real', async () => {
    const clock = new TapeClock(START);
    await clock.sleep(5);
    let ticks = 0;
    const timer = clock.every(1, () => {
      ticks += 1;
    });
    await new Promise<void>((resolve) => clock.after(30, resolve));
    timer.cancel();
    expect(ticks).toBeGreaterThan(0);
    expect(clock.nowUs()).toBe(START);
  });
});
