import type { WebSocket } from '@fastify/websocket';
import { WEB_ERRORS } from '../errors.ts';
import type { StreamEnd, StreamReader } from './stream-channel.ts';
import { type SessionOptions, StreamSession } from './stream-session.ts';

export const SOCKET_MESSAGE_BYTES_MAX = 64 * 1024;
export const SOCKET_PROTOCOL = 'cerberus.v1';
/** Subscriptions a client may send per connection and minute; a well-behaved one sends one. */
const MESSAGES_PER_MINUTE_MAX = 60;
const MINUTE_MS = 60_000;
const CLOSE_GRACE_MS = 2_000;

const CLOSE_CODES: Readonly<Record<StreamEnd, { code: number; reason: string }>> = {
  slow: { code: 1013, reason: 'reader too slow or server full; come back with last_seq' },
  refused: { code: 1008, reason: 'refused' },
  expired: { code: 1008, reason: 'no sign of life' },
  stopping: { code: 1001, reason: 'server is stopping' },
};

/** A reader over a WebSocket; the first message it sends is its subscription. */
export function openSocketSession(
  socket: WebSocket,
  options: Omit<SessionOptions, 'reader' | 'beat'>,
  first: object | undefined,
): StreamSession {
  const { clock } = options;
  let alive = true;
  const reader: StreamReader = {
    bufferedBytes: () => socket.bufferedAmount,
    send: (text) => {
      if (socket.readyState === socket.OPEN) socket.send(text);
    },
    close: (end) => {
      const { code, reason } = CLOSE_CODES[end];
      socket.close(code, reason);
      // A reader that reads nothing never answers the close frame either.
      const grace = clock.after(CLOSE_GRACE_MS, () => socket.terminate());
      socket.once('close', () => grace.cancel());
    },
  };
  const session = new StreamSession({
    ...options,
    reader,
    beat: () => {
      const answered = alive;
      alive = false;
      socket.ping();
      return answered;
    },
  });
  let messages = 0;
  let windowMs = clock.monotonicMs();
  socket.on('pong', () => {
    alive = true;
  });
  socket.on('close', () => session.end());
  socket.on('message', (raw) => {
    alive = true;
    if (clock.monotonicMs() - windowMs > MINUTE_MS) {
      windowMs = clock.monotonicMs();
      messages = 0;
    }
    messages += 1;
    if (messages > MESSAGES_PER_MINUTE_MAX) {
      session.notify(WEB_ERRORS.RATE_LIMITED.code, 'Too many messages.');
      reader.close('refused');
      return;
    }
    const subscription = parsed(raw.toString());
    if (subscription !== undefined) session.subscribe(subscription);
    else session.notify(WEB_ERRORS.BODY_MALFORMED.code, 'A subscription is a JSON object.');
  });
  if (first !== undefined) session.subscribe(first);
  return session;
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined; // Answered with a notice by the caller.
  }
}
