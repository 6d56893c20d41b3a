import { join } from 'node:path';
import {
  type Bus,
  DEAD_LETTER_SUFFIX,
  deadLetterTopic,
  EmbeddedBus,
  KafkaBus,
  type KafkaSecurity,
  RegistryClient,
  RegistryFile,
  readSecurity,
} from '@cerberus/bus';
import { unwrap } from '@cerberus/core';
import { SeededRng, SystemClock, UuidV7Source } from '@cerberus/runtime';
import {
  Codecs,
  type MessageByTopic,
  registrySource,
  TOPICS,
  type TopicName,
} from '@cerberus/schema';
import { secretsIn } from '../../tools/infra/kafka-security.ts';

/** Everything the ledger topics hold, in the order of each partition. */
export interface LedgerLog {
  <T extends TopicName>(topic: T): MessageByTopic[T][];
  readonly deadLetters: number;
}

const LEDGERS = [
  'order.request',
  'order.decision',
  'order.event',
  'fill',
  'position.adjustment',
  'position',
] as const satisfies TopicName[];

/** Of a data folder that no process uses. */
export async function readEmbeddedLog(dataDir: string): Promise<LedgerLog> {
  const file = new RegistryFile(join(dataDir, 'schemas', 'registry.jsonl'));
  const codecs = await Codecs.open(registrySource(file.registry));
  const bus = new EmbeddedBus({
    file: join(dataDir, 'bus', 'log.sqlite'),
    topics: Object.values(TOPICS),
    clock: new SystemClock(),
  });
  try {
    return await readLedgers(bus, codecs);
  } finally {
    file.close();
  }
}

export interface ClusterLogPlace {
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  /** Folder of certificate and passwords; undefined for brokers in plain text. */
  readonly kafkaSecurity: string | undefined;
}

export async function readClusterLog(place: ClusterLogPlace): Promise<LedgerLog> {
  const { brokers, registryUrl, kafkaSecurity } = place;
  const clock = new SystemClock();
  const bus = new KafkaBus({
    ...{ brokers, clientId: 'judge', topics: Object.values(TOPICS), clock },
    ids: new UuidV7Source(clock, new SeededRng(Date.now() % 2 ** 32)),
    ...(kafkaSecurity === undefined ? {} : { security: operatorOf(kafkaSecurity, brokers) }),
  });
  return readLedgers(bus, await Codecs.open(new RegistryClient(registryUrl)));
}

/** Who may read every ledger, and every dead letter. */
function operatorOf(folder: string, brokers: readonly string[]): KafkaSecurity {
  const username = 'cerberus-operator';
  const secrets = secretsIn(folder);
  return readSecurity({
    brokers,
    tls: { enabled: true, caFile: secrets.caFile },
    sasl: {
      ...{ mechanism: 'SCRAM-SHA-512', username },
      passwordFile: secrets.passwordFile(username),
    },
  });
}

async function readLedgers(bus: Bus, codecs: Codecs): Promise<LedgerLog> {
  await bus.start();
  const records = new Map<string, unknown[]>(LEDGERS.map((topic) => [topic, []]));
  let deadLetters = 0;
  const follower = await bus.follow({
    topics: [...LEDGERS, ...LEDGERS.map(deadLetterTopic)],
    from: 'beginning',
    onRecord: ({ topic, value }) => {
      if (topic.endsWith(DEAD_LETTER_SUFFIX)) deadLetters += 1;
      else if (value !== null)
        records.get(topic)!.push(unwrap(codecs.decode(topic as TopicName, value)));
    },
  });
  await follower.caughtUp;
  await bus.stop();
  const read = (topic: TopicName) => records.get(topic) as never;
  return Object.assign(read, { deadLetters });
}
