import { decimal, ONE } from '@cerberus/core';
import { blocksOf, LIMITS_ERRORS } from '@cerberus/limits';
import type { RunningService } from '@cerberus/runtime';
import type { Fill, KillSwitch, OrderDecision, OrderRequest } from '@cerberus/schema';
import { eventually, ServiceRig } from '@cerberus/testkit';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type PreTradeConfig, preTrade } from '../src/index.ts';
import { BTC, CONFIG, event, feed, instrument, quote, request, scenarios } from './fixtures.ts';

let rig: ServiceRig;

beforeEach(async () => {
  rig = await ServiceRig.open();
});

afterEach(() => rig.close());

const now = () => rig.host.clock.nowUs();

/** The gate, with a live market unless told otherwise. */
async function start(config: PreTradeConfig = CONFIG, live = true): Promise<RunningService> {
  await rig.append('ref.instrument', instrument(now()));
  const service = await rig.start(preTrade, config);
  if (!live) return service;
  await rig.publish('md.status', feed(now()));
  await rig.publish('md.quote', quote(now()));
  await rig.ready(service);
  return service;
}

/** The decision on a request; waits for it. */
async function ask(id: string, over: Partial<OrderRequest> = {}): Promise<OrderDecision> {
  const asked = request(id, now(), over);
  await rig.append('order.request', asked);
  let found: OrderDecision | undefined;
  await eventually(`a decision on ${asked.request_id}`, async () => {
    found = (await rig.read('order.decision')).find((d) => d.request_id === asked.request_id);
    return found !== undefined;
  });
  return found!;
}

function reasons(decision: OrderDecision): string[] {
  return blocksOf(decision.checks).map(({ code }) => code);
}

function kill(over: Partial<KillSwitch> = {}): KillSwitch {
  return {
    ...{ scope: 'ACCOUNT', scope_id: 'demo', engaged: true, cancel_open: false, reason: 'drill' },
    ...{ set_by: 'risk', set_at: now(), revision: 1 },
    ...over,
  } as KillSwitch;
}

describe('decisions', () => {
  test('an order within limits is approved, with every check and until when it may be sent', async () => {
    await start();
    const decision = await ask('o1');
    expect(decision).toMatchObject({
      outcome: 'APPROVED',
      order_id: 'o1',
      quantity: ONE,
      limit_price: decimal('60000'),
      arrival_mid: 60_000,
    });
    expect(decision.expires_at - decision.decision_time).toBe(10_000_000);
    expect(decision.checks.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['kill_switch', 'order_size', 'notional', 'price_collar', 'position']),
    );
  });

  test('approved orders count at once: the next one that would exceed the position is blocked', async () => {
    await start();
    expect((await ask('o1', { quantity: decimal('8') })).outcome).toBe('APPROVED');
    expect(reasons(await ask('o2', { quantity: decimal('5') }))).toEqual([
      LIMITS_ERRORS.POSITION.code,
    ]);
    expect((await ask('o3', { quantity: decimal('4') })).outcome).toBe('APPROVED');
  });

  test('a burst is decided in order, within the limit', async () => {
    await start();
    const burst = Array.from({ length: 40 }, (_, i) => request(`b${i}`, now()));
    await rig.append('order.request', ...burst);
    await eventually('all decided', async () => (await rig.read('order.decision')).length === 40);
    const approved = (await rig.read('order.decision')).filter((d) => d.outcome === 'APPROVED');
    expect(approved.map(({ order_id }) => order_id)).toEqual(
      burst.slice(0, 12).map((r) => r.order_id),
    );
  });

  test('a repeated request, or a new order of the same id, is not decided again', async () => {
    await start();
    await ask('o1');
    await rig.append(
      'order.request',
      request('o1', now()),
      request('o1', now(), { request_id: 'other' }),
    );
    await ask('o2');
    expect((await rig.read('order.decision')).map(({ order_id }) => order_id)).toEqual([
      'o1',
      'o2',
    ]);
  });

  test('bytes that are no request are set aside and the account goes on', async () => {
    await start();
    await rig.appendRaw('order.request', 'demo', Buffer.from('no avro'));
    await rig.append('order.request', request('bad', now(), { account_id: 'a|b' }));
    expect((await ask('o1')).outcome).toBe('APPROVED');
    await eventually(
      'two dead letters',
      async () => (await rig.deadLetters('order.request')) === 2,
    );
  });
});

