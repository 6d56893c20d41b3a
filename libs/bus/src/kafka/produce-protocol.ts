import type { TopicPartition } from '../port.ts';
import type { PartitionRecords } from './kafka-records.ts';
import { batchBytesMax, writeBatch } from './record-batch-writer.ts';
import { groupedByTopic } from './topic-groups.ts';
import { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

export const PRODUCE_KEY = 0;
/** Spoken by every broker since 2.1. */
export const PRODUCE_VERSION = 7;
const SIZE_BYTES = 4;
/** All that stands before the first topic, and before the partitions or the records of one. */
const HEAD_BYTES = 64;
const TOPIC_HEAD_BYTES = 6;
const PARTITION_HEAD_BYTES = 8;
const LEADER_ONLY = 1;
const NO_TRANSACTION = -1;

/** Goes to the leader of all its partitions, each named once. */
export interface ProduceRequest {
  readonly correlationId: number;
  readonly clientId: string;
  /** When the records were produced. */
  readonly timeMs: number;
  /** How long the leader may take. */
  readonly timeoutMs: number;
  readonly partitions: readonly PartitionRecords[];
}

export interface ProducedPartition extends TopicPartition {
  readonly errorCode: number;
}

export interface ProduceResponse {
  readonly throttleMs: number;
  readonly partitions: readonly ProducedPartition[];
}

/** Produce request version 7, all of it: its records are copied once, to where they are sent from. */
export function produceRequest(request: ProduceRequest): Buffer {
  const { correlationId, clientId, timeMs, timeoutMs, partitions } = request;
  const topics = groupedByTopic(partitions, (place) => place);
  const writer = new WireWriter(requestBytesMax(request));
  writer.int32(0); // Size, set below.
  writer.int16(PRODUCE_KEY);
  writer.int16(PRODUCE_VERSION);
  writer.int32(correlationId);
  writer.text(clientId);
  writer.int16(NO_TRANSACTION);
  writer.int16(LEADER_ONLY);
  writer.int32(timeoutMs);
  writer.int32(topics.length);
  for (const group of topics) {
    writer.text(group.topic);
    writer.int32(group.partitions.length);
    for (const { partition, records } of group.partitions) {
      writer.int32(partition);
      const sizeAt = writer.at;
      writer.int32(0); // Size of the batch, set below.
      writeBatch(writer, records, timeMs);
      writer.setInt32(sizeAt, writer.at - sizeAt - SIZE_BYTES);
    }
  }
  writer.setInt32(0, writer.at - SIZE_BYTES);
  return writer.written;
}

function requestBytesMax({ clientId, partitions }: ProduceRequest): number {
  let bytes = HEAD_BYTES + Buffer.byteLength(clientId);
  for (const { topic, records } of partitions) {
    bytes += TOPIC_HEAD_BYTES + Buffer.byteLength(topic);
    bytes += PARTITION_HEAD_BYTES + batchBytesMax(records);
  }
  return bytes;
}

/** Produce response version 7. */
export function readProduceResponse(bytes: Buffer): ProduceResponse {
  const reader = new WireReader(bytes);
  const partitions = reader.array(() => {
    const topic = reader.text();
    return reader.array(() => readPartition(reader, topic));
  });
  return { partitions: partitions.flat(), throttleMs: reader.int32() };
}

function readPartition(reader: WireReader, topic: string): ProducedPartition {
  const partition = reader.int32();
  const errorCode = reader.int16();
  reader.int64(); // Offset of the first record.
  reader.int64(); // Time that the broker gave them.
  reader.int64(); // Start of the log.
  return { topic, partition, errorCode };
}
