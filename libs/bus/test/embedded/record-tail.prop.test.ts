import type { EpochUs } from '@cerberus/core';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RecordTail } from '../../src/embedded/record-tail.ts';
import type { IncomingRecord } from '../../src/port.ts';

type Step =
  | { readonly kind: 'push'; readonly key: string; readonly gap: number; readonly dead: boolean }
  | { readonly kind: 'dropFront'; readonly keep: number; readonly below: number }
  | { readonly kind: 'newest' };

const step = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('push' as const),
      key: fc.constantFrom('a', 'b', 'c', 'd'),
      gap: fc.integer({ min: 1, max: 3 }),
      dead: fc.boolean(),
    }),
  },
  fc.record({
    kind: fc.constant('dropFront' as const),
    keep: fc.nat({ max: 5 }),
    below: fc.nat({ max: 200 }),
  }),
  fc.record({ kind: fc.constant('newest' as const) }),
);

function record(key: string, offset: number, dead: boolean): IncomingRecord {
  const value = dead ? null : Buffer.alloc(offset % 7);
  return {
    topic: 't',
    partition: 0,
    offset: BigInt(offset),
    key,
    value,
    headers: {},
    timestampUs: 0 as EpochUs,
  };
}

/** The same on a plain array. */
function naiveNewest(records: IncomingRecord[]): IncomingRecord[] {
  return records.filter(
    (one, index) =>
      one.value !== null && !records.slice(index + 1).some((later) => later.key === one.key),
  );
}

function naiveDrop(records: IncomingRecord[], keep: number, below: number): IncomingRecord[] {
  let kept = records;
  while (kept.length > keep && Number(kept[0]!.offset) < below) kept = kept.slice(1);
  return kept;
}

test('a tail does what a plain array would', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150 }), fc.nat({ max: 200 }), (steps: Step[], from) => {
      const tail = new RecordTail();
      let naive: IncomingRecord[] = [];
      let offset = 0;
      for (const one of steps) {
        if (one.kind === 'push') {
          offset += one.gap;
          tail.push(record(one.key, offset, one.dead), offset);
          naive.push(record(one.key, offset, one.dead));
        } else if (one.kind === 'dropFront') {
          tail.dropFront(one.keep, (at) => at < one.below);
          naive = naiveDrop(naive, one.keep, one.below);
        } else {
          tail.keepNewestOfKeys(({ value }) => value === null);
          naive = naiveNewest(naive);
        }
        expect(tail.length).toBe(naive.length);
        expect(tail.firstOffset).toBe(naive[0] === undefined ? undefined : Number(naive[0].offset));
      }
      const expected = naive.filter((one) => Number(one.offset) >= from).slice(0, 10);
      expect(tail.slice(from, 10)).toEqual(expected);
      expect(tail.bytes > 0).toBe(naive.length > 0);
    }),
    { numRuns: 300 },
  );
});
