import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { decimal } from '@cerberus/core';
import { GateBook } from '@cerberus/limits';
import { eventually } from '@cerberus/testkit';
import { fieldErrorsOf } from '@cerberus/web';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { CHECK_ANSWER_SCHEMA } from '../src/document/decision-document.ts';
import { FILL_SCHEMA, ORDER_SCHEMA } from '../src/document/order-document.ts';
import type { RunningGateway } from '../src/index.ts';
import { KeyStore } from '../src/store/key-store.ts';
import {
  ACCOUNT,
  BTC,
  LIMITS,
  openMarket,
  openWorld,
  quote,
  spot,
  startGate,
  type TestGate,
  type World,
} from './gateway-fixture.ts';
import { fill, greeks, orderEvent, position, report } from './order-records.ts';

const BASE = '/api/v1/risk';
const ORDER = {
  account_id: ACCOUNT,
  symbol: 'BTCUSDT',
  side: 'BUY',
  quantity: '0.5',
  order_type: 'LIMIT',
  limit_price: '60000.00',
};

let world: World;
let gateway: RunningGateway;
let gate: TestGate;
let key: string;
let streamKey: string;

beforeAll(async () => {
  world = await openWorld();
  await openMarket(world);
  gateway = await world.gateway();
  key = gateway.firstKey!.text;
  streamKey = key;
  const view = new GateBook({ positions: 'table', journal: false });
  view.apply('ref.instrument', spot());
  for (const each of LIMITS) view.apply('control.limit', each);
  view.apply('md.status', {
    instrument_id: BTC,
    venue: 'BINANCE',
    state: 'LIVE',
    reason: '',
    since: world.nowUs(),
    last_event_time: null,
    gaps: 0,
    resyncs: 0,
    duplicates: 0,
    refused: 0,
    conflated: 0,
    clock_offset_ms: null,
  });
  const now = quote(world.nowUs());
  view.apply('md.quote', now);
  await world.stream('md.quote', now);
  gate = await startGate(world, view);
});
afterAll(async () => {
  await gate.stop();
  await gateway.stop();
  await world.close();
});

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: answers are examined field by field
  readonly body: any;
}

async function call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
  const answer = await fetch(`${gateway.url}${path}`, {
    method,
    headers: {
      ...(options.key === null ? {} : { 'x-api-key': options.key ?? key }),
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...options.headers,
    },
    ...(options.body === undefined
      ? {}
      : { body: typeof options.body === 'string' ? options.body : JSON.stringify(options.body) }),
  });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
  return { status: answer.status, headers: answer.headers, body: isJson ? JSON.parse(text) : text };
}

