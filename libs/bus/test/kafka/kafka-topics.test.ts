import { BUS_ERRORS, createKafkaTopics, KafkaBus } from '@cerberus/bus';
import { SystemClock, SystemRng, UuidV7Source } from '@cerberus/runtime';
import { describe, expect, test } from '@jest/globals';
import { ConfigResourceTypes } from 'kafkajs';
import { BROKER, bareClient, brokerConnection } from './test-broker.ts';

const LEDGER = {
  class: 'ledger',
  partitions: 4,
  cleanup: 'delete',
  retentionHours: 24,
  conflate: false,
} as const;
const uniqueTopic = (kind: string) => `topics.${kind}.${process.pid}.${process.hrtime.bigint()}`;
const describeWithBroker = BROKER === undefined ? describe.skip : describe;

describeWithBroker('topics in Kafka (needs CERBERUS_TEST_KAFKA=host:port)', () => {
  const clock = new SystemClock();
  const ids = new UuidV7Source(clock, new SystemRng());
  const connection = { ...brokerConnection(), clientId: 'topics', clock };

  test('are made with those of their dead letters, once', async () => {
    const name = uniqueTopic('made');
    const options = { connection, topics: [{ ...LEDGER, name }], replicas: 1 };
    expect(await createKafkaTopics(options)).toEqual([name, `${name}.dlq`]);
    expect(await createKafkaTopics(options)).toEqual([]);
    const bus = new KafkaBus({ ...connection, topics: options.topics, ids });
    await bus.start();
    expect(bus.ready().ready).toBe(true);
    await bus.stop();
  });

  test('that are compacted are so before they are large', async () => {
    const name = uniqueTopic('compacted');
    const topics = [{ ...LEDGER, name, cleanup: 'compact' as const }];
    await createKafkaTopics({ connection, topics, replicas: 1 });
    const admin = bareClient().admin();
    await admin.connect();
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name }],
    });
    await admin.disconnect();
    const entries = resources[0]!.configEntries;
    const settings = new Map(entries.map(({ configName: n, configValue: v }) => [n, v]));
    expect(settings.get('cleanup.policy')).toBe('compact');
    expect(Number(settings.get('segment.bytes'))).toBe(16 * 1024 * 1024);
    expect(Number(settings.get('segment.ms'))).toBe(3_600_000);
    expect(Number(settings.get('min.cleanable.dirty.ratio'))).toBe(0.2);
  });

  test('that are missing are named, and nothing starts', async () => {
    const name = uniqueTopic('missing');
    const bus = new KafkaBus({ ...connection, topics: [{ ...LEDGER, name }], ids });
    await expect(bus.start()).rejects.toMatchObject({
      code: BUS_ERRORS.TOPIC_MISSING.code,
      message: expect.stringContaining(`${name}, ${name}.dlq`),
    });
    expect(bus.ready().ready).toBe(false);
  });

  test('of other partitions or clean-up are named, and nothing starts', async () => {
    const name = uniqueTopic('other');
    const topics = [{ ...LEDGER, name }];
    await createKafkaTopics({ connection, topics, replicas: 1 });
    const changed = { ...LEDGER, name, partitions: 7, cleanup: 'compact' as const };
    const bus = new KafkaBus({ ...connection, topics: [changed], ids });
    const refusal = await bus.start().catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: BUS_ERRORS.TOPIC_MISMATCH.code });
    const { message } = refusal as Error;
    expect(message).toContain(`${name} has 4 partitions instead of 7`);
    expect(message).toContain(`${name} has cleanup.policy delete instead of compact`);
  });
});

describe('a cluster that does not answer', () => {
  test('is waited for until the process is told to stop, and named', async () => {
    const aborter = new AbortController();
    const reports: string[] = [];
    const clock = new SystemClock();
    const bus = new KafkaBus({
      // Discard: nobody listens there.
      brokers: ['127.0.0.1:9'],
      clientId: 'absent',
      clock,
      ids: new UuidV7Source(clock, new SystemRng()),
      topics: [{ ...LEDGER, name: 'absent' }],
      signal: aborter.signal,
      onError: (what) => {
        reports.push(what);
        aborter.abort(new Error('stopping'));
      },
    });
    await expect(bus.start()).rejects.toThrow('stopping');
    expect(reports).toEqual(['connecting to Kafka at 127.0.0.1:9']);
    expect(bus.ready()).toMatchObject({ ready: false });
  });
});
