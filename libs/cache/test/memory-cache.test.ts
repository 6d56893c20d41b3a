import { Metrics } from '@cerberus/runtime';
import { cacheContract, VirtualClock } from '@cerberus/testkit';
import { describe, expect, test } from '@jest/globals';
import { MemoryCache } from '../src/index.ts';

cacheContract('memory', async () => {
  const clock = new VirtualClock();
  return {
    open: async () => new MemoryCache({ clock, metrics: new Metrics('test'), maxEntries: 100 }),
    pass: async (ms) => clock.advance(ms),
    close: () => Promise.resolve(),
  };
});

describe('MemoryCache', () => {
  const setUp = (maxEntries: number) => {
    const clock = new VirtualClock();
    const metrics = new Metrics('test');
    return { clock, metrics, cache: new MemoryCache({ clock, metrics, maxEntries }) };
  };

  test('never holds more than it may: what was used longest ago goes first, and is counted', async () => {
    const { cache, metrics } = setUp(3);
    for (const key of ['a', 'b', 'c']) await cache.set(key, key, { ttlMs: 1000 });
    await cache.get('a');
    await cache.set('d', 'd', { ttlMs: 1000 });
    expect(await cache.getMany(['a', 'b', 'c', 'd'])).toEqual(['a', undefined, 'c', 'd']);
    expect(cache.size).toBe(3);
    for (let index = 0; index < 100; index += 1) {
      await cache.append(`s${index}`, 'x', { ttlMs: 1000, maxLength: 2 });
    }
    expect(cache.size).toBe(3);
    expect(await cache.recent('s99', 1)).toEqual(['x']);
    expect(await metrics.render()).toContain('cerberus_cache_evictions_total{service="test"} 101');
  });

  test('what nobody reads any more is swept away', async () => {
    const { cache, clock } = setUp(100);
    await cache.set('a', 'a', { ttlMs: 100 });
    await cache.append('s', 'a', { ttlMs: 100, maxLength: 1 });
    clock.advance(2000);
    expect(cache.size).toBe(0);
  });
});
