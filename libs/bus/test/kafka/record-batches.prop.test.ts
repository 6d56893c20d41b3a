import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { batchRecords, offsetAfter, recordBatches } from '../../src/kafka/record-batches.ts';
import { type BatchRecord, encodeBatch, plain } from './kafka-batches.ts';

const AT = { topic: 't', partition: 3 };
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const record = fc.record({
  gap: fc.integer({ min: 1, max: 5 }),
  timeDeltaMs: fc.integer({ min: -1_000_000, max: 10 ** 10 }),
  key: fc.option(text, { freq: 5 }),
  value: fc.option(bytes, { freq: 5 }),
  headers: fc.dictionary(
    text.filter((name) => name !== '__proto__'),
    text,
    { maxKeys: 3 },
  ),
});
const batch = fc.record({
  gap: fc.integer({ min: 0, max: 10 }),
  baseTimeMs: fc.integer({ min: 0, max: 2 ** 42 }),
  records: fc.array(record, { maxLength: 20 }),
  isGzipped: fc.boolean(),
});

describe('record batches', () => {
  test('are read as kafkajs wrote them, also cut off at any byte', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(batch, { minLength: 1, maxLength: 5 }),
        fc.nat(),
        async (drawn, cut) => {
          let offset = 1_000_000_000_000;
          const encoded: Buffer[] = [];
          const expected: object[][] = [];
          const ends: bigint[] = [];
          for (const { gap, baseTimeMs, records, isGzipped } of drawn) {
            const baseOffset = offset + gap;
            let delta = -1;
            const written = records.map((one): BatchRecord => {
              delta += one.gap;
              return {
                offsetDelta: delta,
                timeDeltaMs: one.timeDeltaMs,
                key: one.key === null ? null : Buffer.from(one.key),
                value: one.value,
                headers: Object.fromEntries(
                  Object.entries(one.headers).map(([name, value]) => [name, Buffer.from(value)]),
                ),
              };
            });
            const lastOffsetDelta = Math.max(0, delta) + gap;
            encoded.push(
              await encodeBatch({
                baseOffset,
                baseTimeMs,
                records: written,
                lastOffsetDelta,
                isGzipped,
              }),
            );
            expected.push(
              written.map(({ offsetDelta, timeDeltaMs, value }, n) => ({
                ...AT,
                offset: BigInt(baseOffset + offsetDelta),
                key: records[n]!.key ?? '',
                value,
                headers: { ...records[n]!.headers },
                timestampUs: Math.max(0, baseTimeMs + timeDeltaMs) * 1000,
              })),
            );
            offset = baseOffset + lastOffsetDelta + 1;
            ends.push(BigInt(offset));
          }
          const all = Buffer.concat(encoded);
          const set = all.subarray(0, all.length - (cut % (encoded.at(-1)!.length + 1)));
          const whole = set.length === all.length ? drawn.length : drawn.length - 1;
          const read = [...recordBatches(set)].flatMap((one) => [...batchRecords(AT, one)]);
          expect(read).toEqual(expected.slice(0, whole).flat());
          expect(offsetAfter(set)).toBe(ends[whole - 1]);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('values stay where they were fetched to: who keeps one copies it', async () => {
    const both = await encodeBatch({ baseOffset: 0, records: [plain(0, 'a'), plain(1, 'b')] });
    const set = Buffer.from(Uint8Array.from(both).buffer);
    const [one] = [...recordBatches(set)];
    for (const { value } of batchRecords(AT, one!)) expect(value?.buffer).toBe(set.buffer);
  });
});
