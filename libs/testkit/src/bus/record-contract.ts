import { createRequire } from 'node:module';
import { BUS_ERRORS, deadLetterTopic, partitionOf } from '@cerberus/bus';
import { SystemClock } from '@cerberus/runtime';
import { describe, expect, test } from '@jest/globals';
import type { BusFixture } from './bus-contract.ts';
import { append, LEDGER, readAll, record, TABLE, textOf, uniqueTopic } from './bus-harness.ts';

type Partitioner = (options: {
  topic: string;
  partitionMetadata: { partitionId: number; leader: number }[];
  message: { key: string };
}) => number;

/** kafkajs's own default partitioner, loaded by path because it is not exported alone. */
function kafkaPartitioner(): Partitioner {
  const require = createRequire(import.meta.url);
  const make = require('kafkajs/src/producer/partitioners/default') as () => Partitioner;
  return make();
}

const KEYS = [
  ...Array.from({ length: 500 }, (_, index) => `account-${index * 7919}`),
  ...[
    '',
    'a',
    'ab',
    'abc',
    'BTCUSDT.BINANCE',
    'acct|BTC-20261225-100000-C.OTC',
    'ключ',
    '鍵',
    '😀',
  ],
];

export function recordContract(fixture: BusFixture): void {
  describe('records', () => {
    test('go to the partition that the default partitioner of kafkajs picks', async () => {
      const topic = uniqueTopic('partitioner');
      const partitions = 12;
      const bus = await fixture.bus([{ ...LEDGER, name: topic, partitions }]);
      await append(
        bus,
        KEYS.map((key) => record(topic, key, key)),
      );
      const partitioner = kafkaPartitioner();
      const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
        partitionId,
        leader: 0,
      }));
      const read = await readAll(bus, [topic]);
      expect(read).toHaveLength(KEYS.length);
      for (const { key, partition } of read) {
        expect(partition).toBe(partitioner({ topic, partitionMetadata, message: { key } }));
        expect(partition).toBe(partitionOf(key, partitions));
      }
    });

    test('follow their partition key, or the exact partition given', async () => {
      const topic = uniqueTopic('partition-key');
      const bus = await fixture.bus([{ ...LEDGER, name: topic }]);
      await append(bus, [
        record(topic, 'position-1', 'by account', { partitionKey: 'account-9' }),
        record(topic, 'position-2', 'exact', { partition: 3 }),
      ]);
      const read = await readAll(bus, [topic]);
      const partitions = new Map(read.map((incoming) => [incoming.key, incoming.partition]));
      expect(partitions.get('position-1')).toBe(partitionOf('account-9', LEDGER.partitions));
      expect(partitions.get('position-2')).toBe(3);
      expect(bus.partitions(topic)).toBe(LEDGER.partitions);
    });

    test('keep key, bytes, headers, tombstones and a time of production', async () => {
      const topic = uniqueTopic('content');
      const bus = await fixture.bus([{ ...TABLE, name: topic, partitions: 1 }]);
      const clock = new SystemClock();
      const before = clock.nowUs();
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
      const headers = {
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        é: 'ü',
      };
      await append(bus, [
        { topic, key: 'bytes', value: bytes, headers },
        { topic, key: 'empty', value: Buffer.alloc(0) },
        { topic, key: 'gone', value: null },
      ]);
      const [first, empty, gone] = await readAll(bus, [topic]);
      expect(first).toMatchObject({ topic, partition: 0, key: 'bytes', headers });
      expect(first!.value!.equals(bytes)).toBe(true);
      expect(Math.abs(first!.timestampUs - before)).toBeLessThan(60_000_000);
      expect(empty!.value).toHaveLength(0);
      expect(empty!.headers).toEqual({});
      expect(gone!.value).toBeNull();
    });

    test('have offsets that grow within their partition, also across commits', async () => {
      const topic = uniqueTopic('offsets');
      const bus = await fixture.bus([{ ...LEDGER, name: topic, partitions: 2 }]);
      for (let commit = 0; commit < 5; commit += 1) {
        await append(
          bus,
          Array.from({ length: 20 }, (_, index) => record(topic, `${index}`, `${commit}`)),
        );
      }
      const last = new Map<number, bigint>();
      const read = await readAll(bus, [topic]);
      expect(read).toHaveLength(100);
      for (const { partition, offset } of read) {
        expect(offset).toBeGreaterThan(last.get(partition) ?? -1n);
        last.set(partition, offset);
      }
      for (const { partition, nextOffset } of await bus.endOffsets([topic])) {
        expect(nextOffset).toBeGreaterThan(last.get(partition)!);
      }
    });

    test('that a reader cannot use have a topic of their own', async () => {
      const topic = uniqueTopic('letters');
      const bus = await fixture.bus([{ ...LEDGER, name: topic }]);
      const letters = deadLetterTopic(topic);
      await append(bus, [record(letters, 'k', 'bad', { partition: 2, headers: { reason: 'x' } })]);
      const [letter] = await readAll(bus, [letters]);
      expect(letter).toMatchObject({ topic: letters, partition: 2, headers: { reason: 'x' } });
      expect(textOf(letter!)).toBe('bad');
      expect(bus.partitions(letters)).toBe(LEDGER.partitions);
    });

    test('of an undeclared topic are refused', async () => {
      const bus = await fixture.bus([{ ...LEDGER, name: uniqueTopic('declared') }]);
      const code = { code: BUS_ERRORS.TOPIC_UNKNOWN.code };
      const producer = await bus.openTransactional(uniqueTopic('id'));
      await expect(
        producer.commit({ records: [record('nowhere', 'k', 'v')] }),
      ).rejects.toMatchObject(code);
      expect(() => bus.partitions('nowhere')).toThrow(expect.objectContaining(code));
    });
  });
}
