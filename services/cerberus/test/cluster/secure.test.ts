import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Cluster } from '../../../../deploy/faults/cluster-process.ts';
import { readClusterLog } from '../../../../deploy/faults/ledger-log.ts';
import { followsAnOrderEndToEnd } from '../end-to-end.ts';

// Every service as a process with a user, a password and rights of its own. Not part of test:cluster, which
// would take a minute or two longer.
const suite = process.env['CERBERUS_TEST_CLUSTER'] === 'secure' ? describe : describe.skip;
const PORT = 32_500;
const START_MS_MAX = 240_000;
/** What Kafka, kafkajs and the bus call a right that is missing. */
const REFUSAL = /AUTHORI[SZ]ATION_FAILED|NOT_AUTHORISED|not authorized/i;

suite('a cluster where every right must be granted (needs CERBERUS_TEST_CLUSTER=secure)', () => {
  let folder: string;
  let cluster: Cluster;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cerberus-secure-'));
    chmodSync(folder, 0o755); // PostgreSQL, which never runs as root, must reach its data.
    cluster = new Cluster({ folder, port: PORT, scale: '', brokers: 1, secure: true, brief: true });
    await cluster.start();
  }, START_MS_MAX);

  afterAll(async () => {
    await cluster?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, START_MS_MAX);

  test('takes an order from REST to TCA', () => {
    return followsAnOrderEndToEnd({ url: cluster.url, apiKey: cluster.apiKey() });
  }, 60_000);

  test('lets the operator read ledgers and dead letters', async () => {
    const log = await readClusterLog(cluster);
    expect(log('fill').length).toBeGreaterThan(0);
    expect(log.deadLetters).toBe(0);
  }, 60_000);

  test('has every process ready and refuses none a right', async () => {
    const states = await Promise.all(cluster.instances.map((one) => cluster.isReady(one)));
    expect(states.every(Boolean)).toBe(true);
    const logs = join(cluster.folder, 'log');
    const refused = readdirSync(logs).flatMap((file) =>
      readFileSync(join(logs, file), 'utf8')
        .split('\n')
        .filter((line) => REFUSAL.test(line))
        .map((line) => `${file}: ${line}`),
    );
    expect(refused).toEqual([]);
  });

  test('shows no password in settings, plan, logs or command lines', () => {
    const passwords = join(cluster.kafkaSecurity ?? '', 'passwords');
    const secrets = readdirSync(passwords).map((user) =>
      readFileSync(join(passwords, user), 'utf8').trim(),
    );
    const shown = [cluster.folder, join(folder, 'infra', 'log'), join(folder, 'infra', 'kafka')]
      .flatMap((place) => textFiles(place))
      .filter((file) => secrets.some((secret) => readFileSync(file, 'latin1').includes(secret)));
    expect(secrets.length).toBeGreaterThan(0);
    expect(shown).toEqual([]);
    for (const { name } of cluster.instances) {
      const command = readFileSync(`/proc/${cluster.pidOf(name)}/cmdline`, 'latin1');
      expect(secrets.filter((secret) => command.includes(secret))).toEqual([]);
    }
  });
});

function textFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(log|yaml|json|properties|pid)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}
