import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  type Batch,
  type Bus,
  createKafkaTopics,
  KafkaBus,
  LedgerWriter,
  type TransactionalProducer,
} from '@cerberus/bus';
import { createLogger, SystemClock, SystemRng, UuidV7Source } from '@cerberus/runtime';
import { eventually } from '@cerberus/testkit';
import { describe, expect, test } from '@jest/globals';
import { BROKER, brokerConnection } from './test-broker.ts';

/** `host:port` of a broker, and a shell command that kills it and has it up again when it returns. */
const RESTART = process.env['CERBERUS_TEST_KAFKA_RESTART'];
const describeWithBroker = BROKER === undefined || RESTART === undefined ? describe.skip : describe;
/** 3 where one of three brokers is killed. */
const REPLICAS = Number(process.env['CERBERUS_TEST_KAFKA_REPLICAS'] ?? 1);
const PARTITIONS = 4;
const RECORDS_AROUND = 400;
const WITHIN_MS = 90_000;

/** The rules of a processor, bare: fence, read the committed offset, drop what lies below, commit all. */
class Copier {
  readonly #bus: Bus;
  readonly #opened = new Map<number, { producer: TransactionalProducer; next: bigint }>();
  readonly groupId: string;
  readonly output: string;
  failures = 0;

  constructor(bus: Bus, groupId: string, output: string) {
    this.#bus = bus;
    this.groupId = groupId;
    this.output = output;
  }

  async copy({ topic, partition, records }: Batch): Promise<void> {
    try {
      const opened = this.#opened.get(partition) ?? (await this.#open(topic, partition));
      const fresh = records.filter(({ offset }) => offset >= opened.next);
      const last = fresh.at(-1);
      if (last === undefined) return;
      const nextOffset = last.offset + 1n;
      await opened.producer.commit({
        records: fresh.map(({ key, value }) => ({ topic: this.output, key, value, partition })),
        offsets: { groupId: this.groupId, offsets: [{ topic, partition, nextOffset }] },
      });
      opened.next = nextOffset;
    } catch (error) {
      this.failures += 1;
      await this.drop(partition);
      throw error;
    }
  }

  async drop(partition: number): Promise<void> {
    await this.#opened.get(partition)?.producer.close();
    this.#opened.delete(partition);
  }

  async #open(topic: string, partition: number) {
    const producer = await this.#bus.openTransactional(`${this.groupId}-${partition}`);
    const committed = await this.#bus.committedOffsets(this.groupId, [topic]);
    const next = committed.find((at) => at.partition === partition)?.nextOffset ?? 0n;
    const opened = { producer, next };
    this.#opened.set(partition, opened);
    return opened;
  }
}

