import { once } from 'node:events';
import { createServer } from 'node:net';
import { decimal } from '@cerberus/core';
import { eventually } from '@cerberus/testkit';
import { fieldErrorsOf } from '@cerberus/web';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TSchema } from 'typebox';
import { WebSocket } from 'ws';
import {
  ALERT_SCHEMA,
  INSTRUMENT_SCHEMA,
  KILL_SCHEMA,
  LEADER_SCHEMA,
  LIMIT_SCHEMA,
  leaderDocument,
  QUOTE_SCHEMA,
} from '../src/document/control-document.ts';
import { RISK_METRICS_SCHEMA } from '../src/document/metrics-document.ts';
import { POSITION_SCHEMA } from '../src/document/position-document.ts';
import { GREEK_TOTALS_SCHEMA, POSITION_GREEKS_SCHEMA } from '../src/document/risk-document.ts';
import type { RunningGateway } from '../src/index.ts';
import {
  ACCOUNT,
  BTC,
  limit,
  openMarket,
  openWorld,
  quote,
  type World,
} from './gateway-fixture.ts';
import { alert, metrics, OPTION, option, position, report } from './risk-records.ts';

const BASE = '/api/v1/risk';

let world: World;
let gateway: RunningGateway;
let key: string;

beforeAll(async () => {
  world = await openWorld();
  await openMarket(world);
  await world.ledger('ref.instrument', option());
  await world.ledger('control.limit', {
    ...limit('var_99_1d', '5000', 'USD'),
    soft: decimal('4000'),
  });
  await world.ledger('position', position(world, BTC, '2'));
  await world.ledger('position', position(world, OPTION, '-3'));
  await world.ledger('position', {
    ...position(world, BTC, '1'),
    account_id: 'other',
    position_id: `other|${BTC}`,
  });
  await world.stream('risk.greeks', report(world));
  await world.stream('risk.metrics', metrics(world, 2500));
  gateway = await world.gateway();
  key = gateway.firstKey!.text;
});
afterAll(async () => {
  await gateway.stop();
  await world.close();
});

// biome-ignore lint/suspicious/noExplicitAny: answers are examined field by field
async function get(path: string): Promise<{ status: number; body: any }> {
  const answer = await fetch(`${gateway.url}${path}`, { headers: { 'x-api-key': key } });
  return { status: answer.status, body: await answer.json() };
}

