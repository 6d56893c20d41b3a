import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type Bus,
  DeadLetterWriter,
  type Follower,
  type FollowOptions,
  type InputOf,
  LedgerWriter,
  outgoingRecord,
  StreamReader,
  TableView,
} from '@cerberus/bus';
import { InvariantViolation } from '@cerberus/core';
import type { KillSwitch } from '@cerberus/schema';
import { eventually } from '@cerberus/testkit';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { adjustment, ProcessorFixture, readTopic, trade } from './processor-fixture.ts';

let fixture: ProcessorFixture;
const closing: (() => Promise<void>)[] = [];

beforeEach(async () => {
  fixture = await new ProcessorFixture().open();
});

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await fixture.close();
});

function kill(scopeId: string, engaged: boolean): KillSwitch {
  return {
    scope: 'ACCOUNT',
    scope_id: scopeId,
    engaged,
    cancel_open: true,
    reason: 'test',
    set_by: 'test',
    set_at: 1 as KillSwitch['set_at'],
    revision: 1,
  };
}

async function appendKill(...messages: KillSwitch[]): Promise<void> {
  const producer = await fixture.bus.openTransactional('kill-writer');
  const records = messages.map((value) =>
    outgoingRecord(fixture.codecs, { topic: 'control.kill', value }),
  );
  await producer.commit({ records });
}

function deadLetters(): DeadLetterWriter {
  const { bus, host } = fixture;
  const writer = new DeadLetterWriter({ bus, host, service: 'reader' });
  closing.push(() => writer.close());
  return writer;
}

async function table(conflate = false) {
  const { bus, codecs, host } = fixture;
  const topic = 'control.kill' as const;
  const view = new TableView({ bus, codecs, host, topic, conflate, deadLetters: deadLetters() });
  closing.push(() => view.stop());
  expect(view.ready().ready).toBe(false);
  await view.start();
  return view;
}

describe('table view', () => {
  test('that conflates passes over what a newer record replaces, and misses nothing else', async () => {
    await appendKill(kill('b', true));
    const view = await table(true);
    await view.caughtUp;
    expect(view.get('ACCOUNT|b')?.engaged).toBe(true);
    const revisions: (number | undefined)[] = [];
    view.onChange((_key, message) => revisions.push(message?.revision));
    const changes = Array.from({ length: 20 }, (_, n) => ({ ...kill('a', true), revision: n + 1 }));
    await appendKill(...changes);
    await eventually('the newest', () => view.get('ACCOUNT|a')?.revision === 20);
    expect(revisions.at(-1)).toBe(20);
    expect(revisions.length).toBeLessThan(20);
  });

  test('holds the newest of each key, follows changes and deletions', async () => {
    await appendKill(kill('a', true));
    await appendKill(kill('a', false));
    await appendKill(kill('b', true));
    const view = await table();
    await view.caughtUp;
    expect(view.ready().ready).toBe(true);
    expect(view.size).toBe(2);
    expect(view.get('ACCOUNT|a')?.engaged).toBe(false);
    expect(view.get('ACCOUNT|none')).toBeUndefined();
    expect(view.ageMs('ACCOUNT|a')).toBeGreaterThanOrEqual(0);
    const changes: string[] = [];
    const stop = view.onChange((key, message) => changes.push(`${key} ${message?.engaged}`));
    await appendKill(kill('a', true));
    const producer = await fixture.bus.openTransactional('kill-writer');
    const gone = { topic: 'control.kill', key: 'ACCOUNT|b', partitionKey: 'ACCOUNT', value: null };
    await producer.commit({ records: [gone, gone] });
    await eventually('both changes', () => changes.length === 2);
    expect(changes).toEqual(['ACCOUNT|a true', 'ACCOUNT|b undefined']);
    expect([...view.entries()].map(([key]) => key)).toEqual(['ACCOUNT|a']);
    stop();
    await appendKill(kill('a', false));
    await eventually('the last change', () => view.get('ACCOUNT|a')?.engaged === false);
    expect(changes).toHaveLength(2);
  });

  test('is ready with all that can be read, though a transaction that is open hides more', async () => {
    await appendKill(kill('a', true));
    const { bus, codecs, host } = fixture;
    const hiding = {
      follow: async (options: FollowOptions): Promise<Follower> => {
        const follower = await bus.follow(options);
        const { drained } = follower;
        const caughtUp = new Promise<never>(() => undefined);
        return { drained, caughtUp, reach: () => caughtUp, stop: () => follower.stop() };
      },
    } as unknown as Bus;
    const topic = 'control.kill' as const;
    const view = new TableView({ bus: hiding, codecs, host, topic, deadLetters: deadLetters() });
    closing.push(() => view.stop());
    let isCaughtUp = false;
    void view.caughtUp.then(() => {
      isCaughtUp = true;
    });
    await view.start();
    await view.drained;
    await nextTurn();
    expect(view.ready().ready).toBe(true);
    expect({ size: view.size, isCaughtUp }).toEqual({ size: 1, isCaughtUp: false });
  });

  test('sets aside what it cannot decode and keeps the value before', async () => {
    await appendKill(kill('a', true));
    await fixture.appendBytes('control.kill', 'ACCOUNT|a', Buffer.from('rubbish'));
    const view = await table();
    await view.caughtUp;
    expect(view.get('ACCOUNT|a')?.engaged).toBe(true);
    await eventually('a dead letter', async () => {
      return (await readTopic(fixture.bus, 'control.kill.dlq')).length === 1;
    });
    const [letter] = await readTopic(fixture.bus, 'control.kill.dlq');
    expect(letter!.headers).toMatchObject({
      topic: 'control.kill',
      partition: '0',
      offset: '1',
      reason: 'CRB_SCHEMA_FRAME_INVALID',
    });
  });

  test('waits for a schema it does not know, in order', async () => {
    const old = fixture.codecs.encode('control.kill', kill('a', true));
    const unknown = Buffer.from(old);
    unknown.writeInt32BE(7777, 1);
    await fixture.appendBytes('control.kill', 'ACCOUNT|a', unknown);
    await appendKill(kill('a', false));
    const view = await table();
    await view.caughtUp;
    expect(view.get('ACCOUNT|a')?.engaged).toBe(false);
  });
});

