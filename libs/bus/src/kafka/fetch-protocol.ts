import type { TopicPartition } from '../port.ts';
import { groupedByTopic } from './topic-groups.ts';
import { WireReader } from './wire-reader.ts';

/** What one fetch asks for; `sessionId` and `sessionEpoch` as in KIP-227. */
export interface FetchRequest {
  readonly sessionId: number;
  readonly sessionEpoch: number;
  readonly maxWaitMs: number;
  readonly maxBytes: number;
  readonly partitionBytes: number;
  readonly partitions: readonly FetchPlace[];
  readonly forgotten: readonly TopicPartition[];
}

export interface FetchPlace extends TopicPartition {
  readonly fetchOffset: bigint;
}

export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

export interface FetchedPartition extends TopicPartition {
  readonly errorCode: number;
  readonly highWatermark: bigint;
  /** Offset of the first record of the oldest open transaction, else the high watermark. */
  readonly lastStableOffset: bigint;
  readonly abortedTransactions: readonly AbortedTransaction[];
  readonly records: Buffer;
}

export interface FetchResponse {
  readonly throttleMs: number;
  readonly errorCode: number;
  readonly sessionId: number;
  readonly partitions: readonly FetchedPartition[];
}

/** The topics of a request in the shape that kafkajs encodes. */
export function requestTopics({ partitions, partitionBytes }: FetchRequest) {
  return groupedByTopic(partitions, ({ partition, fetchOffset }) => ({
    partition,
    fetchOffset: fetchOffset.toString(),
    maxBytes: partitionBytes,
  }));
}

export function forgottenTopics({ forgotten }: FetchRequest) {
  return groupedByTopic(forgotten, ({ partition }) => partition);
}

/** Fetch response version 11. Record sets stay bytes of the response. */
export function readFetchResponse(bytes: Buffer): FetchResponse {
  const reader = new WireReader(bytes);
  const throttleMs = reader.int32();
  const errorCode = reader.int16();
  const sessionId = reader.int32();
  const partitions = reader.array(() => {
    const topic = reader.text();
    return reader.array(() => readPartition(reader, topic));
  });
  return { throttleMs, errorCode, sessionId, partitions: partitions.flat() };
}

function readPartition(reader: WireReader, topic: string): FetchedPartition {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const highWatermark = reader.int64();
  const lastStableOffset = reader.int64();
  reader.int64(); // Start of the log.
  const abortedTransactions = reader.array(() => ({
    producerId: reader.int64(),
    firstOffset: reader.int64(),
  }));
  reader.int32(); // Preferred replica: none without a rack.
  const records = reader.bytes();
  return {
    topic,
    partition,
    errorCode,
    highWatermark,
    lastStableOffset,
    abortedTransactions,
    records,
  };
}
