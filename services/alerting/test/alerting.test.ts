import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decimal, type EpochUs, ZERO } from '@cerberus/core';
import type {
  Alert,
  Check,
  FeedStatus,
  KillSwitch,
  Leader,
  Limit,
  OrderDecision,
  OrderEvent,
  RiskMetrics,
  TcaReport,
} from '@cerberus/schema';
import { eventually, ServiceRig } from '@cerberus/testkit';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ALERTING_ERRORS } from '../src/errors.ts';
import { alerting } from '../src/index.ts';
import type { AlertingConfig } from '../src/service.ts';
import { Webhook } from '../src/webhook.ts';

const BTC = 'BTCUSDT.BINANCE';
const CONFIG: AlertingConfig = {
  ...{ nearFraction: 0.8, slippageBps: 25, cooldownMs: 3_600_000, statusSilenceMs: 600_000 },
  ...{ resolveAfterMs: 3_600_000, webhookUrl: '', webhookSecret: '', webhookTimeoutMs: 2000 },
};

let rig: ServiceRig;
let alerts: Alert[];

beforeEach(async () => {
  rig = await ServiceRig.open();
  alerts = [];
  await follow();
});
afterEach(() => rig.close());

const now = (): EpochUs => rig.host.clock.nowUs();

async function follow(): Promise<void> {
  await rig.bus.follow({
    ...{ topics: ['alert'], from: 'end' },
    onRecord: ({ value }) => {
      const decoded = rig.codecs.decode('alert', value!);
      if (decoded.ok) alerts.push(decoded.value);
    },
  });
}

async function start(over: Partial<AlertingConfig> = {}): Promise<void> {
  await rig.ready(await rig.start(alerting, { ...CONFIG, ...over }));
}

async function told(rule: string, state: Alert['state'] = 'RAISED'): Promise<Alert> {
  const wanted = (alert: Alert) => alert.rule === rule && alert.state === state;
  await eventually(`${rule} ${state}`, () => alerts.some(wanted));
  return alerts.findLast(wanted)!;
}

function check(over: Partial<Check>): Check {
  return {
    ...{ check: 'notional', passed: true, severity: 'HARD', scope: 'FIRM:*', value: 1, limit: 2 },
    ...{ unit: 'USD', utilization: 0.5, code: 'OK', message: 'notional 1 of 2' },
    ...over,
  } as Check;
}

function decision(...checks: Check[]): OrderDecision {
  return {
    ...{ decision_id: 'd1', request_id: 'r1', kind: 'NEW', order_id: 'o1', account_id: 'demo' },
    ...{ strategy_id: null, instrument_id: BTC, side: 'BUY', order_type: 'MARKET' },
    ...{ quantity: decimal('1'), limit_price: null, stop_price: null, time_in_force: 'GTC' },
    ...{ expire_time: null, post_only: false, reduce_only: false, outcome: 'APPROVED', checks },
    ...{ reference_price: null, arrival_mid: null, reference_time: null, decision_time: now() },
    ...{ expires_at: now(), elapsed_us: 1 },
  } as OrderDecision;
}

function event(status: OrderEvent['status'], sequence: number): OrderEvent {
  return {
    ...{ event_id: `o1:${sequence}`, order_id: 'o1', account_id: 'demo', instrument_id: BTC },
    ...{ venue: 'BINANCE', decision_id: 'd1', client_order_id: 'c1', venue_order_id: null },
    ...{ sequence, status, previous_status: null, side: 'BUY', order_type: 'MARKET' },
    ...{ time_in_force: 'GTC', quantity: decimal('1'), limit_price: null, filled_quantity: ZERO },
    ...{ average_price: null, last_quantity: null, last_price: null, event_time: now() },
    ...{ record_time: now(), reason: 'timeout', token: 1 },
  } as OrderEvent;
}

function feed(state: FeedStatus['state']): FeedStatus {
  return {
    ...{ instrument_id: BTC, venue: 'BINANCE', state, reason: 'silent', since: now() },
    ...{ last_event_time: null, gaps: 0, resyncs: 0, duplicates: 0, refused: 0, conflated: 0 },
    clock_offset_ms: null,
  };
}

function kill(engaged: boolean): KillSwitch {
  return {
    ...{ scope: 'ACCOUNT', scope_id: 'demo', engaged, cancel_open: false, reason: 'drill' },
    ...{ set_by: 'risk', set_at: now(), revision: 1 },
  } as KillSwitch;
}

function figures(value: number): RiskMetrics {
  return {
    ...{ account_id: 'demo', as_of: now(), method: '', values: { var_99_1d: value }, missing: {} },
    ...{ stress: {}, inputs: [], quality: 'OK' },
  } as RiskMetrics;
}

