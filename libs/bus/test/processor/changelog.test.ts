import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Bus, FollowOptions } from '../../src/port.ts';
import { Changelog } from '../../src/processor/changelog.ts';
import { jsonSerializer } from '../../src/processor/json-serializer.ts';
import { ProcessorFixture } from './processor-fixture.ts';

const TOPIC = 'portfolio.state';
const serializer = jsonSerializer<{ readonly held: number }>('test', 1);

let fixture: ProcessorFixture;
beforeEach(async () => {
  fixture = await new ProcessorFixture().open();
});
afterEach(() => fixture.close());

test('keeps an entry apart from the answer that it came in', async () => {
  const { codecs, host } = fixture;
  const entry = codecs.encode(TOPIC, serializer.encode('k', { held: 7 }));
  const answer = Buffer.concat([Buffer.alloc(1000), entry]);
  const record = {
    ...{ topic: TOPIC, partition: 0, offset: 0n, key: 'k', headers: {} },
    ...{ value: answer.subarray(1000), timestampUs: fixture.clock.nowUs() },
  };
  const done = Promise.resolve();
  const bus = {
    follow: async ({ onRecord }: FollowOptions) => {
      onRecord(record);
      return { caughtUp: done, drained: done, reach: () => done, stop: () => done };
    },
    endOffsets: async () => [],
  } as unknown as Bus;
  const changelog = new Changelog({ bus, codecs, host, topic: TOPIC, serializer });
  await changelog.start();
  answer.fill(0);
  expect([...(await changelog.restore(0))]).toEqual([['k', { held: 7 }]]);
});
