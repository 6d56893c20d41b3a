import type { Readiness } from '@cerberus/runtime';
import { checkEntry, checkValue } from '../entry-bounds.ts';
import type { AppendOptions, Cache, SetOptions } from '../port.ts';
import { redisAddress } from './redis-address.ts';
import { RedisLink, type RedisLinkOptions } from './redis-link.ts';
import { setIfNewer, storedText, textOf } from './versioned-value.ts';

export interface RedisCacheOptions extends Omit<RedisLinkOptions, 'address'> {
  /** `redis://[[user]:password@]host[:port][/database]`. */
  readonly url: string;
  /** Begins every key, so that several platforms can share a server. */
  readonly keyPrefix: string;
}

/** The cache that all processes share. Its server may be gone: then every call is refused at once. */
export class RedisCache implements Cache {
  readonly #link: RedisLink;
  readonly #prefix: string;

  private constructor(options: RedisCacheOptions) {
    this.#link = new RedisLink({ ...options, address: redisAddress(options.url) });
    this.#prefix = options.keyPrefix;
  }

  /** A server that is not there is no reason not to start; a wrong URL is. */
  static async open(options: RedisCacheOptions): Promise<RedisCache> {
    const cache = new RedisCache(options);
    await cache.#link.start();
    return cache;
  }

  async set(key: string, value: string, options: SetOptions): Promise<boolean> {
    checkValue(key, value, options);
    const { ttlMs, version } = options;
    const name = this.#value(key);
    if (version === undefined) {
      await this.#link.ask('set', (redis) => redis.set(name, storedText(value), 'PX', ttlMs));
      return true;
    }
    const text = storedText(value, version);
    const written = await this.#link.ask('set', (redis) =>
      setIfNewer(redis, name, { version, text, ttlMs }),
    );
    return written;
  }

  async get(key: string): Promise<string | undefined> {
    return textOf(await this.#link.ask('get', (redis) => redis.get(this.#value(key))));
  }

  async getMany(keys: readonly string[]): Promise<readonly (string | undefined)[]> {
    if (keys.length === 0) return [];
    const names = keys.map((key) => this.#value(key));
    return (await this.#link.ask('get-many', (redis) => redis.mget(names))).map(textOf);
  }

  async delete(key: string): Promise<boolean> {
    return (await this.#link.ask('delete', (redis) => redis.del(this.#value(key)))) > 0;
  }

  async append(series: string, entry: string, options: AppendOptions): Promise<void> {
    checkEntry(series, entry, options);
    const { maxLength, ttlMs } = options;
    const name = this.#series(series);
    await this.#link.ask('append', async (redis) => {
      const done = redis
        .multi()
        .lpush(name, entry)
        .ltrim(name, 0, maxLength - 1);
      const results = await done.pexpire(name, ttlMs).exec();
      for (const [error] of results ?? []) if (error !== null) throw error;
    });
  }

  async recent(series: string, count: number): Promise<readonly string[]> {
    if (count <= 0) return [];
    return this.#link.ask('recent', (redis) => redis.lrange(this.#series(series), 0, count - 1));
  }

  ready(): Readiness {
    return this.#link.ready();
  }

  close(): Promise<void> {
    this.#link.close();
    return Promise.resolve();
  }

  #value(key: string): string {
    return `${this.#prefix}v:${key}`;
  }

  #series(name: string): string {
    return `${this.#prefix}s:${name}`;
  }
}
