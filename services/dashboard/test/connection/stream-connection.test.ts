import { describe, expect, test } from '@jest/globals';
import {
  BACKOFF_MAX_MS,
  HEAL_SPACING_MS,
  type SocketLike,
  StreamConnection,
  type StreamStatus,
} from '../../src/connection/stream-connection.ts';
import type { StreamMessage } from '../../src/contract.ts';

/** A browser socket needs a server; the sequence rules do not. The real pair runs in dashboard.test. */
class HandSocket implements SocketLike {
  sent: string[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  send(text: string) {
    this.sent.push(text);
  }
  close() {
    this.closed = true;
  }
  deliver(type: string, seq: number) {
    this.onmessage?.({ data: JSON.stringify({ type, seq, data: {} }) });
  }
}

function setUp() {
  const sockets: HandSocket[] = [];
  const received: StreamMessage[] = [];
  const statuses: StreamStatus[] = [];
  const waiting: { action: () => void; delayMs: number }[] = [];
  let nowMs = 0;
  const connection = new StreamConnection({
    open: () => {
      const socket = new HandSocket();
      sockets.push(socket);
      return socket;
    },
    subscription: (lastSeq) => ({ last_seq: lastSeq }),
    onMessage: (message) => received.push(message),
    onStatus: (status) => statuses.push(status),
    nowMs: () => nowMs,
    schedule: (action, delayMs) => {
      waiting.push({ action, delayMs });
      return () => undefined;
    },
  });
  connection.start();
  const next = () => {
    const due = waiting.shift();
    nowMs += due?.delayMs ?? 0;
    due?.action();
    return due?.delayMs;
  };
  const socket = () => sockets.at(-1) as HandSocket;
  return { connection, sockets, received, statuses, next, socket };
}

describe('a stream', () => {
  test('takes a snapshot and the updates that follow it one by one', () => {
    const { connection, received, socket } = setUp();
    socket().onopen?.();
    expect(socket().sent).toEqual(['{"last_seq":null}']);
    socket().deliver('snapshot', 7);
    socket().deliver('greeks', 8);
    socket().deliver('greeks', 9);
    expect(received.map((message) => message.seq)).toEqual([7, 8, 9]);
    expect(connection.status).toMatchObject({ state: 'live', lastSeq: 9, gaps: 0 });
  });

  test('shows a gap, applies nothing after it, and subscribes anew from the last whole seq', () => {
    const { connection, received, socket, sockets, next } = setUp();
    const first = socket();
    first.deliver('snapshot', 1);
    first.deliver('greeks', 4);
    expect(connection.status).toMatchObject({ state: 'healing', gaps: 1, lastSeq: 1 });
    expect(connection.status.detail).toContain('2 message(s) missing after 1');
    expect(first.closed).toBe(true);
    next();
    expect(sockets).toHaveLength(2);
    socket().onopen?.();
    expect(socket().sent).toEqual(['{"last_seq":1}']);
    socket().deliver('snapshot', 5);
    expect(connection.status).toMatchObject({ state: 'live', lastSeq: 5, gaps: 1 });
    expect(received.map((message) => message.seq)).toEqual([1, 5]);
  });

  test('goes on with replayed updates where the gateway resumes without a snapshot', () => {
    const { received, socket, next } = setUp();
    socket().deliver('snapshot', 1);
    socket().deliver('order', 3);
    next();
    socket().deliver('order', 2);
    socket().deliver('order', 3);
    expect(received.map((message) => message.seq)).toEqual([1, 2, 3]);
  });

  test('passes over what it has already seen', () => {
    const { received, socket, connection } = setUp();
    socket().deliver('snapshot', 5);
    socket().deliver('order', 5);
    socket().deliver('order', 4);
    expect(received).toHaveLength(1);
    expect(connection.status.gaps).toBe(0);
  });

  test('does not resubscribe in a storm when every subscription has a gap', () => {
    const { socket, next } = setUp();
    socket().deliver('greeks', 9);
    expect(next()).toBe(0);
    socket().deliver('greeks', 9);
    expect(next()).toBe(HEAL_SPACING_MS);
    socket().deliver('greeks', 9);
    expect(next()).toBe(HEAL_SPACING_MS);
  });

  test('waits longer after each lost connection, up to a bound, and afresh after a message', () => {
    const { socket, next, connection } = setUp();
    const delays = Array.from({ length: 7 }, () => {
      socket().onclose?.({ code: 1006, reason: '' });
      return next();
    });
    expect(delays).toEqual([250, 500, 1000, 2000, 4000, BACKOFF_MAX_MS, BACKOFF_MAX_MS]);
    socket().deliver('snapshot', 1);
    socket().onclose?.({ code: 1006, reason: '' });
    expect(connection.status.state).toBe('reconnecting');
    expect(next()).toBe(250);
  });

  test('says that the gateway refused, and counts what it cannot read', () => {
    const { socket, connection } = setUp();
    socket().onmessage?.({ data: '{"half":' });
    expect(connection.status.unreadable).toBe(1);
    socket().onclose?.({ code: 4401, reason: 'unknown key' });
    expect(connection.status).toMatchObject({ state: 'refused', detail: 'unknown key' });
  });
});
