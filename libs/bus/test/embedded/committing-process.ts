// Commits pairs of records with their offset as fast as it can and says so after each; killed by its
// parent at some moment.
import { EmbeddedBus } from '@cerberus/bus';
import { SystemClock } from '@cerberus/runtime';
import { TOPICS } from './killed-topics.ts';

const bus = new EmbeddedBus({ file: process.argv[2]!, topics: TOPICS, clock: new SystemClock() });
await bus.start();
const [end] = await bus.committedOffsets('group', ['in']);
const producer = await bus.openTransactional('killed');
for (let n = Number(end?.nextOffset ?? 0n); ; n += 1) {
  const value = Buffer.from(String(n));
  await producer.commit({
    records: [
      { topic: 'out', key: 'k', value },
      { topic: 'state', key: 'k', value },
    ],
    offsets: {
      groupId: 'group',
      offsets: [{ topic: 'in', partition: 0, nextOffset: BigInt(n + 1) }],
    },
  });
  process.stdout.write(`${n}\n`);
}
