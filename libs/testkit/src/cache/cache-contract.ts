import { CACHE_ERRORS, type Cache, LARGEST_VALUE_BYTES } from '@cerberus/cache';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

/** One cache for one test; what another implementation must provide to run the suite. */
export interface CacheHarness {
  /** Another instance sees the same values where the implementation is shared. */
  open(): Promise<Cache>;
  /** Lets so much time pass for the cache, virtual or real. */
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

const TTL = { ttlMs: 60_000 };

let nextKey = 0;

/** The promises of the cache; every implementation runs this unchanged. */
export function cacheContract(name: string, factory: () => Promise<CacheHarness>): void {
  describe(`cache contract: ${name}`, () => {
    let harness: CacheHarness;
    let cache: Cache;
    let key: string;

    beforeEach(async () => {
      harness = await factory();
      cache = await harness.open();
      nextKey += 1;
      key = `contract:${process.pid}:${Math.trunc(performance.timeOrigin)}:${nextKey}`;
    });
    afterEach(async () => {
      await cache.close();
      await harness.close();
    });

    describe('values', () => {
      test('the last write is read, one or many at once', async () => {
        expect(await cache.get(key)).toBeUndefined();
        expect(await cache.set(key, 'a', TTL)).toBe(true);
        await cache.set(key, 'b', TTL);
        await cache.set(`${key}/2`, '', TTL);
        expect(await cache.get(key)).toBe('b');
        expect(await cache.getMany([`${key}/2`, `${key}/none`, key])).toEqual(['', undefined, 'b']);
        expect(await cache.getMany([])).toEqual([]);
      });

      test('text comes back as it was, whatever is in it', async () => {
        const text = '{"é":"\u0000\n☃𝄞"}';
        await cache.set(key, text, TTL);
        expect(await cache.get(key)).toBe(text);
      });

      test('are gone after their time, which a new write starts anew', async () => {
        await cache.set(key, 'short', { ttlMs: 200 });
        await cache.set(`${key}/2`, 'renewed', { ttlMs: 200 });
        await harness.pass(120);
        await cache.set(`${key}/2`, 'renewed', { ttlMs: 200 });
        await harness.pass(120);
        expect(await cache.getMany([key, `${key}/2`])).toEqual([undefined, 'renewed']);
      });

      test('can be deleted', async () => {
        await cache.set(key, 'a', TTL);
        expect(await cache.delete(key)).toBe(true);
        expect(await cache.delete(key)).toBe(false);
        expect(await cache.get(key)).toBeUndefined();
      });

      test('an older version does not replace a newer one', async () => {
        expect(await cache.set(key, 'v5', { ...TTL, version: 5 })).toBe(true);
        expect(await cache.set(key, 'v4', { ...TTL, version: 4 })).toBe(false);
        expect(await cache.set(key, 'v5 again', { ...TTL, version: 5 })).toBe(false);
        expect(await cache.get(key)).toBe('v5');
        // Microseconds since the epoch keep every digit.
        const us = 1_785_000_000_123_456;
        expect(await cache.set(key, 'late', { ...TTL, version: us + 1 })).toBe(true);
        expect(await cache.set(key, 'early', { ...TTL, version: us })).toBe(false);
        expect(await cache.get(key)).toBe('late');
      });

      test('a write without version, a deletion and the end of its time forget the version', async () => {
        await cache.set(key, 'v5', { ...TTL, version: 5 });
        expect(await cache.set(key, 'plain', TTL)).toBe(true);
        expect(await cache.set(key, 'v1', { ...TTL, version: 1 })).toBe(true);
        await cache.delete(key);
        expect(await cache.set(key, 'v0', { ttlMs: 100, version: 0 })).toBe(true);
        await harness.pass(200);
        expect(await cache.set(key, 'v-1', { ...TTL, version: -1 })).toBe(true);
      });

      test('too large a value is refused and the one held stays', async () => {
        await cache.set(key, 'small', TTL);
        await cache.set(`${key}/2`, 'x'.repeat(LARGEST_VALUE_BYTES), TTL);
        await expect(
          cache.set(key, 'é'.repeat(LARGEST_VALUE_BYTES / 2 + 1), TTL),
        ).rejects.toMatchObject({
          code: CACHE_ERRORS.VALUE_TOO_LARGE.code,
        });
        expect(await cache.get(key)).toBe('small');
      });

      test.each([0, -1, 0.5, Number.NaN])(
        'a time to live of %p is a fault of the caller',
        async (ttlMs) => {
          await expect(cache.set(key, 'a', { ttlMs })).rejects.toThrow('positive whole number');
        },
      );
    });

    describe('series', () => {
      test('the newest entries are kept and read, newest first', async () => {
        expect(await cache.recent(key, 10)).toEqual([]);
        for (const entry of ['1', '2', '3', '4', '5']) {
          await cache.append(key, entry, { ...TTL, maxLength: 3 });
        }
        expect(await cache.recent(key, 2)).toEqual(['5', '4']);
        expect(await cache.recent(key, 10)).toEqual(['5', '4', '3']);
        expect(await cache.recent(key, 0)).toEqual([]);
      });

      test('a smaller limit cuts what is there', async () => {
        for (const entry of ['1', '2', '3'])
          await cache.append(key, entry, { ...TTL, maxLength: 3 });
        await cache.append(key, '4', { ...TTL, maxLength: 2 });
        expect(await cache.recent(key, 10)).toEqual(['4', '3']);
      });

      test('go when nothing new came for their time', async () => {
        await cache.append(key, '1', { ttlMs: 200, maxLength: 5 });
        await harness.pass(120);
        await cache.append(key, '2', { ttlMs: 200, maxLength: 5 });
        await harness.pass(120);
        expect(await cache.recent(key, 5)).toEqual(['2', '1']);
        await harness.pass(300);
        expect(await cache.recent(key, 5)).toEqual([]);
      });

      test('have names of their own', async () => {
        await cache.set(key, 'value', TTL);
        await cache.append(key, 'entry', { ...TTL, maxLength: 5 });
        expect(await cache.get(key)).toBe('value');
        expect(await cache.recent(key, 5)).toEqual(['entry']);
        await cache.delete(key);
        expect(await cache.recent(key, 5)).toEqual(['entry']);
      });
    });

    test('it is ready until it is closed, and then refuses', async () => {
      expect(cache.ready()).toEqual({ ready: true });
      await cache.close();
      expect(cache.ready().ready).toBe(false);
      await expect(cache.get(key)).rejects.toMatchObject({ code: CACHE_ERRORS.UNAVAILABLE.code });
      await cache.close();
    });
  });
}
