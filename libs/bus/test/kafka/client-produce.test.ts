import { createRequire } from 'node:module';
import { epochUs } from '@cerberus/core';
import { describe, expect, test } from '@jest/globals';
import type { OutgoingRecord } from '../../src/index.ts';
import { writeQuickly } from '../../src/kafka/client-produce.ts';
import { type CarryingMessage, topicMessages } from '../../src/kafka/kafka-records.ts';
import { TopicTable } from '../../src/topic-table.ts';

const require = createRequire(import.meta.url);
type Request = { encode(): Promise<{ buffer: Buffer }> };
const requestOf = require('kafkajs/src/protocol/requests/produce/v7/request') as (
  asked: object,
) => Request;

const SPEC = { class: 'ledger', partitions: 4, cleanup: 'delete', conflate: false } as const;
const TABLE = new TopicTable([
  { ...SPEC, name: 'position', retentionHours: 1 },
  { ...SPEC, name: 'fill', retentionHours: 1 },
]);
const RECORDS: OutgoingRecord[] = [
  { topic: 'fill', key: 'é-1', partition: 1, value: Buffer.alloc(700, 7), headers: { a: 'ß' } },
  { topic: 'position', key: '', partition: 0, value: null },
  { topic: 'fill', key: 'x', partition: 3, value: Buffer.from('y') },
  { topic: 'fill', key: 'z'.repeat(60), partition: 1, value: Buffer.alloc(0) },
];

describe('produce requests of the client', () => {
  test.each([
    ['in a transaction', { transactionalId: 'gate-3', producerId: '918273645546372819', acks: -1 }],
    ['without one', { transactionalId: undefined, producerId: -1, acks: -1 }],
  ])('are, byte for byte, what it would write itself: %s', async (_, by) => {
    const asked = { ...by, producerEpoch: 12, timeout: 30_000, topicData: topicData(messages()) };
    const expected = await requestOf(asked).encode();
    const { request, encode } = quick(asked);
    expect(request.encode).not.toBe(encode);
    expect((await request.encode()).buffer.equals(expected.buffer)).toBe(true);
  });

  test('are left to it where messages do not say what they were made of', () => {
    const bare = messages().map(({ record: _record, ...message }) => message);
    const asked = { acks: -1, timeout: 1, producerId: -1, producerEpoch: 0 };
    for (const compression of [0, 1]) {
      const given = compression === 0 ? bare : messages();
      const { request, encode } = quick({ ...asked, compression, topicData: topicData(given) });
      expect(request.encode).toBe(encode);
    }
  });
});

function quick(asked: object) {
  const own = requestOf(asked);
  const { encode } = own;
  const produce = { protocol: () => () => ({ request: own }) };
  writeQuickly(produce);
  const make = produce.protocol as unknown as (of: object) => (asked: object) => {
    readonly request: Request;
  };
  return { request: make({ version: 7 })(asked).request, encode };
}

function messages(): (CarryingMessage & { topic: string })[] {
  return topicMessages(RECORDS, TABLE, epochUs(1_700_000_000_123_456)).flatMap((group) =>
    group.messages.map((message) => ({ ...message, topic: group.topic })),
  );
}

/** As the client groups them; the first number of a partition follows from what was sent before. */
function topicData(all: ReturnType<typeof messages>) {
  const topics = [...new Set(all.map(({ topic }) => topic))];
  return topics.map((topic) => {
    const own = all.filter((message) => message.topic === topic);
    const partitions = [...new Set(own.map(({ partition }) => partition!))];
    return {
      topic,
      partitions: partitions.map((partition) => ({
        partition,
        firstSequence: 40 + partition,
        messages: own.filter((message) => message.partition === partition),
      })),
    };
  });
}
