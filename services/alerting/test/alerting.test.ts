import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type OutgoingRecord, readDeadLetter, replayOf } from '@cerberus/bus';
import { decimal, type EpochUs, ZERO } from '@cerberus/core';
import type { RunningService } from '@cerberus/runtime';
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
import type { AlertingConfig } from '../src/config.ts';
import { ALERTING_ERRORS } from '../src/errors.ts';
import { alerting } from '../src/index.ts';

const BTC = 'BTCUSDT.BINANCE';
const CONFIG: AlertingConfig = {
  ...{ nearFraction: 0.8, slippageBps: 25, cooldownMs: 3_600_000, statusSilenceMs: 600_000 },
  ...{ resolveAfterMs: 3_600_000, webhookUrl: '', webhookSecret: '', webhookTimeoutMs: 2000 },
  ...{ keepResolvedMs: 86_400_000, webhookMaxAgeMs: 3_600_000 },
};

let rig: ServiceRig;
let alerts: Alert[];
let deleted: string[];

beforeEach(async () => {
  rig = await ServiceRig.open();
  alerts = [];
  deleted = [];
  await follow();
});
afterEach(() => rig.close());

const now = (): EpochUs => rig.host.clock.nowUs();

async function follow(): Promise<void> {
  await rig.bus.follow({
    ...{ topics: ['alert'], from: 'end' },
    onRecord: ({ key, value }) => {
      if (value === null) {
        deleted.push(key);
        return;
      }
      const decoded = rig.codecs.decode('alert', value);
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
      standbys: [],
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

describe('dead letters', () => {
  const letters = () => alerts.filter((alert) => alert.rule === 'dead_letter');
  const POISON = Buffer.from('not avro');

  async function putBack(): Promise<void> {
    const writer = await rig.bus.openTransactional('replay');
    const records: OutgoingRecord[] = [];
    const follower = await rig.bus.follow({
      ...{ topics: ['order.decision.dlq'], from: 'beginning' },
      onRecord: (record) => {
        const entry = readDeadLetter(record);
        if (entry?.kind === 'letter') records.push(replayOf(entry, 1)[1]!);
      },
    });
    await follower.caughtUp;
    await writer.commit({ records });
  }

  test('of a ledger are critical, named by topic and service with reasons, and end when put back', async () => {
    await start();
    await rig.appendRaw('order.decision', 'demo', POISON);
    const alert = await told('dead_letter');
    expect(alert).toMatchObject({
      ...{ severity: 'CRITICAL', subject: 'order.decision alerting', count: 1 },
      data: { reasons: 'CRB_SCHEMA_FRAME_INVALID (1)' },
      actions: ['cerberus dlq show order.decision', 'cerberus dlq replay order.decision'],
    });
    await putBack();
    expect(await told('dead_letter', 'RESOLVED')).toMatchObject({ alert_id: alert.alert_id });
  });

  test('within the cooldown are counted, and told when it is over', async () => {
    await start({ cooldownMs: 1500 });
    await rig.appendRaw('order.decision', 'demo', POISON);
    await told('dead_letter');
    await rig.appendRaw('order.decision', 'other', POISON);
    await rig.appendRaw('order.decision', 'third', POISON);
    await eventually('told again', () => letters().length === 2);
    expect(letters()[1]).toMatchObject({ count: 3, alert_id: letters()[0]!.alert_id });
    const apart = letters()[1]!.updated_at - letters()[0]!.updated_at;
    expect(apart).toBeGreaterThanOrEqual(1_500_000);
  });

  test('are over when none came for a while; told once across restarts', async () => {
    await start({ resolveAfterMs: 4000 });
    await rig.appendRaw('order.decision', 'demo', POISON);
    await told('dead_letter');
    await rig.restart();
    await follow();
    await start({ resolveAfterMs: 4000 });
    await told('dead_letter', 'RESOLVED');
    expect(letters().map(({ state }) => state)).toEqual(['RAISED', 'RESOLVED']);
  });

  test('that were put back while nobody looked end with the next start', async () => {
    await start();
    await rig.appendRaw('order.decision', 'demo', POISON);
    await told('dead_letter');
    await rig.restart();
    await putBack();
    await follow();
    await start();
    await told('dead_letter', 'RESOLVED');
  });
});

describe('several instances', () => {
  const scopes = Array.from({ length: 12 }, (_, n) => `account-${n}`);

  function instance(name: string): Promise<RunningService> {
    const { bus, codecs } = rig;
    return alerting.create({ ...rig.host.contextFor(name), bus, codecs, config: CONFIG });
  }

  test('tell of each subject once, and go on where one leaves', async () => {
    const [one, other] = [await instance('one'), await instance('other')];
    await rig.ready(one);
    await rig.ready(other);
    const switches = scopes.map((scope_id) => ({ ...kill(true), scope_id }));
    await rig.append('control.kill', ...switches);
    const told = (state: Alert['state']) =>
      alerts.filter((alert) => alert.rule === 'kill_switch' && alert.state === state);
    await eventually('all are told', () => told('RAISED').length >= scopes.length);
    await rig.append('order.event', event('UNKNOWN', 1));
    await eventually('the order', () => alerts.some(({ rule }) => rule === 'order_unknown'));
    await one.stop();
    await rig.append('control.kill', ...switches.map((each) => ({ ...each, engaged: false })));
    await eventually('all are over', () => told('RESOLVED').length >= scopes.length);
    await other.stop();
    const ids = (state: Alert['state']) => told(state).map(({ alert_id }) => alert_id);
    expect(new Set(ids('RAISED')).size).toBe(scopes.length);
    expect(ids('RAISED')).toHaveLength(scopes.length);
    expect(ids('RESOLVED').sort()).toEqual(ids('RAISED').sort());
    expect(alerts.filter(({ rule }) => rule === 'order_unknown')).toHaveLength(1);
  });
});

describe('alerts that are over', () => {
  test('are deleted from the table after a while', async () => {
    await start({ keepResolvedMs: 500 });
    await rig.append('control.kill', kill(true));
    const { alert_id } = await told('kill_switch');
    expect(deleted).toEqual([]);
    await rig.append('control.kill', kill(false));
    await told('kill_switch', 'RESOLVED');
    await eventually('deleted', () => deleted.includes(alert_id));
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
    await told('kill_switch');
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

  test('what waited too long for a receiver that was away is passed over, and counted', async () => {
    const stale: Alert = {
      ...{ alert_id: 'a', rule: 'r', category: 'c', severity: 'INFO', subject: 's', message: 'm' },
      ...{ data: {}, actions: [], state: 'RAISED', raised_at: now(), count: 1 },
      updated_at: (now() - 60_000_000) as EpochUs,
    } as Alert;
    await rig.append('alert', stale, { ...stale, alert_id: 'b', updated_at: now() });
    await start({ webhookUrl: url, webhookSecret: SECRET, webhookMaxAgeMs: 30_000 });
    await eventually('the fresh one', () => received.length === 1);
    expect(JSON.parse(received[0]!.body)).toMatchObject({ alert_id: 'b' });
    const counted = /alert_deliveries_total\{[^}]*stale[^}]*\} 1/;
    await eventually('the stale one is counted', async () =>
      counted.test(await rig.host.metrics.render()),
    );
  });

  test('what was not delivered when the process ended is delivered by the next, the rest is not again', async () => {
    await start({ webhookUrl: url, webhookSecret: SECRET });
    await rig.append('control.kill', kill(true));
    await eventually('the first', () => received.length === 1);
    answers = Array.from({ length: 100 }, () => 503);
    await rig.append('control.kill', kill(false));
    await eventually('a try of the second', () => received.length === 2);
    await rig.restart();
    answers = [];
    const before = received.length;
    await start({ webhookUrl: url, webhookSecret: SECRET });
    await eventually('the second', () => received.length > before);
    await rig.append('control.kill', { ...kill(true), scope_id: 'other' });
    await eventually('the third', () => received.length > before + 1);
    const after = received.slice(before).map(({ body }) => JSON.parse(body) as Alert);
    expect(after.map(({ subject, state }) => [subject, state])).toEqual([
      ['ACCOUNT demo', 'resolved'],
      ['ACCOUNT other', 'raised'],
    ]);
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
