import { createRequire } from 'node:module';
import type { OutgoingRecord } from '@cerberus/bus';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { crc32c } from '../../src/kafka/crc32c.ts';
import { batchBytesMax, writeBatch } from '../../src/kafka/record-batch-writer.ts';
import {
  ATTRIBUTES_AT,
  batchRecords,
  CRC_AT,
  HEADER_BYTES,
  recordBatches,
} from '../../src/kafka/record-batches.ts';
import { WireWriter } from '../../src/kafka/wire-writer.ts';

const require = createRequire(import.meta.url);
/** Of kafkajs, byte by byte: the reference. */
const referenceCrc = require('kafkajs/src/protocol/recordBatch/crc32C') as (
  bytes: Buffer,
) => number;
const Decoder = require('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => object;
const decodeBatch = require('kafkajs/src/protocol/recordBatch/v0/decoder') as (
  decoder: object,
) => Promise<DecodedBatch>;

interface DecodedBatch {
  readonly records: readonly {
    readonly key: Buffer;
    readonly value: Buffer | null;
    readonly headers: Readonly<Record<string, Buffer>>;
    readonly offset: string;
    readonly timestamp: string;
  }[];
}

const AT = { topic: 't', partition: 3 };
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.string({ unit: 'grapheme-ascii', maxLength: 200 }),
);
const bytes = fc.uint8Array({ maxLength: 300 }).map((array): Buffer => Buffer.from(array));
const record: fc.Arbitrary<OutgoingRecord> = fc
  .record({
    key: text,
    value: fc.option(bytes, { freq: 5 }),
    headers: fc.option(
      fc.dictionary(
        // kafkajs confuses these with what every object has.
        text.filter((name) => !(name in {})),
        text,
        { maxKeys: 3 },
      ),
    ),
  })
  .map(({ headers, ...rest }) => ({ topic: AT.topic, ...rest, ...(headers && { headers }) }));
const records = fc.array(record, { minLength: 1, maxLength: 200 });
const timeMs = fc.integer({ min: 0, max: 2 ** 42 });

function written(drawn: readonly OutgoingRecord[], at: number): Buffer {
  const writer = new WireWriter(Buffer.alloc(batchBytesMax(drawn)));
  writeBatch(writer, drawn, at);
  return writer.written;
}

describe('written record batches', () => {
  test('are read back by this library and by kafkajs, which agrees on the checksum', async () => {
    await fc.assert(
      fc.asyncProperty(records, timeMs, async (drawn, producedMs) => {
        const batch = written(drawn, producedMs);
        const read = [...recordBatches(batch)].flatMap((one) => [...batchRecords(AT, one)]);
        expect(read).toEqual(
          drawn.map(({ key, value, headers = {} }, n) => ({
            ...{ ...AT, key, value, headers: { ...headers } },
            ...{ offset: BigInt(n), timestampUs: producedMs * 1000 },
          })),
        );
        const decoded = await decodeBatch(new Decoder(batch));
        expect(
          decoded.records.map(({ key, value, headers, offset, timestamp }) => ({
            ...{ key: key.toString(), value, offset, timestamp },
            headers: Object.entries(headers).map(([name, field]) => [name, field.toString()]),
          })),
        ).toEqual(
          drawn.map(({ key, value, headers = {} }, n) => ({
            ...{ key, value, offset: `${n}`, timestamp: `${producedMs}` },
            headers: Object.entries(headers),
          })),
        );
        expect(batch.readUInt32BE(CRC_AT)).toBe(referenceCrc(batch.subarray(ATTRIBUTES_AT)));
      }),
      { numRuns: 100 },
    );
  });

  test('have the lengths of large values and of more records than one byte counts', () => {
    const large = { topic: AT.topic, key: 'k', value: Buffer.alloc(1024 * 1024, 7) };
    const drawn = [large, ...Array.from({ length: 9000 }, () => ({ ...large, value: null }))];
    const [batch, ...others] = recordBatches(written(drawn, 1));
    expect(others).toEqual([]);
    const read = [...batchRecords(AT, batch!)];
    expect(read.map(({ value }) => value?.length)).toEqual(drawn.map(({ value }) => value?.length));
    expect(read.at(-1)?.offset).toBe(9000n);
  });

  test('are plain: no transaction, no producer, and a key of no text is not no key', () => {
    const batch = written([{ topic: AT.topic, key: '', value: null }], 0);
    const [head] = recordBatches(batch);
    expect(head).toMatchObject({ producerId: -1n, isTransactional: false, isControl: false });
    // KIP-98: length, attributes, time, offset, key of length 0, value of length -1, no headers.
    expect([...batch.subarray(HEADER_BYTES)]).toEqual([12, 0, 0, 0, 0, 1, 0]);
  });
});

describe('CRC-32C', () => {
  test('is that of RFC 3720, appendix B.4', () => {
    const ascending = Uint8Array.from({ length: 32 }, (_, n) => n);
    expect(crc32c(new Uint8Array(32), 0, 32)).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff), 0, 32)).toBe(0x62a8ab43);
    expect(crc32c(ascending, 0, 32)).toBe(0x46dd794e);
    expect(crc32c(ascending.toReversed(), 0, 32)).toBe(0x113fdb5c);
  });

  test('is that of kafkajs for any part of any bytes', () => {
    fc.assert(
      fc.property(bytes, fc.nat(), fc.nat(), (all, a, b) => {
        const [from, to] = [a % (all.length + 1), b % (all.length + 1)].sort((x, y) => x - y);
        expect(crc32c(all, from!, to!)).toBe(referenceCrc(all.subarray(from, to)));
      }),
    );
  });
});
