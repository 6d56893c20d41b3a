import { definePort, type OpenPort, type Static, SystemClock, Type } from '@cerberus/runtime';
import { MemoryCache } from './memory-cache.ts';
import type { Cache } from './port.ts';
import { RedisCache } from './redis/redis-cache.ts';

export const CACHE_SECTION = Type.Object(
  {
    url: Type.Optional(
      Type.String({
        pattern: '^rediss?://',
        secret: true,
        description:
          'A Redis server, `redis://user:password@host:6379/0` (`rediss` over TLS); without it the cache is in the memory of the process',
      }),
    ),
    keyPrefix: Type.String({
      pattern: '^[!-~]{0,64}$',
      default: 'cerberus:',
      description: 'Begins every key in Redis, so that several platforms can share a server',
    }),
    deadlineMs: Type.Integer({
      minimum: 5,
      maximum: 10_000,
      default: 250,
      description:
        'Longest wait for an answer of Redis; after three late ones it is left alone until it answers in time',
    }),
    maxEntries: Type.Integer({
      minimum: 1,
      maximum: 10_000_000,
      default: 100_000,
      description:
        'Values and series kept in memory; beyond it the one used longest ago is dropped',
    }),
  },
  { description: 'Latest values and recent series.' },
);

export type CacheConfig = Static<typeof CACHE_SECTION>;

/** A server lives in real time, also when the services of a replay live in another. */
const realClock = new SystemClock();

/** The cache for `runService` and the all-in-one. */
export const cachePort = definePort<Cache, typeof CACHE_SECTION>({
  section: 'cache',
  config: CACHE_SECTION,
  async open({ clock, rng, log, metrics, config }) {
    const { url, keyPrefix, deadlineMs, maxEntries } = config;
    if (url === undefined) return opened(new MemoryCache({ clock, metrics, maxEntries }));
    const host = { clock: realClock, rng, log, metrics };
    return opened(await RedisCache.open({ ...host, url, keyPrefix, deadlineMs }));
  },
});

function opened(cache: Cache): OpenPort<Cache> {
  return { port: cache, ready: () => cache.ready(), close: () => cache.close() };
}
