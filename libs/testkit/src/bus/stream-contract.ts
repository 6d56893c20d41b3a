import type { IncomingRecord } from '@cerberus/bus';
import { SystemClock } from '@cerberus/runtime';
import { describe, expect, test } from '@jest/globals';
import { eventually } from '../eventually.ts';
import type { BusFixture } from './bus-contract.ts';
import { record, STREAM, TestMember, textOf, uniqueTopic } from './bus-harness.ts';

/** More than any buffer between a producer and a slow reader holds. */
const FLOOD_RECORDS = 100_000;

export function streamContract(fixture: BusFixture): void {
  describe('streams', () => {
    test('deliver to every follower in order', async () => {
      const topic = uniqueTopic('plain');
      const bus = await fixture.bus([{ ...STREAM, name: topic }]);
      const seen: string[][] = [[], []];
      const followers = await Promise.all(
        seen.map((values) =>
          bus.follow({
            topics: [topic],
            from: 'end',
            onRecord: (incoming) => values.push(textOf(incoming)!),
          }),
        ),
      );
      const producer = bus.streamProducer();
      for (let n = 0; n < 200; n += 1) await producer.send(record(topic, 'k', `${n}`));
      await producer.flush();
      await eventually('both followers', () => seen.every((values) => values.length === 200));
      const sent = Array.from({ length: 200 }, (_, n) => `${n}`);
      expect(seen).toEqual([sent, sent]);
      await Promise.all(followers.map((follower) => follower.stop()));
      await producer.close();
    });

    test('that may not be conflated hold up their producer rather than lose a record', async () => {
      const topic = uniqueTopic('trades');
      const bus = await fixture.bus([{ ...STREAM, name: topic, partitions: 1 }]);
      const clock = new SystemClock();
      let received = 0;
      let inOrder = true;
      const member = await new TestMember().join(bus, {
        groupId: uniqueTopic('group'),
        topics: [topic],
        batchRecords: 2000,
        eachBatch: async (batch) => {
          if (received < 20_000) await clock.sleep(5);
          for (const incoming of batch.records) {
            inOrder &&= textOf(incoming) === `${received}`;
            received += 1;
          }
        },
      });
      await eventually('assignment', () => member.assigned.size === 1);
      const producer = bus.streamProducer();
      for (let n = 0; n < FLOOD_RECORDS; n += 1) {
        const room = producer.send(record(topic, `k${n % 10}`, `${n}`));
        if (room !== undefined) await room;
      }
      await producer.flush();
      await eventually('all records', () => received >= FLOOD_RECORDS);
      expect(received).toBe(FLOOD_RECORDS);
      expect(inOrder).toBe(true);
      await member.leave();
      await producer.close();
    });

    test('that may be conflated never hold up their producer; the newest of each key arrives', async () => {
      const topic = uniqueTopic('quotes');
      const bus = await fixture.bus([{ ...STREAM, name: topic, partitions: 1, conflate: true }]);
      const newest = new Map<string, number>();
      let backwards = 0;
      let waits = 0;
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      const note = (incoming: IncomingRecord) => {
        const value = Number(textOf(incoming));
        if (value <= (newest.get(incoming.key) ?? -1)) backwards += 1;
        newest.set(incoming.key, value);
      };
      const member = await new TestMember().join(bus, {
        groupId: uniqueTopic('group'),
        topics: [topic],
        eachBatch: async (batch) => {
          await held;
          batch.records.forEach(note);
        },
      });
      await eventually('assignment', () => member.assigned.size === 1);
      const producer = bus.streamProducer();
      for (let n = 0; n < FLOOD_RECORDS; n += 1) {
        if (producer.send(record(topic, `k${n % 10}`, `${n}`)) !== undefined) waits += 1;
      }
      expect(waits).toBe(0);
      release();
      await producer.flush();
      const last = (key: number) => FLOOD_RECORDS - 10 + key;
      await eventually('the newest of every key', () =>
        Array.from({ length: 10 }, (_, key) => key).every(
          (key) => newest.get(`k${key}`) === last(key),
        ),
      );
      expect(backwards).toBe(0);
      await member.leave();
      await producer.close();
    });

    test('that are compacted give a late follower the newest of each key', async () => {
      const topic = uniqueTopic('status');
      const spec = { ...STREAM, name: topic, cleanup: 'compact' as const, retentionHours: 0 };
      const bus = await fixture.bus([{ ...spec, conflate: true }]);
      const producer = bus.streamProducer();
      for (let n = 0; n < 20_000; n += 1) {
        await producer.send(record(topic, n < 5 ? `rare${n}` : `k${n % 7}`, `${n}`));
      }
      await producer.flush();
      const table = new Map<string, number>();
      const follower = await bus.follow({
        topics: [topic],
        from: 'beginning',
        onRecord: (incoming) => table.set(incoming.key, Number(textOf(incoming))),
      });
      await follower.caughtUp;
      for (let n = 0; n < 5; n += 1) expect(table.get(`rare${n}`)).toBe(n);
      const lastOf = (key: number) => 19_999 - ((19_999 - key) % 7);
      for (let key = 0; key < 7; key += 1) expect(table.get(`k${key}`)).toBe(lastOf(key));
      await follower.stop();
      await producer.close();
    });
  });
}
