import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { IncomingRecord, TopicPartition } from '../port.ts';
import { recordTimeUs } from './kafka-records.ts';

/*
 * Record batches of Kafka's message format 2 (KIP-98), as the log keeps them and a fetch returns them.
 * Read here rather than by kafkajs, whose batches lose what a compacted or aborted one says of the
 * next offset, and which decodes a whole response before anything else has its turn.
 */

export const HEADER_BYTES = 61;
export const LENGTH_AT = 8;
export const SIZED_BYTES = 12;
const MAGIC_AT = 16;
export const MAGIC = 2;
export const CRC_AT = 17;
/** The checksum is of all from here on. */
export const ATTRIBUTES_AT = 21;
const LAST_DELTA_AT = 23;
const BASE_TIME_AT = 27;
const MAX_TIME_AT = 35;
const PRODUCER_AT = 43;
const COUNT_AT = 57;

const CODEC = 0x07;
const LOG_APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;
/** Key of a control record: version, then 0 for an abort. */
const ABORT = 0;

export interface RecordBatch {
  readonly bytes: Buffer;
  readonly baseOffset: bigint;
  readonly lastOffset: bigint;
  readonly producerId: bigint;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
}

/** Whole batches only: the broker cuts the last one at the size that was asked for. */
export function* recordBatches(set: Buffer): Generator<RecordBatch> {
  for (const [from, to] of extents(set)) {
    const bytes = set.subarray(from, to);
    const baseOffset = bytes.readBigInt64BE(0);
    const attributes = bytes.readInt16BE(ATTRIBUTES_AT);
    yield {
      bytes,
      baseOffset,
      lastOffset: lastOffset(set, from),
      producerId: bytes.readBigInt64BE(PRODUCER_AT),
      isTransactional: (attributes & TRANSACTIONAL) !== 0,
      isControl: (attributes & CONTROL) !== 0,
    };
  }
}

/** Where to read on: behind the last whole batch, whether or not its records are still there. */
export function offsetAfter(set: Buffer): bigint | undefined {
  let last: number | undefined;
  for (const [from] of extents(set)) last = from;
  return last === undefined ? undefined : lastOffset(set, last) + 1n;
}

function* extents(set: Buffer): Generator<[number, number]> {
  let from = 0;
  while (from + HEADER_BYTES <= set.length) {
    const to = from + SIZED_BYTES + set.readInt32BE(from + LENGTH_AT);
    if (to > set.length) return;
    const magic = set.readInt8(from + MAGIC_AT);
    if (magic !== MAGIC) throw new Error(`record batch of message format ${magic}`);
    yield [from, to];
    from = to;
  }
}

function lastOffset(set: Buffer, from: number): bigint {
  return set.readBigInt64BE(from) + BigInt(set.readInt32BE(from + LAST_DELTA_AT));
}

/** Whether the batch is the marker that ends an aborted transaction of its producer. */
export function isAbortMarker(batch: RecordBatch): boolean {
  if (!batch.isControl) return false;
  const fields = new FieldReader(recordBytes(batch));
  fields.skipRecordHead();
  const key = fields.field();
  return key !== undefined && key.length >= 4 && key.readInt16BE(2) === ABORT;
}

export function* batchRecords(
  { topic, partition }: TopicPartition,
  batch: RecordBatch,
): Generator<IncomingRecord> {
  const { bytes, baseOffset } = batch;
  const count = bytes.readInt32BE(COUNT_AT);
  const isAppendTime = (bytes.readInt16BE(ATTRIBUTES_AT) & LOG_APPEND_TIME) !== 0;
  const timeMs = Number(bytes.readBigInt64BE(isAppendTime ? MAX_TIME_AT : BASE_TIME_AT));
  const fields = new FieldReader(recordBytes(batch));
  for (let n = 0; n < count; n += 1) {
    const head = fields.recordHead();
    const key = fields.text();
    const value = fields.field();
    const headers = fields.headers();
    fields.endRecord();
    yield {
      topic,
      partition,
      offset: baseOffset + BigInt(head.offsetDelta),
      key: key ?? '',
      value: value ?? null,
      headers,
      timestampUs: recordTimeUs(isAppendTime ? timeMs : timeMs + head.timeDeltaMs),
    };
  }
}

function recordBytes({ bytes }: RecordBatch): Buffer {
  const records = bytes.subarray(HEADER_BYTES);
  const codec = bytes.readInt16BE(ATTRIBUTES_AT) & CODEC;
  switch (codec) {
    case 0:
      return records;
    case 1:
      return gunzipSync(records);
    case 4:
      return zstdDecompressSync(records);
    default:
      throw new Error(`compression ${codec === 2 ? 'snappy' : codec === 3 ? 'lz4' : codec}`);
  }
}

const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});

/** Fields of records, one after the other; lengths and deltas are zigzag varints. */
class FieldReader {
  readonly #bytes: Buffer;
  #at = 0;
  #recordEnd = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  recordHead(): { timeDeltaMs: number; offsetDelta: number } {
    this.#recordEnd = this.#varint() + this.#at;
    if (this.#recordEnd > this.#bytes.length) throw damaged();
    this.#at += 1; // Attributes, unused.
    return { timeDeltaMs: this.#varlong(), offsetDelta: this.#varint() };
  }

  skipRecordHead(): void {
    this.recordHead();
  }

  endRecord(): void {
    if (this.#at !== this.#recordEnd) throw damaged();
  }

  field(): Buffer | undefined {
    const length = this.#varint();
    if (length < 0) return undefined;
    const from = this.#at;
    this.#at += length;
    if (this.#at > this.#recordEnd) throw damaged();
    return this.#bytes.subarray(from, this.#at);
  }

  text(): string | undefined {
    const length = this.#varint();
    if (length < 0) return undefined;
    const from = this.#at;
    this.#at += length;
    if (this.#at > this.#recordEnd) throw damaged();
    return this.#bytes.toString('utf8', from, this.#at);
  }

  /** Of a header that is given several times the last one counts. */
  headers(): Readonly<Record<string, string>> {
    const count = this.#varint();
    if (count <= 0) return NO_HEADERS;
    const headers: Record<string, string> = {};
    for (let n = 0; n < count; n += 1) {
      const name = this.text() ?? '';
      const value = this.text();
      if (value !== undefined) headers[name] = value;
    }
    return headers;
  }

  #varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#bytes[this.#at];
      this.#at += 1;
      if (byte === undefined) throw damaged();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    throw damaged();
  }

  #varlong(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 70; scale *= 128) {
      const byte = this.#bytes[this.#at];
      this.#at += 1;
      if (byte === undefined) throw damaged();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    throw damaged();
  }
}

function damaged(): Error {
  return new Error('damaged record batch');
}
