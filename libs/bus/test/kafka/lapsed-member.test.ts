import { createKafkaTopics, KafkaBus, type TopicSpec } from '@cerberus/bus';
import { SystemClock, SystemRng, UuidV7Source } from '@cerberus/runtime';
import { eventually } from '@cerberus/testkit';
import { describe, expect, test } from '@jest/globals';
import { BROKER, brokerConnection } from './test-broker.ts';

const describeWithBroker = BROKER === undefined ? describe.skip : describe;

const SESSION_MS = 1500;

describeWithBroker('a member that was out of its group for a moment (CERBERUS_TEST_KAFKA)', () => {
  test.each([
    ['keeps what it had where others would have shut it out', true],
    ['is told to let go and take over where they would not', false],
  ])(
    '%s',
    async (_what, isFenced) => {
      const clock = new SystemClock();
      const topic: TopicSpec = {
        name: `lapsed.${process.pid}.${process.hrtime.bigint()}`,
        ...{
          class: 'ledger',
          partitions: 2,
          cleanup: 'delete',
          retentionHours: 1,
          conflate: false,
        },
      };
      const connection = { ...brokerConnection(), clientId: 'lapsed', clock };
      await createKafkaTopics({ connection, topics: [topic], replicas: 1 });
      const ids = new UuidV7Source(clock, new SystemRng());
      const bus = new KafkaBus({
        ...{ ...connection, topics: [topic], ids, sessionTimeoutMs: SESSION_MS },
      });
      await bus.start();
      const told: string[] = [];
      const seen: string[] = [];
      const group = await bus.subscribeGroup({
        ...{ groupId: topic.name, topics: [topic.name], commit: 'manual', isFenced },
        onAssigned: () => void told.push('assigned'),
        onRevoked: () => void told.push('revoked'),
        eachBatch: ({ records }) => {
          seen.push(...records.map(({ value }) => String(value)));
          return Promise.resolve();
        },
      });
      await eventually('membership', () => group.ready().ready);
      const writer = await bus.openTransactional(`${topic.name}-writer`);
      const write = (value: string) =>
        writer.commit({ records: [{ topic: topic.name, key: 'k', value: Buffer.from(value) }] });
      await write('before');
      await eventually('the first record', () => seen.length === 1);
      // As under a load that leaves the process no turn: no heartbeat, for longer than the session.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2.5 * SESSION_MS);
      await clock.sleep(3 * SESSION_MS);
      await eventually('membership again', () => group.ready().ready);
      await write('after');
      await eventually('the last record', () => seen.includes('after'));
      // Nothing was committed: what is taken over anew is read from its beginning.
      expect(seen).toEqual(isFenced ? ['before', 'after'] : ['before', 'before', 'after']);
      expect(told).toEqual(isFenced ? ['assigned'] : ['assigned', 'revoked', 'assigned']);
      await bus.stop();
    },
    30_000,
  );
});
