import { createKafkaTopics, KafkaBus, type TopicSpec } from '@cerberus/bus';
import { SystemClock, SystemRng, UuidV7Source } from '@cerberus/runtime';
import { describe, expect, test } from '@jest/globals';
import { BROKER, bareClient, brokerConnection } from './test-broker.ts';

const describeWithBroker = BROKER === undefined ? describe.skip : describe;

describeWithBroker('a writer that died in a transaction (CERBERUS_TEST_KAFKA)', () => {
  test('holds up who waits for the end, not who has read what can be read', async () => {
    const clock = new SystemClock();
    const topic: TopicSpec = {
      name: `open.${process.pid}.${process.hrtime.bigint()}`,
      ...{ class: 'ledger', partitions: 3, cleanup: 'compact', retentionHours: 0, conflate: false },
    };
    const connection = { ...brokerConnection(), clientId: 'open', clock };
    await createKafkaTopics({ connection, topics: [topic], replicas: 1 });
    const options = { idempotent: true, maxInFlightRequests: 1, transactionTimeout: 30_000 };
    const writer = bareClient().producer({ transactionalId: `${topic.name}-writer`, ...options });
    await writer.connect();
    const messages = [{ key: 'k', value: 'hidden', partition: 1 }];
    const left = await writer.transaction();
    await left.send({ topic: topic.name, messages });

    const ids = new UuidV7Source(clock, new SystemRng());
    const bus = new KafkaBus({ ...connection, topics: [topic], ids });
    await bus.start();
    const seen: string[] = [];
    const follower = await bus.follow({
      topics: [topic.name],
      from: 'beginning',
      onRecord: ({ value }) => seen.push(String(value)),
    });
    let isCaughtUp = false;
    const caughtUp = follower.caughtUp.then(() => {
      isCaughtUp = true;
    });
    await follower.drained;
    expect({ isCaughtUp, seen }).toEqual({ isCaughtUp: false, seen: [] });
    await left.commit();
    await caughtUp;
    expect(seen).toEqual(['hidden']);
    // Another at the same place has nothing left to drain.
    const late = await bus.follow({ topics: [topic.name], from: 'end', onRecord: () => undefined });
    await late.drained;
    await bus.stop();
    await writer.disconnect();
  }, 30_000);
});
