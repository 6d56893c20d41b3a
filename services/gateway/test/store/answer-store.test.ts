import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VirtualClock } from '@cerberus/testkit';
import { KeyRing } from '@cerberus/web';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RIGHTS } from '../../src/index.ts';
import { AnswerStore } from '../../src/store/answer-store.ts';
import { ensureFirstKey } from '../../src/store/first-key.ts';
import { KeyStore } from '../../src/store/key-store.ts';
import { GATEWAY_MIGRATIONS } from '../../src/store/migrations.ts';
import { openWorld, type World } from '../gateway-fixture.ts';

let world: World;
const clock = new VirtualClock();

beforeAll(async () => {
  world = await openWorld();
  await world.store.migrate('gateway', GATEWAY_MIGRATIONS);
});
afterAll(() => world.close());

const ANSWER = { status: 202, body: '{"order_id":"o1"}', contentType: 'application/json' };

describe('first answers in PostgreSQL', () => {
  test('claim, answer, replay; another fingerprint is another request', async () => {
    const store = new AnswerStore(world.store, clock);
    const request = { scope: 'k', key: 'a', fingerprint: 'f1' };
    expect(await store.claim(request)).toEqual({ state: 'claimed' });
    expect(await store.claim(request)).toEqual({ state: 'in-progress' });
    await store.answer('k', 'a', ANSWER);
    expect(await store.claim(request)).toEqual({ state: 'answered', answer: ANSWER });
    expect(await store.claim({ ...request, fingerprint: 'f2' })).toEqual({
      state: 'other-request',
    });
    expect(await store.claim({ ...request, scope: 'other' })).toEqual({ state: 'claimed' });
  });

  test('of many claims at once exactly one wins', async () => {
    const store = new AnswerStore(world.store, clock);
    const request = { scope: 'k', key: 'race', fingerprint: 'f' };
    const claims = await Promise.all(Array.from({ length: 20 }, () => store.claim(request)));
    expect(claims.filter(({ state }) => state === 'claimed')).toHaveLength(1);
    expect(claims.filter(({ state }) => state === 'in-progress')).toHaveLength(19);
  });

  test('a claim left by a crash lapses for the same request only, one that was released at once', async () => {
    const store = new AnswerStore(world.store, clock);
    const request = { scope: 'k', key: 'crash', fingerprint: 'f' };
    await store.claim(request);
    clock.advance(4_000);
    expect(await store.claim(request)).toEqual({ state: 'in-progress' });
    clock.advance(2_000);
    expect(await store.claim({ ...request, fingerprint: 'g' })).toEqual({ state: 'other-request' });
    expect(await store.claim(request)).toEqual({ state: 'claimed' });
    await store.release('k', 'crash');
    expect(await store.claim(request)).toEqual({ state: 'claimed' });
  });

  test('answers are forgotten after a day', async () => {
    const store = new AnswerStore(world.store, clock);
    clock.advance(25 * 3_600_000);
    expect(await store.purge()).toBeGreaterThan(0);
    expect(await store.claim({ scope: 'k', key: 'a', fingerprint: 'f2' })).toEqual({
      state: 'claimed',
    });
  });
});

describe('keys in PostgreSQL', () => {
  test('issued, verified, revoked', async () => {
    const keys = new KeyStore(world.store, clock);
    const text = await keys.issue('desk', ['read']);
    const ring = new KeyRing({ source: keys, clock, ttlMs: 1000 });
    expect(await ring.verify(text, 'here')).toMatchObject({
      owner: 'desk',
      rights: new Set(['read']),
    });
    await keys.revoke(text.split('_')[1]!);
    clock.advance(1001);
    expect(await ring.verify(text, 'here')).toBeUndefined();
  });

  test('the first key is found again, and replaced where the store does not know it', async () => {
    const keys = new KeyStore(world.store, clock);
    const first = await ensureFirstKey(keys, world.host.data);
    expect(first.isNew).toBe(true);
    expect(await ensureFirstKey(keys, world.host.data)).toMatchObject({
      text: first.text,
      isNew: false,
    });
    expect((await keys.find(first.text.split('_')[1]!))?.rights).toEqual([...RIGHTS]);
    writeFileSync(join(world.host.data.path, 'api-key'), 'something else');
    const second = await ensureFirstKey(keys, world.host.data);
    expect(second.isNew).toBe(true);
    expect(second.text).not.toBe(first.text);
  });
});
