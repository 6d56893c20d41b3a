import type { FastifyReply } from 'fastify';
import type { StreamReader } from './stream-channel.ts';
import { type SessionOptions, StreamSession } from './stream-session.ts';

/** A reader over Server-Sent Events: `id` is the seq, so that browsers resume by themselves. */
export function openEventSession(
  reply: FastifyReply,
  options: Omit<SessionOptions, 'reader' | 'beat'>,
  subscription: object,
): StreamSession {
  reply.hijack();
  const { raw } = reply;
  raw.socket?.setTimeout(0);
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-request-id': reply.request.id,
  });
  const reader: StreamReader = {
    bufferedBytes: () => raw.writableLength,
    send: (text, seq) => {
      raw.write(seq === undefined ? `data: ${text}\n\n` : `id: ${seq}\ndata: ${text}\n\n`);
    },
    close: (end) => {
      if (end === 'expired' || end === 'slow') raw.destroy();
      else raw.end();
    },
  };
  const session = new StreamSession({
    ...options,
    reader,
    beat: () => {
      raw.write(': alive\n\n');
      return !raw.destroyed;
    },
  });
  raw.on('close', () => session.end());
  raw.on('error', () => session.end());
  session.subscribe(subscription);
  return session;
}
