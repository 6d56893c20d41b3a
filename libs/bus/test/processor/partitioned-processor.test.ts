import {
  type HandlerContext,
  type InputOf,
  isFenced,
  PartitionedProcessor,
  type ProcessorOptions,
  partitionOf,
} from '@cerberus/bus';
import { InvariantViolation } from '@cerberus/core';
import { SCHEMAS, TOPICS } from '@cerberus/schema';
import { eventually } from '@cerberus/testkit';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import avro from 'avsc';
import { adjustment, COUNTER, ProcessorFixture, readTopic, trade } from './processor-fixture.ts';

type Input = InputOf<'position.adjustment'>;
type Context = HandlerContext<number>;
type Processor = PartitionedProcessor<'position.adjustment', number>;

let fixture: ProcessorFixture;
let running: Processor[];

beforeEach(async () => {
  fixture = await new ProcessorFixture().open();
  running = [];
});

afterEach(async () => {
  for (const processor of running) await processor.stop();
  await fixture.close();
});

/** Counts adjustments by account and writes an audit entry for each. */
function count({ message }: Input, context: Context): void {
  const { account_id, adjustment_id } = message;
  const next = (context.state.get(account_id) ?? 0) + 1;
  context.state.put(account_id, next);
  context.emit('audit', {
    audit_id: adjustment_id,
    time: context.nowUs,
    actor: account_id,
    action: 'count',
    subject: adjustment_id,
    outcome: String(next),
    detail: {},
    previous_hash: '',
    hash: '',
  });
}

async function start(
  options: Partial<ProcessorOptions<'position.adjustment', number>> = {},
): Promise<Processor> {
  const processor: Processor = new PartitionedProcessor<'position.adjustment', number>({
    service: 'counter',
    bus: fixture.bus,
    codecs: fixture.codecs,
    host: fixture.host,
    inputs: ['position.adjustment'],
    state: { topic: 'tca.state', serializer: COUNTER },
    handle: count,
    ...options,
  });
  running.push(processor);
  await processor.start();
  return processor;
}

async function outcomes(): Promise<string[]> {
  const records = await readTopic(fixture.bus, 'audit');
  return records.map(({ value }) => {
    const decoded = fixture.codecs.decode('audit', value!);
    return decoded.ok ? `${decoded.value.audit_id}=${decoded.value.outcome}` : 'undecodable';
  });
}

const produced = (n: number) =>
  eventually(`${n} outputs`, async () => (await outcomes()).length >= n);
const letters = () => readTopic(fixture.bus, 'position.adjustment.dlq');

describe('effects', () => {
  test('outputs, state and offsets commit together, with the trace of their cause', async () => {
    const processor = await start();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await fixture.append([adjustment('1', 'a'), adjustment('2', 'a')], { traceparent });
    await produced(2);
    expect(await outcomes()).toEqual(['1=1', '2=2']);
    expect(processor.ready()).toEqual({ ready: true });
    for (const { headers } of await readTopic(fixture.bus, 'audit')) {
      expect(headers['traceparent']).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-/);
      expect(headers['traceparent']).not.toBe(traceparent);
    }
    const partition = partitionOf('a', TOPICS['position.adjustment'].partitions);
    const changelog = await readTopic(fixture.bus, 'tca.state');
    expect(changelog.map((record) => [record.key, record.partition])).toContainEqual([
      'a',
      partition,
    ]);
    expect(await fixture.bus.committedOffsets('counter', ['position.adjustment'])).toEqual([
      { topic: 'position.adjustment', partition, nextOffset: 2n },
    ]);
  });

  test('state comes back from the changelog after a restart', async () => {
    const first = await start();
    await fixture.append([adjustment('1', 'a'), adjustment('2', 'b'), adjustment('3', 'a')]);
    await produced(3);
    await first.stop();
    await fixture.reopen();
    await start();
    await fixture.append([adjustment('4', 'a'), adjustment('5', 'b')]);
    await produced(5);
    expect((await outcomes()).slice(3).sort()).toEqual(['4=3', '5=2']);
  });

  test('a deleted state entry stays deleted', async () => {
    const options = {
      handle: (input: Input, context: Context) => {
        count(input, context);
        if (input.message.note === 'forget') context.state.delete(input.message.account_id);
      },
    };
    const first = await start(options);
    await fixture.append([adjustment('1', 'a'), { ...adjustment('2', 'a'), note: 'forget' }]);
    await produced(2);
    await first.stop();
    await start(options);
    await fixture.append([adjustment('3', 'a')]);
    await produced(3);
    expect(await outcomes()).toEqual(['1=1', '2=2', '3=1']);
  });

  test('records that may wait share commits; those that wait at a stop are left to the next start', async () => {
    const patient = { ms: 400, topics: ['position.adjustment'] as const };
    await start({ patience: patient });
    for (let n = 1; n <= 6; n += 1) {
      await fixture.append([adjustment(`a${n}`, 'demo')]);
    }
    const six = ['a1=1', 'a2=2', 'a3=3', 'a4=4', 'a5=5', 'a6=6'];
    await produced(6);
    expect(await outcomes()).toEqual(six);
    const text = await fixture.host.metrics.render();
    const commits = Number(/bus_commit_seconds_count[^ ]* (\d+)/.exec(text)?.[1]);
    expect(commits).toBeLessThanOrEqual(3);
    await fixture.append([adjustment('late', 'demo')]);
    await running.pop()!.stop();
    await start();
    await produced(7);
    expect(await outcomes()).toEqual([...six, 'late=7']);
  });

  test('a fenced task takes its place again without doubling or losing anything', async () => {
    await start();
    const ids = Array.from({ length: 30 }, (_, n) => `${n}`);
    const partition = partitionOf('a', TOPICS['position.adjustment'].partitions);
    for (const [index, id] of ids.entries()) {
      await fixture.append([adjustment(id, 'a')]);
      // The task may take its place back so soon that the intruder is the one that is told.
      if (index % 10 === 5)
        await fixture.bus.openTransactional(`counter-${partition}`).catch(isFenced);
    }
    await produced(ids.length);
    expect(await outcomes()).toEqual(ids.map((id, index) => `${id}=${index + 1}`));
  });

  test('outputs of stream topics follow the commit', async () => {
    const seen: string[] = [];
    await fixture.bus.follow({
      topics: ['md.trade'],
      from: 'end',
      onRecord: ({ key }) => seen.push(key),
    });
    await start({
      handle: (input, context) => {
        count(input, context);
        context.emit('md.trade', trade(input.message.account_id));
      },
    });
    await fixture.append([adjustment('1', 'a')]);
    await produced(1);
    await eventually('the stream output', () => seen.length === 1);
    expect(seen).toEqual(['a']);
  });

  test('ticks run per partition held and commit what they emit', async () => {
    let ticks = 0;
    await start({
      tick: {
        everyMs: 5,
        run: (context) => {
          if (context.state.get('a') === 1) context.state.put('a', 100);
          ticks += 1;
        },
      },
    });
    await fixture.append([adjustment('1', 'a')]);
    await produced(1);
    const before = ticks;
    await eventually('a tick', () => ticks > before + TOPICS['position.adjustment'].partitions * 2);
    await fixture.append([adjustment('2', 'a')]);
    await produced(2);
    expect(await outcomes()).toEqual(['1=1', '2=101']);
  });
});

