import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type HealthServer, startHealthServer } from '../src/health-server.ts';
import { createLogger } from '../src/log.ts';

const log = createLogger({ name: 'test', level: 'silent', format: 'json' });

let server: HealthServer;
let url: string;
beforeEach(async () => {
  server = await startHealthServer({
    bind: '127.0.0.1',
    port: 0,
    portKey: 'test.port',
    log,
    routes: () => [
      {
        method: 'POST',
        path: '/echo/:name',
        handle: ({ params, query, body }) => ({ status: 201, body: { params, query, body } }),
      },
      {
        method: 'GET',
        path: '/broken',
        handle: () => {
          throw new Error('secret detail');
        },
      },
    ],
  });
  url = `http://127.0.0.1:${server.port}`;
});
afterEach(() => server.close());

const post = (path: string, body: string) => fetch(`${url}${path}`, { method: 'POST', body });

describe('health server', () => {
  test('hands parameters, query and body to the route', async () => {
    const reply = await post('/echo/a%2Fb?x=1', '{"n":1}');
    expect(reply.status).toBe(201);
    expect(await reply.json()).toEqual({
      params: { name: 'a/b' },
      query: { x: '1' },
      body: { n: 1 },
    });
  });

  test.each([
    ['/echo/a', '{', 400],
    ['/echo/%zz', '{}', 404],
    ['/echo/', '{}', 404],
    ['/echo/a', `"${'x'.repeat(1_048_577)}"`, 413],
  ])('%s with %.10s is answered %d as a problem', async (path, body, status) => {
    const reply = await post(path, body);
    expect(reply.status).toBe(status);
    expect(reply.headers.get('content-type')).toBe('application/problem+json');
  });

  test('an error in a route is answered without its detail, and the server goes on', async () => {
    const reply = await fetch(`${url}/broken`);
    expect(reply.status).toBe(500);
    expect(await reply.text()).not.toContain('secret');
    expect((await fetch(`${url}/broken`, { method: 'DELETE' })).status).toBe(405);
  });
});