describe('stream reader', () => {
  function reader(options: Partial<ConstructorParameters<typeof StreamReader<'md.trade'>>[0]>) {
    const { bus, codecs, host } = fixture;
    const made = new StreamReader<'md.trade'>({
      name: 'trades',
      bus,
      codecs,
      host,
      topics: ['md.trade'],
      deadLetters: deadLetters(),
      handle: () => undefined,
      ...options,
    });
    closing.push(() => made.stop());
    return made;
  }

  const send = (id: string, price: number) =>
    fixture.bus
      .streamProducer()
      .send(outgoingRecord(fixture.codecs, { topic: 'md.trade', value: trade('BTC', id, price) }));

  test('hands over every message in order', async () => {
    const prices: number[] = [];
    const handle = ({ message }: InputOf<'md.trade'>) => prices.push(message.price);
    await reader({ handle }).start();
    for (let n = 0; n < 10; n += 1) send(`${n}`, n);
    await eventually('all', () => prices.length === 10);
    expect(prices).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('conflating gives the newest of each key and counts the rest', async () => {
    const prices: number[] = [];
    const made = reader({
      conflate: true,
      handle: ({ message }) => prices.push(message.price),
    });
    await made.start();
    for (let n = 0; n < 100; n += 1) send(`${n}`, n);
    await eventually('the newest', () => prices.at(-1) === 99);
    expect(made.conflated).toBe(100 - prices.length);
    expect(prices).toEqual([99]);
  });

  test('sets aside what cannot be decoded or handled, and goes on', async () => {
    const prices: number[] = [];
    const handle = ({ message }: InputOf<'md.trade'>) => {
      if (message.price === 1) throw new Error('one is too few');
      prices.push(message.price);
    };
    await reader({ handle }).start();
    fixture.bus.streamProducer().send({ topic: 'md.trade', key: 'BTC', value: Buffer.from('x') });
    for (let n = 0; n < 3; n += 1) send(`${n}`, n);
    await eventually('the last', () => prices.at(-1) === 2);
    await eventually('two dead letters', async () => {
      return (await readTopic(fixture.bus, 'md.trade.dlq')).length === 2;
    });
    const reasons = (await readTopic(fixture.bus, 'md.trade.dlq')).map((r) => r.headers['reason']);
    expect(reasons).toEqual(['CRB_SCHEMA_FRAME_INVALID', 'handler_error']);
    expect(prices).toEqual([0, 2]);
    expect(fixture.stops).toEqual([]);
  });

  test('stops the process on a broken invariant', async () => {
    const handle = () => {
      throw new InvariantViolation('never');
    };
    await reader({ handle }).start();
    send('1', 1);
    await eventually('the stop', () => fixture.stops.length === 1);
  });
});

describe('ledger writer', () => {
  const record = (id: string) =>
    outgoingRecord(fixture.codecs, { topic: 'position.adjustment', value: adjustment(id, 'a') });

  function writer(id = 'gateway'): LedgerWriter {
    const { bus, host } = fixture;
    const made = new LedgerWriter({ bus, host, id });
    closing.push(() => made.close());
    return made;
  }

  const written = async () => (await readTopic(fixture.bus, 'position.adjustment')).length;

  test('writes what is asked for at once in order', async () => {
    const made = writer();
    await Promise.all(Array.from({ length: 50 }, (_, n) => made.append([record(`${n}`)])));
    const ids = (await readTopic(fixture.bus, 'position.adjustment')).map(({ value }) => {
      const decoded = fixture.codecs.decode('position.adjustment', value!);
      return decoded.ok ? decoded.value.adjustment_id : '';
    });
    expect(ids).toEqual(Array.from({ length: 50 }, (_, n) => `${n}`));
  });

  test('opens a new producer after an error', async () => {
    const { bus } = fixture;
    let failures = 2;
    const flaky = new Proxy(bus, {
      get(target, name) {
        const member = Reflect.get(target, name) as unknown;
        if (name !== 'openTransactional') {
          return typeof member === 'function' ? member.bind(target) : member;
        }
        return async (id: string) => {
          const producer = await target.openTransactional(id);
          if (failures === 0) return producer;
          failures -= 1;
          await producer.close();
          return producer;
        };
      },
    });
    const made = new LedgerWriter({ bus: flaky, host: fixture.host, id: 'flaky' });
    closing.push(() => made.close());
    await made.append([record('1')]);
    expect(failures).toBe(0);
    expect(await written()).toBe(1);
  });

  test('that is fenced fails for good', async () => {
    const old = writer();
    await old.append([record('1')]);
    const heir = writer();
    await heir.append([record('2')]);
    await expect(old.append([record('3')])).rejects.toMatchObject({ code: 'CRB_BUS_FENCED' });
    await expect(old.append([record('4')])).rejects.toMatchObject({ code: 'CRB_BUS_FENCED' });
    expect(await written()).toBe(2);
  });

  test('finishes what was asked before it closes, and takes nothing after', async () => {
    const made = writer();
    const asked = made.append([record('1')]);
    await made.close();
    await asked;
    expect(await written()).toBe(1);
    await expect(made.append([record('2')])).rejects.toMatchObject({
      code: 'CRB_BUS_PRODUCER_CLOSED',
    });
  });
});
