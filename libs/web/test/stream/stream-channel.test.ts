import { VirtualClock } from '@cerberus/testkit';
import { describe, expect, test } from '@jest/globals';
import { Type } from 'typebox';
import { SLOW_BYTES, type StreamReader, type StreamSource } from '../../src/index.ts';
import { streamHub } from '../web-server.ts';

type Message = { type: string; seq?: number; code?: string; conflated?: number; data: unknown };

class TestReader implements StreamReader {
  readonly messages: Message[] = [];
  buffered = 0;
  ended: string | undefined;

  bufferedBytes(): number {
    return this.buffered;
  }
  send(text: string): void {
    this.messages.push(JSON.parse(text));
  }
  close(end: string): void {
    this.ended = end;
  }
  seqs(): number[] {
    return this.messages.map((message) => message.seq!);
  }
}

/** Counters by name: `bump` changes one, the stream tells the newest. */
function counters(delivery: 'conflate' | 'every') {
  const values = new Map<string, number>();
  const listeners = new Set<(name: string) => void>();
  const source: StreamSource<{ name?: string }> = {
    name: 'counters',
    delivery,
    selection: Type.Object({ name: Type.Optional(Type.String()) }),
    channelKey: ({ name }) => name ?? '',
    open({ name: only }, publish) {
      const dirty = new Set<string>();
      const update = (name: string) => ({ type: 'count', data: { [name]: values.get(name) } });
      const listener = (name: string) => {
        if (only !== undefined && only !== name) return;
        if (delivery === 'every') publish(update(name));
        else dirty.add(name);
      };
      listeners.add(listener);
      return {
        snapshot: () => Object.fromEntries(values),
        drain: () => {
          const updates = [...dirty].map(update);
          dirty.clear();
          return updates;
        },
        close: () => listeners.delete(listener),
      };
    },
  };
  const bump = (name: string) => {
    values.set(name, (values.get(name) ?? 0) + 1);
    for (const listener of listeners) listener(name);
  };
  return { source: source as StreamSource<never>, bump, listeners };
}

describe('a conflated stream', () => {
  test('snapshot first, then the newest state at the asked pace under one gapless sequence', async () => {
    const clock = new VirtualClock();
    const { source, bump } = counters('conflate');
    const hub = streamHub(clock, source);
    const reader = new TestReader();
    bump('a');
    hub.subscribe('counters', reader, { throttle: 200 });
    expect(reader.messages[0]).toMatchObject({ type: 'snapshot', data: { a: 1 } });
    for (let count = 0; count < 50; count += 1) bump('a');
    await clock.advance(199);
    expect(reader.messages).toHaveLength(1);
    await clock.advance(1);
    bump('b');
    await clock.advance(200);
    expect(reader.messages.slice(1).map(({ data }) => data)).toEqual([{ a: 51 }, { b: 1 }]);
    const [start] = reader.seqs();
    expect(reader.seqs()).toEqual([start, start! + 1, start! + 2]);
    hub.stop();
  });

  test('a slow reader skips to a snapshot that says how much it missed', async () => {
    const clock = new VirtualClock();
    const { source, bump } = counters('conflate');
    const hub = streamHub(clock, source);
    const [slow, quick] = [new TestReader(), new TestReader()];
    hub.subscribe('counters', slow, { throttle: 100 });
    hub.subscribe('counters', quick, { throttle: 100 });
    slow.buffered = SLOW_BYTES + 1;
    for (let tick = 0; tick < 3; tick += 1) {
      bump('a');
      await clock.advance(100);
    }
    expect(slow.messages).toHaveLength(1);
    expect(quick.messages).toHaveLength(4);
    slow.buffered = 0;
    await clock.advance(100);
    expect(slow.messages.at(-1)).toMatchObject({ type: 'snapshot', conflated: 3, data: { a: 3 } });
    expect(slow.seqs().at(-1)).toBe(quick.seqs().at(-1));
    bump('a');
    await clock.advance(100);
    expect(slow.seqs().at(-1)).toBe(quick.seqs().at(-1));
    expect(slow.messages.at(-1)?.type).toBe('count');
    hub.stop();
  });

  test('a throttle below 100 ms is refused with path and expectation', () => {
    const { source } = counters('conflate');
    const hub = streamHub(new VirtualClock(), source);
    expect(hub.subscribe('counters', new TestReader(), { throttle: 99 })).toMatchObject({
      state: 'invalid',
      errors: [{ path: 'throttle', received: '99' }],
    });
    hub.stop();
  });
});

describe('a stream of events', () => {
  test('resumes after last_seq without a gap, or falls back to a snapshot', () => {
    const clock = new VirtualClock();
    const { source, bump } = counters('every');
    const hub = streamHub(clock, source);
    const first = new TestReader();
    const joined = hub.subscribe('counters', first, {});
    for (let count = 0; count < 5; count += 1) bump('a');
    if (joined.state === 'joined') joined.channel.leave(first);
    for (let count = 0; count < 5; count += 1) bump('a');
    const seen = first.seqs().at(-1)!;
    const resumed = new TestReader();
    hub.subscribe('counters', resumed, { last_seq: seen });
    expect(resumed.messages.map(({ type }) => type)).toEqual(Array(5).fill('count'));
    expect(resumed.seqs()).toEqual([1, 2, 3, 4, 5].map((step) => seen + step));
    for (const stale of [seen - 1_000_000, seen + 1_000_000, 0]) {
      const reader = new TestReader();
      hub.subscribe('counters', reader, { last_seq: stale });
      expect(reader.messages.map(({ type }) => type)).toEqual(['snapshot']);
    }
    for (let count = 0; count < 2000; count += 1) bump('a');
    const late = new TestReader();
    hub.subscribe('counters', late, { last_seq: seen });
    expect(late.messages.map(({ type }) => type)).toEqual(['snapshot']);
    hub.stop();
  });

  test('a slow reader is told and closed, the others lose nothing', () => {
    const { source, bump } = counters('every');
    const hub = streamHub(new VirtualClock(), source);
    const [slow, quick] = [new TestReader(), new TestReader()];
    hub.subscribe('counters', slow, {});
    hub.subscribe('counters', quick, {});
    bump('a');
    slow.buffered = SLOW_BYTES + 1;
    bump('a');
    bump('a');
    expect(slow.messages.at(-1)).toMatchObject({ type: 'error', code: 'CRB_WEB_STREAM_SLOW' });
    expect(slow.ended).toBe('slow');
    expect(quick.messages).toHaveLength(4);
    hub.stop();
  });

  test('selections have their own sequence; idle channels are closed after a minute', async () => {
    const clock = new VirtualClock();
    const { source, bump, listeners } = counters('every');
    const hub = streamHub(clock, source);
    const only = new TestReader();
    const joined = hub.subscribe('counters', only, { name: 'b' });
    bump('a');
    bump('b');
    expect(only.messages.map(({ data }) => data)).toEqual([{}, { b: 1 }]);
    if (joined.state === 'joined') joined.channel.leave(only);
    await clock.advance(59_000);
    expect(listeners.size).toBe(1);
    await clock.advance(10_000);
    expect(listeners.size).toBe(0);
    hub.stop();
  });
});
