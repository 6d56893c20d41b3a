import type { OutgoingRecord } from '../port.ts';
import { crc32c } from './crc32c.ts';
import {
  ATTRIBUTES_AT,
  CRC_AT,
  HEADER_BYTES,
  LENGTH_AT,
  MAGIC,
  SIZED_BYTES,
} from './record-batches.ts';
import { varintBytes, type WireWriter } from './wire-writer.ts';

/*
 * Record batches of Kafka's message format 2 (KIP-98), uncompressed. kafkajs makes several buffers of
 * each record, and copies it from one into the next.
 */

const VARINT_BYTES_MAX = 5;
/** Attributes and time of a record, as they are here. */
const RECORD_HEAD_BYTES = 2;
/** Of the record and its offset, of its key, value and headers. */
const RECORD_VARINTS = 5;
const RECORD_OVERHEAD_BYTES_MAX = RECORD_HEAD_BYTES + RECORD_VARINTS * VARINT_BYTES_MAX;
const UTF8_BYTES_MAX = 3;
const NONE = -1;
const TRANSACTIONAL = 0x10;

/** Who writes a batch, where the broker is to notice repetitions and gaps. */
export interface BatchProducer {
  readonly id: bigint;
  readonly epoch: number;
  /** Number of the first record among all that this one has written to the partition. */
  readonly firstSequence: number;
  readonly isTransactional: boolean;
}

const NO_PRODUCER: BatchProducer = {
  ...{ id: BigInt(NONE), epoch: NONE, firstSequence: NONE },
  isTransactional: false,
};

/** What one batch of the records takes at most. */
export function batchBytesMax(records: readonly OutgoingRecord[]): number {
  let bytes = HEADER_BYTES;
  for (const { key, value, headers } of records) {
    bytes += RECORD_OVERHEAD_BYTES_MAX + UTF8_BYTES_MAX * key.length + (value?.length ?? 0);
    if (headers !== undefined) bytes += headersBytesMax(headers);
  }
  return bytes;
}

/** Writes them as one batch, all of one time; at least one record. */
export function writeBatch(
  writer: WireWriter,
  records: readonly OutgoingRecord[],
  timeMs: number,
  producer: BatchProducer = NO_PRODUCER,
): void {
  const from = writer.at;
  const time = BigInt(timeMs);
  writer.int64(0n); // Offset: given by the broker.
  writer.int32(0); // Length, set below.
  writer.int32(0); // Epoch of the leader: given by the broker.
  writer.int8(MAGIC);
  writer.int32(0); // Checksum, set below.
  writer.int16(producer.isTransactional ? TRANSACTIONAL : 0); // Attributes.
  writer.int32(records.length - 1); // Offset of the last record, from the first.
  writer.int64(time); // Of the first record.
  writer.int64(time); // Of the last.
  writer.int64(producer.id);
  writer.int16(producer.epoch);
  writer.int32(producer.firstSequence);
  writer.int32(records.length);
  for (let n = 0; n < records.length; n += 1) writeRecord(writer, records[n]!, n);
  const { written } = writer;
  writer.setInt32(from + LENGTH_AT, writer.at - from - SIZED_BYTES);
  writer.setUint32(from + CRC_AT, crc32c(written, from + ATTRIBUTES_AT, writer.at));
}

function writeRecord(writer: WireWriter, record: OutgoingRecord, offsetDelta: number): void {
  const { key, value, headers = {} } = record;
  const keyBytes = Buffer.byteLength(key);
  const valueBytes = value === null ? NONE : value.length;
  const names = Object.keys(headers);
  let bytes =
    RECORD_HEAD_BYTES +
    varintBytes(offsetDelta) +
    fieldBytes(keyBytes) +
    fieldBytes(valueBytes) +
    varintBytes(names.length);
  for (const name of names) bytes += textBytes(name) + textBytes(headers[name]!);

  writer.varint(bytes);
  writer.int8(0); // Attributes.
  writer.varint(0); // Time, from that of the first.
  writer.varint(offsetDelta);
  writer.varint(keyBytes);
  writer.utf8(key, keyBytes);
  writer.varint(valueBytes);
  if (value !== null) writer.bytes(value);
  writer.varint(names.length);
  for (const name of names) {
    writeText(writer, name);
    writeText(writer, headers[name]!);
  }
}

function writeText(writer: WireWriter, text: string): void {
  const length = Buffer.byteLength(text);
  writer.varint(length);
  writer.utf8(text, length);
}

function textBytes(text: string): number {
  return fieldBytes(Buffer.byteLength(text));
}

/** With its length before it; a length below zero says that there is none. */
function fieldBytes(length: number): number {
  return varintBytes(length) + Math.max(0, length);
}

function headersBytesMax(headers: Readonly<Record<string, string>>): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    bytes += 2 * VARINT_BYTES_MAX + UTF8_BYTES_MAX * (name.length + value.length);
  }
  return bytes;
}
