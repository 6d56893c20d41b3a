import type { AddressInfo } from 'node:net';
import type { Clock } from '@cerberus/core';
import { Metrics, SystemClock, SystemRng, UuidV7Source } from '@cerberus/runtime';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import {
  type ApiKeyRecord,
  createServer,
  generateApiKey,
  type IdempotencyStore,
  IdempotentWrites,
  installApiHeaders,
  installAuthentication,
  KeyRing,
  ProblemCatalogue,
  RateLimit,
  StreamHub,
  type StreamSource,
  type WriteHandler,
} from '../src/index.ts';

export const ORDER = Type.Object(
  {
    symbol: Type.String({ minLength: 1, maxLength: 64 }),
    side: Type.Union([Type.Literal('BUY'), Type.Literal('SELL')]),
    quantity: Type.Unsafe<string | number>({ type: ['string', 'number'] }),
  },
  { additionalProperties: false },
);

/** Keys kept in a map, as the store of a test. */
export class MemoryKeys {
  readonly records = new Map<string, ApiKeyRecord>();

  issue(rights: readonly string[], change: Partial<ApiKeyRecord> = {}): string {
    const { keyId, text, keyHash } = generateApiKey();
    const record = { keyId, keyHash, owner: 'tester', rights, expiresAtUs: null, revoked: false };
    this.records.set(keyId, { ...record, ...change });
    return text;
  }

  async find(keyId: string): Promise<ApiKeyRecord | undefined> {
    return this.records.get(keyId);
  }
}

export interface WebServerOptions {
  readonly rate?: { readonly perSecond: number; readonly burst: number };
  readonly clock?: Clock;
  readonly write?: WriteHandler;
  readonly idempotency?: IdempotencyStore;
}

/** A server with one read, one write and the library's plugins, listening on a port of its own. */
export async function webServer(options: WebServerOptions = {}) {
  const clock = options.clock ?? new SystemClock();
  const keys = new MemoryKeys();
  const ring = new KeyRing({ source: keys, clock, ttlMs: 50 });
  const failures: unknown[] = [];
  const app = createServer({
    ids: new UuidV7Source(clock, new SystemRng()),
    catalogue: new ProblemCatalogue(),
    onServerError: (error) => failures.push(error),
  });
  const limit = new RateLimit({ perSecond: 1000, burst: 1000, clock, ...options.rate });
  await app.register(async (api) => {
    installApiHeaders(api);
    installAuthentication(api, ring, (principal) => limit.refusal(principal.keyId));
    const query = Type.Object({
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10 })),
      names: Type.Optional(Type.Array(Type.String())),
    });
    api.get('/echo', { schema: { querystring: query } }, (request) => request.query);
    api.get('/fails', () => {
      throw new Error('secret detail');
    });
    const write = options.write ?? (async (request) => ({ status: 202, body: request.body }));
    const schema = { body: ORDER };
    const config = { right: 'trade' };
    const writes = new IdempotentWrites(options.idempotency ?? unused(), (error) =>
      failures.push(error),
    );
    api.post('/orders', { schema, config, bodyLimit: 1024 }, writes.handler(write) as never);
  });
  return { app, keys, ring, clock, failures, base: () => baseOf(app) };
}

function unused(): IdempotencyStore {
  const refuse = () => Promise.reject(new Error('no idempotency store in this test'));
  return { claim: refuse, answer: refuse, release: refuse };
}

export function baseOf(app: FastifyInstance): string {
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
}

export function streamHub(clock: Clock, ...sources: StreamSource<never>[]): StreamHub {
  return new StreamHub({ sources, clock, metrics: new Metrics('test') });
}
