import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { webServer } from './web-server.ts';

type Server = Awaited<ReturnType<typeof webServer>>;

let server: Server;
let key: string;

beforeAll(async () => {
  server = await webServer();
  key = server.keys.issue(['read', 'trade']);
  await server.app.listen({ port: 0 });
});
afterAll(() => server.app.close());

async function post(body: string, headers: Record<string, string> = {}) {
  const answer = await fetch(`${server.base()}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key, ...headers },
    body,
  });
  return {
    status: answer.status,
    headers: answer.headers,
    body: (await answer.json()) as Record<string, never>,
  };
}

describe('problem documents', () => {
  test('malformed JSON', async () => {
    const answer = await post('{"symbol": ');
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.body).toMatchObject({ status: 400, code: 'CRB_WEB_BODY_MALFORMED' });
    expect(answer.body['request_id']).toBe(answer.headers.get('x-request-id'));
  });

  test('prototype pollution is malformed', async () => {
    expect((await post('{"__proto__": {"a": 1}}')).body['code']).toBe('CRB_WEB_BODY_MALFORMED');
  });

  test('a body over the limit', async () => {
    const answer = await post(JSON.stringify({ symbol: 'x'.repeat(2000) }));
    expect(answer.status).toBe(413);
    expect(answer.body['detail']).toContain('1024');
  });

  test('an unsupported media type', async () => {
    expect((await post('<a/>', { 'content-type': 'text/xml' })).status).toBe(415);
  });

  test('each field at fault is named once with what was expected and received', async () => {
    const { status, body } = await post(
      JSON.stringify({ side: 'HOLD', quantity: true, colour: 'red' }),
    );
    expect(status).toBe(400);
    expect(body['code']).toBe('CRB_WEB_REQUEST_INVALID');
    expect(body['errors']).toEqual(
      expect.arrayContaining([
        { path: 'symbol', expected: expect.stringContaining('string'), received: 'nothing' },
        { path: 'side', expected: '"BUY" or "SELL"', received: '"HOLD"' },
        { path: 'quantity', expected: 'string or number', received: 'true' },
        { path: 'colour', expected: 'no such field', received: '"red"' },
      ]),
    );
    expect(body['errors']).toHaveLength(4);
  });

  test('query parameters are read by their schema, bodies never coerced', async () => {
    const headers = { 'x-api-key': key };
    const good = await fetch(`${server.base()}/echo?limit=5&names=a,b`, { headers });
    expect(await good.json()).toEqual({ limit: 5, names: ['a', 'b'] });
    const brackets = await fetch(`${server.base()}/echo?names[]=a&names[]=b`, { headers });
    expect(await brackets.json()).toEqual({ names: ['a', 'b'] });
    const bad = (await (await fetch(`${server.base()}/echo?limit=many`, { headers })).json()) as {
      errors: unknown;
    };
    expect(bad.errors).toEqual([
      { path: 'query.limit', expected: 'integer, at least 1, at most 10', received: '"many"' },
    ]);
  });

  test('an unknown path', async () => {
    const answer = await fetch(`${server.base()}/nowhere?x=1`);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ code: 'CRB_WEB_NOT_FOUND' });
  });

  test('what went wrong inside stays inside', async () => {
    const answer = await fetch(`${server.base()}/fails`, { headers: { 'x-api-key': key } });
    expect(answer.status).toBe(500);
    expect(JSON.stringify(await answer.json())).not.toContain('secret');
    expect(server.failures).toHaveLength(1);
  });

  test('a request id of the client is kept when it is harmless', async () => {
    const kept = await post('{}', { 'x-request-id': 'abc-1' });
    expect(kept.body['request_id']).toBe('abc-1');
    const replaced = await post('{}', { 'x-request-id': 'a b<script>' });
    expect(replaced.body['request_id']).not.toContain('script');
  });
});
