import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { EmbeddedBus, type EmbeddedBusOptions, type TopicSpec } from '@cerberus/bus';
import { SystemClock } from '@cerberus/runtime';
import { VirtualClock } from '@cerberus/testkit';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

const LEDGER: TopicSpec = {
  name: 'ledger',
  class: 'ledger',
  partitions: 2,
  cleanup: 'delete',
  retentionHours: 24,
  conflate: false,
};
const TABLE: TopicSpec = { ...LEDGER, name: 'table', cleanup: 'compact', partitions: 1 };
const STREAM: TopicSpec = { ...LEDGER, name: 'stream', class: 'stream', partitions: 1 };

let folder: string;
let file: string;
let open: EmbeddedBus[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cerberus-log-'));
  file = join(folder, 'log.sqlite');
  open = [];
});

afterEach(async () => {
  for (const bus of open) await bus.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: Partial<EmbeddedBusOptions> = {}): Promise<EmbeddedBus> {
  const topics = [LEDGER, TABLE, STREAM];
  const bus = new EmbeddedBus({ file, topics, clock: new SystemClock(), ...options });
  await bus.start();
  open.push(bus);
  return bus;
}

async function append(bus: EmbeddedBus, topic: string, values: readonly [string, string | null][]) {
  const producer = await bus.openTransactional('writer');
  const records = values.map(([key, value]) => ({
    topic,
    key,
    value: value === null ? null : Buffer.from(value),
    partition: 0,
  }));
  await producer.commit({ records });
}

async function read(bus: EmbeddedBus, topic: string): Promise<[string, string | undefined][]> {
  const records: [string, string | undefined][] = [];
  const follower = await bus.follow({
    topics: [topic],
    from: 'beginning',
    onRecord: ({ key, value }) => records.push([key, value?.toString()]),
  });
  await follower.caughtUp;
  await follower.stop();
  return records;
}

describe('log file', () => {
  test('is created with its folders', async () => {
    file = join(folder, 'deep', 'er', 'log.sqlite');
    const bus = await start();
    expect(bus.ready()).toEqual({ ready: true });
  });

  test('is refused when another bus has it open', async () => {
    await start();
    await expect(start()).rejects.toMatchObject({ code: 'CRB_BUS_FILE_LOCKED' });
  });

  test('is refused when it is no database', async () => {
    writeFileSync(file, 'this is not a database, but longer than a header of one. '.repeat(20));
    await expect(start()).rejects.toMatchObject({ code: 'CRB_BUS_FILE_CORRUPT' });
  });

  test('is refused when it is a database of something else', async () => {
    const other = new DatabaseSync(file);
    other.exec('CREATE TABLE something (x)');
    other.close();
    await expect(start()).rejects.toThrow(/not a Cerberus log/);
  });

  test('is refused when it is of a newer format', async () => {
    await (await start()).stop();
    const raw = new DatabaseSync(file);
    raw.exec('PRAGMA user_version = 99');
    raw.close();
    await expect(start()).rejects.toMatchObject({
      code: 'CRB_BUS_FILE_NEWER',
      message: expect.stringMatching(/log\.sqlite.*format 99/),
    });
  });

  test('is refused when its pages are damaged', async () => {
    const bus = await start();
    await append(
      bus,
      'ledger',
      Array.from({ length: 500 }, (_, n) => [`k${n}`, 'v'.repeat(100)]),
    );
    await bus.stop();
    const bytes = readFileSync(file);
    bytes.fill(0x5a, 4096 * 3, 4096 * 9);
    writeFileSync(file, bytes);
    await expect(start()).rejects.toMatchObject({ code: 'CRB_BUS_FILE_CORRUPT' });
  });

  test('shows a record whose bytes have changed rather than hand it over', async () => {
    const bus = await start();
    await append(bus, 'ledger', [['k', 'quantity 1.00']]);
    await bus.stop();
    const bytes = readFileSync(file);
    const at = bytes.indexOf('quantity 1.00');
    bytes.write('quantity 9.00', at);
    writeFileSync(file, bytes);
    const failures: unknown[] = [];
    const again = await start({ onFailure: (error) => failures.push(error) });
    await expect(read(again, 'ledger')).rejects.toThrow();
    expect(failures[0]).toMatchObject({
      code: 'CRB_BUS_FILE_CORRUPT',
      message: expect.stringMatching(/ledger\/0 at offset 0/),
    });
    expect(again.ready().ready).toBe(false);
  });

  test('is refused when a topic with records is declared with other partitions', async () => {
    const bus = await start();
    await append(bus, 'ledger', [['k', 'v']]);
    await bus.stop();
    const topics = [{ ...LEDGER, partitions: 3 }, TABLE, STREAM];
    await expect(start({ topics })).rejects.toThrow(/ledger was written with 2 partitions/);
    const unused = await start({ topics: [LEDGER, { ...TABLE, partitions: 5 }, STREAM] });
    expect(unused.partitions('table')).toBe(5);
  });

  test('names a folder that cannot be written', async () => {
    writeFileSync(join(folder, 'blocked'), '');
    file = join(folder, 'blocked', 'log.sqlite');
    await expect(start()).rejects.toMatchObject({
      code: 'CRB_BUS_FILE_UNUSABLE',
      message: expect.stringMatching(/blocked/),
    });
  });
});

describe('durability', () => {
  test('an acknowledged commit is in the files of that moment', async () => {
    const bus = await start();
    const copy = join(folder, 'copy.sqlite');
    for (let round = 1; round <= 5; round += 1) {
      await append(bus, 'ledger', [['k', `${round}`]]);
      copyFileSync(file, copy);
      copyFileSync(`${file}-wal`, `${copy}-wal`);
      const other = new EmbeddedBus({
        file: copy,
        topics: [LEDGER, TABLE, STREAM],
        clock: new SystemClock(),
      });
      await other.start();
      expect((await read(other, 'ledger')).map(([, value]) => value)).toHaveLength(round);
      await other.stop();
    }
  });

  test('a sync that fails ends the log: nothing is acknowledged, shown or taken any more', async () => {
    const failures: unknown[] = [];
    const bus = await start({ onFailure: (error) => failures.push(error) });
    rmSync(`${file}-wal`);
    const failed = { code: 'CRB_BUS_COMMIT_FAILED' };
    await expect(append(bus, 'ledger', [['k', 'v']])).rejects.toMatchObject(failed);
    expect(failures).toEqual([expect.objectContaining(failed)]);
    expect(bus.ready().ready).toBe(false);
    expect(await read(bus, 'ledger')).toEqual([]);
    await expect(bus.openTransactional('later')).rejects.toMatchObject({ code: 'CRB_BUS_STOPPED' });
  });
});

describe('upkeep', () => {
  const HOUR_MS = 3_600_000;

  test('compaction keeps the newest value of every key and forgets old deletions', async () => {
    const clock = new VirtualClock();
    const bus = await start({ clock });
    for (let version = 0; version < 50; version += 1) {
      await append(
        bus,
        'table',
        Array.from({ length: 100 }, (_, n) => [`k${n}`, n === 7 ? null : `${version}`]),
      );
    }
    clock.advance(25 * HOUR_MS);
    await append(
      bus,
      'table',
      Array.from({ length: 1000 }, (_, n) => [`new${n}`, 'x']),
    );
    for (let period = 0; period < 20; period += 1) bus.maintain();
    await bus.stop();
    const again = await start({ clock });
    const records = await read(again, 'table');
    expect(records.length).toBeLessThan(1000 + 100 + 500);
    const table = new Map(records);
    expect(table.get('k7')).toBeUndefined();
    for (let n = 0; n < 100; n += 1) if (n !== 7) expect(table.get(`k${n}`)).toBe('49');
    expect(table.size).toBeGreaterThanOrEqual(1099);
  });

  test('retention drops what is older than the hours of the topic, not more', async () => {
    const clock = new VirtualClock();
    const bus = await start({ clock });
    await append(
      bus,
      'ledger',
      Array.from({ length: 1200 }, (_, n) => [`old${n}`, 'x']),
    );
    clock.advance(20 * HOUR_MS);
    await append(bus, 'ledger', [['young', 'x']]);
    for (let period = 0; period < 5; period += 1) bus.maintain();
    clock.advance(5 * HOUR_MS);
    for (let period = 0; period < 5; period += 1) bus.maintain();
    const [end] = await bus.endOffsets(['ledger']);
    await bus.stop();
    const again = await start({ clock });
    expect(await read(again, 'ledger')).toEqual([['young', 'x']]);
    expect((await again.endOffsets(['ledger']))[0]).toEqual(end);
  });
});

describe('streams', () => {
  test('are forgotten at a restart, unless recorded; offsets never go back', async () => {
    const first = await start({ recorded: ['stream'] });
    const producer = first.streamProducer();
    for (let n = 0; n < 3000; n += 1) {
      await producer.send({ topic: 'stream', key: 'k', value: Buffer.from(`${n}`) });
    }
    const [before] = await first.endOffsets(['stream']);
    expect(await read(first, 'stream')).toHaveLength(3000);
    await first.stop();
    const second = await start({ recorded: ['stream'] });
    expect((await read(second, 'stream')).map(([, value]) => Number(value))).toEqual(
      Array.from({ length: 3000 }, (_, n) => n),
    );
    const [after] = await second.endOffsets(['stream']);
    expect(after!.nextOffset).toBeGreaterThan(before!.nextOffset);
    await second.stop();
    const third = await start();
    expect(await read(third, 'stream')).toEqual([]);
  });
});
