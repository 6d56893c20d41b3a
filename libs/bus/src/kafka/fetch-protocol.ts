import type { TopicPartition } from '../port.ts';

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
  return grouped(partitions, ({ partition, fetchOffset }) => ({
    partition,
    fetchOffset: fetchOffset.toString(),
    maxBytes: partitionBytes,
  }));
}

export function forgottenTopics({ forgotten }: FetchRequest) {
  return grouped(forgotten, ({ partition }) => partition);
}

function grouped<P extends TopicPartition, R>(places: readonly P[], of: (place: P) => R) {
  const byTopic = new Map<string, { topic: string; partitions: R[] }>();
  for (const place of places) {
    const group = byTopic.get(place.topic) ?? { topic: place.topic, partitions: [] };
    byTopic.set(place.topic, group);
    group.partitions.push(of(place));
  }
  return [...byTopic.values()];
}

/** Fetch response version 11. Record sets stay bytes of the response. */
export function readFetchResponse(bytes: Buffer): FetchResponse {
  const reader = new Reader(bytes);
  const throttleMs = reader.int32();
  const errorCode = reader.int16();
  const sessionId = reader.int32();
  const partitions = reader.array(() => {
    const topic = reader.text();
    return reader.array(() => readPartition(reader, topic));
  });
  return { throttleMs, errorCode, sessionId, partitions: partitions.flat() };
}

function readPartition(reader: Reader, topic: string): FetchedPartition {
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

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#move(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#move(4));
  }

  int64(): bigint {
    return this.#bytes.readBigInt64BE(this.#move(8));
  }

  text(): string {
    const length = this.int16();
    const from = this.#move(length);
    return this.#bytes.toString('utf8', from, from + length);
  }

  bytes(): Buffer {
    const length = Math.max(0, this.int32());
    const from = this.#move(length);
    return this.#bytes.subarray(from, from + length);
  }

  array<T>(read: () => T): T[] {
    const items: T[] = [];
    for (let left = this.int32(); left > 0; left -= 1) items.push(read());
    return items;
  }

  #move(length: number): number {
    const from = this.#at;
    this.#at += length;
    return from;
  }
}
