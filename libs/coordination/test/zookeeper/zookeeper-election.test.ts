import { ZooKeeperElection } from '@cerberus/coordination';
import { SystemClock, SystemRng, UuidV7Source } from '@cerberus/runtime';
import { electionContract } from '@cerberus/testkit';
import { describe, test } from '@jest/globals';

/** `host:port` of a server to test against, e.g. of `npm run infra:up -- zookeeper`. */
const SERVER = process.env['CERBERUS_TEST_ZOOKEEPER'];

if (SERVER === undefined) {
  describe('election contract: ZooKeeper', () => {
    test.skip('needs a server: CERBERUS_TEST_ZOOKEEPER=host:port', () => undefined);
  });
} else {
  electionContract('ZooKeeper', () => {
    const clock = new SystemClock();
    const ids = new UuidV7Source(clock, new SystemRng());
    const root = `/cerberus-contract/${ids.next()}`;
    const leaseMs = 2000;
    return Promise.resolve({
      leaseMs,
      async open() {
        const servers = [SERVER];
        const election = new ZooKeeperElection({
          servers,
          root,
          clock,
          ids,
          leaseMs,
          marginMs: 500,
        });
        await election.start();
        return election;
      },
      close: () => Promise.resolve(),
    });
  });
}
