import { cacheContract } from '@cerberus/testkit';
import { describe, test } from '@jest/globals';
import { clock, openRedis } from './open-redis.ts';

/** `host:port` of a server to test against, e.g. of `npm run infra:up -- redis`. */
const SERVER = process.env['CERBERUS_TEST_REDIS'];

if (SERVER === undefined) {
  describe('cache contract: Redis', () => {
    test.skip('needs a server: CERBERUS_TEST_REDIS=host:port', () => undefined);
  });
} else {
  cacheContract('Redis', async () => ({
    open: async () => (await openRedis(`redis://${SERVER}`, { keyPrefix: 'contract:' })).cache,
    pass: (ms) => clock.sleep(ms),
    close: () => Promise.resolve(),
  }));
}
