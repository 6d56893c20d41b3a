import { eventually } from '@cerberus/testkit';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CACHE_ERRORS, type RedisCache } from '../../src/index.ts';
import { clock, type OpenedCache, openRedis } from './open-redis.ts';
import { freePort, HAS_REDIS, RedisProgram } from './redis-program.ts';
import { SlowProxy } from './slow-proxy.ts';

const TTL = { ttlMs: 60_000 };
const UNAVAILABLE = { code: CACHE_ERRORS.UNAVAILABLE.code };
const describeWithRedis = HAS_REDIS ? describe : describe.skip;

describeWithRedis('RedisCache without its server (needs redis-server on the PATH)', () => {
  let server: RedisProgram;
  let closing: { close(): unknown }[];

  beforeEach(async () => {
    closing = [];
    server = await RedisProgram.start();
  });
  afterEach(async () => {
    for (const each of closing) await each.close();
    await server.kill();
  });

  async function open(port: number, deadlineMs?: number): Promise<OpenedCache> {
    const opened = await openRedis(
      `redis://127.0.0.1:${port}`,
      deadlineMs === undefined ? {} : { deadlineMs },
    );
    closing.push(opened.cache);
    return opened;
  }

  const isUp = (cache: RedisCache) => cache.ready().detail === undefined;

  test('a killed server degrades, and is found again, empty, when it is back', async () => {
    const { cache, metrics, lines } = await open(server.port);
    await cache.set('key', 'before', { ...TTL, version: 7 });
    await cache.append('series', 'before', { ...TTL, maxLength: 5 });
    await server.kill();
    await eventually('the loss is seen', () => !isUp(cache));
    expect(cache.ready()).toEqual({
      ready: true,
      detail: expect.stringContaining(`redis://127.0.0.1:${server.port}`),
    });
    await expect(cache.get('key')).rejects.toMatchObject(UNAVAILABLE);
    await expect(cache.append('series', 'lost', { ...TTL, maxLength: 5 })).rejects.toMatchObject(
      UNAVAILABLE,
    );
    const text = await metrics.render();
    expect(text).toContain('cerberus_cache_up{service="test"} 0');
    expect(text).toContain('cerberus_cache_failures_total{reason="unreachable",service="test"} 2');
    await server.start();
    await eventually('the server is used again', () => isUp(cache));
    // Nothing that was refused comes late, and the writers begin anew.
    expect(await cache.get('key')).toBeUndefined();
    expect(await cache.recent('series', 5)).toEqual([]);
    expect(await cache.set('key', 'after', { ...TTL, version: 1 })).toBe(true);
    expect(await cache.set('key', 'older', { ...TTL, version: 0 })).toBe(false);
    expect(await cache.get('key')).toBe('after');
    expect(await metrics.render()).toContain('cerberus_cache_up{service="test"} 1');
    expect(lines.filter((line) => line.includes('"warn"'))).not.toHaveLength(0);
  });

  test('processes see what others wrote, each platform its own', async () => {
    const url = `redis://127.0.0.1:${server.port}`;
    const [writer, reader, stranger] = await Promise.all(
      ['one:', 'one:', 'two:'].map((keyPrefix) => openRedis(url, { keyPrefix })),
    );
    closing.push(writer!.cache, reader!.cache, stranger!.cache);
    await writer!.cache.set('key', 'new', { ...TTL, version: 2 });
    expect(await reader!.cache.set('key', 'old', { ...TTL, version: 1 })).toBe(false);
    await writer!.cache.append('series', '1', { ...TTL, maxLength: 2 });
    await reader!.cache.append('series', '2', { ...TTL, maxLength: 2 });
    expect(await reader!.cache.get('key')).toBe('new');
    expect(await writer!.cache.recent('series', 2)).toEqual(['2', '1']);
    expect(await stranger!.cache.get('key')).toBeUndefined();
    expect(await stranger!.cache.recent('series', 2)).toEqual([]);
  });

  test('calls under way when the server dies end, and none is sent again', async () => {
    const { cache } = await open(server.port);
    server.pause(true);
    const calls = Array.from({ length: 50 }, (_, index) => cache.set(`k${index}`, 'x', TTL));
    const ends = Promise.allSettled(calls);
    await server.kill();
    for (const end of await ends) {
      expect(end).toMatchObject({ status: 'rejected', reason: UNAVAILABLE });
    }
    await server.start();
    await eventually('the server is used again', () => isUp(cache));
    expect(await cache.get('k0')).toBeUndefined();
  });

  test('a server that is not there at start is no reason not to start', async () => {
    await server.kill();
    const { cache, lines } = await open(server.port);
    expect(cache.ready()).toEqual({
      ready: true,
      detail: expect.stringContaining('ECONNREFUSED'),
    });
    await expect(cache.get('key')).rejects.toMatchObject(UNAVAILABLE);
    await server.start();
    await eventually('the server is found', () => isUp(cache));
    await cache.set('key', 'a', TTL);
    expect(await cache.get('key')).toBe('a');
    // Told of once, however often it was looked for.
    expect(lines.filter((line) => line.includes('ECONNREFUSED'))).toHaveLength(1);
  });

  test('while it is lost a call waits for nothing', async () => {
    await server.kill();
    const { cache } = await open(server.port);
    let turns = 0;
    const turn = setImmediate(() => {
      turns += 1;
    });
    for (let call = 0; call < 1000; call += 1) {
      await expect(cache.get('key')).rejects.toMatchObject(UNAVAILABLE);
    }
    clearImmediate(turn);
    // Not one turn of the event loop: no timer, no socket.
    expect(turns).toBe(0);
  });

  test('a slow server is left alone after three late answers, and used again when it is quick', async () => {
    const { proxy, port } = await SlowProxy.open(server.port);
    closing.push(proxy);
    const { cache, metrics } = await open(port, 60);
    await cache.set('key', 'a', TTL);
    proxy.delayMs = 400;
    for (let call = 0; call < 3; call += 1) {
      await expect(cache.get('key')).rejects.toThrow('no answer within 60 ms');
    }
    expect(cache.ready()).toEqual({
      ready: true,
      detail: expect.stringContaining('3 times no answer within 60 ms'),
    });
    await expect(cache.get('key')).rejects.toMatchObject(UNAVAILABLE);
    const text = await metrics.render();
    expect(text).toContain('cerberus_cache_failures_total{reason="late",service="test"} 3');
    expect(text).toContain('cerberus_cache_failures_total{reason="unreachable",service="test"} 1');
    // It connects through the proxy meanwhile, but does not answer in time.
    await clock.sleep(1000);
    expect(isUp(cache)).toBe(false);
    proxy.delayMs = 0;
    await eventually('the server is used again', () => isUp(cache));
    expect(await cache.get('key')).toBe('a');
  });

  test('a server that hangs holds no more than the calls made before that is seen', async () => {
    const { cache } = await open(server.port, 60);
    server.pause(true);
    const calls = Array.from({ length: 1000 }, () => cache.get('key'));
    for (const end of await Promise.allSettled(calls)) {
      expect(end).toMatchObject({ status: 'rejected', reason: UNAVAILABLE });
    }
    expect(isUp(cache)).toBe(false);
    server.pause(false);
    await eventually('the server is used again', () => isUp(cache));
  });

  test('a pause of this process is not taken for one of the server', async () => {
    const { cache } = await open(server.port, 30);
    await cache.set('key', 'a', TTL);
    for (let round = 0; round < 5; round += 1) {
      const answer = cache.get('key');
      // Let it go out, then hold the event loop past the deadline.
      await new Promise((resolve) => setImmediate(resolve));
      const untilMs = clock.monotonicMs() + 60;
      while (clock.monotonicMs() < untilMs);
      expect(await answer).toBe('a');
    }
    expect(isUp(cache)).toBe(true);
  });

  test('what the server refuses is told, and the rest goes on', async () => {
    await server.kill();
    server = await RedisProgram.start('--maxmemory', '1');
    const { cache, metrics } = await open(server.port);
    await expect(cache.set('key', 'a', TTL)).rejects.toThrow('OOM');
    expect(cache.ready()).toEqual({ ready: true, detail: expect.stringContaining('OOM') });
    expect(await cache.get('key')).toBeUndefined();
    await expect(cache.append('s', 'a', { ...TTL, maxLength: 5 })).rejects.toMatchObject(
      UNAVAILABLE,
    );
    expect(await metrics.render()).toContain('reason="refused",service="test"} 2');
  });

  test('closed while it looks for the server, it looks no further', async () => {
    await server.kill();
    const { cache } = await open(server.port);
    await cache.close();
    await server.start();
    await clock.sleep(300);
    expect(cache.ready()).toEqual({ ready: false, detail: 'closed' });
  });

  test('nothing listens at all', async () => {
    const { cache } = await open(await freePort());
    expect(cache.ready().ready).toBe(true);
  });
});

