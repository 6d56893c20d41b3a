import { eventually } from '@cerberus/testkit';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { apiKeyId, generateApiKey, hashApiKey, matchesApiKey } from '../src/index.ts';
import { webServer } from './web-server.ts';

let server: Awaited<ReturnType<typeof webServer>>;

beforeAll(async () => {
  server = await webServer();
  await server.app.listen({ port: 0 });
});
afterAll(() => server.app.close());

const echo = (headers: Record<string, string>) => fetch(`${server.base()}/echo`, { headers });

describe('API keys', () => {
  test('carry 256 random bits and are known by their hash only', () => {
    const { text, keyId, keyHash } = generateApiKey();
    expect(Buffer.from(text.slice(`crb_${keyId}_`.length), 'base64url')).toHaveLength(32);
    expect(apiKeyId(text)).toBe(keyId);
    expect(keyHash).toBe(hashApiKey(text));
    const record = { keyId, keyHash, owner: '', rights: [], expiresAtUs: null, revoked: false };
    expect(matchesApiKey(text, record)).toBe(true);
    expect(matchesApiKey(`${text.slice(0, -1)}${text.endsWith('A') ? 'E' : 'A'}`, record)).toBe(
      false,
    );
  });

  test('401 without a key, with a wrong one, a malformed, an expired and a revoked one', async () => {
    const missing = await echo({});
    expect(missing.status).toBe(401);
    expect(missing.headers.get('www-authenticate')).toContain('ApiKey');
    expect(await missing.json()).toMatchObject({ code: 'CRB_WEB_KEY_MISSING' });
    const good = server.keys.issue(['read']);
    const wrong = `${good.slice(0, -4)}AAAA`;
    const expired = server.keys.issue(['read'], { expiresAtUs: 1 });
    const revoked = server.keys.issue(['read'], { revoked: true });
    for (const key of [wrong, generateApiKey().text, 'nonsense', expired, revoked]) {
      const answer = await echo({ 'x-api-key': key });
      expect(answer.status).toBe(401);
      expect(await answer.json()).toMatchObject({ code: 'CRB_WEB_KEY_INVALID' });
    }
    expect((await echo({ 'x-api-key': good })).status).toBe(200);
  });

  test('403 without the right of the route', async () => {
    const key = server.keys.issue(['read']);
    const answer = await fetch(`${server.base()}/orders`, {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      body: '{}',
    });
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({
      code: 'CRB_WEB_RIGHT_MISSING',
      detail: expect.stringContaining('"trade"'),
    });
  });

  test('a revoked key stops working when its cached record lapses', async () => {
    const key = server.keys.issue(['read']);
    expect((await echo({ 'x-api-key': key })).status).toBe(200);
    const record = server.keys.records.get(apiKeyId(key)!)!;
    server.keys.records.set(record.keyId, { ...record, revoked: true });
    await eventually(
      'the key is refused',
      async () => (await echo({ 'x-api-key': key })).status === 401,
    );
  });
});

describe('rate limits', () => {
  test('guessing keys stops at the gate and not at the store', async () => {
    const statuses: number[] = [];
    for (let guess = 0; guess < 150; guess += 1) {
      statuses.push((await echo({ 'x-api-key': generateApiKey().text })).status);
    }
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
  });

  test('429 with retry-after once the burst is used up, per key', async () => {
    const limited = await webServer({ rate: { perSecond: 0.5, burst: 3 } });
    await limited.app.listen({ port: 0 });
    try {
      const [first, second] = [limited.keys.issue(['read']), limited.keys.issue(['read'])];
      const call = (key: string) =>
        fetch(`${limited.base()}/echo`, { headers: { 'x-api-key': key } });
      const statuses: number[] = [];
      for (let count = 0; count < 4; count += 1) statuses.push((await call(first)).status);
      expect(statuses).toEqual([200, 200, 200, 429]);
      const refused = await call(first);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect(await refused.json()).toMatchObject({ code: 'CRB_WEB_RATE_LIMITED' });
      expect((await call(second)).status).toBe(200);
    } finally {
      await limited.app.close();
    }
  });
});
