import type { IncomingRecord } from '@cerberus/bus';
import { describe, expect, test } from '@jest/globals';
import { eventually } from '../eventually.ts';
import type { BusFixture } from './bus-contract.ts';
import {
  append,
  LEDGER,
  offsetOf,
  record,
  TestMember,
  textOf,
  uniqueTopic,
} from './bus-harness.ts';

function expectOrderPerKey(records: readonly IncomingRecord[]): void {
  const last = new Map<string, number>();
  for (const incoming of records) {
    const value = Number(textOf(incoming));
    expect(value).toBeGreaterThan(last.get(incoming.key) ?? -1);
    last.set(incoming.key, value);
  }
}

export function groupContract(fixture: BusFixture): void {
  describe('groups', () => {
    test('give each record to one member, in order per key', async () => {
      const topic = uniqueTopic('shared');
      const bus = await fixture.bus([{ ...LEDGER, name: topic }]);
      const groupId = uniqueTopic('group');
      const members = [new TestMember(), new TestMember()];
      for (const member of members) await member.join(bus, { groupId, topics: [topic] });
      await eventually('both members hold partitions', () =>
        members.every((member) => member.assigned.size === 2),
      );
      const total = 600;
      const records = Array.from({ length: total }, (_, n) => record(topic, `k${n % 30}`, `${n}`));
      for (let from = 0; from < total; from += 100)
        await append(bus, records.slice(from, from + 100));
      const received = () => members.flatMap((member) => member.records);
      await eventually('all records', () => received().length >= total);
      expect(received()).toHaveLength(total);
      expect(new Set(received().map(textOf)).size).toBe(total);
      for (const member of members) {
        expect(member.records.length).toBeGreaterThan(0);
        expectOrderPerKey(member.records);
      }
      for (const member of members) await member.leave();
    });

    test('co-partition their topics', async () => {
      const topics = ['a', 'b', 'c'].map(uniqueTopic);
      const bus = await fixture.bus(topics.map((name) => ({ ...LEDGER, name, partitions: 5 })));
      const groupId = uniqueTopic('group');
      const members = [new TestMember(), new TestMember(), new TestMember()];
      for (const member of members) await member.join(bus, { groupId, topics });
      await eventually('every partition is held, by everybody', () => {
        const sizes = members.map((member) => member.assigned.size);
        return sizes.every((size) => size > 0) && sizes.reduce((a, b) => a + b) === 15;
      });
      for (const member of members) {
        const numbers = new Set([...member.assigned].map((name) => name.split('/')[1]));
        expect(member.assigned.size).toBe(numbers.size * topics.length);
      }
      for (const member of members) await member.leave();
    });

    test('lose nothing when members come and go', async () => {
      const topic = uniqueTopic('moving');
      const bus = await fixture.bus([{ ...LEDGER, name: topic }]);
      const groupId = uniqueTopic('group');
      const seen = new Set<string>();
      const joinMember = () =>
        new TestMember().join(bus, {
          groupId,
          topics: [topic],
          eachBatch: (batch) => {
            for (const incoming of batch.records) seen.add(textOf(incoming)!);
            return Promise.resolve();
          },
        });
      const stayer = await joinMember();
      const total = 400;
      let sent = 0;
      for (let round = 0; round < 4; round += 1) {
        const guest = await joinMember();
        for (; sent < ((round + 1) * total) / 4; sent += 20) {
          await append(
            bus,
            Array.from({ length: 20 }, (_, n) => record(topic, `k${n}`, `${sent + n}`)),
          );
        }
        await guest.leave();
      }
      await eventually('all records', () => seen.size === total);
      await eventually('the stayer holds all', () => stayer.assigned.size === LEDGER.partitions);
      await stayer.leave();
    });

    test('start at the committed offsets, which manual commits alone move', async () => {
      const topic = uniqueTopic('manual');
      const bus = await fixture.bus([{ ...LEDGER, name: topic, partitions: 1 }]);
      const groupId = uniqueTopic('group');
      await append(
        bus,
        ['0', '1', '2', '3'].map((value) => record(topic, 'k', value)),
      );
      const options = { groupId, topics: [topic], commit: 'manual' as const };
      const first = await new TestMember().join(bus, options);
      await eventually('the first reading', () => first.records.length === 4);
      await first.leave();
      expect(await bus.committedOffsets(groupId, [topic])).toEqual([]);
      const producer = await bus.openTransactional(uniqueTopic('id'));
      const nextOffset = first.records[1]!.offset + 1n;
      const offsets = { groupId, offsets: [{ topic, partition: 0, nextOffset }] };
      await producer.commit({ records: [], offsets });
      const second = await new TestMember().join(bus, options);
      await eventually('the second reading', () => second.records.length >= 2);
      expect(second.records.map(textOf)).toEqual(['2', '3']);
      await second.leave();
    });

    test('with a timer write their positions at the latest when they stop', async () => {
      const topic = uniqueTopic('timer');
      const bus = await fixture.bus([{ ...LEDGER, name: topic, partitions: 1 }]);
      const groupId = uniqueTopic('group');
      await append(
        bus,
        ['0', '1', '2'].map((value) => record(topic, 'k', value)),
      );
      const member = await new TestMember().join(bus, { groupId, topics: [topic] });
      await eventually('all records', () => member.records.length === 3);
      await member.leave();
      const committed = await bus.committedOffsets(groupId, [topic]);
      expect(offsetOf(committed, { topic, partition: 0 })).toBeGreaterThan(
        member.records.at(-1)!.offset,
      );
    });

    test('without a committed offset may start at the end', async () => {
      const topic = uniqueTopic('late');
      const bus = await fixture.bus([{ ...LEDGER, name: topic, partitions: 1 }]);
      await append(bus, [record(topic, 'k', 'old')]);
      const member = await new TestMember().join(bus, {
        groupId: uniqueTopic('group'),
        topics: [topic],
        start: 'end',
      });
      await eventually('assignment', () => member.assigned.size === 1);
      // A cluster fixes the position with the first fetch, some time after the assignment.
      await eventually('a new record', async () => {
        await append(bus, [record(topic, 'k', 'new')]);
        return member.records.length > 0;
      });
      expect(new Set(member.records.map(textOf))).toEqual(new Set(['new']));
      await member.leave();
    });

    test('are given a failed batch again, before anything behind it', async () => {
      const topic = uniqueTopic('retry');
      const bus = await fixture.bus([{ ...LEDGER, name: topic, partitions: 1 }]);
      const handled: string[] = [];
      let failures = 0;
      const member = await new TestMember().join(bus, {
        groupId: uniqueTopic('group'),
        topics: [topic],
        eachBatch: (batch) => {
          const values = batch.records.map((incoming) => textOf(incoming)!);
          if (values.includes('1') && failures < 3) {
            failures += 1;
            return Promise.reject(new Error('not yet'));
          }
          handled.push(...values);
          return Promise.resolve();
        },
      });
      for (const value of ['0', '1', '2']) await append(bus, [record(topic, 'k', value)]);
      await eventually('all records', () => handled.length >= 3);
      expect(handled).toEqual(['0', '1', '2']);
      expect(failures).toBe(3);
      await member.leave();
    });

    test('wait with the batches of a partition until its assignment is accepted', async () => {
      const topic = uniqueTopic('assigned');
      const bus = await fixture.bus([{ ...LEDGER, name: topic, partitions: 1 }]);
      await append(bus, [record(topic, 'k', 'v')]);
      const order: string[] = [];
      let accept = () => {
        order.push('never');
      };
      const accepted = new Promise<void>((resolve) => {
        accept = () => {
          order.push('accepted');
          resolve();
        };
      });
      const member = await new TestMember().join(bus, {
        groupId: uniqueTopic('group'),
        topics: [topic],
        onAssigned: () => {
          order.push('assigned');
          return accepted;
        },
        eachBatch: () => {
          order.push('batch');
          return Promise.resolve();
        },
      });
      await eventually('the announcement', () => order.includes('assigned'));
      accept();
      await eventually('the batch', () => order.includes('batch'));
      expect(order.slice(0, 3)).toEqual(['assigned', 'accepted', 'batch']);
      await member.leave();
    });

    test('do not hold up one partition for another', async () => {
      const topic = uniqueTopic('independent');
      const bus = await fixture.bus([{ ...LEDGER, name: topic, partitions: 2 }]);
      let release: () => void = () => undefined;
      const blocked = new Promise<void>((resolve) => {
        release = resolve;
      });
      const seen: string[] = [];
      const member = await new TestMember().join(bus, {
        groupId: uniqueTopic('group'),
        topics: [topic],
        eachBatch: async (batch) => {
          if (batch.partition === 0) await blocked;
          seen.push(...batch.records.map((incoming) => textOf(incoming)!));
        },
      });
      await append(bus, [record(topic, 'k', 'slow', { partition: 0 })]);
      await append(bus, [record(topic, 'k', 'fast', { partition: 1 })]);
      await eventually('the other partition', () => seen.includes('fast'));
      expect(seen).toEqual(['fast']);
      release();
      await eventually('the slow partition', () => seen.includes('slow'));
      await member.leave();
    });
  });
}