describe('reservations', () => {
  test('are released by the end of an order and moved to the position by its fills', async () => {
    await start();
    const first = await ask('o1', { quantity: decimal('10') });
    await rig.append(
      'order.event',
      event(first, { sequence: 1, status: 'PARTIALLY_FILLED', filled_quantity: decimal('3') }),
    );
    await rig.append(
      'order.event',
      event(first, { sequence: 2, status: 'CANCELED', filled_quantity: decimal('3') }),
    );
    await eventually(
      'room for 9',
      async () =>
        (await ask(`probe-${now()}`, { quantity: decimal('9'), side: 'BUY' })).outcome ===
        'APPROVED',
    );
    expect(reasons(await ask('o3', { quantity: decimal('0.001') }))).toEqual([
      LIMITS_ERRORS.POSITION.code,
    ]);
  });

  test('are held while the outcome is unknown, and across a restart', async () => {
    await start();
    const first = await ask('o1', { quantity: decimal('10') });
    await rig.append('order.event', event(first, { sequence: 1, status: 'UNKNOWN' }));
    await rig.restart();
    await start();
    expect(reasons(await ask('o2', { quantity: decimal('3') }))).toEqual([
      LIMITS_ERRORS.POSITION.code,
    ]);
    await rig.append('order.request', request('o1', now()));
    await ask('o3', { quantity: decimal('1') });
    const decided = await rig.read('order.decision');
    expect(decided.filter(({ order_id }) => order_id === 'o1')).toHaveLength(1);
  });

  test('opening positions count', async () => {
    await start();
    await rig.append('position.adjustment', {
      ...{ adjustment_id: 'a1', account_id: 'demo', instrument_id: BTC, currency: 'USDT' },
      ...{ quantity: decimal('11'), price: null, reason: 'OPENING', note: '', time: now() },
    });
    await eventually('the position counts', async () =>
      reasons(await ask(`probe-${now()}`, { quantity: decimal('1.5') })).includes(
        LIMITS_ERRORS.POSITION.code,
      ),
    );
    expect((await ask('sell', { side: 'SELL', quantity: decimal('5') })).outcome).toBe('APPROVED');
  });

  test('a fee kept in coins leaves room for as much, once, across a restart', async () => {
    await start();
    const first = await ask('o1', { quantity: decimal('10') });
    const filled = { filled_quantity: decimal('10') };
    await rig.append('order.event', event(first, { sequence: 1, status: 'FILLED', ...filled }));
    const fee: Fill = {
      ...{ fill_id: 'f1', order_id: 'o1', client_order_id: 'c', account_id: 'demo' },
      ...{ instrument_id: BTC, venue: 'BINANCE', venue_trade_id: '1', price: decimal('60000') },
      ...{ quantity: decimal('10'), fee: decimal('0.01'), fee_currency: 'BTC', token: 1 },
      ...{ event_time: now(), record_time: now() },
      side: 'BUY',
      liquidity: 'TAKER',
    };
    await rig.append('fill', fee, fee);
    await rig.restart();
    await start();
    await rig.append('fill', fee);
    const isRoomFor = async (quantity: string) =>
      (await ask(`probe-${now()}`, { quantity: decimal(quantity) })).outcome === 'APPROVED';
    expect(await isRoomFor('2.011')).toBe(false);
    await eventually('room for the fee', () => isRoomFor('2.01'));
    expect(await isRoomFor('0.001')).toBe(false);
  });

  test('a change is checked as new and takes the place of its order', async () => {
    await start();
    await ask('o1', { quantity: decimal('6') });
    const change = { kind: 'REPLACE', request_id: 'c1', quantity: decimal('9') } as const;
    expect((await ask('o1', change)).outcome).toBe('APPROVED');
    expect(
      reasons(await ask('o1', { ...change, request_id: 'c2', quantity: decimal('13') })),
    ).toContain(LIMITS_ERRORS.POSITION.code);
    expect(reasons(await ask('o2', { quantity: decimal('4') }))).toEqual([
      LIMITS_ERRORS.POSITION.code,
    ]);
  });
});

describe('restarts', () => {
  test('in the middle of bursts: every request is decided once, never beyond the limit', async () => {
    await start();
    const total = 60;
    for (let from = 0; from < total; from += 20) {
      const burst = Array.from({ length: 20 }, (_, i) => request(`b${from + i}`, now()));
      await rig.append('order.request', ...burst);
      await rig.restart(); // Whatever of the burst is not committed by now is decided after it.
      await start();
    }
    const all = () => rig.read('order.decision');
    await eventually('all decided', async () => (await all()).length >= total);
    const decided = await all();
    expect(new Set(decided.map((d) => d.request_id)).size).toBe(total);
    expect(decided).toHaveLength(total);
    const held = decided.filter((d) => d.outcome === 'APPROVED').length;
    expect(held).toBeLessThanOrEqual(12);
    expect(held).toBeGreaterThan(0);
  });
});

