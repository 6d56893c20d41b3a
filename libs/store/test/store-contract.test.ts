import { rmSync } from 'node:fs';
import { Metrics } from '@cerberus/runtime';
import { eventually, type StoreHarness, storeContract } from '@cerberus/testkit';
import { describe, expect, test } from '@jest/globals';
import { PostgresStore } from '../src/index.ts';
import { clock, connect, log, startEngine, temporaryFolder } from './open-embedded.ts';

const embedded = async (): Promise<StoreHarness> => {
  const folder = temporaryFolder('contract');
  const engine = await startEngine(folder);
  return {
    open: () => connect(engine),
    async crash() {
      const killed = engine.server.pid as number;
      process.kill(killed, 'SIGKILL');
      await eventually('the server is replaced', () => {
        return engine.ready().ready && engine.server.pid !== killed;
      });
    },
    async close() {
      await engine.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

storeContract('embedded PostgreSQL', embedded, { canCrash: true });

const EXTERNAL = process.env['CERBERUS_TEST_POSTGRES_URL'];

if (EXTERNAL === undefined) {
  describe('store contract: external PostgreSQL', () => {
    test.skip('CERBERUS_TEST_POSTGRES_URL is not set', () => expect(EXTERNAL).toBeDefined());
  });
} else {
  const external = async (): Promise<StoreHarness> => ({
    open: () =>
      PostgresStore.connect({
        connection: { connectionString: EXTERNAL },
        poolSize: 5,
        statementTimeoutMs: 15_000,
        connectTimeoutMs: 3000,
        clock,
        log,
        metrics: new Metrics('test'),
      }),
    crash: () => Promise.reject(new Error('a server of others is not killed')),
    close: () => Promise.resolve(),
  });

  storeContract('external PostgreSQL', external, { canCrash: false });
}
