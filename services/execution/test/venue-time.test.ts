import { SystemClock } from '@cerberus/runtime';
import type { Store } from '@cerberus/store';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { EXECUTION_ERRORS } from '../src/errors.ts';
import { VenueTime } from '../src/venue-time.ts';
import { FLAWLESS, openStore, TradingFloor } from './trading-floor.ts';

describe('venue time', () => {
  test('is the earliest that it can be, whatever the way there and back took', () => {
    const time = new VenueTime();
    expect(time.earliestMs(0)).toBeUndefined();
    expect(time.errorMs(0)).toBe(Number.POSITIVE_INFINITY);
    // True venue time is our monotonic time + 1,000,000; the question took 80 ms there, none back.
    time.observe({ sentMs: 0, receivedMs: 80, serverMs: 1_000_080 });
    expect(time.earliestMs(80)).toBe(1_000_080);
    expect(time.errorMs(80)).toBe(40);
    // All of it on the way back: it is later by then, but that cannot be known.
    time.forget();
    time.observe({ sentMs: 100, receivedMs: 180, serverMs: 1_000_100 });
    expect(time.earliestMs(180)).toBe(1_000_100);
    // A shorter way bounds it better, until its age costs more than the detour.
    time.observe({ sentMs: 200, receivedMs: 204, serverMs: 1_000_202 });
    expect(time.earliestMs(204)).toBe(1_000_202);
    expect(time.errorMs(204)).toBe(2);
    // 500 ppm of a minute.
    expect(time.errorMs(60_204)).toBeCloseTo(32, 9);
    time.observe({ sentMs: 60_200, receivedMs: 60_210, serverMs: 1_060_205 });
    expect(time.errorMs(60_210)).toBe(5);
  });

  test('keeps the last eight answers', () => {
    const time = new VenueTime();
    time.observe({ sentMs: 0, receivedMs: 0, serverMs: 5_000 });
    for (let n = 1; n <= 8; n += 1) time.observe({ sentMs: n, receivedMs: n + 100, serverMs: n });
    expect(time.errorMs(108)).toBe(50);
  });
});

describe('dates of orders', () => {
  let database: { store: Store; close(): Promise<void> };
  let floor: TradingFloor;

  beforeAll(async () => {
    database = await openStore();
  }, 60_000);
  afterAll(() => database.close());
  beforeEach(async () => {
    floor = await TradingFloor.open(database.store);
  });
  afterEach(() => floor.close());

  const outside = { code: -1021, message: 'Timestamp for this request is outside.' };

  test('refused once: the time is asked for anew and the order is sent again, once', async () => {
    await floor.lead();
    floor.faultOnPlace('reject', outside);
    await floor.approve('o1');
    await floor.reaches('o1', 'FILLED');
    expect(floor.history('o1')).not.toContain('UNKNOWN');
    expect(floor.struck('rest:reject')).toBe(1);
    expect(floor.arrivals('o1')).toBe(1);
    expect(floor.audit()).toEqual(FLAWLESS);
  });

  test('refused again and again: the order is rejected, and the next one is sent', async () => {
    await floor.lead();
    floor.faultOnPlace('reject', { ...outside, count: 3 });
    await floor.approve('o1');
    await floor.reaches('o1', 'REJECTED');
    expect(floor.last('o1')!.reason).toContain(EXECUTION_ERRORS.MISDATED.code);
    expect(floor.arrivals('o1')).toBe(0);
    await floor.approve('o2');
    await floor.reaches('o2', 'FILLED');
    expect(floor.audit()).toEqual(FLAWLESS);
  });

  test('whoever sets the wall clock changes no date: orders, cancels and questions go on', async () => {
    const clock = new SettableClock();
    await floor.lead({}, clock);
    await floor.rest('o1');
    await floor.reaches('o1', 'NEW');
    for (const stepMs of [7000, -9000]) {
      clock.stepMs = stepMs;
      const id = `stepped-${stepMs}`;
      // The approval itself is dated by the same clock, as where all processes share one machine.
      await floor.approve(id, { expires_at: (floor.now + 20_000_000) as never });
      await floor.reaches(id, 'FILLED');
    }
    await floor.cancel('o1');
    await floor.reaches('o1', 'CANCELED');
    expect(floor.audit()).toEqual(FLAWLESS);
  });
});

/** The wall clock can be set; the monotonic one cannot. */
class SettableClock extends SystemClock {
  stepMs = 0;

  override nowUs() {
    return (super.nowUs() + this.stepMs * 1000) as ReturnType<SystemClock['nowUs']>;
  }
}
