export { CACHE_SECTION, type CacheConfig, cachePort } from './cache-port.ts';
export { CACHE_ERRORS } from './errors.ts';
export { MemoryCache, type MemoryCacheOptions } from './memory-cache.ts';
export { type AppendOptions, type Cache, LARGEST_VALUE_BYTES, type SetOptions } from './port.ts';
export { RedisCache, type RedisCacheOptions } from './redis/redis-cache.ts';
