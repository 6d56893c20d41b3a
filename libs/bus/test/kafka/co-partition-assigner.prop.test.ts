import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { divide } from '../../src/kafka/co-partition-assigner.ts';

const partitions = fc.integer({ min: 1, max: 40 });
const held = fc.array(fc.integer({ min: 0, max: 45 }), { maxLength: 40 });
const claims = fc
  .array(held, { minLength: 1, maxLength: 12 })
  .map((all) => all.map((numbers, index) => ({ memberId: `m${index}`, held: numbers })));

function claimsOf(shares: ReadonlyMap<string, readonly number[]>) {
  return [...shares].map(([memberId, numbers]) => ({ memberId, held: numbers }));
}

describe('co-partitioning', () => {
  test('gives every partition to one member, as evenly as can be, whatever is claimed', () => {
    fc.assert(
      fc.property(partitions, claims, (count, members) => {
        const shares = divide(count, members);
        const given = [...shares.values()].flat().sort((a, b) => a - b);
        expect(given).toEqual(Array.from({ length: count }, (_, n) => n));
        const sizes = [...shares.values()].map(({ length }) => length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('moves nothing while the members stay', () => {
    fc.assert(
      fc.property(partitions, claims, (count, members) => {
        const shares = divide(count, members);
        expect(divide(count, claimsOf(shares))).toEqual(shares);
      }),
    );
  });

  test('takes no more from each than the newcomer needs', () => {
    fc.assert(
      fc.property(partitions, claims, (count, members) => {
        const before = divide(count, members);
        const after = divide(count, [...claimsOf(before), { memberId: 'new', held: [] }]);
        const moved = [...before].flatMap(([id, numbers]) =>
          numbers.filter((n) => !after.get(id)!.includes(n)),
        );
        expect(moved.sort()).toEqual([...after.get('new')!].sort());
      }),
    );
  });
});
