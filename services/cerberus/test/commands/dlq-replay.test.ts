import {
  deadLetter,
  deadLetterTopic,
  type IncomingRecord,
  outgoingRecord,
  readDeadLetter,
  replaysOf,
} from '@cerberus/bus';
import { decimal, epochUs } from '@cerberus/core';
import type { KillSwitch, TopicName } from '@cerberus/schema';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { summarise } from '../../src/commands/dlq-letters.ts';
import { type ReplayRequest, replay } from '../../src/commands/dlq-replay.ts';
import { LogFolder, type OpenFolder } from './log-folder.ts';

const TOPIC = 'position.adjustment';
const ALL: Omit<ReplayRequest, 'topic'> = {
  ...{ at: undefined, reason: undefined, limit: 1000 },
  ...{ dryRun: false, again: false, force: false },
};
let folder: LogFolder;
let open: OpenFolder;

beforeEach(async () => {
  folder = new LogFolder();
  open = await folder.open();
});
afterEach(async () => {
  await open.close();
  folder.remove();
});

const log = () => ({ ...open, clock: open.host.clock });

function adjustment(account: string, id: string): Buffer {
  return open.codecs.encode(TOPIC, {
    ...{ adjustment_id: id, account_id: account, instrument_id: 'BTCUSDT.BINANCE', note: '' },
    ...{ currency: 'USD', quantity: decimal('1'), price: decimal('2'), time: epochUs(1) },
    reason: 'OPENING',
  });
}

/** Puts letters of records that were at these offsets of the partition of the key. */
async function setAside(
  topic: TopicName,
  records: readonly { key: string; value: Buffer | null; offset: number; service?: string }[],
  reason = 'handler_error',
): Promise<void> {
  const letters = records.map(({ key, value, offset, service = 'portfolio' }) => {
    const record: IncomingRecord = {
      ...{ topic, partition: 2, offset: BigInt(offset), key, value },
      ...{ headers: { traceparent: 'given' }, timestampUs: epochUs(1) },
    };
    return deadLetter(record, service, { reason, detail: 'why' });
  });
  await open.writer.append(letters);
}

async function read(topic: string): Promise<IncomingRecord[]> {
  const records: IncomingRecord[] = [];
  const follower = await open.bus.follow({
    ...{ topics: [topic], from: 'beginning' },
    onRecord: (record) => {
      records.push(record);
    },
  });
  await follower.caughtUp;
  await follower.stop();
  return records;
}

