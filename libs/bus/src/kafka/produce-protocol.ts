import type { TopicPartition } from '../port.ts';
import type { PartitionRecords } from './kafka-records.ts';
import { type BatchProducer, batchBytesMax, writeBatch } from './record-batch-writer.ts';
import { groupedByTopic } from './topic-groups.ts';
import { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

export const PRODUCE_KEY = 0;
/** Spoken by every broker since 2.1. */
export const PRODUCE_VERSION = 7;
const SIZE_BYTES = 4;
/** Size, key, version, correlation and length of the client's name. */
const HEAD_BYTES = 14;
/** Of the transaction's name its length, acknowledgement, time limit and count of topics. */
const BODY_HEAD_BYTES = 12;
/** All that stands before the partitions or the records of one. */
const TOPIC_HEAD_BYTES = 6;
const PARTITION_HEAD_BYTES = 8;
const LEADER_ONLY = 1;
const NO_TEXT = -1;

export interface ProducerRecords extends PartitionRecords {
  /** None where nobody counts what is written. */
  readonly producer?: BatchProducer;
}

export interface ProduceBody {
  readonly transactionalId: string | null;
  /** How many must have the records before they are acknowledged; -1 for all that are in sync. */
  readonly acks: number;
  /** How long the leader may take. */
  readonly timeoutMs: number;
  /** When the records were produced. */
  readonly timeMs: number;
  readonly partitions: readonly ProducerRecords[];
}

/** Goes to the leader of all its partitions, each named once. */
export interface ProduceRequest extends Pick<ProduceBody, 'timeMs' | 'timeoutMs'> {
  readonly correlationId: number;
  readonly clientId: string;
  readonly partitions: readonly PartitionRecords[];
}

export interface ProducedPartition extends TopicPartition {
  readonly errorCode: number;
}

export interface ProduceResponse {
  readonly throttleMs: number;
  readonly partitions: readonly ProducedPartition[];
}

/**
 * Produce request version 7, all of it: its records are copied once, to where they are sent from.
 * `room` gives a buffer of at least so many bytes, in which the request stands.
 */
export function produceRequest(
  request: ProduceRequest,
  room: (bytes: number) => Buffer = Buffer.allocUnsafe,
): Buffer {
  const { correlationId, clientId, timeMs, timeoutMs, partitions } = request;
  const body = { transactionalId: null, acks: LEADER_ONLY, timeoutMs, timeMs, partitions };
  const bytesMax = HEAD_BYTES + Buffer.byteLength(clientId) + bodyBytesMax(body);
  const writer = new WireWriter(room(bytesMax));
  writer.int32(0); // Size, set below.
  writer.int16(PRODUCE_KEY);
  writer.int16(PRODUCE_VERSION);
  writer.int32(correlationId);
  writer.text(clientId);
  writeBody(writer, body);
  writer.setInt32(0, writer.at - SIZE_BYTES);
  return writer.written;
}

/** What follows the client's name in a produce request of versions 3 to 8. */
export function produceBody(body: ProduceBody): Buffer {
  const writer = new WireWriter(Buffer.allocUnsafe(bodyBytesMax(body)));
  writeBody(writer, body);
  return writer.written;
}

function writeBody(writer: WireWriter, body: ProduceBody): void {
  const { transactionalId, acks, timeoutMs, timeMs, partitions } = body;
  if (transactionalId === null) writer.int16(NO_TEXT);
  else writer.text(transactionalId);
  writer.int16(acks);
  writer.int32(timeoutMs);
  const topics = groupedByTopic(partitions, (place) => place);
  writer.int32(topics.length);
  for (const group of topics) {
    writer.text(group.topic);
    writer.int32(group.partitions.length);
    for (const { partition, records, producer } of group.partitions) {
      writer.int32(partition);
      const sizeAt = writer.at;
      writer.int32(0); // Size of the batch, set below.
      writeBatch(writer, records, timeMs, producer);
      writer.setInt32(sizeAt, writer.at - sizeAt - SIZE_BYTES);
    }
  }
}

function bodyBytesMax({ transactionalId, partitions }: ProduceBody): number {
  let bytes = BODY_HEAD_BYTES + Buffer.byteLength(transactionalId ?? '');
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
