import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Bus,
  createKafkaTopics,
  EmbeddedBus,
  KafkaBus,
  PartitionOwner,
  partitionOf,
  type TopicSpec,
} from '@cerberus/bus';
import {
  createLogger,
  createSupervisor,
  Metrics,
  SystemClock,
  SystemRng,
  UuidV7Source,
} from '@cerberus/runtime';
import { eventually } from '@cerberus/testkit';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

/** `host:port` of a broker to test against, e.g. of `npm run infra:up -- kafka`. */
const BROKER = process.env['CERBERUS_TEST_KAFKA'];
const PARTITIONS = 6;
const KEYS = Array.from({ length: 60 }, (_, n) => `account-${n}`);
const clock = new SystemClock();

type OpenBus = (topics: readonly TopicSpec[], folder: string) => Promise<Bus>;

async function embedded(topics: readonly TopicSpec[], folder: string): Promise<Bus> {
  const bus = new EmbeddedBus({ file: join(folder, 'log.sqlite'), topics, clock });
  await bus.start();
  return bus;
}

async function kafka(topics: readonly TopicSpec[]): Promise<Bus> {
  const ids = new UuidV7Source(clock, new SystemRng());
  const connection = { brokers: [BROKER!], clientId: 'owners', clock };
  await createKafkaTopics({ connection, topics, replicas: 1 });
  const bus = new KafkaBus({ ...connection, topics, ids });
  await bus.start();
  return bus;
}

function suite(name: string, open: OpenBus): void {
  describe(`owners of partitions: ${name}`, () => {
    const topic = `owned.${process.pid}.${process.hrtime.bigint()}`;
    let bus: Bus;
    let folder: string;
    let stops: unknown[];
    let nextGroup = 0;
    let groupId: string;
    const owners: PartitionOwner[] = [];

    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'cerberus-owner-'));
      stops = [];
      nextGroup += 1;
      groupId = `${topic}-group-${nextGroup}`;
      const spec = { name: topic, class: 'ledger', cleanup: 'delete', conflate: false } as const;
      bus = await open([{ ...spec, partitions: PARTITIONS, retentionHours: 1 }], folder);
    });
    afterEach(async () => {
      for (const owner of owners.splice(0)) await owner.stop();
      await bus.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    function owner(group = groupId, metrics = new Metrics('test')): PartitionOwner {
      const log = createLogger({ name: 'test', level: 'silent', format: 'json' });
      const onStop = (error: unknown) => stops.push(error);
      const supervisor = createSupervisor({ log, metrics, onStop });
      const made = new PartitionOwner({
        bus,
        host: { metrics, supervisor },
        groupId: group,
        topic,
      });
      owners.push(made);
      return made;
    }

    /** How many of them answer for each key. */
    function answers(among: readonly PartitionOwner[]): Set<number> {
      return new Set(KEYS.map((key) => among.filter((each) => each.owns(key)).length));
    }

    async function settled(among: readonly PartitionOwner[]): Promise<void> {
      await eventually('every partition has one owner', () => {
        const held = among.flatMap(({ partitions }) => partitions).sort((a, b) => a - b);
        const sizes = among.map(({ partitions }) => partitions.length);
        return (
          held.join() === '0,1,2,3,4,5' &&
          Math.max(...sizes) - Math.min(...sizes) <= 1 &&
          among.every((each) => each.ready().ready)
        );
      });
      expect(answers(among)).toEqual(new Set([1]));
    }

    test('one owns all, by the partition that the bus itself would choose', async () => {
      const only = owner();
      expect(only.ready().ready).toBe(false);
      expect(only.owns('anything')).toBe(false);
      await only.start();
      await settled([only]);
      for (const key of KEYS) {
        expect(only.partitionOf(key)).toBe(partitionOf(key, PARTITIONS));
        expect(only.holds(partitionOf(key, PARTITIONS))).toBe(true);
      }
    });

    test('two and three share them, and what one leaves the others take', async () => {
      const [a, b, c] = [owner(), owner(), owner()];
      await a.start();
      await settled([a]);
      await b.start();
      await settled([a, b]);
      await c.start();
      await settled([a, b, c]);
      const lost: number[] = [];
      b.onChange((change) => lost.push(...change.lost));
      const held = b.partitions;
      await b.stop();
      expect(b.partitions).toEqual([]);
      expect(b.ready().ready).toBe(false);
      expect(lost.sort()).toEqual([...held]);
      await settled([a, c]);
      await c.stop();
      await settled([a]);
    });

    test('changes are told when the new answer already holds', async () => {
      const [a, b] = [owner(), owner()];
      const known = new Set<number>();
      a.onChange(({ gained, lost }) => {
        for (const partition of gained) known.add(partition);
        for (const partition of lost) known.delete(partition);
        expect([...known].sort()).toEqual(a.partitions);
      });
      await a.start();
      await settled([a]);
      await b.start();
      await settled([a, b]);
      await b.stop();
      await settled([a]);
      expect(known.size).toBe(PARTITIONS);
      expect(stops).toEqual([]);
    });

    test('groups on one topic do not see each other, and none leaves offsets behind', async () => {
      const [a, other] = [owner(), owner(`${groupId}-other`)];
      await a.start();
      await other.start();
      await settled([a]);
      await settled([other]);
      const producer = await bus.openTransactional(`${groupId}-writer`);
      const records = KEYS.map((key) => ({ topic, key, value: Buffer.from(key) }));
      const read: string[] = [];
      const reader = await bus.subscribeGroup({
        ...{ groupId: `${groupId}-reader`, topics: [topic], commit: 'manual' },
        ...{ onAssigned: () => undefined, onRevoked: () => undefined },
        eachBatch: (batch) => {
          read.push(...batch.records.map(({ key }) => key));
          return Promise.resolve();
        },
      });
      await producer.commit({ records });
      await eventually('the reader has them all', () => new Set(read).size === KEYS.length);
      await settled([a]);
      await settled([other]);
      expect(await bus.committedOffsets(groupId, [topic])).toEqual([]);
      await reader.stop();
      await producer.close();
    });

    test('more instances than partitions: some own nothing and are ready', async () => {
      const many = Array.from({ length: PARTITIONS + 1 }, () => owner());
      for (const each of many) await each.start();
      await settled(many);
      expect(many.some(({ partitions }) => partitions.length === 0)).toBe(true);
    });

    test('a listener that throws stops the process, as no record is to blame', async () => {
      const metrics = new Metrics('test');
      const only = owner(groupId, metrics);
      only.onChange(() => {
        throw new Error('listener');
      });
      await only.start();
      await eventually('the supervisor', () => stops.length > 0);
      await settled([only]);
      expect(await metrics.render()).toMatch(/bus_partitions_owned\{[^}]*\} 6/);
    });
  });
}

suite('embedded', embedded);
if (BROKER === undefined) {
  describe('owners of partitions: Kafka', () => {
    test.skip('needs a broker: CERBERUS_TEST_KAFKA=host:port', () => undefined);
  });
} else suite('Kafka', kafka);
