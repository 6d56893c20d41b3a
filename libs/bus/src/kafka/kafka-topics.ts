import type { Clock } from '@cerberus/core';
import type { Admin, ITopicConfig } from 'kafkajs';
import { BUS_ERRORS, busError } from '../errors.ts';
import type { TopicSpec } from '../port.ts';
import { TopicTable } from '../topic-table.ts';
import { ClientFactory, type KafkaConnection } from './client-factory.ts';
import { refusalOf } from './refusals.ts';

/** Values of 1 MB and everything around them, several to a batch. */
const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;
const HOUR_MS = 3_600_000;
/**
 * What a start reads of a compacted topic is what compaction has left. It never touches the newest
 * segment (1 GB or a week as Kafka ships), nor a log that is less dirty than its ratio (half).
 */
const COMPACTION = {
  'segment.bytes': 16 * 1024 * 1024,
  'segment.ms': HOUR_MS,
  'min.cleanable.dirty.ratio': 0.2,
};
const TOPIC_RESOURCE = 2;
const CREATE_TIMEOUT_MS = 30_000;
const LEADER_POLL_MS = 100;
/** More in one request and a small broker answers too late. */
const TOPICS_PER_REQUEST = 20;

export interface CreateTopicsOptions {
  readonly connection: KafkaConnection;
  readonly topics: Iterable<TopicSpec>;
  readonly replicas: number;
}

/** Makes the declared topics and those of their dead letters where they are missing; gives their names. */
export async function createKafkaTopics(options: CreateTopicsOptions): Promise<string[]> {
  const { connection, replicas } = options;
  const admin = new ClientFactory(connection).plain().admin();
  try {
    await admin.connect();
    const there = new Set(await admin.listTopics());
    const specs = new TopicTable(options.topics).all().filter(({ name }) => !there.has(name));
    for (let from = 0; from < specs.length; from += TOPICS_PER_REQUEST) {
      const topics = specs
        .slice(from, from + TOPICS_PER_REQUEST)
        .map((spec) => topicConfig(spec, replicas));
      await admin.createTopics({ topics, timeout: CREATE_TIMEOUT_MS, waitForLeaders: false });
    }
    const names = specs.map(({ name }) => name);
    await awaitLeaders(admin, names, connection.clock);
    return names;
  } catch (error) {
    throw refusalOf(error, connection) ?? error;
  } finally {
    await admin.disconnect();
  }
}

/** A topic that was made is known to every broker, and led, some time later. */
async function awaitLeaders(admin: Admin, names: string[], clock: Clock): Promise<void> {
  const deadlineMs = clock.monotonicMs() + CREATE_TIMEOUT_MS;
  while (names.length > 0) {
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: names });
      const isLed = ({ partitions }: { partitions: { leader: number }[] }) =>
        partitions.length > 0 && partitions.every(({ leader }) => leader >= 0);
      if (topics.length === names.length && topics.every(isLed)) return;
    } catch (error) {
      if (clock.monotonicMs() > deadlineMs) throw error;
    }
    if (clock.monotonicMs() > deadlineMs) {
      throw busError(BUS_ERRORS.BROKER_UNREACHABLE, { message: 'new topics have no leader' });
    }
    await clock.sleep(LEADER_POLL_MS);
  }
}

function topicConfig(spec: TopicSpec, replicas: number): ITopicConfig {
  const settings: Record<string, string | number> = {
    'cleanup.policy': spec.cleanup,
    'max.message.bytes': MESSAGE_BYTES_MAX,
    'min.insync.replicas': replicas > 2 ? 2 : 1,
    ...(spec.cleanup === 'delete' ? { 'retention.ms': spec.retentionHours * HOUR_MS } : COMPACTION),
  };
  return {
    topic: spec.name,
    numPartitions: spec.partitions,
    replicationFactor: replicas,
    configEntries: Object.entries(settings).map(([name, value]) => ({ name, value: `${value}` })),
  };
}

/** Refuses a cluster whose topics are missing or other than declared, naming each. */
export async function verifyKafkaTopics(admin: Admin, topics: TopicTable): Promise<void> {
  const specs = topics.all();
  const { topics: found } = await admin.fetchTopicMetadata();
  const partitions = new Map(found.map((topic) => [topic.name, topic.partitions.length]));
  const missing = specs.filter(({ name }) => !partitions.has(name)).map(({ name }) => name);
  if (missing.length > 0) {
    throw busError(BUS_ERRORS.TOPIC_MISSING, {
      path: missing[0]!,
      message: `${missing.join(', ')} (create them with: npm run infra:topics; where rights are on, this process must be allowed to see them: cerberus topics --acls)`,
    });
  }
  const cleanup = await cleanupPolicies(
    admin,
    specs.map(({ name }) => name),
  );
  const problems = specs.flatMap((spec) => {
    const wrong: string[] = [];
    const count = partitions.get(spec.name);
    if (count !== spec.partitions) {
      wrong.push(`${spec.name} has ${count} partitions instead of ${spec.partitions}`);
    }
    const policy = cleanup.get(spec.name);
    if (policy !== spec.cleanup) {
      wrong.push(`${spec.name} has cleanup.policy ${policy} instead of ${spec.cleanup}`);
    }
    return wrong;
  });
  if (problems.length === 0) return;
  throw busError(BUS_ERRORS.TOPIC_MISMATCH, { message: problems.join('; ') });
}

async function cleanupPolicies(
  admin: Admin,
  names: readonly string[],
): Promise<Map<string, string>> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: names.map((name) => ({
      type: TOPIC_RESOURCE,
      name,
      configNames: ['cleanup.policy'],
    })),
  });
  return new Map(
    resources.map(({ resourceName, configEntries }) => [
      resourceName,
      configEntries.find(({ configName }) => configName === 'cleanup.policy')?.configValue ?? '',
    ]),
  );
}