async function write(method: string, path: string, body: object) {
  const answer = await fetch(`${gateway.url}${path}`, {
    method,
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

function fits(schema: TSchema, values: unknown[]): void {
  expect(values.length).toBeGreaterThan(0);
  for (const value of values) expect(fieldErrorsOf(schema, value)).toEqual([]);
}

describe('positions and Greeks', () => {
  test('positions carry exact amounts, marks, terms of options and reasons for what is missing', async () => {
    const { body } = await get(`${BASE}/positions?account_id=${ACCOUNT}`);
    fits(POSITION_SCHEMA, body.items);
    const [call, coin] = body.items;
    expect(coin).toMatchObject({
      symbol: 'BTCUSDT',
      asset_class: 'crypto',
      quantity: '2',
      avg_price: '50000.123456789012345678',
      mark_price: 60_000,
      quality: 'ok',
    });
    expect(call).toMatchObject({
      asset_class: 'option',
      option_type: 'CALL',
      strike: '60000',
      expiration: '2030-12-27T08:00:00.000000Z',
      mark_price: null,
      quality: 'untrusted',
    });
    expect(call.reasons).toEqual({
      mark_price: 'no surface',
      market_value: 'no surface',
      unrealized_pnl: 'no surface',
    });
    expect((await get(`${BASE}/positions?asset_class=option`)).body.items).toHaveLength(1);
    expect((await get(`${BASE}/positions?asset_class=bond`)).status).toBe(400);
    const other = (await get(`${BASE}/positions?account_id=other`)).body.items[0];
    expect(other).toMatchObject({
      mark_price: null,
      as_of: null,
      reasons: { mark_price: 'not valued yet' },
    });
  });

  test('Greeks per position with age, inputs and quality; input ages are those of the answer', async () => {
    for (const path of ['/greeks', `${BASE}/greeks`]) {
      const { body } = await get(path);
      fits(POSITION_GREEKS_SCHEMA, body.positions);
      fits(GREEK_TOTALS_SCHEMA, body.totals);
      expect(body.quality).toBe('ok');
      expect(body.inputs[0].name).toBe('quote BTCUSDT.BINANCE');
      expect(body.inputs[0].age_ms).toBeGreaterThan(5);
    }
    const { body } = await get(`/greeks?position_id=${encodeURIComponent(`${ACCOUNT}|${BTC}`)}`);
    expect(body.positions).toHaveLength(1);
    expect(body.positions[0]).toMatchObject({ delta: 2, vega: 100, quantity: '2' });
  });

  test('trader units scale by volatility points; sums lacking a part are null and say which', async () => {
    const path = `/greeks?position_id=${encodeURIComponent(`${ACCOUNT}|${BTC}`)}`;
    expect((await get(`${path}&units=trader`)).body.positions[0]).toMatchObject({
      delta: 2,
      vega: 1,
      rho: 0.07,
      volga: 0.0003,
    });
    const { body } = await get('/greeks?aggregate=true');
    expect(body.groups).toHaveLength(1);
    expect(body.groups[0]).toMatchObject({
      group: 'all',
      positions: 2,
      delta: 3,
      vega: null,
      quality: 'untrusted',
    });
    expect(body.groups[0].reasons.vega).toBe(`${ACCOUNT}|${OPTION}: no surface`);
    const buckets = (await get('/greeks?group_by=expiry_bucket')).body.groups;
    expect(buckets.map(({ group }: { group: string }) => group)).toEqual(['1y+', 'no expiry']);
    expect((await get('/greeks?group_by=strategy')).status).toBe(400);
  });

  test('a report that nobody renews is degraded', async () => {
    const strict = await world.gateway({ staleAfterMs: 1 });
    const answer = await fetch(`${strict.url}/greeks`, { headers: { 'x-api-key': key } });
    expect(((await answer.json()) as { quality: string }).quality).toBe('degraded');
    await strict.stop();
  });
});

describe('risk figures and limits', () => {
  test('every figure of the contract is there or null with a reason', async () => {
    const { body } = await get(`${BASE}/risk-metrics?account_id=${ACCOUNT}`);
    fits(RISK_METRICS_SCHEMA, [body]);
    expect(body).toMatchObject({
      var_99_1d: 2500,
      var_95_10d: null,
      stress_scenarios: { btc_50_drop: -60_000 },
    });
    expect(body.reasons['var_95_10d']).toBe('no history');
    expect(body.limits).toEqual({ var_99_1d: { hard: 5000, soft: 4000, utilization: 0.5 } });
    const chosen = (await get(`${BASE}/risk-metrics?metrics[]=VAR_99&horizon=1d`)).body;
    expect(chosen.var_99_1d).toBe(2500);
    expect('es_99_1d' in chosen || 'portfolio_delta' in chosen).toBe(false);
    expect((await get(`${BASE}/risk-metrics?method=tarot`)).status).toBe(400);
    expect((await get(`${BASE}/risk-metrics?method=monte_carlo`)).body.code).toBe(
      'CRB_GATEWAY_METHOD_UNAVAILABLE',
    );
    const parametric = (await get(`${BASE}/risk-metrics?method=parametric`)).body;
    expect(parametric).toMatchObject({ method: 'parametric', var_99_1d: 2400, es_99_1d: null });
    const historical = (await get(`${BASE}/risk-metrics?method=historical`)).body;
    expect([historical.var_99_1d, 'parametric_var_99_1d' in historical]).toEqual([2500, false]);
    expect((await get(`${BASE}/risk-metrics?account_id=nobody`)).body.code).toBe(
      'CRB_GATEWAY_ACCOUNT_UNKNOWN',
    );
    expect((await get(`${BASE}/risk-metrics?account_id=other`)).status).toBe(404);
  });

  test('limits with their use', async () => {
    const { body } = await get(`${BASE}/limits?account=${ACCOUNT}`);
    fits(LIMIT_SCHEMA, body.limits);
    expect(body.utilization[`${ACCOUNT}-var_99_1d-USD`]).toBe(0.5);
    expect(body.utilization[`${ACCOUNT}-position-quantity`]).toBeCloseTo(0.3, 12);
    expect(body.utilization[`${ACCOUNT}-order_size-quantity`]).toBeNull();
    expect(body.reasons[`${ACCOUNT}-order_size-quantity`]).toContain('single orders');
    expect((await get(`${BASE}/limits?limit_type=notional`)).body.limits).toHaveLength(1);
  });

  test('instruments and leader', async () => {
    fits(INSTRUMENT_SCHEMA, (await get(`${BASE}/instruments`)).body.items);
    expect((await get(`${BASE}/instruments?symbol=BTCUSDT`)).body.items[0].feed.state).toBe('LIVE');
    expect((await get(`${BASE}/leader`)).body.items).toEqual([]);
    await world.ledger('control.leader', {
      service: 'execution',
      instance_id: 'a',
      token: 3,
      state: 'LEADING',
      since: world.nowUs(),
      standbys: ['b'],
    });
    await eventually(
      'the leader is seen',
      async () => (await get(`${BASE}/leader`)).body.items.length === 1,
    );
    const { items } = (await get(`${BASE}/leader`)).body;
    fits(LEADER_SCHEMA, items);
    expect(items[0]).toMatchObject({
      ...{ leader_id: 'a', state: 'leading', token: 3, standbys: ['b'] },
    });
  });

  test('a leader that has fallen silent is not said to lead', () => {
    const at = world.nowUs();
    const leader = {
      ...{ service: 'execution', instance_id: 'a', token: 3, since: at, standbys: [] },
      state: 'LEADING' as const,
    };
    const silent = leaderDocument(leader, { saidAt: at, silentMs: 6500 });
    expect(silent).toMatchObject({ leader_id: null, instance_id: 'a', state: 'silent' });
    expect(leaderDocument(leader, { saidAt: at, silentMs: 5500 })['leader_id']).toBe('a');
    const gone = { ...leader, state: 'RELINQUISHED' as const };
    expect(leaderDocument(gone, { saidAt: at, silentMs: 0 })).toMatchObject({
      ...{ leader_id: null, state: 'relinquished' },
    });
  });
});

describe('kill switch', () => {
  test('engaged: shown at once and blocks the check; released: passes again', async () => {
    await world.stream('md.quote', quote(world.nowUs()));
    const passes = async () => {
      const order = {
        account_id: ACCOUNT,
        symbol: 'BTCUSDT',
        side: 'BUY',
        quantity: '0.1',
        order_type: 'MARKET',
      };
      // The account has a limit on value at risk, and this test no scenarios to judge it by.
      const checks_requested = ['order_size'];
      const { body } = await write('POST', '/pre-trade-check', { order, checks_requested });
      return body['passed'] === true;
    };
    await eventually('the check passes', passes);
    const engaged = await write('POST', `${BASE}/kill-switch`, {
      scope: 'account',
      id: ACCOUNT,
      reason: 'drill',
      cancel_open: true,
    });
    expect(engaged.status).toBe(200);
    fits(KILL_SCHEMA, [engaged.body]);
    const { body } = await get(`${BASE}/kill-switch`);
    expect(body.items).toEqual([
      expect.objectContaining({
        scope: 'account',
        id: ACCOUNT,
        active: true,
        reason: 'drill',
        revision: 1,
      }),
    ]);
    expect(await passes()).toBe(false);
    const released = await write('DELETE', `${BASE}/kill-switch`, {
      scope: 'account',
      id: ACCOUNT,
    });
    expect(released.body).toMatchObject({ active: false, revision: 2 });
    expect(await passes()).toBe(true);
    const again = await write('DELETE', `${BASE}/kill-switch`, { scope: 'account', id: ACCOUNT });
    expect([again.status, again.body['code']]).toEqual([409, 'CRB_GATEWAY_NOT_ENGAGED']);
  });

  test('a switch of nothing is refused: it would look like safety', async () => {
    const unknown = await write('POST', `${BASE}/kill-switch`, {
      scope: 'account',
      id: 'nobody',
      reason: 'x',
    });
    expect(unknown.body['code']).toBe('CRB_GATEWAY_ACCOUNT_UNKNOWN');
    const nameless = await write('POST', `${BASE}/kill-switch`, { scope: 'strategy', reason: 'x' });
    expect(nameless.body['code']).toBe('CRB_GATEWAY_SCOPE_UNKNOWN');
    expect(
      (await write('POST', `${BASE}/kill-switch`, { scope: 'world', reason: 'x' })).status,
    ).toBe(400);
    expect((await write('POST', `${BASE}/kill-switch`, { scope: 'firm' })).status).toBe(400);
  });
});

describe('streams', () => {
  async function stream(name: string, subscription: object) {
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/stream/${name}`, {
      headers: { 'x-api-key': key },
    });
    // biome-ignore lint/suspicious/noExplicitAny: messages are examined field by field
    const messages: any[] = [];
    socket.on('message', (raw) => messages.push(JSON.parse(String(raw))));
    await once(socket, 'open');
    socket.send(JSON.stringify(subscription));
    await eventually(`a first message of ${name}`, () => messages.length > 0);
    const update = (what: string) => eventually(what, () => messages.length > 1);
    return { messages, update, close: () => socket.close() };
  }

  test('market data: snapshot of quotes, then what changed', async () => {
    const { messages, update, close } = await stream('market-data', { throttle: 100 });
    fits(QUOTE_SCHEMA, messages[0].data.quotes);
    await world.stream('md.quote', quote(world.nowUs(), 61_000));
    await update('a new quote');
    expect(messages[1]).toMatchObject({ type: 'market_data', seq: messages[0].seq + 1 });
    expect(messages[1].data.quotes).toEqual([
      expect.objectContaining({ symbol: 'BTCUSDT', venue: 'BINANCE', mid: 61_000, quality: 'ok' }),
    ]);
    const book = {
      instrument_id: BTC,
      venue: 'BINANCE',
      event_time: world.nowUs(),
      receive_time: world.nowUs(),
      first_sequence: 1,
      last_sequence: 1,
      bid_prices: [60_999.5, 60_999],
      bid_quantities: [2, 1],
      ask_prices: [61_000.5],
      ask_quantities: [3],
      quality: 'OK' as const,
    };
    await world.stream('md.book', { ...book, kind: 'SNAPSHOT' });
    await world.stream('md.book', { ...book, kind: 'DELTA', bid_prices: [1], bid_quantities: [0] });
    await eventually('a book', () => messages.length > 2);
    expect(messages[2].data.books).toEqual({
      BTCUSDT: {
        bids: [
          [60_999.5, 2],
          [60_999, 1],
        ],
        asks: [[61_000.5, 3]],
      },
    });
    close();
  });

  test('Greeks and risk figures: snapshot, then the report that changed', async () => {
    const greeks = await stream('greeks', { throttle: 100, account_id: ACCOUNT });
    fits(POSITION_GREEKS_SCHEMA, greeks.messages[0].data.positions);
    await world.stream('risk.greeks', { ...report(world), spot_price: 61_000 });
    await greeks.update('new Greeks');
    expect(greeks.messages[1]).toMatchObject({
      type: 'greeks',
      data: { quality: 'ok', totals: [{ spot_price: 61_000 }] },
    });
    greeks.close();
    const risk = await stream('risk-metrics', {
      throttle: 100,
      account_id: ACCOUNT,
      metrics: ['VAR_99'],
    });
    expect(risk.messages[0].data.accounts[0]).toMatchObject({
      account_id: ACCOUNT,
      var_99_1d: 2500,
    });
    await world.stream('risk.metrics', metrics(world, 4500));
    await risk.update('new figures');
    expect(risk.messages[1]).toMatchObject({
      type: 'risk_update',
      data: { var_99_1d: 4500, limits: { var_99_1d: { utilization: 0.9 } } },
    });
    risk.close();
  });

  test('alerts: those of the chosen severity, also by REST', async () => {
    const all = await stream('alerts', {});
    const critical = await stream('alerts', { severity: 'critical' });
    await world.ledger('alert', alert(world, 'a1', 'WARNING'));
    await world.ledger('alert', alert(world, 'a2', 'CRITICAL'));
    await critical.update('an alert');
    await eventually('both alerts', () => all.messages.length === 3);
    expect(critical.messages[1]).toMatchObject({
      type: 'alert',
      severity: 'critical',
      message: 'Limit near',
      actions: ['reduce'],
      data: { alert_id: 'a2', state: 'raised' },
    });
    const { body } = await get(`${BASE}/alerts`);
    fits(ALERT_SCHEMA, body.items);
    expect((await get(`${BASE}/alerts?severity=critical`)).body.items).toHaveLength(1);
    const paged = (await get(`${BASE}/alerts?limit=1`)).body;
    const rest = (await get(`${BASE}/alerts?limit=1&cursor=${paged.next_cursor}`)).body;
    expect([paged.items[0].alert_id, rest.items[0].alert_id, rest.next_cursor]).toEqual([
      'a2',
      'a1',
      null,
    ]);
    all.close();
    critical.close();
  });
});

test('a malformed record becomes a dead letter and the gateway goes on', async () => {
  const letters: string[] = [];
  const follower = await world.bus.follow({
    topics: ['alert.dlq'],
    from: 'beginning',
    onRecord: (record) => letters.push(JSON.stringify(record.headers)),
  });
  const producer = await world.bus.openTransactional('vandal');
  await producer.commit({
    records: [{ topic: 'alert', key: 'bad', value: Buffer.from('not avro') }],
  });
  await eventually('a dead letter', () => letters.length > 0);
  expect(letters[0]).toContain('alert');
  expect((await get(`${BASE}/alerts`)).status).toBe(200);
  await producer.close();
  await follower.stop();
});

test('a port in use is said with the key to change', async () => {
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  const { port } = blocker.address() as { port: number };
  await expect(world.gateway({ port })).rejects.toThrow(/taken.*gateway\.port/);
  blocker.close();
});
