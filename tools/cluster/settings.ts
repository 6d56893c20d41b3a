import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { secretsOf } from '../infra/kafka-security.ts';

export const COMMANDS = ['up', 'down', 'status', 'logs'] as const;
export type CommandName = (typeof COMMANDS)[number];

/** Services in the order of the data flow, with how many run unless told otherwise. */
export const SERVICES = {
  registry: 1,
  'venue-sim': 1,
  'market-data': 1,
  features: 1,
  portfolio: 1,
  'pre-trade': 1,
  'risk-engine': 1,
  execution: 2,
  tca: 1,
  alerting: 1,
  reporting: 1,
  gateway: 1,
} as const;
export type ServiceName = keyof typeof SERVICES;

/** Of these a second one would be another world, or hand out the same ids. */
export const SINGLE: ReadonlySet<ServiceName> = new Set(['registry', 'venue-sim']);
/** They look back at what was done, or answer at starts: on one machine they leave the cores to the others. */
export const YIELDING: ReadonlySet<ServiceName> = new Set([
  'registry',
  'features',
  'tca',
  'alerting',
  'reporting',
]);
const INSTANCES_MAX = 9;

/** What `npm run cluster:*` was asked to do. */
export interface Settings {
  readonly command: CommandName;
  readonly counts: Readonly<Record<ServiceName, number>>;
  /** Configuration, data, logs and process ids. */
  readonly folder: string;
  /** Settings that win over those the cluster is given. */
  readonly configFile: string | undefined;
  /** Of the first gateway: dashboard, REST, streams; a second one answers on the next. */
  readonly port: number;
  /** First port of /health, /ready and /metrics. */
  readonly healthPort: number;
  readonly registryPort: number;
  readonly venuePort: number;
  readonly kafka: readonly string[];
  /** Folder of the certificate and the passwords to log in to Kafka with; undefined for plain text. */
  readonly kafkaSecurity: string | undefined;
  readonly zookeeper: readonly string[];
  readonly postgres: string;
  readonly redis: string;
  readonly seed: number;
  readonly logLevel: string;
  /** Instance whose log is wanted; all where absent. */
  readonly instance: string | undefined;
  readonly follow: boolean;
  readonly wipe: boolean;
  readonly json: boolean;
}

export const USAGE = `usage: npm run cluster:up | cluster:status | cluster:logs | cluster:down [-- options]
  --scale a=2,b=3      how many of which service; others: one, of execution two (leader and standby);
                       given again, a running cluster is changed
  --folder PATH        configuration, data, logs (default .cerberus/cluster; CERBERUS_CLUSTER_DIR)
  --config FILE        YAML settings of your own; see docs/config.md
  --port N             dashboard, REST, streams (default 8080)
  --health-port N      first of the services' health endpoints (default 9100)
  --registry-port N    schema registry (default 8081)
  --venue-port N       simulated venue: spot, and futures on the next (default 9201)
  --kafka H:P,…        default 127.0.0.1:9092, or CERBERUS_INFRA_KAFKA_PORT; also --zookeeper H:P,…,
                       --postgres URL, --redis URL
  --kafka-security DIR certificate and passwords of a Kafka made with --secure; known by itself where
                       --kafka is not given
  --seed N             of the simulated market (default 1)
  --log-level L        default info
  --json               print where everything is as JSON
  logs [instance]      --follow goes on showing what is written
  down                 --wipe removes the folder too; topics and database stay`;

const LOCAL = '127.0.0.1';
const DEFAULT_PORTS = { kafka: 9092, zookeeper: 2181, postgres: 5432, redis: 6379 };

/** Throws with a message for the person at the terminal. */
export function readSettings(args: readonly string[], root: string): Settings {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      scale: { type: 'string', default: '' },
      folder: { type: 'string' },
      config: { type: 'string' },
      port: { type: 'string', default: '8080' },
      'health-port': { type: 'string', default: '9100' },
      'registry-port': { type: 'string', default: '8081' },
      'venue-port': { type: 'string', default: '9201' },
      kafka: { type: 'string' },
      'kafka-security': { type: 'string' },
      zookeeper: { type: 'string', default: local('zookeeper') },
      postgres: {
        type: 'string',
        default: `postgres://cerberus@${local('postgres')}/cerberus`,
      },
      redis: { type: 'string', default: `redis://${local('redis')}` },
      seed: { type: 'string', default: '1' },
      'log-level': { type: 'string', default: 'info' },
      follow: { type: 'boolean', default: false },
      wipe: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const [command, instance] = positionals;
  const folder = values.folder ?? process.env['CERBERUS_CLUSTER_DIR'];
  return {
    command: commandOf(command),
    counts: readScale(values.scale),
    folder: resolve(folder ?? join(root, '.cerberus', 'cluster')),
    configFile: values.config === undefined ? undefined : resolve(values.config),
    port: whole(values.port, '--port'),
    healthPort: whole(values['health-port'], '--health-port'),
    registryPort: whole(values['registry-port'], '--registry-port'),
    venuePort: whole(values['venue-port'], '--venue-port'),
    kafka: (values.kafka ?? local('kafka')).split(','),
    kafkaSecurity: securityFolder(values, root),
    zookeeper: values.zookeeper.split(','),
    postgres: values.postgres,
    redis: values.redis,
    seed: whole(values.seed, '--seed'),
    logLevel: values['log-level'],
    instance,
    ...{ follow: values.follow, wipe: values.wipe, json: values.json },
  };
}

/** Brokers that are named may be anybody's: only those of `infra:up` are known to be secured. */
function securityFolder(
  values: { kafka?: string | undefined; 'kafka-security'?: string | undefined },
  root: string,
): string | undefined {
  const named = values['kafka-security'];
  if (named !== undefined) return resolve(named);
  if (values.kafka !== undefined) return undefined;
  const infra = process.env['CERBERUS_INFRA_DIR'] ?? join(root, '.cerberus', 'infra');
  const { exist, folder } = secretsOf(resolve(infra));
  return exist ? folder : undefined;
}

/** `risk-engine=3,pre-trade=2` */
export function readScale(text: string): Readonly<Record<ServiceName, number>> {
  const counts: Record<ServiceName, number> = { ...SERVICES };
  for (const part of text.split(',').filter((piece) => piece !== '')) {
    const [name = '', count = ''] = part.split('=');
    if (!isService(name)) {
      throw new Error(`--scale: "${name}" is none of ${Object.keys(SERVICES).join(', ')}`);
    }
    const most = SINGLE.has(name) ? 1 : INSTANCES_MAX;
    const wanted = Number(count);
    if (!Number.isInteger(wanted) || wanted < 0 || wanted > most || count === '') {
      throw new Error(`--scale: ${name} takes 0 to ${most}, not "${count}"`);
    }
    counts[name] = wanted;
  }
  return counts;
}

function isService(name: string): name is ServiceName {
  return Object.hasOwn(SERVICES, name);
}

function commandOf(text: string | undefined): CommandName {
  const found = COMMANDS.find((candidate) => candidate === text);
  if (found !== undefined) return found;
  throw new Error(`command is one of ${COMMANDS.join(', ')}, not ${text ?? 'missing'}`);
}

function local(part: keyof typeof DEFAULT_PORTS): string {
  return `${LOCAL}:${process.env[`CERBERUS_INFRA_${part.toUpperCase()}_PORT`] ?? DEFAULT_PORTS[part]}`;
}

function whole(text: string, option: string): number {
  const value = Number(text);
  if (text !== '' && Number.isInteger(value) && value >= 0 && value < 2 ** 32) return value;
  throw new Error(`${option} takes a whole number, not "${text}"`);
}
