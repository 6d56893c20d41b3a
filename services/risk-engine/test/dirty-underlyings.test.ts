import { VirtualClock } from '@cerberus/testkit';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { DirtyUnderlyings } from '../src/dirty-underlyings.ts';

const EVERY_MS = 50;
let clock: VirtualClock;
let published: string[];
let dirty: DirtyUnderlyings;

beforeEach(() => {
  clock = new VirtualClock();
  published = [];
  const publish = (underlying: string) => {
    published.push(`${underlying} ${clock.monotonicMs()}`);
  };
  dirty = new DirtyUnderlyings(clock, { everyMs: EVERY_MS, publish });
});

const endOfTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('dirty underlyings', () => {
  test('a tick after a quiet while is published without waiting, once for its turn', async () => {
    dirty.add('BTC');
    dirty.add('BTC');
    expect(published).toEqual([]);
    await endOfTurn();
    expect(published).toEqual(['BTC 0']);
  });

  test('ticks within the pause are one publication at its end', async () => {
    dirty.add('BTC');
    await endOfTurn();
    clock.advance(10);
    dirty.add('BTC');
    clock.advance(10);
    dirty.add('BTC');
    clock.advance(29);
    expect(published).toEqual(['BTC 0']);
    clock.advance(1);
    expect(published).toEqual(['BTC 0', 'BTC 50']);
  });

  test('a steady stream is published once every pause, and one underlying does not hold up another', async () => {
    for (let ms = 0; ms < 200; ms += 5) {
      dirty.add('BTC');
      if (ms === 20) dirty.add('ETH');
      await endOfTurn();
      clock.advance(5);
    }
    const of = (name: string) => published.filter((each) => each.startsWith(name));
    expect(of('BTC')).toEqual(['BTC 0', 'BTC 50', 'BTC 100', 'BTC 150', 'BTC 200']);
    expect(of('ETH')).toEqual(['ETH 20']);
  });

  test('nothing is published after the stop', async () => {
    dirty.add('BTC');
    dirty.stop();
    await endOfTurn();
    clock.advance(1000);
    expect(published).toEqual([]);
  });
});
