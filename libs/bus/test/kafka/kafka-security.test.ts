import {
  applyKafkaRights,
  BUS_ERRORS,
  createKafkaTopics,
  KafkaBus,
  type KafkaSecurity,
} from '@cerberus/bus';
import { SystemClock, SystemRng, UuidV7Source } from '@cerberus/runtime';
import type { ServiceAccess } from '@cerberus/schema';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BROKER, brokerConnection, loginOf, SECURITY_FOLDER } from './test-broker.ts';

const folder = SECURITY_FOLDER ?? '';
const suite = BROKER === undefined || SECURITY_FOLDER === undefined ? describe.skip : describe;
const unique = (kind: string) => `${kind}.${process.pid}.${process.hrtime.bigint()}`;
/** A user of the broker for whom these tests grant rights on topics of their own. */
const USER = 'cerberus-features';
const READ = unique('rights.read');
const WRITTEN = unique('rights.written');
const STREAM = unique('rights.stream');
const OTHER = unique('rights.other');
const GROUP = unique('group');
const LEDGER = { class: 'ledger', partitions: 1, cleanup: 'delete', retentionHours: 1 } as const;
const TOPICS = [
  ...[READ, WRITTEN, OTHER].map((name) => ({ ...LEDGER, name, conflate: false })),
  { ...LEDGER, name: STREAM, class: 'stream', conflate: false } as const,
];
const ACCESS: ServiceAccess = {
  ...{ service: 'test', user: USER, reads: [READ], writes: [WRITTEN], groups: [GROUP] },
  ...{ transactionalIds: 'allowed-', deadLetters: ['write'] },
};

suite('rights in Kafka (needs CERBERUS_TEST_KAFKA and CERBERUS_TEST_KAFKA_SECURITY)', () => {
  const clock = new SystemClock();
  const ids = new UuidV7Source(clock, new SystemRng());
  const admin = { ...brokerConnection(), clientId: 'rights', clock };
  const reports: unknown[] = [];
  const open = (security: KafkaSecurity) =>
    new KafkaBus({
      ...{ ...admin, security, topics: TOPICS, ids },
      onError: (_what, error) => reports.push(error),
    });
  const names = TOPICS.map(({ name }) => name);
  let bus: KafkaBus;

  beforeAll(async () => {
    await createKafkaTopics({ connection: admin, topics: TOPICS, replicas: 1 });
    await applyKafkaRights({ connection: admin, access: [ACCESS], topics: names });
    bus = open(loginOf(folder, USER));
    await bus.start();
  }, 30_000);

  afterAll(async () => {
    await bus?.stop();
    const nothing = { ...ACCESS, reads: [], writes: [], groups: [], transactionalIds: null };
    await applyKafkaRights({ connection: admin, access: [nothing], topics: names });
  }, 30_000);

  const record = (topic: string) => ({ topic, key: 'k', value: Buffer.from('v') });
  const denied = (what: string) => ({
    code: BUS_ERRORS.NOT_AUTHORISED.code,
    message: expect.stringContaining(`${USER} may not ${what}`),
  });

  test('that were granted suffice to read, write, set aside and commit', async () => {
    const producer = await bus.openTransactional('allowed-1');
    await producer.commit({
      records: [record(WRITTEN), record(`${READ}.dlq`)],
      offsets: { groupId: GROUP, offsets: [{ topic: READ, partition: 0, nextOffset: 0n }] },
    });
    await bus.append([record(WRITTEN)]);
    expect(await bus.committedOffsets(GROUP, [READ])).toHaveLength(1);
  }, 30_000);

  test('are granted once, and those beside the table are taken away', async () => {
    const apply = (access: ServiceAccess) =>
      applyKafkaRights({ connection: admin, access: [access], topics: names });
    expect(await apply(ACCESS)).toEqual({ granted: 0, removed: 0 });
    expect(await apply({ ...ACCESS, reads: [READ, OTHER] })).toEqual({ granted: 2, removed: 0 });
    expect(await apply(ACCESS)).toEqual({ granted: 0, removed: 2 });
  }, 30_000);

  test('to write a ledger: without it the commit and the append say so', async () => {
    const producer = await bus.openTransactional('allowed-2');
    await expect(producer.commit({ records: [record(OTHER)] })).rejects.toMatchObject(
      denied(`write topic ${OTHER}`),
    );
    await expect(bus.append([record(OTHER)])).rejects.toMatchObject(denied(`write topic ${OTHER}`));
  }, 30_000);

  test('to a transactional id and to a group: without it they are named', async () => {
    await expect(bus.openTransactional('other-1')).rejects.toMatchObject(
      denied('write as transactional id other-1'),
    );
    await expect(bus.committedOffsets('other', [READ])).rejects.toMatchObject(
      denied('read as group other'),
    );
  }, 30_000);

  test('to a group: without it the member is not ready and says why', async () => {
    const subscription = await bus.subscribeGroup({
      ...{ groupId: 'other', topics: [READ], commit: 'timer' },
      onAssigned: () => undefined,
      onRevoked: () => undefined,
      eachBatch: () => Promise.resolve(),
    });
    const detail = await until(() => {
      const ready = subscription.ready();
      return !ready.ready && ready.detail?.includes('may not') ? ready.detail : undefined;
    });
    expect(detail).toContain(`${USER} may not read as group other`);
    await subscription.stop();
  }, 30_000);

  test('to follow a topic: without it the bus is not ready and says why', async () => {
    const stopped = open(loginOf(folder, USER));
    await stopped.start();
    const follower = await stopped.follow({
      ...{ topics: [OTHER], from: 'beginning', onRecord: () => undefined },
    });
    const state = await until(() => {
      const ready = stopped.ready();
      return ready.ready ? undefined : ready;
    });
    expect(state.detail).toContain(`${USER} may not read topic ${OTHER}`);
    await follower.stop();
    await stopped.stop();
  }, 30_000);

  test('to write a stream: without it the bus is not ready and says why', async () => {
    const stopped = open(loginOf(folder, USER));
    await stopped.start();
    void stopped.streamProducer().send(record(STREAM));
    const state = await until(() => {
      const ready = stopped.ready();
      return ready.ready ? undefined : ready;
    });
    expect(state.detail).toContain(`${USER} may not write topic ${STREAM}`);
    await stopped.stop();
  }, 30_000);

  test('a wrong password is refused by name, and is not shown', async () => {
    const wrong = open(loginOf(folder, USER, 'cerberus-tca'));
    const refusal = await wrong.start().catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      code: BUS_ERRORS.LOGIN_REFUSED.code,
      message: expect.stringContaining(USER),
    });
    const password = loginOf(folder, 'cerberus-tca').login?.password() ?? '';
    expect(JSON.stringify([refusal, String((refusal as Error).stack)])).not.toContain(password);
  }, 30_000);

  test('a broker that nobody vouches for is refused', async () => {
    const { login } = loginOf(folder, USER);
    const trusting = open({ tls: {}, ...(login && { login }) });
    await expect(trusting.start()).rejects.toMatchObject({ code: BUS_ERRORS.TLS_FAILED.code });
  }, 30_000);
});

async function until<T>(look: () => T | undefined): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
