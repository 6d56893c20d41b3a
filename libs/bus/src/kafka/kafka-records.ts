import { type EpochUs, epochUs } from '@cerberus/core';
import type { KafkaMessage, Message, TopicMessages } from 'kafkajs';
import type { IncomingRecord, OutgoingRecord, TopicPartition } from '../port.ts';
import type { TopicTable } from '../topic-table.ts';

/** Of one request: what the broker takes in one batch unless told otherwise. */
const REQUEST_BYTES_MAX = 900_000;
const REQUEST_RECORDS_MAX = 5000;
const RECORD_OVERHEAD_BYTES = 64;

export function recordBytes({ key, value }: OutgoingRecord): number {
  return RECORD_OVERHEAD_BYTES + key.length + (value?.length ?? 0);
}

/** Consecutive records that go into one request; looks at no more than these. */
export function requestLength(records: Iterable<OutgoingRecord>): number {
  let bytes = 0;
  let count = 0;
  for (const record of records) {
    bytes += recordBytes(record);
    if (count > 0 && (bytes > REQUEST_BYTES_MAX || count >= REQUEST_RECORDS_MAX)) break;
    count += 1;
  }
  return count;
}

export interface PlacedRecord {
  readonly record: OutgoingRecord;
  readonly partition: number;
}

/** Records of one partition, in order; never empty. */
export interface PartitionRecords extends TopicPartition {
  readonly records: readonly OutgoingRecord[];
}

export function byPartition(placed: Iterable<PlacedRecord>): PartitionRecords[] {
  const topics = new Map<string, Map<number, OutgoingRecord[]>>();
  const groups: PartitionRecords[] = [];
  for (const { record, partition } of placed) {
    const { topic } = record;
    const partitions = topics.get(topic) ?? new Map<number, OutgoingRecord[]>();
    topics.set(topic, partitions);
    const records = partitions.get(partition) ?? [];
    if (records.length === 0) groups.push({ topic, partition, records });
    partitions.set(partition, records);
    records.push(record);
  }
  return groups;
}

/** A message as the client knows it, with what it was made of: see `client-produce.ts`. */
export interface CarryingMessage extends Message {
  readonly record?: OutgoingRecord;
}

export function topicMessages(
  records: readonly OutgoingRecord[],
  topics: TopicTable,
  nowUs: EpochUs,
): TopicMessages[] {
  const byTopic = new Map<string, CarryingMessage[]>();
  const timestamp = String(Math.floor(nowUs / 1000));
  for (const record of records) {
    const messages = byTopic.get(record.topic) ?? [];
    byTopic.set(record.topic, messages);
    const { key, value, headers } = record;
    const partition = topics.partition(record);
    // The client would take an empty text for no key at all.
    messages.push({
      key: Buffer.from(key),
      value,
      partition,
      timestamp,
      ...(headers && { headers }),
      record,
    });
  }
  return [...byTopic].map(([topic, messages]) => ({ topic, messages }));
}

export function incomingRecord(at: TopicPartition, message: KafkaMessage): IncomingRecord {
  return {
    topic: at.topic,
    partition: at.partition,
    offset: BigInt(message.offset),
    key: message.key === null ? '' : message.key.toString(),
    value: message.value,
    headers: textHeaders(message.headers),
    timestampUs: recordTimeUs(Number(message.timestamp)),
  };
}

/** A writer may set any time, -1 for none: it must not make the record unreadable. */
export function recordTimeUs(timeMs: number): EpochUs {
  return epochUs(Math.min(Math.max(0, timeMs * 1000), Number.MAX_SAFE_INTEGER));
}

const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});

function textHeaders(headers: KafkaMessage['headers']): Readonly<Record<string, string>> {
  if (headers === undefined) return NO_HEADERS;
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    // Of a header that is given several times the last one counts.
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== undefined) texts[name] = last.toString();
  }
  return texts;
}

/** Partitions are computed by us, for every implementation of the bus the same. */
export function givenPartition() {
  return ({ message }: { message: Message }) => message.partition ?? 0;
}
