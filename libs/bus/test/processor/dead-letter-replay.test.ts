import {
  deadLetter,
  type IncomingRecord,
  type OutgoingRecord,
  readDeadLetter,
  replayOf,
  replaysOf,
} from '@cerberus/bus';
import { epochUs, invariant } from '@cerberus/core';
import { describe, expect, test } from '@jest/globals';

const WHY = { reason: 'handler_error', detail: 'no such thing' };
const poison: IncomingRecord = {
  ...{ topic: 'order.request', partition: 3, offset: 120n, key: 'demo' },
  value: Buffer.from([1, 2, 3]),
  headers: { traceparent: '00-1-2-01' },
  timestampUs: epochUs(1),
};

function arrived(record: OutgoingRecord, offset: bigint): IncomingRecord {
  const { topic, key, value, headers = {}, partition = 0 } = record;
  return { topic, key, value, headers, partition, offset, timestampUs: epochUs(2) };
}

function letterOf(record: IncomingRecord) {
  const letter = readDeadLetter(arrived(deadLetter(record, 'pre-trade', WHY), 17n));
  invariant(letter?.kind === 'letter', 'what was set aside is a letter');
  return letter;
}

describe('putting a dead letter back', () => {
  test('gives the record as it was, with how often and from where, and a mark beside the letter', () => {
    const letter = letterOf(poison);
    expect(letter).toMatchObject({
      ...{ source: { topic: 'order.request', partition: 3, offset: 120n }, replays: 0 },
      ...{ service: 'pre-trade', ...WHY },
    });
    const [record, mark] = replayOf(letter, 1);
    expect(record).toEqual({
      ...{ topic: 'order.request', partition: 3, key: 'demo', value: poison.value },
      headers: {
        traceparent: '00-1-2-01',
        replay: '1',
        replay_of: 'order.request.dlq/3@17',
      },
    });
    expect(mark).toMatchObject({ topic: 'order.request.dlq', partition: 3, value: null });
    expect(readDeadLetter(arrived(mark!, 18n))).toEqual({
      ...{ kind: 'replayed', source: letter.source, replays: 1 },
    });
  });

  test('a record that fails again says how often it had been put back', () => {
    const [record] = replayOf(letterOf(poison), 1);
    const again = arrived(record!, 130n);
    expect(replaysOf(again)).toBe(1);
    expect(letterOf(again)).toMatchObject({ replays: 1, source: { offset: 130n } });
  });

  test('a set-aside deletion is a letter, not a mark', () => {
    expect(letterOf({ ...poison, value: null }).record.value).toBeNull();
  });

  test.each([
    ['no headers', {}],
    ['another topic', { topic: 'fill', partition: '3', offset: '1' }],
    ['another partition', { topic: 'order.request', partition: '2', offset: '1' }],
    ['no offset', { topic: 'order.request', partition: '3', offset: 'x' }],
  ])('with %s it is nothing of ours', (_what, headers) => {
    expect(readDeadLetter({ ...poison, topic: 'order.request.dlq', headers })).toBeUndefined();
  });
});
