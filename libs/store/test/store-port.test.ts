import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { HOST_SECTION, loadConfig, ServiceHost } from '@cerberus/runtime';
import { VirtualClock } from '@cerberus/testkit';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { STORE_ERRORS, STORE_SECTION, storePort } from '../src/index.ts';
import { temporaryFolder } from './open-embedded.ts';

let root: string;
beforeEach(() => {
  root = temporaryFolder('port');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A host as of a replay: its services' time stands still. */
function open(environment: Record<string, string> = {}) {
  const loaded = loadConfig({
    sections: { host: HOST_SECTION, store: STORE_SECTION },
    yaml: {
      file: 'cerberus.yaml',
      text: `host: {dataDir: "${join(root, 'data')}", logLevel: silent}`,
    },
    environment,
  });
  if (!loaded.ok) throw new Error(loaded.error.message);
  const { values } = loaded.value;
  const host = ServiceHost.open({
    name: 'test',
    config: values.host,
    clock: new VirtualClock(),
    environment: {},
  });
  return { host, config: values.store };
}

describe('storePort', () => {
  test('keeps its data in the data folder from one host to the next', async () => {
    for (const expected of [1n, 2n]) {
      const { host, config } = open();
      const store = await host.openPort(storePort, config);
      expect(host.ready()).toEqual({
        ready: true,
        dependencies: {
          store: {
            ready: true,
            dependencies: { server: { ready: true }, connection: { ready: true } },
          },
        },
      });
      await store.query('CREATE TABLE IF NOT EXISTS visit (id bigserial)');
      await store.query('INSERT INTO visit DEFAULT VALUES');
      const { rows } = await store.query<{ n: bigint }>('SELECT count(*) AS n FROM visit');
      expect(rows).toEqual([{ n: expected }]);
      expect(await host.metrics.render()).toContain(
        'cerberus_store_query_seconds_count{service="store"}',
      );
      expect(await host.stop()).toBe(true);
    }
    expect(statSync(join(root, 'data')).mode & 0o007).toBe(0);
  }, 60_000);

  test('an external server that does not answer is named, without its password', async () => {
    const { host, config } = open({
      CERBERUS_STORE_URL: 'postgres://me:hush@127.0.0.1:1/none',
      CERBERUS_STORE_START_TIMEOUT_MS: '1000',
    });
    const error: unknown = await host
      .openPort(storePort, config)
      .catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: STORE_ERRORS.UNAVAILABLE.code });
    expect(String(error)).toContain('postgres://me:[redacted]@127.0.0.1:1/none');
    expect(String(error)).toContain('ECONNREFUSED');
    expect(String(error)).not.toContain('hush');
    await host.stop();
  }, 60_000);
});
