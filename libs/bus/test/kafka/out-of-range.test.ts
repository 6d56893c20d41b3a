import { createKafkaTopics, KafkaBus, type TopicSpec } from '@cerberus/bus';
import { SystemClock, SystemRng, UuidV7Source } from '@cerberus/runtime';
import { eventually } from '@cerberus/testkit';
import { describe, expect, test } from '@jest/globals';
import { BROKER, brokerConnection } from './test-broker.ts';

const describeWithBroker = BROKER === undefined ? describe.skip : describe;

describeWithBroker('a follower of an offset that is not there (CERBERUS_TEST_KAFKA)', () => {
  test('says so, reads what there is, and follows', async () => {
    const clock = new SystemClock();
    const topic: TopicSpec = {
      name: `gone.${process.pid}.${process.hrtime.bigint()}`,
      class: 'stream',
      partitions: 1,
      cleanup: 'delete',
      retentionHours: 1,
      conflate: false,
    };
    const connection = { ...brokerConnection(), clientId: 'gone', clock };
    await createKafkaTopics({ connection, topics: [topic], replicas: 1 });
    const reports: string[] = [];
    const bus = new KafkaBus({
      ...connection,
      topics: [topic],
      ids: new UuidV7Source(clock, new SystemRng()),
      onError: (_what, error) => reports.push((error as { code?: string }).code ?? String(error)),
    });
    await bus.start();
    const producer = bus.streamProducer();
    const send = async (value: string) => {
      await producer.send({ topic: topic.name, key: 'k', value: Buffer.from(value) });
      await producer.flush();
    };
    await send('1');
    const seen: string[] = [];
    await bus.follow({
      topics: [topic.name],
      from: [{ topic: topic.name, partition: 0, nextOffset: 1000n }],
      onRecord: ({ value }) => seen.push(String(value)),
    });
    await eventually('the beginning', () => seen.length === 1);
    await send('2');
    await eventually('what comes', () => seen.length === 2);
    expect(seen).toEqual(['1', '2']);
    expect(reports).toEqual(['CRB_BUS_OFFSET_OUT_OF_RANGE']);
    await bus.stop();
  });
});
