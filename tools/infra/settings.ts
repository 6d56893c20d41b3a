import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { secretsOf } from './kafka-security.ts';

export const PART_NAMES = ['kafka', 'zookeeper', 'postgres', 'redis'] as const;
export type PartName = (typeof PART_NAMES)[number];

export const COMMANDS = ['up', 'down', 'status', 'logs', 'topics'] as const;
export type CommandName = (typeof COMMANDS)[number];

/** What `npm run infra:*` was asked to do. */
export interface Settings {
  readonly command: CommandName;
  readonly parts: readonly PartName[];
  /** Data, logs and process ids. */
  readonly folder: string;
  /** Downloaded jars, shared by all checkouts. */
  readonly cache: string;
  /** First port of each part; Kafka's brokers take as many as there are, its controllers 100 above. */
  readonly ports: Readonly<Record<PartName, number>>;
  readonly brokers: 1 | 3;
  /** Processes of this machine, also where containers could run. */
  readonly native: boolean;
  /** Kafka by TLS, with a user and password for each service, and nothing allowed that was not granted. */
  readonly secure: boolean;
  /** Brokers that live minutes: compiled quickly rather than well. */
  readonly brief: boolean;
  readonly follow: boolean;
  /** `down` removes the data too. */
  readonly wipe: boolean;
}

export const USAGE = `usage: npm run infra:up | infra:down | infra:status | infra:logs | infra:topics [-- part … options]
  part                 ${PART_NAMES.join(', ')}; all where none is named
  --brokers 1|3        Kafka brokers; with 3 each record is on three, and two must have it (default 1)
  --native             no containers, where an engine would answer (also with --brokers 3, --folder)
  --secure             up: Kafka by TLS with a user, a password and rights of its own for each service;
                       for a folder that is new, and then for good (no containers)
  --brief              up: brokers that live minutes and are killed; each request costs them more
  --folder PATH        data, logs and process ids (default .cerberus/infra; CERBERUS_INFRA_DIR)
  --cache PATH         downloaded jars (default ~/.cache/cerberus; CERBERUS_CACHE_DIR)
  --kafka-port N       default 9092; also --zookeeper-port 2181, --postgres-port 5432, --redis-port 6379
  --wipe               down: remove the data too
  --follow             logs: go on showing what is written`;

const DEFAULT_PORTS: Readonly<Record<PartName, number>> = {
  kafka: 9092,
  zookeeper: 2181,
  postgres: 5432,
  redis: 6379,
};

/** Throws with a message for the person at the terminal. */
export function readSettings(args: readonly string[], root: string): Settings {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      brokers: { type: 'string', default: '1' },
      native: { type: 'boolean', default: false },
      secure: { type: 'boolean', default: false },
      brief: { type: 'boolean', default: false },
      folder: { type: 'string' },
      cache: { type: 'string' },
      'kafka-port': { type: 'string' },
      'zookeeper-port': { type: 'string' },
      'postgres-port': { type: 'string' },
      'redis-port': { type: 'string' },
      wipe: { type: 'boolean', default: false },
      follow: { type: 'boolean', default: false },
    },
  });
  const [command, ...named] = positionals;
  const home = process.env['HOME'] ?? root;
  const folder = resolve(
    values.folder ?? process.env['CERBERUS_INFRA_DIR'] ?? join(root, '.cerberus', 'infra'),
  );
  const secure = values.secure || secretsOf(folder).exist;
  return {
    command: oneOf(COMMANDS, command, 'command'),
    parts: named.length === 0 ? PART_NAMES : named.map((name) => oneOf(PART_NAMES, name, 'part')),
    folder,
    cache: resolve(
      values.cache ?? process.env['CERBERUS_CACHE_DIR'] ?? join(home, '.cache', 'cerberus'),
    ),
    ports: {
      kafka: port(values['kafka-port'], 'kafka'),
      zookeeper: port(values['zookeeper-port'], 'zookeeper'),
      postgres: port(values['postgres-port'], 'postgres'),
      redis: port(values['redis-port'], 'redis'),
    },
    brokers: oneOf(['1', '3'] as const, values.brokers, '--brokers') === '3' ? 3 : 1,
    native: values.native || secure || values.brokers === '3' || values.folder !== undefined,
    secure,
    brief: values.brief,
    follow: values.follow,
    wipe: values.wipe,
  };
}

function oneOf<T extends string>(
  allowed: readonly T[],
  value: string | undefined,
  what: string,
): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  throw new Error(`${what} is one of ${allowed.join(', ')}, not ${value ?? 'missing'}`);
}

function port(text: string | undefined, part: PartName): number {
  const value = text ?? process.env[`CERBERUS_INFRA_${part.toUpperCase()}_PORT`];
  if (value === undefined) return DEFAULT_PORTS[part];
  const number = Number(value);
  if (Number.isInteger(number) && number > 0 && number < 65_000) return number;
  throw new Error(`the port of ${part} is a whole number below 65000, not ${value}`);
}