describeWithRedis('the password of a Redis server (needs redis-server on the PATH)', () => {
  let server: RedisProgram;
  let opened: OpenedCache | undefined;

  beforeEach(async () => {
    server = await RedisProgram.start('--requirepass', 's3cr@t/?');
  });
  afterEach(async () => {
    await opened?.cache.close();
    await server.kill();
  });

  test.each([
    ['right', ':s3cr%40t%2F%3F@', undefined],
    ['right, with its user', 'default:s3cr%40t%2F%3F@', undefined],
    ['wrong', ':other@', 'WRONGPASS'],
    ['missing', '', 'NOAUTH'],
  ])('%s', async (_case, credentials, refusal) => {
    opened = await openRedis(`redis://${credentials}127.0.0.1:${server.port}/3`);
    const { cache, lines } = opened;
    if (refusal === undefined) {
      await cache.set('key', 'a', TTL);
      expect(await cache.get('key')).toBe('a');
      return;
    }
    expect(cache.ready()).toEqual({ ready: true, detail: expect.stringContaining(refusal) });
    await expect(cache.get('key')).rejects.toMatchObject(UNAVAILABLE);
    expect(lines.join()).not.toContain('other');
  });
});

const testWithRedis = HAS_REDIS ? test : test.skip;

testWithRedis('a password that nobody asks for is told of and not used', async () => {
  const server = await RedisProgram.start();
  const { cache, lines } = await openRedis(`redis://:useless@127.0.0.1:${server.port}`);
  try {
    await cache.set('key', 'a', TTL);
    expect(lines.join()).toContain('asks for no password');
    expect(lines.join()).not.toContain('useless');
  } finally {
    await cache.close();
    await server.kill();
  }
});
