import { isFenced, type Position, type TransactionalProducer } from '@cerberus/bus';
import { ServiceRig } from '@cerberus/testkit';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { EmissionQueue } from '../src/emission.ts';

let rig: ServiceRig;
let producer: TransactionalProducer;
let dead: unknown[];
let queue: EmissionQueue;

beforeEach(async () => {
  rig = await ServiceRig.open();
  producer = await rig.bus.openTransactional('emitter');
  dead = [];
  queue = new EmissionQueue({ producer, groupId: 'group', onDead: (error) => dead.push(error) });
});
afterEach(() => rig.close());

const TOPIC = 'order.decision';

function progress(nextOffset: number, partition = 0): Position {
  return { topic: TOPIC, partition, nextOffset: BigInt(nextOffset) };
}

function record(n: number) {
  return { topic: 'order.event', key: 'k', partition: 0, value: Buffer.from(String(n)) };
}

async function written(): Promise<string[]> {
  const values: string[] = [];
  const follower = await rig.bus.follow({
    ...{ topics: ['order.event'], from: 'beginning' },
    onRecord: ({ value }) => values.push(String(value)),
  });
  await follower.caughtUp;
  await follower.stop();
  return values;
}

const committed = () => rig.bus.committedOffsets('group', [TOPIC]);

test('everything leaves in the order it came, with the furthest progress of each partition', async () => {
  const emissions = Array.from({ length: 600 }, (_, n) =>
    queue.emit({ records: [record(n)], progress: progress(n + 1, n % 2) }),
  );
  await Promise.all(emissions);
  expect(await written()).toEqual(Array.from({ length: 600 }, (_, n) => String(n)));
  expect(await committed()).toEqual([progress(599, 0), progress(600, 1)]);
});

test('no progress is kept that goes beyond what was written', async () => {
  await queue.emit({ records: [record(1)], progress: progress(1) });
  const second = queue.emit({ records: [record(2)], progress: progress(2) });
  // Whoever opens the id shuts this producer out; what was not committed by then never is.
  const [outcome] = await Promise.allSettled([second, rig.bus.openTransactional('emitter')]);
  const values = await written();
  const [{ nextOffset }] = (await committed()) as [Position];
  expect(values.length).toBe(Number(nextOffset));
  expect(outcome.status).toBe(values.length === 2 ? 'fulfilled' : 'rejected');
});

test('a dead producer ends the queue once, and everything waiting with it', async () => {
  await rig.bus.openTransactional('emitter');
  const waiting = await Promise.allSettled([
    queue.emit({ records: [record(1)], progress: progress(1) }),
    queue.emit({ records: [record(2)], progress: progress(2) }),
  ]);
  expect(waiting.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await expect(queue.emit({ records: [record(3)] })).rejects.toBe(dead[0]);
  expect(dead).toHaveLength(1);
  expect(isFenced(dead[0])).toBe(true);
  expect(await written()).toEqual([]);
  expect(await committed()).toEqual([]);
});

test('progress that goes back is a broken invariant, and nothing of its commit is written', async () => {
  await queue.emit({ records: [], progress: progress(1) });
  const running = queue.emit({ records: [record(0)] });
  const outcomes = await Promise.allSettled([
    running,
    queue.emit({ records: [record(1)], progress: progress(5) }),
    queue.emit({ records: [record(2)], progress: progress(4) }),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  expect(dead).toHaveLength(1);
  expect(await written()).toEqual(['0']);
  expect(await committed()).toEqual([progress(1)]);
});

test('closing writes what waits and takes nothing more', async () => {
  const waiting = [1, 2, 3].map((n) => queue.emit({ records: [record(n)] }));
  await queue.close();
  await Promise.all(waiting);
  await expect(queue.emit({ records: [record(4)] })).rejects.toThrow('the term is over');
  expect(await written()).toEqual(['1', '2', '3']);
  expect(dead).toEqual([]);
});
