import { describe, expect, test } from '@jest/globals';
import { redisAddress } from '../../src/redis/redis-address.ts';

describe('redisAddress', () => {
  test.each([
    ['redis://cache', { host: 'cache', port: 6379, database: 0, credentials: [] }],
    ['redis://127.0.0.1:16379/2', { host: '127.0.0.1', port: 16_379, database: 2 }],
    ['redis://[::1]:6380', { host: '::1', port: 6380, isEncrypted: false }],
    ['redis://:p%40ss@cache', { credentials: ['p@ss'], text: 'redis://cache:6379' }],
    ['rediss://desk:secret@cache:1/0', { credentials: ['desk', 'secret'], isEncrypted: true }],
  ])('%s', (url, expected) => {
    expect(redisAddress(url)).toMatchObject(expected);
  });

  test.each([
    ['cache:6379', 'neither redis:// nor rediss://'],
    ['http://cache', 'neither redis:// nor rediss://'],
    ['redis://', 'names no host'],
    ['redis://cache:99999', 'not a URL'],
    ['redis://cache/first', 'a database that is no number'],
    ['redis://cache/0/1', 'a database that is no number'],
    ['redis://cache?tls=1', 'takes nothing after the database'],
    ['redis://desk@cache', 'a user without a password'],
    ['redis://:%zz@cache', '% in user or password'],
  ])('refuses %s', (url, why) => {
    expect(() => redisAddress(url)).toThrow(why);
  });

  test('no password gets into a message, even one that makes the URL invalid', () => {
    for (const url of [
      'redis://:hu/sh@cache:99999',
      'redis://desk:hush@cache/x',
      'redis://:hu@sh@',
    ]) {
      expect(() => redisAddress(url)).toThrow('[redacted]');
      try {
        redisAddress(url);
      } catch (error) {
        expect(JSON.stringify(error) + String(error)).not.toMatch(/hu.?sh/);
      }
    }
  });
});