describe('putting back', () => {
  test('gives each record back once, as it was, however many services set it aside', async () => {
    const value = adjustment('a', '1');
    await setAside(TOPIC, [
      { key: 'a', value, offset: 5 },
      { key: 'a', value, offset: 5, service: 'pre-trade' },
      { key: 'a', value: adjustment('a', '2'), offset: 6 },
    ]);
    expect(await replay(log(), { topic: TOPIC, ...ALL, dryRun: true })).toMatchObject({
      ...{ letters: 3, records: 2, selected: 2, alreadyReplayed: 0, replayed: 2, left: 0 },
    });
    expect(await read(TOPIC)).toEqual([]);
    expect(await replay(log(), { topic: TOPIC, ...ALL })).toMatchObject({ replayed: 2 });
    const back = await read(TOPIC);
    expect(back.map(({ partition, key }) => [partition, key])).toEqual([
      [2, 'a'],
      [2, 'a'],
    ]);
    expect(back[0]).toMatchObject({
      value,
      headers: { traceparent: 'given', replay: '1', replay_of: `${TOPIC}.dlq/2@0` },
    });
    expect(await replay(log(), { topic: TOPIC, ...ALL })).toMatchObject({
      ...{ selected: 2, alreadyReplayed: 2, replayed: 0 },
    });
    expect(await summarise(log(), [TOPIC])).toMatchObject([{ letters: 3, replayed: 3 }]);
  });

  test('--again repeats it and counts', async () => {
    await setAside(TOPIC, [{ key: 'a', value: adjustment('a', '1'), offset: 5 }]);
    await replay(log(), { topic: TOPIC, ...ALL });
    await replay(log(), { topic: TOPIC, ...ALL, again: true });
    expect((await read(TOPIC)).map(replaysOf)).toEqual([1, 2]);
  });

  test('one letter, one reason, or so many', async () => {
    const at = (offset: number) => ({ key: 'a', value: adjustment('a', `${offset}`), offset });
    await setAside(TOPIC, [at(1), at(2), at(3)]);
    await setAside(TOPIC, [at(4)], 'buffer_full');
    const one = { partition: 2, offset: 1n };
    expect(await replay(log(), { topic: TOPIC, ...ALL, at: one })).toMatchObject({ replayed: 1 });
    const reason = 'buffer_full';
    expect(await replay(log(), { topic: TOPIC, ...ALL, reason })).toMatchObject({ replayed: 1 });
    expect(await replay(log(), { topic: TOPIC, ...ALL, limit: 1 })).toMatchObject({
      ...{ selected: 4, alreadyReplayed: 2, replayed: 1, left: 1 },
    });
    const offsets = (await read(deadLetterTopic(TOPIC)))
      .map(readDeadLetter)
      .flatMap((entry) => (entry?.kind === 'replayed' ? [entry.source.offset] : []));
    expect(offsets).toEqual([2n, 4n, 1n]);
  });

  test('what does not decode is left out, unless forced', async () => {
    const bad = Buffer.from('not avro');
    await setAside(TOPIC, [
      { key: 'a', value: bad, offset: 1 },
      { key: 'a', value: adjustment('a', '2'), offset: 2 },
      { key: 'a', value: null, offset: 3 },
    ]);
    const report = await replay(log(), { topic: TOPIC, ...ALL });
    expect(report).toMatchObject({ replayed: 1 });
    expect(report.refused.map(({ place, code }) => [Number(place.offset), code])).toEqual([
      [1, 'CRB_SCHEMA_FRAME_INVALID'],
      [3, 'CRB_SCHEMA_VALUE_INVALID'],
    ]);
    expect(await replay(log(), { topic: TOPIC, ...ALL, force: true })).toMatchObject({
      ...{ alreadyReplayed: 1, replayed: 2, refused: [] },
    });
    expect((await read(TOPIC))[1]).toMatchObject({ value: bad });
  });

  test('an older record of a table does not come back over a newer one', async () => {
    const kill = (scope_id: string, revision: number): KillSwitch => ({
      ...{ scope: 'ACCOUNT', scope_id, engaged: true, cancel_open: false, reason: 'drill' },
      ...{ set_by: 'risk', set_at: epochUs(1), revision },
    });
    const record = (scope: string, revision: number) =>
      outgoingRecord(open.codecs, { topic: 'control.kill', value: kill(scope, revision) });
    await open.writer.append([record('other', 1), record('a', 2)]);
    const [older, only] = [record('a', 1), record('b', 1)];
    const letters = [older, only].map(({ key, value }, offset) => {
      const was = { topic: 'control.kill', partition: 0, offset: BigInt(offset), key, value };
      const source = { ...was, headers: {}, timestampUs: epochUs(1) };
      return deadLetter(source, 'gateway', { reason: 'handler_error', detail: '' });
    });
    await open.writer.append(letters);
    const report = await replay(log(), { topic: 'control.kill', ...ALL });
    expect(report).toMatchObject({ replayed: 1, refused: [{ code: 'superseded' }] });
    expect((await read('control.kill')).at(-1)?.key).toBe(only!.key);
  });

  test('a second replay at the same time shuts the first out', async () => {
    await setAside(TOPIC, [{ key: 'a', value: adjustment('a', '1'), offset: 1 }]);
    const both = await Promise.allSettled([
      replay(log(), { topic: TOPIC, ...ALL }),
      replay(log(), { topic: TOPIC, ...ALL }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await read(TOPIC)).toHaveLength(1);
  });

  test('streams, unknown letters and topics without any are refused by code', async () => {
    const codeOf = (topic: TopicName, over: Partial<ReplayRequest> = {}) =>
      replay(log(), { topic, ...ALL, ...over }).catch((error) => error.code);
    expect(await codeOf('md.quote')).toBe('CRB_DLQ_STREAM_NOT_REPLAYABLE');
    expect(await codeOf(TOPIC)).toBe('CRB_DLQ_EMPTY');
    await setAside(TOPIC, [{ key: 'a', value: adjustment('a', '1'), offset: 1 }]);
    expect(await codeOf(TOPIC, { at: { partition: 2, offset: 9n } })).toBe(
      'CRB_DLQ_LETTER_UNKNOWN',
    );
  });
});
