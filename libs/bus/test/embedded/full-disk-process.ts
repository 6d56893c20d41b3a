// Appends until the log cannot grow any more, then says what it was told and what can still be read.
import { EmbeddedBus } from '@cerberus/bus';
import { CerberusError } from '@cerberus/core';
import { SystemClock } from '@cerberus/runtime';
import { TOPICS } from './killed-topics.ts';

const bus = new EmbeddedBus({ file: process.argv[2]!, topics: TOPICS, clock: new SystemClock() });
await bus.start();
const producer = await bus.openTransactional('writer');
let committed = 0;
let code = '';
while (code === '') {
  try {
    await producer.commit({
      records: [{ topic: 'out', key: 'k', value: Buffer.alloc(100_000, 1) }],
    });
    committed += 1;
  } catch (error) {
    code = error instanceof CerberusError ? error.code : String(error);
  }
}
let visible = 0;
const follower = await bus.follow({
  topics: ['out'],
  from: 'beginning',
  onRecord: () => {
    visible += 1;
  },
});
await follower.caughtUp;
process.stdout.write(JSON.stringify({ committed, visible, code, ready: bus.ready().ready }));
await bus.stop();
