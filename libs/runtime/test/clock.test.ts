import { describe, expect, test } from '@jest/globals';
import { SystemClock } from '../src/clock.ts';

describe('SystemClock', () => {
  test('agrees with the system clock to its re-anchoring distance and has microseconds', () => {
    const clock = new SystemClock();
    let hasMicros = false;
    for (let round = 0; round < 1000; round += 1) {
      const before = Date.now();
      const us = clock.nowUs();
      const after = Date.now();
      expect(us / 1000).toBeGreaterThanOrEqual(before - 3);
      expect(us / 1000).toBeLessThanOrEqual(after + 3);
      hasMicros ||= us % 1000 !== 0;
    }
    expect(hasMicros).toBe(true);
  });

  test('timers run, repeat and can be cancelled', async () => {
    const clock = new SystemClock();
    const seen: string[] = [];
    clock.after(1, () => seen.push('never')).cancel();
    const timer = clock.every(1, () => seen.push('tick'));
    await clock.sleep(30);
    timer.cancel();
    const count = seen.length;
    await clock.sleep(10);
    expect(seen.length).toBe(count);
    expect(new Set(seen)).toEqual(new Set(['tick']));
  });

  test('a delay beyond 2³¹ ms does not fire at once', async () => {
    const clock = new SystemClock();
    let fired = false;
    const timer = clock.after(2 ** 33, () => {
      fired = true;
    });
    await clock.sleep(10);
    timer.cancel();
    expect(fired).toBe(false);
  });

  test('a sleep ends with its signal', async () => {
    const aborter = new AbortController();
    const sleep = new SystemClock().sleep(60_000, aborter.signal);
    aborter.abort(new Error('enough'));
    await expect(sleep).rejects.toThrow('enough');
    await expect(new SystemClock().sleep(1, aborter.signal)).rejects.toThrow('enough');
  });
});