function slipped(bps: number): TcaReport {
  return {
    ...{ order_id: 'o1', account_id: 'demo', instrument_id: BTC, final: true, as_of: now() },
    ...{ orders: [], fills: [], fees_usd: null, impact_bps: null, spread_cost_usd: null },
    ...{ total_cost_usd: null, violations: [], realized_pnl: null, unrealized_pnl: null },
    ...{ latency_ms: null, arrival_slippage_bps: bps, vwap_slippage_bps: null, fill_rate: 1 },
    ...{ passive_ratio: 0, missing: {} },
  };
}

describe('rules', () => {
  test('checks: a block, a soft limit passed and one that is near are told, others are not', async () => {
    await start();
    await rig.append(
      'order.decision',
      decision(
        check({ check: 'order_size', passed: false, message: 'too large', utilization: 2 }),
        check({ check: 'notional', passed: false, severity: 'SOFT', utilization: 1.1 }),
        check({ check: 'position', utilization: 0.85 }),
        check({ check: 'price_collar', utilization: 0.2 }),
      ),
    );
    expect(await told('limit_breach')).toMatchObject({ subject: `demo ${BTC} order_size` });
    expect(await told('soft_limit_breach')).toMatchObject({ severity: 'WARNING' });
    expect((await told('limit_near')).message).toContain('85 %');
    expect(alerts).toHaveLength(3);
  });

  test('a breach that does not come again is over after a while, and nothing of it is kept', async () => {
    await start({ resolveAfterMs: 300 });
    await rig.append('order.decision', decision(check({ passed: false })));
    const first = await told('limit_breach');
    expect(await told('limit_breach', 'RESOLVED')).toMatchObject({ alert_id: first.alert_id });
    await rig.append('order.event', event('UNKNOWN', 1));
    await rig.append('order.decision', decision(check({ passed: false })));
    await eventually(
      'both are over',
      () => alerts.filter((a) => a.state === 'RESOLVED').length >= 2,
    );
    expect(alerts.some((a) => a.rule === 'order_unknown' && a.state === 'RESOLVED')).toBe(false);
  });

  test('an unknown order is told until the venue has spoken', async () => {
    await start();
    await rig.append('order.event', event('UNKNOWN', 1));
    expect(await told('order_unknown')).toMatchObject({ severity: 'CRITICAL', subject: 'o1' });
    await rig.append('order.event', event('CANCELED', 2));
    await told('order_unknown', 'RESOLVED');
  });

  test('slippage beyond the threshold is told, within it not', async () => {
    await start();
    await rig.append('tca.report', slipped(10));
    await rig.append('tca.report', slipped(40));
    expect((await told('slippage')).message).toContain('40.0 bp');
    expect(alerts).toHaveLength(1);
  });

  test('a feed: stale, down and live again; graver is told within the cooldown', async () => {
    await start();
    await rig.publish('md.status', feed('CONNECTING'));
    await rig.publish('md.status', feed('STALE'));
    expect(await told('stale_feed')).toMatchObject({ severity: 'WARNING', subject: BTC });
    await rig.publish('md.status', feed('DOWN'));
    await eventually('graver', () => alerts.some((alert) => alert.severity === 'CRITICAL'));
    await rig.publish('md.status', feed('LIVE'));
    await told('stale_feed', 'RESOLVED');
    expect(new Set(alerts.map((alert) => alert.alert_id)).size).toBe(1);
  });

  test('a feed of which nothing is heard any more is told by the silence itself', async () => {
    await start({ statusSilenceMs: 1000 });
    await rig.publish('md.status', feed('LIVE'));
    expect((await told('stale_feed')).message).toContain('No word');
    await rig.publish('md.status', feed('LIVE'));
    await told('stale_feed', 'RESOLVED');
  });

  test('a change of leader and a kill switch', async () => {
    await start();
    const leader: Leader = {
      ...{ service: 'execution', instance_id: 'a', token: 3, state: 'LEADING', since: now() },
    };
    await rig.append('control.leader', leader);
    expect((await told('leader_change')).message).toContain('term 3');
    await rig.append('control.kill', kill(true));
    expect(await told('kill_switch')).toMatchObject({
      severity: 'CRITICAL',
      subject: 'ACCOUNT demo',
    });
    await rig.append('control.kill', kill(false));
    await told('kill_switch', 'RESOLVED');
  });

  test('a risk figure: near its limit, above it, well inside it', async () => {
    const limit: Limit = {
      ...{ limit_id: 'var', limit_type: 'var_99_1d', scope: 'ACCOUNT', scope_id: 'demo' },
      ...{ soft: null, hard: decimal('1000'), unit: 'USD', enabled: true, effective_time: now() },
      ...{ proposed_by: 'a', approved_by: 'b', revision: 1 },
    } as Limit;
    await rig.append('control.limit', limit);
    await start();
    await rig.publish('risk.metrics', figures(500));
    await rig.publish('risk.metrics', figures(900));
    expect(await told('risk_limit')).toMatchObject({ severity: 'WARNING', subject: 'demo var' });
    await rig.publish('risk.metrics', figures(1100));
    await eventually('graver', () => alerts.at(-1)?.severity === 'CRITICAL');
    await rig.publish('risk.metrics', figures(500));
    await told('risk_limit', 'RESOLVED');
  });

  test('what is open is still open after a restart, and told once', async () => {
    await start();
    await rig.append('order.event', event('UNKNOWN', 1));
    await rig.append('control.kill', kill(true));
    await told('order_unknown');
    await told('kill_switch');
    await rig.restart();
    await follow();
    alerts = [];
    await start();
    await rig.append('order.event', event('UNKNOWN', 2));
    await rig.append('order.event', event('FILLED', 3));
    await rig.append('control.kill', kill(false));
    await told('order_unknown', 'RESOLVED');
    await told('kill_switch', 'RESOLVED');
    expect(alerts.filter((alert) => alert.state === 'RAISED')).toEqual([]);
  });
});

