import { expect, test } from '@jest/globals';
import { SpareBuffer } from '../../src/kafka/spare-buffer.ts';

const MIB = 1024 * 1024;

test('memory goes to one taker at a time, and to the next when it is given back', () => {
  const spare = new SpareBuffer();
  const first = spare.take(100);
  const second = spare.take(100);
  expect(second.buffer).not.toBe(first.buffer);
  spare.giveBack(first.subarray(0, 10));
  expect(spare.take(first.length).buffer).toBe(first.buffer);
});

test('memory that is too small, or too large to be kept, is let go', () => {
  const spare = new SpareBuffer();
  const small = spare.take(1);
  spare.giveBack(small);
  const large = spare.take(2 * MIB);
  expect(large.length).toBeGreaterThanOrEqual(2 * MIB);
  spare.giveBack(large);
  expect(spare.take(1).buffer).not.toBe(large.buffer);
});