describe('value at risk', () => {
  test('a hard limit holds orders to the scenarios that the risk engine publishes', async () => {
    const limits = [
      ...CONFIG.limits,
      { type: 'var_99_1d', scope: 'FIRM', scopeId: '*', unit: 'USD', hard: '5000' } as const,
    ];
    await start({ ...CONFIG, limits });
    expect(reasons(await ask('blind'))).toEqual([LIMITS_ERRORS.NOT_VALUED.code]);
    await rig.publish('risk.scenarios', scenarios(now()));
    // A hundred scenarios from −3000 to 2940 per coin: the worst of them is the 99 % quantile.
    await eventually('valued', async () => (await ask(`probe-${now()}`)).outcome === 'APPROVED');
    expect(reasons(await ask('two', { quantity: decimal('2') }))).toEqual([
      LIMITS_ERRORS.VALUE_AT_RISK.code,
    ]);
  });
});

describe('fails closed', () => {
  test('without limits everything is blocked, but for cancels', async () => {
    await start({ ...CONFIG, limits: [] });
    expect(new Set(reasons(await ask('o1')))).toEqual(new Set([LIMITS_ERRORS.NOT_CONFIGURED.code]));
    expect((await ask('o1', { kind: 'CANCEL', request_id: 'x' })).outcome).toBe('APPROVED');
  });

  test('without a live feed it is not ready and blocks with that code', async () => {
    const service = await start(CONFIG, false);
    const decision = await ask('o1');
    expect(reasons(decision)).toContain(LIMITS_ERRORS.NOT_READY.code);
    expect(service.ready()).toMatchObject({ ready: false });
    expect(service.ready().detail).toContain('no price feed is live');
  });

  test('a feed that goes down blocks', async () => {
    await start();
    expect((await ask('o1')).outcome).toBe('APPROVED');
    await rig.publish('md.status', feed(now(), 'DOWN'));
    await eventually('blocked', async () => (await ask(`probe-${now()}`)).outcome === 'BLOCKED');
  });

  test('a request from before an outage is not acted on', async () => {
    await start();
    const old = { request_time: (now() - 60_000_000) as ReturnType<typeof now> };
    expect(reasons(await ask('o1', old))).toEqual([LIMITS_ERRORS.REQUEST_EXPIRED.code]);
  });
});

describe('kill switch', () => {
  test('stops orders and changes, lets cancels pass, and is lifted', async () => {
    await start();
    await ask('o1');
    await rig.append('control.kill', kill());
    await eventually('killed', async () => (await ask(`probe-${now()}`)).outcome === 'BLOCKED');
    expect(reasons(await ask('o2'))).toEqual([LIMITS_ERRORS.KILL_SWITCH.code]);
    const change = { kind: 'REPLACE', request_id: 'c1', quantity: decimal('2') } as const;
    expect(reasons(await ask('o1', change))).toEqual([LIMITS_ERRORS.KILL_SWITCH.code]);
    expect((await ask('o1', { kind: 'CANCEL', request_id: 'x1' })).outcome).toBe('APPROVED');
    expect((await ask('other', { account_id: 'other' })).outcome).toBe('APPROVED');
    await rig.append('control.kill', kill({ engaged: false, revision: 2 }));
    await eventually('lifted', async () => (await ask(`probe-${now()}`)).outcome === 'APPROVED');
  });

  test('engaged before a restart still stops', async () => {
    await start();
    await rig.append('control.kill', kill());
    await rig.restart();
    await start();
    expect(reasons(await ask('o1'))).toEqual([LIMITS_ERRORS.KILL_SWITCH.code]);
  });
});

describe('limits of the configuration', () => {
  test('are written once; what people changed since stays', async () => {
    await start();
    const [size] = (await rig.read('control.limit')).filter((l) => l.limit_type === 'order_size');
    await rig.append('control.limit', {
      ...size!,
      hard: decimal('2'),
      revision: 2,
      effective_time: now(),
    });
    await rig.restart();
    await start();
    expect((await rig.read('control.limit')).length).toBe(CONFIG.limits.length + 1);
    expect(reasons(await ask('o1', { quantity: decimal('3') }))).toEqual([
      LIMITS_ERRORS.ORDER_SIZE.code,
    ]);
  });

  test.each([
    ['an unknown type', { type: 'order_sise' }, /pre-trade\.limits\[0\].*a type of/],
    ['a unit of another check', { unit: 'bps' }, /pre-trade\.limits\[0\].*a unit of quantity/],
    ['a value that is no number', { hard: 'ten' }, /pre-trade\.limits\[0\].*decimal number/],
    ['no value', { hard: '', soft: '' }, /pre-trade\.limits\[0\].*a soft or a hard value/],
  ])('%s is a refusal to start', async (_, change, message) => {
    const limits = [{ ...CONFIG.limits[0]!, ...change }];
    await expect(rig.start(preTrade, { ...CONFIG, limits })).rejects.toThrow(message);
  });
});
