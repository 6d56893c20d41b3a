import { EmbeddedBus, isFenced, type TransactionalProducer } from '@cerberus/bus';
import { eventually, VirtualClock } from '@cerberus/testkit';
import { expect, test } from '@jest/globals';
import { TOPICS } from './killed-topics.ts';

test('a member that hangs in its batch loses its partition, and its producer with it', async () => {
  const clock = new VirtualClock();
  const bus = new EmbeddedBus({ file: ':memory:', topics: TOPICS, clock });
  await bus.start();
  let wake: () => void = () => undefined;
  const asleep = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const results: string[] = [];

  const join = async (name: string, before: Promise<void> | undefined) => {
    let producer: TransactionalProducer | undefined;
    return bus.subscribeGroup({
      groupId: 'copy',
      topics: ['in'],
      commit: 'manual',
      onAssigned: async () => {
        producer = await bus.openTransactional('copy-0');
      },
      onRevoked: () => undefined,
      eachBatch: async (batch) => {
        await before;
        const { topic, partition } = batch;
        const nextOffset = batch.records.at(-1)!.offset + 1n;
        const records = batch.records.map(({ key, value }) => ({ topic: 'out', key, value }));
        const offsets = { groupId: 'copy', offsets: [{ topic, partition, nextOffset }] };
        try {
          await producer!.commit({ records, offsets });
          results.push(`${name} copied`);
        } catch (error) {
          results.push(`${name} ${isFenced(error) ? 'fenced' : String(error)}`);
        }
      },
    });
  };

  const writer = await bus.openTransactional('writer');
  await writer.commit({ records: [{ topic: 'in', key: 'k', value: Buffer.from('1') }] });
  const sleeper = await join('sleeper', asleep);
  await clock.advanceAsync(1);
  // The sleeper leaves its group only in the eyes of the others; it does not know.
  const leaving = sleeper.stop();
  await join('heir', undefined);
  await clock.advanceAsync(5000);
  expect(results).toEqual([]);
  await clock.advanceAsync(6000);
  await eventually('the heir', () => results.length === 1);
  wake();
  await eventually('the sleeper', () => results.length === 2);
  expect(results).toEqual(['heir copied', 'sleeper fenced']);
  const [end] = await bus.endOffsets(['out']);
  expect(end!.nextOffset).toBe(1n);
  await leaving;
  await bus.stop();
});
