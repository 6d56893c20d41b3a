import type { Proto, TopicRow } from './proto.ts';

const HEADER = '// Generated from proto/ by `npm run generate`. Do not edit.\n';

export function renderTopics({ topics, schemas }: Proto): string {
  const nameOf = new Map(schemas.map(({ path, schema }) => [path, schema.name]));
  const messages = [...new Set(topics.map((topic) => nameOf.get(topic.schema)!))].sort();
  const rows = topics.map(
    (topic) =>
      `  '${topic.name}': ${JSON.stringify({
        name: topic.name,
        schema: topic.schema,
        class: topic.class,
        key: topic.key,
        partitionBy: topic.partition_by,
        partitions: topic.partitions,
        cleanup: topic.cleanup,
        retentionHours: topic.retention_hours,
        conflate: topic.conflate,
        description: topic.description,
      })},`,
  );
  const map = topics.map((topic) => `  '${topic.name}': ${nameOf.get(topic.schema)};`);
  return `${HEADER}import type { TopicDefinition } from '../topic.ts';
import type { ${messages.join(', ')} } from './messages.ts';

export interface MessageByTopic {
${map.join('\n')}
}

export type TopicName = keyof MessageByTopic;

export const TOPICS: { readonly [T in TopicName]: TopicDefinition } = {
${rows.join('\n')}
};
`;
}

/** The schemas as canonical JSON text, by path: what the registry stores and codecs compile. */
export function renderSchemas({ schemas }: Proto): string {
  const rows = schemas.map(
    ({ path, schema }) => `  '${path}':\n    ${JSON.stringify(JSON.stringify(schema))},`,
  );
  return `${HEADER}export const SCHEMAS: Readonly<Record<string, string>> = {\n${rows.join('\n')}\n};\n`;
}

export function renderTopicDocs({ topics, schemas }: Proto): string {
  const doc = new Map(schemas.map(({ path, schema }) => [path, schema]));
  const row = (topic: TopicRow) => {
    const schema = doc.get(topic.schema)!;
    const retention = topic.cleanup === 'compact' ? 'compacted' : `${topic.retention_hours} h`;
    const key = topic.key?.join(' \\| ') ?? 'service';
    return `| \`${topic.name}\` | ${topic.class} | [${schema.name}](../proto/${topic.schema}.avsc) | ${key} | ${topic.partition_by ?? 'service'} | ${topic.partitions} | ${retention} | ${topic.conflate ? 'yes' : 'no'} | ${topic.description} |`;
  };
  return `# Topics

Generated from \`proto/topics.json\` by \`npm run generate\`. **stream**: at least once, newest wins. **ledger**: exactly once in effect, never conflated. Malformed messages go to \`<topic>.dlq\`.

| topic | class | record | key | partitioned by | partitions | retention | conflated | content |
|---|---|---|---|---|---|---|---|---|
${topics.map(row).join('\n')}
`;
}

/** As `createKafkaTopics` of the bus. */
const COMPACTION = 'segment.bytes=16777216 segment.ms=3600000 min.cleanable.dirty.ratio=0.2';

export function renderCreateScript({ topics }: Proto): string {
  const line = (topic: TopicRow, name: string, cleanup: string, retention: string) =>
    `create ${name} ${topic.partitions} cleanup.policy=${cleanup} max.message.bytes=4194304 ${retention} ${topic.class === 'ledger' ? 'min.insync.replicas=$MIN_INSYNC' : ''}`.trimEnd();
  const lines = topics.flatMap((topic) => {
    const retention =
      topic.cleanup === 'compact'
        ? COMPACTION
        : `retention.ms=${topic.retention_hours * 3_600_000}`;
    return [
      line(topic, topic.name, topic.cleanup, retention),
      line(topic, `${topic.name}.dlq`, 'delete', 'retention.ms=2592000000'),
    ];
  });
  return `#!/usr/bin/env bash
# Generated from proto/topics.json by \`npm run generate\`. Do not edit.
# Creates every topic on a Kafka cluster: BOOTSTRAP=host:port REPLICATION=3 MIN_INSYNC=2 ./create-topics.sh
set -euo pipefail
: "\${BOOTSTRAP:=127.0.0.1:9092}" "\${REPLICATION:=3}" "\${MIN_INSYNC:=2}" "\${KAFKA_TOPICS:=kafka-topics.sh}"

create() {
  local topic=$1 partitions=$2
  shift 2
  local config=()
  for entry in "$@"; do config+=(--config "$entry"); done
  "$KAFKA_TOPICS" --bootstrap-server "$BOOTSTRAP" --create --if-not-exists --topic "$topic" \\
    --partitions "$partitions" --replication-factor "$REPLICATION" "\${config[@]}"
}

${lines.map((text) => text.replace(/ +/g, ' ')).join('\n')}
`;
}