describe('bad input', () => {
  test('malformed Avro becomes a dead letter and the partition goes on', async () => {
    await start();
    await fixture.append([adjustment('1', 'a')]);
    await fixture.appendBytes('position.adjustment', 'a', Buffer.from('not avro'));
    const cut = fixture.codecs
      .encode('position.adjustment', adjustment('cut', 'a'))
      .subarray(0, 20);
    await fixture.appendBytes('position.adjustment', 'a', Buffer.from(cut));
    await fixture.append([adjustment('2', 'a')]);
    await produced(2);
    expect(await outcomes()).toEqual(['1=1', '2=2']);
    const partition = partitionOf('a', TOPICS['position.adjustment'].partitions);
    const [first, second, ...rest] = await letters();
    expect(rest).toEqual([]);
    expect(first!.value!.toString()).toBe('not avro');
    expect(first).toMatchObject({ key: 'a', partition });
    expect(first!.headers).toMatchObject({
      topic: 'position.adjustment',
      partition: String(partition),
      offset: '1',
      reason: 'CRB_SCHEMA_FRAME_INVALID',
      service: 'counter',
    });
    expect(second!.headers).toMatchObject({ offset: '2', reason: 'CRB_SCHEMA_PAYLOAD_INVALID' });
  });

  test('a throwing handler costs its record alone: outputs and state are taken back', async () => {
    const remembered: number[] = [];
    await start({
      handle: (input, context) => {
        const memory = context.memory((state) => ({ count: state.get('a') ?? 0 }));
        memory.count += 1;
        count(input, context);
        if (input.message.note === 'bad') throw new Error('cannot handle this');
        remembered.push(memory.count);
      },
    });
    await fixture.append([
      adjustment('1', 'a'),
      { ...adjustment('2', 'a'), note: 'bad' },
      adjustment('3', 'a'),
    ]);
    await produced(2);
    expect(await outcomes()).toEqual(['1=1', '3=2']);
    expect(remembered).toEqual([1, 2]);
    const [letter] = await letters();
    expect(letter!.headers).toMatchObject({
      offset: '1',
      reason: 'handler_error',
      detail: 'cannot handle this',
    });
    expect(fixture.stops).toEqual([]);
  });

  test('a broken invariant stops the process; nothing of its batch is committed', async () => {
    const processor = await start({
      handle: (input, context) => {
        count(input, context);
        if (input.message.note === 'broken') throw new InvariantViolation('never');
      },
    });
    await fixture.append([adjustment('1', 'a'), { ...adjustment('2', 'a'), note: 'broken' }]);
    await eventually('the stop', () => fixture.stops.length > 0);
    expect(fixture.stops[0]).toBeInstanceOf(InvariantViolation);
    expect(processor.ready().ready).toBe(false);
    expect(await outcomes()).toEqual([]);
    expect(await letters()).toEqual([]);
    expect(await fixture.bus.committedOffsets('counter', ['position.adjustment'])).toEqual([]);
  });

  test('an output that is too large costs its input alone', async () => {
    await start({
      handle: (input, context) => {
        count(input, context);
        if (input.message.note !== 'large') return;
        const subject = 'x'.repeat(1_100_000);
        const fixed = { action: '', outcome: '', detail: {}, previous_hash: '', hash: '' };
        context.emit('audit', {
          ...fixed,
          audit_id: 'x',
          time: context.nowUs,
          actor: 'x',
          subject,
        });
      },
    });
    await fixture.append([{ ...adjustment('1', 'a'), note: 'large' }, adjustment('2', 'a')]);
    await produced(1);
    expect(await outcomes()).toEqual(['2=1']);
    expect((await letters()).map(({ headers }) => headers['reason'])).toEqual(['handler_error']);
  });

  test('a commit that can never pass stops the process instead of trying for ever', async () => {
    await start({
      state: {
        topic: 'tca.state',
        serializer: {
          ...COUNTER,
          encode: () => ({ kind: 'large', version: 1, payload: Buffer.alloc(1_100_000) }),
        },
      },
    });
    await fixture.append([adjustment('1', 'a')]);
    await eventually('the stop', () => fixture.stops.length > 0);
    expect(fixture.stops[0]).toMatchObject({ code: 'CRB_BUS_RECORD_TOO_LARGE' });
    expect(await outcomes()).toEqual([]);
  });

  test('state that cannot be read stops the process, with the key', async () => {
    const first = await start();
    await fixture.append([adjustment('1', 'a')]);
    await produced(1);
    await first.stop();
    const serializer = {
      ...COUNTER,
      decode: () => {
        throw new Error('written by another program');
      },
    };
    const processor = await start({ state: { topic: 'tca.state', serializer } });
    await eventually('the stop', () => fixture.stops.length > 0);
    expect(fixture.stops[0]).toMatchObject({
      code: 'CRB_BUS_STATE_UNREADABLE',
      message: expect.stringMatching(/tca\.state: a.*written by another program/),
    });
    expect(processor.ready().ready).toBe(false);
  });

  test('deletions are passed over', async () => {
    await start();
    await fixture.appendBytes('position.adjustment', 'a', null);
    await fixture.append([adjustment('1', 'a')]);
    await produced(1);
    expect(await outcomes()).toEqual(['1=1']);
    expect(await letters()).toEqual([]);
  });

  test('a schema not seen before is fetched; one that nobody knows is a dead letter', async () => {
    await start();
    const evolved = JSON.parse(SCHEMAS[TOPICS['position.adjustment'].schema]!);
    evolved.fields.push({ name: 'desk', type: 'string', default: '' });
    const text = JSON.stringify(evolved);
    const registered = fixture.registry.register('position.adjustment-value', text);
    expect(registered.ok).toBe(true);
    const old = fixture.codecs.encode('position.adjustment', adjustment('1', 'a'));
    const desk = avro.Type.forSchema('string').toBuffer('rates');
    const framed = Buffer.concat([old, desk]);
    framed.writeInt32BE(registered.ok ? registered.value.id : 0, 1);
    await fixture.appendBytes('position.adjustment', 'a', framed);
    const unknown = Buffer.from(old);
    unknown.writeInt32BE(987_654, 1);
    await fixture.appendBytes('position.adjustment', 'a', unknown);
    await fixture.append([adjustment('2', 'a')]);
    await produced(2);
    expect(await outcomes()).toEqual(['1=1', '2=2']);
    const found = await letters();
    expect(found.map(({ headers }) => headers['reason'])).toEqual(['CRB_SCHEMA_ID_UNKNOWN']);
  });
});

describe('several instances', () => {
  test('share the partitions, and hand them over with their state', async () => {
    const first = await start();
    await fixture.append([adjustment('0', 'a'), adjustment('1', 'b'), adjustment('2', 'c')]);
    await produced(3);
    await start();
    const accounts = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    for (let n = 3; n < 40; n += 1) {
      await fixture.append([adjustment(`${n}`, accounts[n % accounts.length]!)]);
      if (n === 20) await first.stop();
    }
    await produced(40);
    const results = await outcomes();
    expect(results).toHaveLength(40);
    const ids = results.map((text) => text.split('=')[0]);
    expect(new Set(ids).size).toBe(40);
    const counts = results.map((text) => Number(text.split('=')[1]));
    const expected = new Map<string, number>();
    for (let n = 0; n < 40; n += 1) {
      const account = n < 3 ? accounts[n]! : accounts[n % accounts.length]!;
      expected.set(account, (expected.get(account) ?? 0) + 1);
    }
    const total = (n: number) => (n * (n + 1)) / 2;
    expect(counts.reduce((a, b) => a + b)).toBe(
      [...expected.values()].map(total).reduce((a, b) => a + b),
    );
  });
});
