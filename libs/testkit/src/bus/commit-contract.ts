import { BUS_ERRORS, isFenced } from '@cerberus/bus';
import { describe, expect, test } from '@jest/globals';
import type { BusFixture } from './bus-contract.ts';
import {
  append,
  LEDGER,
  offsetOf,
  readAll,
  record,
  STREAM,
  TABLE,
  textOf,
  uniqueTopic,
} from './bus-harness.ts';

export function commitContract(fixture: BusFixture): void {
  describe('commits', () => {
    test('make outputs, changelog and offsets visible together', async () => {
      const [input, output, state] = ['in', 'out', 'state'].map(uniqueTopic) as [
        string,
        string,
        string,
      ];
      const bus = await fixture.bus([
        { ...LEDGER, name: input },
        { ...LEDGER, name: output },
        { ...TABLE, name: state },
      ]);
      const groupId = uniqueTopic('group');
      const producer = await bus.openTransactional(uniqueTopic('id'));
      await producer.commit({
        records: [record(output, 'o', '1'), record(state, 's', '2'), record(output, 'o', '3')],
        offsets: { groupId, offsets: [{ topic: input, partition: 1, nextOffset: 42n }] },
      });
      expect((await readAll(bus, [output])).map(textOf)).toEqual(['1', '3']);
      expect((await readAll(bus, [state])).map(textOf)).toEqual(['2']);
      const committed = await bus.committedOffsets(groupId, [input]);
      expect(committed).toEqual([{ topic: input, partition: 1, nextOffset: 42n }]);
      expect(await bus.committedOffsets(uniqueTopic('nobody'), [input])).toEqual([]);
    });

    test('need no producer where records stand for themselves', async () => {
      const [one, two, stream] = ['one', 'two', 'stream'].map(uniqueTopic) as [
        string,
        string,
        string,
      ];
      const bus = await fixture.bus([
        { ...LEDGER, name: one },
        { ...TABLE, name: two },
        { ...STREAM, name: stream },
      ]);
      await bus.append([record(one, 'a', '1'), record(two, 'b', '2'), record(one, 'a', '3')]);
      await bus.append([record(one, 'a', '4')]);
      // At least once: a repetition changes nothing for readers who know what they have had.
      const read = async (topic: string) => [
        ...new Set((await readAll(bus, [topic])).map((taken) => textOf(taken))),
      ];
      expect(await read(one)).toEqual(['1', '3', '4']);
      expect(await read(two)).toEqual(['2']);
      await expect(bus.append([record(stream, 'a', '5')])).rejects.toMatchObject({
        code: BUS_ERRORS.TOPIC_CLASS.code,
      });
    });

    test('that fail leave nothing behind and end their producer', async () => {
      const topic = uniqueTopic('failed');
      const bus = await fixture.bus([{ ...LEDGER, name: topic }]);
      const groupId = uniqueTopic('group');
      const producer = await bus.openTransactional(uniqueTopic('id'));
      const offsets = { groupId, offsets: [{ topic, partition: 0, nextOffset: 1n }] };
      const failing = { records: [record(topic, 'a', '1'), record('nowhere', 'b', '2')], offsets };
      await expect(producer.commit(failing)).rejects.toThrow();
      expect(producer.alive).toBe(false);
      await expect(producer.commit({ records: [record(topic, 'a', '3')] })).rejects.toMatchObject({
        code: BUS_ERRORS.PRODUCER_CLOSED.code,
      });
      expect(await readAll(bus, [topic])).toEqual([]);
      expect(await bus.committedOffsets(groupId, [topic])).toEqual([]);
      const next = await bus.openTransactional(producer.id);
      await next.commit({ records: [record(topic, 'a', '4')] });
      expect((await readAll(bus, [topic])).map(textOf)).toEqual(['4']);
    });

    test('of a zombie are fenced, with their offsets, for ever', async () => {
      const topic = uniqueTopic('fenced');
      const bus = await fixture.bus([{ ...LEDGER, name: topic }]);
      const groupId = uniqueTopic('group');
      const id = uniqueTopic('emitter');
      const zombie = await bus.openTransactional(id);
      await zombie.commit({ records: [record(topic, 'k', 'before')] });
      const heir = await bus.openTransactional(id);
      const offsets = { groupId, offsets: [{ topic, partition: 0, nextOffset: 9n }] };
      const refused = await zombie
        .commit({ records: [record(topic, 'k', 'zombie')], offsets })
        .catch((error: unknown) => error);
      expect(isFenced(refused)).toBe(true);
      await expect(zombie.commit({ records: [record(topic, 'k', 'again')] })).rejects.toThrow();
      await heir.commit({ records: [record(topic, 'k', 'heir')] });
      expect((await readAll(bus, [topic])).map(textOf)).toEqual(['before', 'heir']);
      expect(await bus.committedOffsets(groupId, [topic])).toEqual([]);
    });

    test('of different ids do not disturb each other', async () => {
      const topic = uniqueTopic('several');
      const bus = await fixture.bus([{ ...LEDGER, name: topic, partitions: 1 }]);
      const writers = await Promise.all(
        Array.from({ length: 5 }, () => bus.openTransactional(uniqueTopic('id'))),
      );
      await Promise.all(
        writers.map(async (writer, index) => {
          for (let n = 0; n < 10; n += 1) {
            await writer.commit({ records: [record(topic, `w${index}`, `${n}`)] });
          }
        }),
      );
      const read = await readAll(bus, [topic]);
      expect(read).toHaveLength(50);
      for (let index = 0; index < writers.length; index += 1) {
        const own = read.filter(({ key }) => key === `w${index}`).map(textOf);
        expect(own).toEqual(Array.from({ length: 10 }, (_, n) => `${n}`));
      }
    });

    test('may carry offsets alone, and the newest wins', async () => {
      const topic = uniqueTopic('progress');
      const bus = await fixture.bus([{ ...LEDGER, name: topic }]);
      const groupId = uniqueTopic('group');
      const producer = await bus.openTransactional(uniqueTopic('id'));
      for (const nextOffset of [3n, 8n]) {
        const offsets = { groupId, offsets: [{ topic, partition: 2, nextOffset }] };
        await producer.commit({ records: [], offsets });
      }
      const committed = await bus.committedOffsets(groupId, [topic]);
      expect(offsetOf(committed, { topic, partition: 2 })).toBe(8n);
    });

    test('are for ledgers, streams are not', async () => {
      const [ledger, stream] = [uniqueTopic('ledger'), uniqueTopic('stream')];
      const bus = await fixture.bus([
        { ...LEDGER, name: ledger },
        { ...STREAM, name: stream },
      ]);
      const refusal = { code: BUS_ERRORS.TOPIC_CLASS.code };
      const producer = await bus.openTransactional(uniqueTopic('id'));
      await expect(producer.commit({ records: [record(stream, 'k', 'v')] })).rejects.toMatchObject(
        refusal,
      );
      const streams = bus.streamProducer();
      expect(() => streams.send(record(ledger, 'k', 'v'))).toThrow(
        expect.objectContaining(refusal),
      );
      await streams.close();
    });

    test('show whole transactions only, while others are being written', async () => {
      const topic = uniqueTopic('pairs');
      const bus = await fixture.bus([{ ...LEDGER, name: topic, partitions: 1 }]);
      const producer = await bus.openTransactional(uniqueTopic('id'));
      const writing = (async () => {
        for (let n = 0; n < 50; n += 1) {
          await producer.commit({
            records: [record(topic, 'a', `${n}`), record(topic, 'b', `${n}`)],
          });
        }
      })();
      for (let reading = 0; reading < 5; reading += 1) {
        expect((await readAll(bus, [topic])).length % 2).toBe(0);
      }
      await writing;
      await append(bus, [record(topic, 'c', 'end')]);
      expect(await readAll(bus, [topic])).toHaveLength(101);
    });
  });
}