interface CallOptions {
  readonly key?: string | null;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

const check = (order: object, options: CallOptions = {}) =>
  call('POST', '/pre-trade-check', { body: { order }, ...options });
const send = (order: object, headers: Record<string, string> = {}) =>
  call('POST', `${BASE}/orders`, { body: { order }, headers });

async function eventuallyQuoted(): Promise<void> {
  await eventually('a price reaches the gateway', async () => {
    return (await check(ORDER)).body.reference_price === 60_000;
  });
}

describe('the first key', () => {
  test('lies in the data folder for this user only, and works', async () => {
    const { file } = gateway.firstKey!;
    expect(file).toBe(join(world.host.data.path, 'api-key'));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8').trim()).toBe(key);
    expect((await call('GET', `${BASE}/positions`)).status).toBe(200);
  });

  test('the store holds no key', async () => {
    const { rows } = await world.store.query<{ text: string }>(
      'SELECT gateway_api_key::text AS text FROM gateway_api_key',
    );
    expect(rows).toHaveLength(1);
    // The secret itself may have a `_` in it.
    const secret = key.split('_').slice(2).join('_');
    expect(JSON.stringify(rows)).not.toContain(secret);
  });
});

describe('routes without a key', () => {
  test('health, ready, metrics, schema and docs answer; the API does not', async () => {
    for (const path of ['/health', '/ready', '/metrics', '/openapi.json', '/docs/']) {
      expect([path, (await call('GET', path, { key: null })).status]).toEqual([path, 200]);
    }
    const paths = ['positions', 'greeks', 'orders', 'executions', 'tca', 'alerts', 'limits'];
    for (const path of [...paths, 'kill-switch', 'leader', 'instruments', 'risk-metrics']) {
      const answer = await call('GET', `${BASE}/${path}`, { key: null });
      expect([path, answer.status, answer.body.code]).toEqual([path, 401, 'CRB_WEB_KEY_MISSING']);
    }
    expect((await call('GET', '/greeks', { key: null })).status).toBe(401);
    expect((await check(ORDER, { key: null })).status).toBe(401);
    expect((await check(ORDER, { key: `${key.slice(0, -3)}AAA` })).status).toBe(401);
  });

  test('a key without the right gets 403', async () => {
    const reader = await new KeyStore(world.store, world.host.clock).issue('reader', ['read']);
    expect((await call('GET', `${BASE}/orders`, { key: reader })).status).toBe(200);
    const options = { key: reader, body: { order: ORDER } };
    expect((await call('POST', `${BASE}/orders`, options)).status).toBe(403);
    const kill = { key: reader, body: { scope: 'firm', reason: 'x' } };
    expect((await call('POST', `${BASE}/kill-switch`, kill)).status).toBe(403);
  });

  test('the schema is OpenAPI 3.1 with every route, and routes not built are absent', async () => {
    const { body } = await call('GET', '/openapi.json', { key: null });
    expect(body.openapi).toBe('3.1.0');
    const paths = Object.keys(body.paths);
    expect(paths).toEqual(
      expect.arrayContaining([
        '/pre-trade-check',
        '/greeks',
        `${BASE}/pre-trade-check`,
        `${BASE}/orders`,
        `${BASE}/orders/{id}/journey`,
        `${BASE}/kill-switch`,
        `${BASE}/stream/orders`,
      ]),
    );
    expect(paths.join(' ')).not.toMatch(/surfaces|reports|jobs|models/);
    const { properties } =
      body.paths['/pre-trade-check'].post.requestBody.content['application/json'].schema;
    expect(properties.order.properties.side.enum).toEqual(['BUY', 'SELL']);
    const docs = await call('GET', '/docs/', { key: null });
    expect(docs.body).not.toMatch(/https?:\/\/(?!localhost)[^"]*\.(js|css)/);
  });
});

describe('pre-trade check', () => {
  test('runs every configured check on this replica and says what would fit', async () => {
    await eventuallyQuoted();
    for (const path of ['/pre-trade-check', `${BASE}/pre-trade-check`]) {
      const { status, body } = await call('POST', path, { body: { order: ORDER } });
      expect(status).toBe(200);
      expect(body.blocks).toEqual([]);
      expect(body.passed).toBe(true);
      expect(body.reference_price).toBe(60_000);
      expect(fieldErrorsOf(CHECK_ANSWER_SCHEMA, body)).toEqual([]);
      // 5 BTC is the order size limit, tighter than 400,000 USD at 60,000 by no order: 400000/60000 > 5.
      expect(body.max_quantity).toBe('5');
      expect(body.risk_impact.missing.delta).toContain('scenario');
    }
    const large = await check({ ...ORDER, quantity: 6 });
    expect(large.body.passed).toBe(false);
    expect(large.body.blocks.map(({ check: name }: { check: string }) => name)).toContain(
      'order_size',
    );
  });

  test('an engaged switch blocks, named checks only leave safety checks in', async () => {
    const only = await call('POST', '/pre-trade-check', {
      body: { order: { ...ORDER, quantity: '6' }, checks_requested: ['position_limit'] },
    });
    const names = only.body.checks_performed.map(({ check: name }: { check: string }) => name);
    expect(names).toContain('kill_switch');
    expect(names).not.toContain('fat_finger');
    const wrong = await call('POST', '/pre-trade-check', {
      body: { order: ORDER, checks_requested: ['horoscope'] },
    });
    expect(wrong.status).toBe(400);
    expect(wrong.body.errors[0].path).toBe('checks_requested.0');
  });

  const bad: readonly [string, object, number, string, string][] = [
    ['unknown symbol', { symbol: 'NOPE' }, 404, 'CRB_MODEL_SYMBOL_UNKNOWN', 'order.symbol'],
    ['ambiguous symbol', { symbol: 'TWINUSDT' }, 422, 'CRB_MODEL_SYMBOL_AMBIGUOUS', 'order.symbol'],
    [
      'unknown account',
      { account_id: 'nobody' },
      422,
      'CRB_GATEWAY_ACCOUNT_UNKNOWN',
      'order.account_id',
    ],
    ['unknown side', { side: 'HOLD' }, 400, 'CRB_WEB_REQUEST_INVALID', 'order.side'],
    ['negative quantity', { quantity: '-1' }, 422, 'CRB_GATEWAY_ORDER_INVALID', 'order.quantity'],
    ['negative number', { quantity: -1 }, 422, 'CRB_GATEWAY_ORDER_INVALID', 'order.quantity'],
    ['zero quantity', { quantity: 0 }, 422, 'CRB_GATEWAY_ORDER_INVALID', 'order.quantity'],
    ['NaN quantity', { quantity: 'NaN' }, 400, 'CRB_DECIMAL_NOT_A_NUMBER', 'order.quantity'],
    ['1e308', { quantity: 1e308 }, 422, 'CRB_DECIMAL_OUT_OF_RANGE', 'order.quantity'],
    ['1e308 price', { limit_price: '1e308' }, 422, 'CRB_DECIMAL_OUT_OF_RANGE', 'order.limit_price'],
    [
      'too precise',
      { quantity: '0.1234567890123456789' },
      422,
      'CRB_DECIMAL_TOO_PRECISE',
      'order.quantity',
    ],
    [
      'too precise price',
      { limit_price: '1.0000000000000000001' },
      422,
      'CRB_DECIMAL_TOO_PRECISE',
      'order.limit_price',
    ],
    ['null quantity', { quantity: null }, 400, 'CRB_WEB_REQUEST_INVALID', 'order.quantity'],
    [
      'missing price',
      { limit_price: undefined },
      422,
      'CRB_GATEWAY_ORDER_INVALID',
      'order.limit_price',
    ],
    [
      'price on market order',
      { order_type: 'MARKET' },
      422,
      'CRB_GATEWAY_ORDER_INVALID',
      'order.limit_price',
    ],
    ['stray field', { colour: 'red' }, 400, 'CRB_WEB_REQUEST_INVALID', 'order.colour'],
    [
      'GTD without a time',
      { time_in_force: 'GTD' },
      422,
      'CRB_GATEWAY_ORDER_INVALID',
      'order.expire_time',
    ],
  ];
  test.each(bad)(
    '%s is refused with code, field and expectation',
    async (_name, change, status, code, path) => {
      for (const answer of [
        await check({ ...ORDER, ...change }),
        await send({ ...ORDER, ...change }),
      ]) {
        expect(answer.headers.get('content-type')).toBe('application/problem+json');
        expect([answer.status, answer.body.code]).toEqual([status, code]);
        expect(answer.body.errors[0].path).toBe(path);
        expect(answer.body.errors[0].expected.length).toBeGreaterThan(3);
      }
      expect(gate.requests).toHaveLength(0);
    },
  );

  test('what the venue would refuse is a check that blocks: lot and tick', async () => {
    const lot = await check({ ...ORDER, quantity: '0.000001' });
    expect(lot.body.blocks.map(({ code }: { code: string }) => code).join()).toMatch(
      /LOT_SIZE|MIN_QUANTITY/,
    );
    const tick = await check({ ...ORDER, limit_price: '60000.001' });
    expect(tick.body.blocks.map(({ code }: { code: string }) => code)).toContain(
      'CRB_LIMITS_TICK_SIZE',
    );
  });

  test('malformed, empty and oversized bodies', async () => {
    const post = (body: string) => call('POST', '/pre-trade-check', { body });
    expect((await post('{"order":')).body.code).toBe('CRB_WEB_BODY_MALFORMED');
    expect((await post('{"order": {"quantity": NaN}}')).body.code).toBe('CRB_WEB_BODY_MALFORMED');
    expect((await post('')).body.code).toBe('CRB_WEB_BODY_MALFORMED');
    expect((await post('[]')).status).toBe(400);
    const large = JSON.stringify({ order: { ...ORDER, strategy_id: 'x'.repeat(17_000) } });
    for (const path of ['/pre-trade-check', `${BASE}/orders`]) {
      const answer = await call('POST', path, { body: large });
      expect([answer.status, answer.body.code]).toEqual([413, 'CRB_WEB_BODY_TOO_LARGE']);
      expect(answer.body.detail).toContain('16384');
    }
  });
});

describe('orders', () => {
  const messages: { type: string; seq: number; data: Record<string, Record<string, unknown>> }[] =
    [];
  let socket: WebSocket;

  beforeAll(async () => {
    await eventuallyQuoted();
    const url = `${gateway.url.replace('http', 'ws')}/stream/orders`;
    socket = new WebSocket(url, ['cerberus.v1', `cerberus.key.${streamKey}`]);
    socket.on('message', (raw) => messages.push(JSON.parse(String(raw))));
    await once(socket, 'open');
    socket.send('{}');
    await eventually('a snapshot', () => messages.length === 1);
    expect(messages[0]!.type).toBe('snapshot');
  });
  afterAll(() => socket.close());

  test('approved: 202 with the decision; the same key and body again is the same order', async () => {
    const headers = { 'idempotency-key': 'first-order' };
    const first = await send(ORDER, headers);
    expect(first.status).toBe(202);
    expect(first.body).toMatchObject({
      status: 'PENDING_NEW',
      decision: { passed: true, outcome: 'APPROVED' },
    });
    const again = await send(ORDER, headers);
    expect(again.body).toEqual(first.body);
    const requests = gate.requests.filter(({ order_id }) => order_id === first.body.order_id);
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ kind: 'NEW', quantity: decimal('0.5'), source: 'REST' });
    const other = await send({ ...ORDER, quantity: '0.6' }, headers);
    expect([other.status, other.body.code]).toEqual([409, 'CRB_WEB_IDEMPOTENCY_MISMATCH']);
  });

  test('blocked: 422 with the decision, and the same answer again', async () => {
    const headers = { 'idempotency-key': 'too-large' };
    const blocked = await send({ ...ORDER, quantity: '7' }, headers);
    expect([blocked.status, blocked.body.code]).toEqual([422, 'CRB_GATEWAY_ORDER_BLOCKED']);
    expect(blocked.body.decision).toMatchObject({ passed: false, outcome: 'BLOCKED' });
    expect(blocked.body.decision.blocks.length).toBeGreaterThan(0);
    expect((await send({ ...ORDER, quantity: '7' }, headers)).body).toEqual(blocked.body);
    const order = await call('GET', `${BASE}/orders/${blocked.body.order_id}`);
    expect(order.body).toMatchObject({ status: 'REJECTED', symbol: 'BTCUSDT', quantity: '7' });
  });

  test('from request to fill: one trace, seen on REST and WebSocket', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const sent = await send(ORDER, { traceparent: `00-${traceId}-00f067aa0ba902b7-01` });
    const id = sent.body.order_id as string;
    const trace = { traceparent: `00-${traceId}-00f067aa0ba902b8-01` };
    await world.ledger('order.event', orderEvent(world, id, 1, 'PENDING_NEW', '0'), trace);
    await world.ledger('order.event', orderEvent(world, id, 2, 'NEW', '0'), trace);
    await world.ledger('order.event', orderEvent(world, id, 3, 'FILLED', '0.5'), trace);
    await world.ledger('fill', fill(world, id), trace);
    await world.ledger('position', position(world), trace);
    await world.stream('risk.greeks', greeks(world));
    await world.ledger('tca.report', report(world, id), trace);
    let journey: Answer | undefined;
    await eventually('the whole journey', async () => {
      journey = await call('GET', `${BASE}/orders/${id}/journey`);
      return (
        journey.body.steps.some(({ stage }: { stage: string }) => stage === 'tca') &&
        journey.body.steps.length >= 9
      );
    });
    const stages = journey!.body.steps.map(({ stage }: { stage: string }) => stage);
    expect(stages.slice(0, 4)).toEqual(['requested', 'approved', 'submitted', 'acknowledged']);
    expect(stages).toEqual(expect.arrayContaining(['filled', 'position', 'greeks', 'tca']));
    expect(journey!.body.trace_id).toBe(traceId);
    expect(journey!.body.one_trace).toBe(true);
    const { body: order } = await call('GET', `${BASE}/orders/${id}`);
    expect(order).toMatchObject({ status: 'FILLED', filled_quantity: '0.5', trace_id: traceId });
    expect(fieldErrorsOf(ORDER_SCHEMA, order)).toEqual([]);
    const { body: fills } = await call('GET', `${BASE}/executions?order_id=${id}`);
    expect(fills.items).toHaveLength(1);
    expect(fills.items[0]).toMatchObject({ price: '60000', quantity: '0.5', fee: '0.0005' });
    expect(fieldErrorsOf(FILL_SCHEMA, fills.items[0])).toEqual([]);
    const { body: tca } = await call('GET', `${BASE}/tca?order_id=${id}`);
    expect(tca.items[0]).toMatchObject({
      costs: { fees_usd: 30, impact_bps: null },
      reasons: { impact_bps: 'no data' },
    });
    const mine = messages.filter(
      ({ data }) => (data['order'] ?? data['fill'])?.['order_id'] === id,
    );
    expect(mine.map(({ type }) => type)).toEqual([
      'order',
      'order',
      'order',
      'order',
      'order',
      'fill',
    ]);
    expect(mine.every(({ data }) => (data['order'] ?? data['fill'])!['trace_id'] === traceId)).toBe(
      true,
    );
    const seqs = messages.map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_seq, index) => seqs[0]! + index));
  });

  test('an undecided order is pending, not lost', async () => {
    await gate.stop();
    const quick = await world.gateway({ decisionWaitMs: 50 });
    const answer = await fetch(`${quick.url}${BASE}/orders`, {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      body: JSON.stringify({ order: { ...ORDER, quantity: '0.25' } }),
    });
    expect(answer.status).toBe(202);
    const body = (await answer.json()) as { status: string; order_id: string };
    expect(body).toMatchObject({ status: 'PENDING', decision: null });
    await eventually('the order is listed', async () => {
      const { status } = await call('GET', `${BASE}/orders/${body.order_id}`);
      return status === 200;
    });
    await quick.stop();
  });

  test("cancel: 202, in the order's trace; done and unknown orders are refused", async () => {
    const { body } = await call('GET', `${BASE}/orders?status=pending_new`);
    const open = body.items[0];
    const cancelled = await call('DELETE', `${BASE}/orders/${open.order_id}`);
    expect([cancelled.status, cancelled.body.status]).toEqual([202, 'PENDING_CANCEL']);
    await eventually('the request is on the ledger', async () => {
      const { body: journey } = await call('GET', `${BASE}/orders/${open.order_id}/journey`);
      const step = journey.steps.find(
        ({ stage }: { stage: string }) => stage === 'cancel_requested',
      );
      return step !== undefined && step.trace_id === journey.trace_id;
    });
    const filled = (await call('GET', `${BASE}/orders?status=FILLED`)).body.items[0];
    const done = await call('DELETE', `${BASE}/orders/${filled.order_id}`);
    expect([done.status, done.body.code]).toEqual([409, 'CRB_GATEWAY_ORDER_DONE']);
    const unknown = await call('DELETE', `${BASE}/orders/nothing`);
    expect([unknown.status, unknown.body.code]).toEqual([404, 'CRB_GATEWAY_ORDER_UNKNOWN']);
    expect((await call('PATCH', `${BASE}/orders/${open.order_id}`, { body: {} })).status).toBe(404);
  });

  test('lists page without loss or repeat', async () => {
    const all = (await call('GET', `${BASE}/orders?limit=1000`)).body.items as {
      order_id: string;
    }[];
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const path: string = `${BASE}/orders?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const { body }: Answer = await call('GET', path);
      seen.push(...body.items.map(({ order_id }: { order_id: string }) => order_id));
      cursor = body.next_cursor;
    }
    expect(seen).toEqual(all.map(({ order_id }) => order_id));
    expect((await call('GET', `${BASE}/orders?cursor=abc`)).body.code).toBe(
      'CRB_WEB_CURSOR_INVALID',
    );
  });

  test('after a restart orders, fills and keys are the same', async () => {
    const before = (await call('GET', `${BASE}/orders?limit=1000`)).body;
    const restarted = await world.gateway();
    expect(restarted.firstKey).toMatchObject({ text: key, isNew: false });
    const answer = await fetch(`${restarted.url}${BASE}/orders?limit=1000`, {
      headers: { 'x-api-key': key },
    });
    expect(await answer.json()).toEqual(before);
    await restarted.stop();
  });
});