describe('the webhook', () => {
  const SECRET = 'a-secret';
  let server: Server;
  let url: string;
  let received: { body: string; headers: Record<string, unknown> }[];
  let answers: number[];

  beforeEach(async () => {
    received = [];
    answers = [];
    server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      received.push({ body, headers: request.headers });
      response.writeHead(answers.shift() ?? 204).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });

  const stateOf = (body: string) => (JSON.parse(body) as { state: string }).state;

  test('gets every alert, signed over the exact body', async () => {
    await start({ webhookUrl: url, webhookSecret: SECRET });
    await rig.append('control.kill', kill(true));
    await rig.append('control.kill', kill(false));
    await eventually('both', () => received.length === 2);
    for (const { body, headers } of received) {
      const expected = createHmac('sha256', SECRET).update(body).digest('hex');
      expect(headers['x-cerberus-signature']).toBe(`sha256=${expected}`);
    }
    expect(received.map(({ body }) => stateOf(body))).toEqual(['raised', 'resolved']);
    expect(new Set(received.map(({ headers }) => headers['idempotency-key'])).size).toBe(2);
  });

  test('is tried again after a server error with the same key, not after a refusal', async () => {
    answers = [500, 204, 400];
    await start({ webhookUrl: url, webhookSecret: SECRET });
    await rig.append('control.kill', kill(true));
    await eventually('the second try', () => received.length === 2);
    expect(received[1]).toMatchObject({ body: received[0]!.body });
    expect(received[1]!.headers['idempotency-key']).toBe(received[0]!.headers['idempotency-key']);
    await rig.append('control.kill', kill(false));
    await eventually('the refusal', () => received.length === 3);
    await rig.append('control.kill', kill(true));
    await eventually('the next alert', () => received.length === 4);
    expect(received.map(({ body }) => stateOf(body))).toEqual([
      'raised',
      'raised',
      'resolved',
      'raised',
    ]);
  });

  test('drops the oldest beyond its bound, and counts them', async () => {
    const host = rig.host.contextFor('flood');
    const webhook = new Webhook(host, { url, secret: SECRET, timeoutMs: 2000 });
    const alert: Alert = {
      ...{ alert_id: 'a', rule: 'r', category: 'c', severity: 'INFO', subject: 's', message: 'm' },
      ...{ data: {}, actions: [], state: 'RAISED', raised_at: now(), updated_at: now(), count: 1 },
    } as Alert;
    for (let n = 0; n < 1500; n += 1) webhook.deliver({ ...alert, alert_id: `a${n}` });
    await webhook.stop();
    const ids = received.map(({ body }) => (JSON.parse(body) as Alert).alert_id);
    // The first was under way already; of the others the newest thousand remain.
    expect(ids).toEqual(['a0', ...Array.from({ length: 1000 }, (_, n) => `a${n + 500}`)]);
    expect(await rig.host.metrics.render()).toMatch(
      /alert_deliveries_total\{[^}]*dropped[^}]*\} 499/,
    );
  });

  test.each([
    ['no secret', { webhookUrl: 'http://127.0.0.1:9/', webhookSecret: '' }],
    ['no URL', { webhookUrl: 'not a url', webhookSecret: SECRET }],
  ])('with %s is refused at start', async (_what, over) => {
    await expect(rig.start(alerting, { ...CONFIG, ...over })).rejects.toMatchObject({
      code: ALERTING_ERRORS.WEBHOOK_UNUSABLE.code,
    });
  });
});
