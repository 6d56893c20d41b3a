// `npm run test:cluster`: the contract suites on real Kafka, ZooKeeper, PostgreSQL and Redis, then every
// service as a process of its own: the embedded run's journeys, scaling, kills. Starts what it needs on
// ports of its own and takes it down again; arguments narrow it to test files. Then the bus on a Kafka that
// wants a name and a password, and allows nothing that was not granted.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Cluster } from '../../deploy/faults/cluster-process.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const PORT = 30_000;

/** Suites that a server of its kind turns on. */
const ON_REAL_PARTS = [
  'libs/bus/test/kafka',
  'libs/bus/test/processor/partition-owner',
  'libs/bus/test/registry',
  'libs/coordination/test/zookeeper',
  'libs/store/test/store-contract',
  'libs/store/test/series',
  'libs/cache/test/redis',
  'services/risk-engine/test/instances',
  'services/cerberus/test/cluster',
];

/** On a broker with authentication and rights. */
const ON_SECURED = ['libs/bus/test/kafka/kafka-bus', 'libs/bus/test/kafka/kafka-security'];
const SECURED_PORT = PORT + 500;

const folder = mkdtempSync(join(tmpdir(), 'cerberus-suite-'));
chmodSync(folder, 0o755); // PostgreSQL, which never runs as root, must reach its data.
const parts = new Cluster({ folder, port: PORT, scale: '', brokers: 1, brief: true });
const secured = new Cluster({
  ...{
    folder: join(folder, 'secured'),
    port: SECURED_PORT,
    scale: '',
    brokers: 1,
    secure: true,
    brief: true,
  },
});
const wanted = process.argv.slice(2);

try {
  await parts.infraUp();
  const onParts = await jest(wanted.length === 0 ? ON_REAL_PARTS : wanted, {
    CERBERUS_TEST_KAFKA: parts.brokers.join(','),
    CERBERUS_TEST_KAFKA_RESTART: parts.restartCommand('kafka'),
    CERBERUS_TEST_ZOOKEEPER: parts.zookeeper,
    CERBERUS_TEST_POSTGRES_URL: parts.postgresUrl,
    CERBERUS_TEST_REDIS: parts.redisUrl.replace('redis://', ''),
    CERBERUS_TEST_CLUSTER: '1',
  });
  process.exitCode = onParts || (await onSecured());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await parts.stop();
  await secured.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function onSecured(): Promise<number> {
  const files =
    wanted.length === 0
      ? ON_SECURED
      : wanted.filter((file) => file.includes('libs/bus/test/kafka'));
  if (files.length === 0) return 0;
  await secured.infraUp('kafka');
  return jest(files, {
    CERBERUS_TEST_KAFKA: secured.brokers.join(','),
    CERBERUS_TEST_KAFKA_SECURITY: secured.kafkaSecurity ?? '',
  });
}

/** One file at a time: they share two cores with the servers. */
function jest(files: readonly string[], environment: Readonly<Record<string, string>>) {
  return new Promise<number>((resolve, reject) => {
    const child = spawn(
      'node',
      [join(root, 'tools', 'jest.mjs'), '--runInBand', '--forceExit', ...files],
      {
        cwd: root,
        stdio: 'inherit',
        env: { ...process.env, ...environment },
      },
    );
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
