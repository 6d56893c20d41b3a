import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from './health.ts';
import { ensureSecrets, secretsOf, securityProperties, writeUsers } from './kafka-security.ts';
import type { Part } from './part.ts';
import { ensureKafkaJars } from './requirements.ts';
import type { Settings } from './settings.ts';

const CONTROLLER_PORT_OFFSET = 100;
/** Where brokers speak with each other, when clients must log in. */
const INTERNAL_PORT_OFFSET = 200;
/** ApiVersions v0, correlation 1, client id "infra". */
const API_VERSIONS = Buffer.from('0000000f00120000000000010005696e667261', 'hex');

/** Brokers that are their own KRaft controllers. */
export function kafkaParts(settings: Settings, root: string): Part[] {
  return Array.from({ length: settings.brokers }, (_, index) => broker(settings, root, index));
}

function broker(settings: Settings, root: string, index: number): Part {
  const name = settings.brokers === 1 ? 'kafka' : `kafka-${index + 1}`;
  const port = settings.ports.kafka + index;
  const folder = join(settings.folder, name);
  return {
    name,
    port,
    startMs: 90_000,
    prepare() {
      const jars = join(ensureKafkaJars(root, settings.cache), '*');
      const file = join(folder, 'server.properties');
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, `${properties(settings, folder, index).join('\n')}\n`);
      const log = join(folder, 'slf4j');
      mkdirSync(log, { recursive: true });
      writeFileSync(
        join(log, 'simplelogger.properties'),
        'org.slf4j.simpleLogger.showDateTime=true\norg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS\norg.slf4j.simpleLogger.defaultLogLevel=warn\norg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info\n',
      );
      const classPath = `${jars}:${log}`;
      format(settings, { folder, classPath, file });
      const heap = [
        '-Xms384m',
        '-Xmx640m',
        '-Xmn256m',
        '-XX:+UseSerialGC',
        '-XX:+UseTransparentHugePages',
        '-XX:MaxTenuringThreshold=1',
        // The better compiler is busy for minutes, and takes the time of those who wait for the broker.
        ...(settings.brief ? ['-XX:TieredStopAtLevel=1'] : []),
        '-XX:+ExitOnOutOfMemoryError',
      ];
      return { program: 'java', args: [...heap, '-cp', classPath, 'kafka.Kafka', file] };
    },
    healthy: async () => (await ask(port, API_VERSIONS, authorityOf(settings))) !== undefined,
  };
}

/** One cluster id per folder, the same for all its brokers without a place to keep it. */
function format(
  settings: Settings,
  { folder, classPath, file }: { folder: string; classPath: string; file: string },
): void {
  const data = join(folder, 'data');
  if (existsSync(join(data, 'meta.properties'))) return;
  // What a format that was interrupted left behind.
  rmSync(data, { recursive: true, force: true });
  const id = createHash('sha256').update('cerberus').digest().subarray(0, 16).toString('base64url');
  const users = settings.secure ? writeUsers(ensureSecrets(settings.folder)) : undefined;
  const args = [
    ...['-Xmx128m', '-cp', classPath, 'kafka.tools.StorageTool', 'format', '-t', id, '-c', file],
    ...(users === undefined ? [] : [`@${users}`]),
  ];
  const { status, stdout, stderr } = spawnSync('java', args, { encoding: 'utf8' });
  if (users !== undefined) rmSync(users);
  if (status !== 0) throw new Error(`Kafka's storage cannot be formatted:\n${stdout}${stderr}`);
}

/** What the broker's certificate must be vouched for by; undefined where it speaks plain text. */
function authorityOf({ secure, folder }: Settings): string | undefined {
  const { caFile } = secretsOf(folder);
  return secure && existsSync(caFile) ? caFile : undefined;
}

function plainListeners(port: number): string[] {
  return [
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${port + CONTROLLER_PORT_OFFSET}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${port}`,
    'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
  ];
}

function secureListeners({ folder }: Settings, port: number): string[] {
  const reached = `CLIENTS://127.0.0.1:${port},INTERNAL://127.0.0.1:${port + INTERNAL_PORT_OFFSET}`;
  return [
    `listeners=${reached},CONTROLLER://127.0.0.1:${port + CONTROLLER_PORT_OFFSET}`,
    `advertised.listeners=${reached}`,
    'listener.security.protocol.map=CLIENTS:SASL_SSL,INTERNAL:SSL,CONTROLLER:SSL',
    'inter.broker.listener.name=INTERNAL',
    ...securityProperties(ensureSecrets(folder)),
  ];
}

function properties(settings: Settings, folder: string, index: number): string[] {
  const { brokers, ports } = settings;
  const controllers = Array.from({ length: brokers }, (_, n) => {
    return `${n + 1}@127.0.0.1:${ports.kafka + CONTROLLER_PORT_OFFSET + n}`;
  });
  const replicas = brokers;
  const inSync = brokers === 1 ? 1 : 2;
  const port = ports.kafka + index;
  return [
    'process.roles=broker,controller',
    `node.id=${index + 1}`,
    `controller.quorum.voters=${controllers.join(',')}`,
    'controller.listener.names=CONTROLLER',
    ...(settings.secure ? secureListeners(settings, port) : plainListeners(port)),
    `log.dirs=${join(folder, 'data')}`,
    // Topics come from the topic table, never from a misspelling.
    'auto.create.topics.enable=false',
    `default.replication.factor=${replicas}`,
    `min.insync.replicas=${inSync}`,
    `offsets.topic.replication.factor=${replicas}`,
    'offsets.topic.num.partitions=8',
    `transaction.state.log.replication.factor=${replicas}`,
    `transaction.state.log.min.isr=${inSync}`,
    'transaction.state.log.num.partitions=8',
    // How often transactions are looked for whose writer died with them open: readers wait for them.
    'transaction.abort.timed.out.transaction.cleanup.interval.ms=1000',
    'group.initial.rebalance.delay.ms=0',
    'group.min.session.timeout.ms=500',
    // A broker that was killed may come back as soon as its old registration has expired.
    'broker.session.timeout.ms=4000',
    'broker.heartbeat.interval.ms=500',
    // It shares two cores with everything else: each thread more is one more to wake.
    'num.network.threads=1',
    'num.io.threads=2',
    // Fetches that were answered are kept until so many are, and copied by every collection until then.
    'fetch.purgatory.purge.interval.requests=100',
    'producer.purgatory.purge.interval.requests=100',
    'log.cleaner.dedupe.buffer.size=16777216',
    // A file of 10 MB per index of each of hundreds of partitions would be mapped ahead.
    'log.index.size.max.bytes=1048576',
  ];
}
