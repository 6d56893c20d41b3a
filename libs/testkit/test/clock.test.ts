import { describe, expect, test } from '@jest/globals';
import { VirtualClock } from '../src/clock.ts';

describe('VirtualClock', () => {
  test('timers run in order of time, then of setting, and see their own moment', () => {
    const clock = new VirtualClock(0);
    const seen: [string, number][] = [];
    const note = (name: string) => () => void seen.push([name, clock.monotonicMs()]);
    clock.after(20, note('b'));
    clock.after(10, note('a'));
    clock.after(20, note('c'));
    clock.after(5, () => clock.after(1, note('nested')));
    clock.after(15, note('never')).cancel();
    clock.advance(20);
    expect(seen).toEqual([
      ['nested', 6],
      ['a', 10],
      ['b', 20],
      ['c', 20],
    ]);
    expect(clock.nowUs()).toBe(20_000);
    expect(clock.pending).toBe(0);
  });

  test('a repeating timer runs each period until cancelled, also from within', () => {
    const clock = new VirtualClock();
    let runs = 0;
    const timer = clock.every(10, () => {
      runs += 1;
      if (runs === 3) timer.cancel();
    });
    clock.advance(100);
    expect(runs).toBe(3);
  });

  test('sleeps resolve as time passes and reject when aborted', async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    const walk = (async () => {
      await clock.sleep(10);
      seen.push('ten');
      await clock.sleep(10);
      seen.push('twenty');
    })();
    const aborter = new AbortController();
    const aborted = clock.sleep(1000, aborter.signal);
    aborter.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    await clock.advanceAsync(10);
    expect(seen).toEqual(['ten']);
    await clock.advanceAsync(10);
    await walk;
    expect(seen).toEqual(['ten', 'twenty']);
  });

  test('wall time can be moved alone and followed to a moment', () => {
    const clock = new VirtualClock(1_000_000);
    clock.shiftWall(-500);
    expect(clock.nowUs()).toBe(500_000);
    expect(clock.monotonicMs()).toBe(0);
    clock.advanceTo(800_000);
    expect(clock.monotonicMs()).toBe(300);
    clock.advanceTo(1);
    expect(clock.nowUs()).toBe(800_000);
  });
});
