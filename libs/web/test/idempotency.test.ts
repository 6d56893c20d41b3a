import { afterEach, describe, expect, test } from '@jest/globals';
import {
  type Claim,
  type ClaimRequest,
  HttpProblem,
  type IdempotencyStore,
  type StoredAnswer,
  WEB_ERRORS,
  type WriteHandler,
} from '../src/index.ts';
import { webServer } from './web-server.ts';

/** The rules of the store in memory; the relational one has its own tests. */
class MemoryStore implements IdempotencyStore {
  readonly entries = new Map<string, { fingerprint: string; answer?: StoredAnswer }>();

  async claim({ scope, key, fingerprint }: ClaimRequest): Promise<Claim> {
    const entry = this.entries.get(`${scope} ${key}`);
    if (entry === undefined) {
      this.entries.set(`${scope} ${key}`, { fingerprint });
      return { state: 'claimed' };
    }
    if (entry.fingerprint !== fingerprint) return { state: 'other-request' };
    if (entry.answer === undefined) return { state: 'in-progress' };
    return { state: 'answered', answer: entry.answer };
  }

  async answer(scope: string, key: string, answer: StoredAnswer): Promise<void> {
    this.entries.get(`${scope} ${key}`)!.answer = answer;
  }

  async release(scope: string, key: string): Promise<void> {
    this.entries.delete(`${scope} ${key}`);
  }
}

let close: () => Promise<unknown> = async () => undefined;
afterEach(() => close());

async function started(write: WriteHandler, store = new MemoryStore()) {
  const server = await webServer({ write, idempotency: store });
  await server.app.listen({ port: 0 });
  close = () => server.app.close();
  const apiKey = server.keys.issue(['trade']);
  const send = async (quantity: string, key?: string, as = apiKey) => {
    const answer = await fetch(`${server.base()}/orders`, {
      method: 'POST',
      headers: {
        'x-api-key': as,
        'content-type': 'application/json',
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      body: JSON.stringify({ symbol: 'BTCUSDT', side: 'BUY', quantity }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  return { send, server, store };
}

describe('idempotent writes', () => {
  test('the same key and body gets the first answer, another body 409', async () => {
    let runs = 0;
    const { send } = await started(async () => ({ status: 202, body: { run: ++runs } }));
    const first = await send('1', 'k1');
    expect(first).toEqual({ status: 202, body: { run: 1 } });
    expect(await send('1', 'k1')).toEqual(first);
    const other = await send('2', 'k1');
    expect(other.status).toBe(409);
    expect(other.body).toMatchObject({ code: 'CRB_WEB_IDEMPOTENCY_MISMATCH' });
    expect(await send('2', 'k2')).toEqual({ status: 202, body: { run: 2 } });
    expect((await send('1')).body).toEqual({ run: 3 });
  });

  test('keys of different principals do not meet', async () => {
    let runs = 0;
    const { send, server } = await started(async () => ({ status: 202, body: { run: ++runs } }));
    await send('1', 'k');
    expect((await send('2', 'k', server.keys.issue(['trade']))).body).toEqual({ run: 2 });
  });

  test('concurrent duplicates wait for the one that runs', async () => {
    let runs = 0;
    let finish: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const { send } = await started(async () => {
      runs += 1;
      await gate;
      return { status: 202, body: { runs } };
    });
    const both = [send('1', 'k'), send('1', 'k')];
    const mismatch = await send('2', 'k');
    expect(mismatch.status).toBe(409);
    finish();
    expect(await Promise.all(both)).toEqual([
      { status: 202, body: { runs: 1 } },
      { status: 202, body: { runs: 1 } },
    ]);
  });

  test('while another process works on it: 409 in progress', async () => {
    const store = new MemoryStore();
    const { send } = await started(async () => ({ status: 202, body: {} }), store);
    store.claim = async () => ({ state: 'in-progress' });
    const answer = await send('1', 'k');
    expect(answer.status).toBe(409);
    expect(answer.body['code']).toBe('CRB_WEB_IDEMPOTENCY_IN_PROGRESS');
  });

  test('a refusal is an answer, a failure is not', async () => {
    let runs = 0;
    const { send } = await started(async () => {
      runs += 1;
      if (runs === 1) throw new Error('broken');
      throw new HttpProblem(
        { ...WEB_ERRORS.REQUEST_INVALID, status: 422 },
        { detail: `run ${runs}` },
      );
    });
    expect((await send('1', 'k')).status).toBe(500);
    expect(await send('1', 'k')).toMatchObject({ status: 422, body: { detail: 'run 2' } });
    expect(await send('1', 'k')).toMatchObject({ status: 422, body: { detail: 'run 2' } });
    expect(runs).toBe(2);
  });

  test('an answer that cannot be kept is given all the same, and reported', async () => {
    const store = new MemoryStore();
    store.answer = () => Promise.reject(new Error('store is down'));
    const { send, server } = await started(async () => ({ status: 202, body: {} }), store);
    expect((await send('1', 'k')).status).toBe(202);
    expect(server.failures).toEqual([new Error('store is down')]);
    expect((await send('1', 'k')).body['code']).toBe('CRB_WEB_IDEMPOTENCY_IN_PROGRESS');
  });

  test('a malformed key', async () => {
    const { send } = await started(async () => ({ status: 202, body: {} }));
    expect((await send('1', 'x'.repeat(129))).status).toBe(400);
  });
});
