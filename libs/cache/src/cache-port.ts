import { definePort, type Static, Type } from '@cerberus/runtime';
import { MemoryCache } from './memory-cache.ts';
import type { Cache } from './port.ts';

export const CACHE_SECTION = Type.Object(
  {
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

/** The cache for `runService` and the all-in-one. */
export const cachePort = definePort<Cache, typeof CACHE_SECTION>({
  section: 'cache',
  config: CACHE_SECTION,
  open({ clock, metrics, config }) {
    const cache = new MemoryCache({ clock, metrics, maxEntries: config.maxEntries });
    return Promise.resolve({ port: cache, ready: () => cache.ready(), close: () => cache.close() });
  },
});
