import { createLogger, Metrics, SeededRng, SystemClock } from '@cerberus/runtime';
import { RedisCache } from '../../src/index.ts';

export const clock = new SystemClock();

export interface OpenedCache {
  readonly cache: RedisCache;
  readonly metrics: Metrics;
  /** Lines of the log. */
  readonly lines: string[];
}

export async function openRedis(
  url: string,
  options: { readonly keyPrefix?: string; readonly deadlineMs?: number } = {},
): Promise<OpenedCache> {
  const metrics = new Metrics('test');
  const lines: string[] = [];
  const cache = await RedisCache.open({
    url,
    keyPrefix: options.keyPrefix ?? 'test:',
    deadlineMs: options.deadlineMs ?? 2000,
    clock,
    rng: new SeededRng('cache'),
    metrics,
    log: createLogger({
      name: 'test',
      level: 'info',
      format: 'json',
      destination: { write: (line) => void lines.push(line) },
    }),
  });
  return { cache, metrics, lines };
}
