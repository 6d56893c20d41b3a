import { createKafkaTopics, KafkaBus, type TopicSpec } from '@cerberus/bus';
import { SystemClock, SystemRng, UuidV7Source } from '@cerberus/runtime';
import { eventually } from '@cerberus/testkit';
import { describe, expect, test } from '@jest/globals';
import { BROKER, brokerConnection } from './test-broker.ts';

const describeWithBroker = BROKER === undefined ? describe.skip : describe;

/** So long that nothing here can come from its end. */
const SESSION_MS = 30_000;

describeWithBroker('a process that joins while its predecessor is in (CERBERUS_TEST_KAFKA)', () => {
  test.each([
    ['takes the place of the one of its name', 'risk-engine-1', 'risk-engine-1', [0, 1]],
    ['shares with one of another name', 'risk-engine-1', 'risk-engine-2', [1]],
    ['shares with one of no name', undefined, undefined, [1]],
  ])(
    '%s',
    async (_what, first, second, partitions) => {
      const clock = new SystemClock();
      const topic: TopicSpec = {
        name: `named.${process.pid}.${process.hrtime.bigint()}`,
        ...{
          class: 'ledger',
          partitions: 2,
          cleanup: 'delete',
          retentionHours: 1,
          conflate: false,
        },
      };
      const connection = { ...brokerConnection(), clientId: 'named', clock };
      await createKafkaTopics({ connection, topics: [topic], replicas: 1 });
      const ids = new UuidV7Source(clock, new SystemRng());
      const join = async (instanceId: string | undefined) => {
        const bus = new KafkaBus({
          ...{ ...connection, topics: [topic], ids, sessionTimeoutMs: SESSION_MS, instanceId },
        });
        await bus.start();
        const assigned: number[][] = [];
        const group = await bus.subscribeGroup({
          ...{ groupId: topic.name, topics: [topic.name], commit: 'manual' },
          onAssigned: (places) => void assigned.push(places.map(({ partition }) => partition)),
          onRevoked: () => undefined,
          eachBatch: () => Promise.resolve(),
        });
        await eventually('membership', () => group.ready().ready && assigned.length > 0);
        return { bus, assigned };
      };
      const before = await join(first);
      expect(before.assigned).toEqual([[0, 1]]);
      const after = await join(second);
      expect(after.assigned[0]).toEqual(partitions);
      await Promise.all([before.bus.stop(), after.bus.stop()]);
    },
    60_000,
  );
});