describeWithBroker(
  'a broker that is killed (needs CERBERUS_TEST_KAFKA and CERBERUS_TEST_KAFKA_RESTART)',
  () => {
    test(
      'costs time, no record: writers, groups and followers go on, each record is copied once',
      async () => {
        const clock = new SystemClock();
        const ids = new UuidV7Source(clock, new SystemRng());
        const name = `restart.${process.pid}.${process.hrtime.bigint()}`;
        const [input, output] = [`${name}.in`, `${name}.out`];
        const topics = [input, output].map((topic) => ({
          name: topic,
          class: 'ledger' as const,
          partitions: PARTITIONS,
          cleanup: 'delete' as const,
          retentionHours: 1,
          conflate: false,
        }));
        const connection = { ...brokerConnection(), clientId: 'restart', clock };
        await createKafkaTopics({ connection, topics, replicas: REPLICAS });
        const bus = new KafkaBus({ ...connection, topics, ids });
        await bus.start();
        const copied: string[] = [];
        await bus.follow({
          topics: [output],
          from: 'beginning',
          onRecord: ({ value }) => copied.push(String(value)),
        });
        const copier = new Copier(bus, `${name}.group`, output);
        const subscription = await bus.subscribeGroup({
          groupId: copier.groupId,
          topics: [input],
          commit: 'manual',
          onAssigned: () => undefined,
          onRevoked: async (lost) => {
            for (const { partition } of lost) await copier.drop(partition);
          },
          eachBatch: (batch) => copier.copy(batch),
        });
        const log = createLogger({ name: 'test', level: 'fatal', format: 'json' });
        const writer = new LedgerWriter({ bus, host: { clock, log }, id: `${name}.writer` });
        const append = (n: number) =>
          writer.append([{ topic: input, key: `k${n % 50}`, value: Buffer.from(`${n}`) }]);
        // One of unknown outcome may be written twice; the copier must not add to that.
        let sent = 0;
        const sendUntil = async (isOver: () => boolean) => {
          while (!isOver()) {
            await append(sent);
            sent += 1;
          }
        };
        await sendUntil(() => sent >= RECORDS_AROUND);
        let isUp = false;
        const restart = promisify(execFile)('sh', ['-c', RESTART ?? '']).then(() => {
          isUp = true;
        });
        await sendUntil(() => isUp);
        await restart;
        const goal = sent + RECORDS_AROUND;
        await sendUntil(() => sent >= goal);
        const written: string[] = [];
        const reader = await bus.follow({
          topics: [input],
          from: 'beginning',
          onRecord: ({ value }) => written.push(String(value)),
        });
        await reader.caughtUp;
        await eventually('all copied', () => copied.length >= written.length, WITHIN_MS);
        expect([...copied].sort()).toEqual([...written].sort());
        expect(new Set(written).size).toBe(sent);
        await eventually('ready', () => bus.ready().ready && subscription.ready().ready, WITHIN_MS);
        await writer.close();
        await bus.stop();
      },
      4 * WITHIN_MS,
    );

    test(
      'costs a stream time, not its order',
      async () => {
        const clock = new SystemClock();
        const ids = new UuidV7Source(clock, new SystemRng());
        const topic = {
          name: `restart.${process.pid}.${process.hrtime.bigint()}.stream`,
          ...{ class: 'stream' as const, partitions: PARTITIONS, cleanup: 'delete' as const },
          ...{ retentionHours: 1, conflate: false },
        };
        const connection = { ...brokerConnection(), clientId: 'restart', clock };
        await createKafkaTopics({ connection, topics: [topic], replicas: REPLICAS });
        const bus = new KafkaBus({ ...connection, topics: [topic], ids });
        await bus.start();
        const producer = bus.streamProducer();
        let sent = 0;
        const sendUntil = async (isOver: () => boolean) => {
          while (!isOver()) {
            const value = Buffer.from(`${sent}`);
            await producer.send({ topic: topic.name, key: `k${sent % 50}`, value });
            sent += 1;
            if (sent % 100 === 0) await clock.sleep(10);
          }
        };
        await sendUntil(() => sent >= RECORDS_AROUND);
        let isUp = false;
        const restart = promisify(execFile)('sh', ['-c', RESTART ?? '']).then(() => {
          isUp = true;
        });
        await sendUntil(() => isUp);
        await restart;
        const goal = sent + RECORDS_AROUND;
        await sendUntil(() => sent >= goal);
        await producer.flush();
        const newest = new Map<number, number>();
        const seen = new Set<number>();
        const late: number[] = [];
        const reader = await bus.follow({
          topics: [topic.name],
          from: 'beginning',
          onRecord: ({ partition, value }) => {
            const n = Number(value);
            if (!seen.has(n) && n < (newest.get(partition) ?? -1)) late.push(n);
            newest.set(partition, Math.max(n, newest.get(partition) ?? n));
            seen.add(n);
          },
        });
        await reader.caughtUp;
        expect(late).toEqual([]);
        // Of several brokers one that is killed takes along what no other has yet: acks are the leader's.
        if (REPLICAS === 1) expect(seen.size).toBe(sent);
        await eventually('ready', () => bus.ready().ready, WITHIN_MS);
        await bus.stop();
      },
      4 * WITHIN_MS,
    );
  },
);
