import type { IncomingRecord } from '@cerberus/bus';
import { describe, expect, test } from '@jest/globals';
import { eventually } from '../eventually.ts';
import type { BusFixture } from './bus-contract.ts';
import { append, LEDGER, readAll, record, TABLE, textOf, uniqueTopic } from './bus-harness.ts';

export function followContract(fixture: BusFixture): void {
  describe('followers', () => {
    test('read everything, catch up, then go on with what comes', async () => {
      const topics = [uniqueTopic('a'), uniqueTopic('b')];
      const bus = await fixture.bus(topics.map((name) => ({ ...LEDGER, name })));
      await append(
        bus,
        topics.map((topic) => record(topic, 'k', 'old')),
      );
      const seen: IncomingRecord[] = [];
      const follower = await bus.follow({
        topics,
        from: 'beginning',
        onRecord: (incoming) => seen.push(incoming),
      });
      await follower.caughtUp;
      expect(seen.map(textOf)).toEqual(['old', 'old']);
      await append(
        bus,
        topics.map((topic) => record(topic, 'k', 'new')),
      );
      await eventually('records after catching up', () => seen.length === 4);
      await follower.stop();
      await append(bus, [record(topics[0]!, 'k', 'after stop')]);
      expect(seen).toHaveLength(4);
    });

    test('from the end miss nothing appended after they started', async () => {
      const topic = uniqueTopic('end');
      const bus = await fixture.bus([{ ...LEDGER, name: topic }]);
      await append(bus, [record(topic, 'k', 'old')]);
      const seen: string[] = [];
      const follower = await bus.follow({
        topics: [topic],
        from: 'end',
        onRecord: (incoming) => seen.push(textOf(incoming)!),
      });
      await append(bus, [record(topic, 'k', 'new')]);
      await eventually('the new record', () => seen.length > 0);
      expect(seen).toEqual(['new']);
      await follower.stop();
    });

    test('start at given offsets, elsewhere at the beginning', async () => {
      const topic = uniqueTopic('offsets');
      const bus = await fixture.bus([{ ...LEDGER, name: topic, partitions: 2 }]);
      await append(
        bus,
        [0, 1].flatMap((partition) =>
          ['0', '1', '2'].map((value) => record(topic, 'k', value, { partition })),
        ),
      );
      const second = (await readAll(bus, [topic])).filter(({ partition }) => partition === 1)[1]!;
      const seen: IncomingRecord[] = [];
      const follower = await bus.follow({
        topics: [topic],
        from: [{ topic, partition: 1, nextOffset: second.offset }],
        onRecord: (incoming) => seen.push(incoming),
      });
      await follower.caughtUp;
      const of = (partition: number) => seen.filter((r) => r.partition === partition).map(textOf);
      expect(of(0)).toEqual(['0', '1', '2']);
      expect(of(1)).toEqual(['1', '2']);
      await follower.stop();
    });

    test('say when they have reached the end, also behind offsets without a record', async () => {
      const topic = uniqueTopic('reach');
      const bus = await fixture.bus([{ ...LEDGER, name: topic }]);
      let seen = 0;
      const follower = await bus.follow({
        topics: [topic],
        from: 'beginning',
        onRecord: () => {
          seen += 1;
        },
      });
      for (let round = 1; round <= 3; round += 1) {
        await append(bus, [record(topic, `k${round}`, 'v')]);
        await bus.openTransactional(uniqueTopic('id')); // Leaves a marker, but no record, in Kafka.
        await follower.reach(await bus.endOffsets([topic]));
        expect(seen).toBe(round);
      }
      const beyond = (await bus.endOffsets([topic])).map((at) => ({
        ...at,
        nextOffset: at.nextOffset + 100n,
      }));
      const waiting = expect(follower.reach(beyond)).rejects.toThrow();
      await follower.stop();
      await waiting;
    });

    test('of a table see the newest value of every key, and deletions', async () => {
      const topic = uniqueTopic('table');
      const bus = await fixture.bus([{ ...TABLE, name: topic }]);
      const keys = Array.from({ length: 20 }, (_, index) => `k${index}`);
      for (let version = 0; version < 10; version += 1) {
        await append(
          bus,
          keys.map((key) => record(topic, key, `${version}`)),
        );
      }
      await append(bus, [record(topic, 'k0', null), record(topic, 'k1', null)]);
      await append(bus, [record(topic, 'k1', 'again')]);
      const table = new Map<string, string | null>();
      for (const incoming of await readAll(bus, [topic])) table.set(incoming.key, textOf(incoming));
      expect(table.get('k0') ?? null).toBeNull();
      expect(table.get('k1')).toBe('again');
      for (const key of keys.slice(2)) expect(table.get(key)).toBe('9');
    });

    test('catch up with a long log while it grows', async () => {
      const topic = uniqueTopic('long');
      const bus = await fixture.bus([{ ...LEDGER, name: topic }]);
      const size = 5000;
      const producer = await bus.openTransactional(uniqueTopic('id'));
      const write = (from: number) =>
        producer.commit({
          records: Array.from({ length: 1000 }, (_, n) =>
            record(topic, `k${n % 50}`, `${from + n}`),
          ),
        });
      for (let from = 0; from < size; from += 1000) await write(from);
      const seen: IncomingRecord[] = [];
      const follower = await bus.follow({
        topics: [topic],
        from: 'beginning',
        onRecord: (incoming) => seen.push(incoming),
      });
      await write(size);
      await follower.reach(await bus.endOffsets([topic]));
      expect(seen).toHaveLength(size + 1000);
      const last = new Map<string, number>();
      for (const incoming of seen) {
        expect(Number(textOf(incoming))).toBeGreaterThan(last.get(incoming.key) ?? -1);
        last.set(incoming.key, Number(textOf(incoming)));
      }
      await follower.stop();
    });
  });
}
