export { CACHE_SECTION, type CacheConfig, cachePort } from './cache-port.ts';
export { CACHE_ERRORS } from './errors.ts';
export { LatestQuotes } from './kept/latest-quotes.ts';
export { type Reached, reached } from './kept/reachable.ts';
export {
  RISK_COURSE_FIGURES,
  RISK_COURSE_MAX,
  RiskCourse,
  type RiskCourseFigure,
  type RiskPoint,
} from './kept/risk-course.ts';
export { MemoryCache, type MemoryCacheOptions } from './memory-cache.ts';
export { type AppendOptions, type Cache, LARGEST_VALUE_BYTES, type SetOptions } from './port.ts';
export { RedisCache, type RedisCacheOptions } from './redis/redis-cache.ts';
