import { BUS_ERRORS } from '@cerberus/bus';
import { describe, expect, test } from '@jest/globals';
import { eventually } from '../eventually.ts';
import type { BusFixture } from './bus-contract.ts';
import {
  append,
  LEDGER,
  readAll,
  record,
  TABLE,
  TestMember,
  textOf,
  uniqueTopic,
} from './bus-harness.ts';

export function restartContract(fixture: BusFixture): void {
  describe('restarts', () => {
    test('keep committed records and offsets; new records continue behind them', async () => {
      const [ledger, table] = [uniqueTopic('ledger'), uniqueTopic('table')];
      const specs = [
        { ...LEDGER, name: ledger },
        { ...TABLE, name: table },
      ];
      const bus = await fixture.bus(specs);
      const groupId = uniqueTopic('group');
      const producer = await bus.openTransactional(uniqueTopic('id'));
      await producer.commit({
        records: [record(ledger, 'k', '1', { headers: { h: 'x' } }), record(table, 't', 'one')],
        offsets: { groupId, offsets: [{ topic: ledger, partition: 0, nextOffset: 5n }] },
      });
      const before = await readAll(bus, [ledger, table]);
      const ends = await bus.endOffsets([ledger, table]);

      const again = await fixture.restart();
      expect(await readAll(again, [ledger, table])).toEqual(before);
      expect(await again.committedOffsets(groupId, [ledger])).toEqual([
        { topic: ledger, partition: 0, nextOffset: 5n },
      ]);
      for (const [index, end] of (await again.endOffsets([ledger, table])).entries()) {
        expect(end.nextOffset).toBeGreaterThanOrEqual(ends[index]!.nextOffset);
      }
      await append(again, [record(ledger, 'k', '2')]);
      const after = (await readAll(again, [ledger])).map(textOf);
      expect(after).toEqual(['1', '2']);
    });

    test('let a group go on where it was', async () => {
      const topic = uniqueTopic('group');
      const bus = await fixture.bus([{ ...LEDGER, name: topic, partitions: 1 }]);
      const groupId = uniqueTopic('id');
      await append(
        bus,
        ['0', '1'].map((value) => record(topic, 'k', value)),
      );
      const first = await new TestMember().join(bus, { groupId, topics: [topic] });
      await eventually('the first records', () => first.records.length === 2);
      await first.leave();
      const again = await fixture.restart();
      await append(again, [record(topic, 'k', '2')]);
      const second = await new TestMember().join(again, { groupId, topics: [topic] });
      await eventually('the next record', () => second.records.length > 0);
      expect(second.records.map(textOf)).toEqual(['2']);
      await second.leave();
    });

    test('do not bring a zombie back', async () => {
      const topic = uniqueTopic('zombie');
      const bus = await fixture.bus([{ ...LEDGER, name: topic }]);
      const id = uniqueTopic('emitter');
      const zombie = await bus.openTransactional(id);
      await zombie.commit({ records: [record(topic, 'k', 'before')] });
      const again = await fixture.restart();
      const heir = await again.openTransactional(id);
      await expect(zombie.commit({ records: [record(topic, 'k', 'zombie')] })).rejects.toThrow();
      await heir.commit({ records: [record(topic, 'k', 'heir')] });
      expect((await readAll(again, [topic])).map(textOf)).toEqual(['before', 'heir']);
    });

    test('end what was open: a stopped bus says so', async () => {
      const topic = uniqueTopic('stopped');
      const bus = await fixture.bus([{ ...LEDGER, name: topic }]);
      expect(bus.ready().ready).toBe(true);
      const producer = await bus.openTransactional(uniqueTopic('id'));
      await bus.stop();
      expect(bus.ready().ready).toBe(false);
      await expect(producer.commit({ records: [record(topic, 'k', 'v')] })).rejects.toThrow();
      expect(() => bus.streamProducer()).toThrow(
        expect.objectContaining({ code: BUS_ERRORS.STOPPED.code }),
      );
      await bus.stop();
    });
  });
}
