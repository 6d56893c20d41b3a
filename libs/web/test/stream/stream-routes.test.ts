import { once } from 'node:events';
import { SystemClock, SystemRng, UuidV7Source } from '@cerberus/runtime';
import { eventually } from '@cerberus/testkit';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Type } from 'typebox';
import { WebSocket } from 'ws';
import {
  createServer,
  installAuthentication,
  installStreams,
  KeyRing,
  ProblemCatalogue,
  type StreamHub,
  type StreamSource,
} from '../../src/index.ts';
import { baseOf, MemoryKeys, streamHub } from '../web-server.ts';

const keys = new MemoryKeys();
const publishers = new Set<(value: number) => void>();
const source: StreamSource<object> = {
  name: 'numbers',
  delivery: 'every',
  selection: Type.Object({}),
  channelKey: () => '',
  open(_selection, publish) {
    const publisher = (value: number) => publish({ type: 'number', data: value });
    publishers.add(publisher);
    return { snapshot: () => 'all', drain: () => [], close: () => publishers.delete(publisher) };
  },
};

let app: ReturnType<typeof createServer>;
let hub: StreamHub;
let key: string;

beforeEach(async () => {
  const clock = new SystemClock();
  const ring = new KeyRing({ source: keys, clock });
  key = keys.issue(['read']);
  hub = streamHub(clock, source as StreamSource<never>);
  app = createServer({
    ids: new UuidV7Source(clock, new SystemRng()),
    catalogue: new ProblemCatalogue(),
    onServerError: (error) => {
      throw error;
    },
  });
  await app.register(async (streams) => {
    await installStreams(streams, {
      hub,
      keys: ring,
      clock,
      origins: ['https://desk.example'],
      prefixes: ['/stream'],
      secure: (context) => installAuthentication(context, ring, () => undefined),
    });
  });
  await app.listen({ port: 0 });
});
afterEach(() => app.close());

function open(options: { protocols?: string[]; headers?: Record<string, string> }) {
  const url = `${baseOf(app).replace('http', 'ws')}/stream/numbers`;
  const socket = new WebSocket(url, options.protocols ?? [], { headers: options.headers ?? {} });
  const messages: { type: string; seq: number; data: unknown }[] = [];
  socket.on('message', (raw) => messages.push(JSON.parse(String(raw))));
  return { socket, messages };
}

async function refusal(options: Parameters<typeof open>[0]): Promise<number> {
  const { socket } = open(options);
  const [, response] = (await once(socket, 'unexpected-response')) as [
    unknown,
    { statusCode: number },
  ];
  return response.statusCode;
}

const publish = (value: number) => {
  for (const publisher of publishers) publisher(value);
};

describe('WebSocket', () => {
  test('key by header or subprotocol; subscribe, snapshot, updates', async () => {
    for (const options of [
      { headers: { 'x-api-key': key } },
      { protocols: ['cerberus.v1', `cerberus.key.${key}`] },
    ]) {
      const { socket, messages } = open(options);
      await once(socket, 'open');
      if ('protocols' in options) expect(socket.protocol).toBe('cerberus.v1');
      socket.send('{}');
      await eventually('a first message', () => messages.length === 1);
      publish(1);
      publish(2);
      await eventually('3 messages', () => messages.length === 3);
      expect(messages.map(({ type }) => type)).toEqual(['snapshot', 'number', 'number']);
      expect(messages[2]!.seq).toBe(messages[0]!.seq + 2);
      socket.close();
      await once(socket, 'close');
    }
  });

  test('refused without a key, with a wrong one, from a foreign page', async () => {
    expect(await refusal({})).toBe(401);
    expect(await refusal({ headers: { 'x-api-key': 'crb_x_y' } })).toBe(401);
    const foreign = { 'x-api-key': key, origin: 'https://evil.example' };
    expect(await refusal({ headers: foreign })).toBe(403);
    const listed = open({ headers: { 'x-api-key': key, origin: 'https://desk.example' } });
    await once(listed.socket, 'open');
    const own = open({ headers: { 'x-api-key': key, origin: baseOf(app) } });
    await once(own.socket, 'open');
  });

  test('a malformed or wrong subscription is answered, not ignored; a huge one closes', async () => {
    const { socket, messages } = open({ headers: { 'x-api-key': key } });
    await once(socket, 'open');
    socket.send('{');
    socket.send('{"colour": 1}');
    await eventually('2 messages', () => messages.length === 2);
    expect(messages).toMatchObject([
      { type: 'error', code: 'CRB_WEB_BODY_MALFORMED' },
      { type: 'error', code: 'CRB_WEB_REQUEST_INVALID', errors: [{ path: 'colour' }] },
    ]);
    socket.send('x'.repeat(64 * 1024 + 1));
    const [code] = await once(socket, 'close');
    expect(code).toBe(1009);
  });

  test('a stopping server says so', async () => {
    const { socket, messages } = open({ headers: { 'x-api-key': key } });
    await once(socket, 'open');
    socket.send('{}');
    await eventually('a first message', () => messages.length === 1);
    const closed = once(socket, 'close');
    await app.close();
    expect((await closed)[0]).toBe(1001);
  });
});

describe('Server-Sent Events', () => {
  test('the same messages, resumed by Last-Event-ID', async () => {
    const read = async (headers: Record<string, string>, count: number) => {
      const abort = new AbortController();
      const answer = await fetch(`${baseOf(app)}/stream/numbers`, {
        headers: { 'x-api-key': key, ...headers },
        signal: abort.signal,
      });
      expect(answer.headers.get('content-type')).toContain('text/event-stream');
      const events: { id: number; type: string }[] = [];
      let text = '';
      for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
        text += chunk;
        const parts = text.split('\n\n');
        text = parts.pop()!;
        for (const part of parts) {
          const [id, data] = part.split('\n') as [string, string];
          events.push({ id: Number(id.slice(4)), type: JSON.parse(data.slice(6)).type });
        }
        if (events.length === 1 && count > 1) publish(7);
        if (events.length >= count) break;
      }
      abort.abort();
      return events;
    };
    const first = await read({}, 2);
    expect(first.map(({ type }) => type)).toEqual(['snapshot', 'number']);
    publish(8);
    const resumed = await read({ 'last-event-id': String(first[1]!.id) }, 1);
    expect(resumed).toEqual([{ id: first[1]!.id + 1, type: 'number' }]);
  });

  test('bad parameters are a problem document', async () => {
    const answer = await fetch(`${baseOf(app)}/stream/numbers?throttle=1`, {
      headers: { 'x-api-key': key },
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ path: 'query.throttle' }] });
  });
});
