import { decimal } from '@cerberus/core';
import type { Store } from '@cerberus/store';
import { eventually } from '@cerberus/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { EXECUTION_ERRORS } from '../src/errors.ts';
import { PERPETUAL, SPOT } from './approvals.ts';
import { FLAWLESS, openStore, TradingFloor } from './trading-floor.ts';

let database: { store: Store; close(): Promise<void> };
let floor: TradingFloor;

beforeAll(async () => {
  database = await openStore();
}, 60_000);
afterAll(() => database.close());
beforeEach(async () => {
  floor = await TradingFloor.open(database.store);
});
afterEach(() => floor.close());

describe('an approval reaches the venue and comes back', () => {
  test.each([
    ['spot', SPOT],
    ['usdm', PERPETUAL],
  ])('a market order on %s is filled exactly once', async (_market, instrument_id) => {
    const leader = await floor.lead();
    await floor.approve('o1', { instrument_id });
    await floor.reaches('o1', 'FILLED');
    const last = floor.last('o1')!;
    expect(last.filled_quantity).toBe(decimal('0.1'));
    const total = floor.fills.reduce((sum, fill) => sum + fill.quantity, 0n);
    expect(total).toBe(decimal('0.1'));
    expect(floor.fills.every((fill) => fill.liquidity === 'TAKER')).toBe(true);
    const own = floor.events.filter((event) => event.order_id === 'o1');
    expect(own.map((event) => event.sequence)).toEqual(own.map((_, index) => index + 1));
    expect(floor.audit()).toEqual(FLAWLESS);
    expect(leader.exits).toEqual([]);
  });

  test.each([
    ['spot', SPOT],
    ['usdm', PERPETUAL],
  ])('a resting order on %s is filled in parts, then cancelled', async (_market, instrument_id) => {
    await floor.lead();
    await floor.rest('o1', instrument_id === SPOT ? {} : { instrument_id });
    await floor.reaches('o1', 'NEW');
    await floor.sellInto('o1', '0.03');
    await floor.sellInto('o1', '0.02');
    await eventually('two fills', () => floor.fills.length === 2);
    await floor.reaches('o1', 'PARTIALLY_FILLED');
    await floor.cancel('o1');
    await floor.reaches('o1', 'CANCELED');
    expect(floor.history('o1')).toEqual([
      ...['PENDING_NEW', 'NEW', 'PARTIALLY_FILLED', 'PARTIALLY_FILLED'],
      ...['PENDING_CANCEL', 'CANCELED'],
    ]);
    expect(floor.last('o1')!.filled_quantity).toBe(decimal('0.05'));
    expect(floor.fills.map((fill) => fill.liquidity)).toEqual(['MAKER', 'MAKER']);
    expect(floor.audit()).toEqual(FLAWLESS);
  });

  test('what an IOC leaves expires, and an FOK that cannot be filled whole does nothing', async () => {
    await floor.lead();
    const limit_price = decimal(floor.touch('spot').ask.toFixed(2));
    const large = { order_type: 'LIMIT', quantity: decimal('9'), limit_price } as const;
    await floor.approve('fok', { ...large, time_in_force: 'FOK' });
    await floor.reaches('fok', 'EXPIRED', 'REJECTED');
    expect(floor.last('fok')!.status).toBe('EXPIRED');
    expect(floor.last('fok')!.filled_quantity).toBe(0n);
    await floor.approve('ioc', { ...large, time_in_force: 'IOC' });
    await floor.reaches('ioc', 'EXPIRED');
    const last = floor.last('ioc')!;
    expect(last.filled_quantity).toBeGreaterThan(0n);
    expect(last.filled_quantity).toBeLessThan(decimal('9'));
    expect(floor.audit()).toEqual(FLAWLESS);
  });

  test('a post-only order rests, and one that would take is refused', async () => {
    await floor.lead();
    await floor.rest('maker', { post_only: true });
    await floor.reaches('maker', 'NEW');
    const limit_price = decimal(floor.touch('spot').ask.toFixed(2));
    await floor.approve('taker', { order_type: 'LIMIT', limit_price, post_only: true });
    await floor.reaches('taker', 'REJECTED', 'EXPIRED');
    await floor.cancel('maker');
    await floor.reaches('maker', 'CANCELED');
    expect(floor.fills).toEqual([]);
    expect(floor.audit()).toEqual(FLAWLESS);
  });
});

describe('refusals', () => {
  test('the venue refuses by filter and by balance: the order ends with its words', async () => {
    await floor.lead();
    await floor.approve('filter', { quantity: decimal('0.1000001') });
    await floor.approve('balance', { quantity: decimal('500'), side: 'SELL' });
    await floor.reaches('filter', 'REJECTED');
    await floor.reaches('balance', 'REJECTED');
    expect(floor.last('filter')!.reason).toContain(EXECUTION_ERRORS.VENUE_REJECTED.code);
    expect(floor.last('balance')!.reason).toContain('-2010');
    expect(floor.audit()).toEqual(FLAWLESS);
  });

  test('nothing is sent for an approval that is expired, unpriced, or of no known venue', async () => {
    await floor.lead();
    const expires_at = (floor.now - 1) as typeof floor.now;
    await floor.approve('late', { expires_at });
    await floor.approve('unpriced', { order_type: 'LIMIT', limit_price: null });
    await floor.approve('elsewhere', { instrument_id: 'MSTR.NASDAQ' });
    await floor.reaches('late', 'EXPIRED');
    await floor.reaches('unpriced', 'REJECTED');
    await floor.reaches('elsewhere', 'REJECTED');
    expect(floor.last('late')!.reason).toContain(EXECUTION_ERRORS.APPROVAL_EXPIRED.code);
    expect(floor.sim.ledger.read().filter((r) => r.kind === 'accept')).toEqual([]);
  });

  test('a blocked decision is read past, and an approval read twice is sent once', async () => {
    await floor.lead();
    await floor.approve('blocked', { outcome: 'BLOCKED' });
    await floor.approve('o1');
    await floor.rig.append('order.decision', floor.approvals[0]!);
    await floor.approve('o2');
    await floor.reaches('o2', 'FILLED');
    await floor.reaches('o1', 'FILLED');
    expect(floor.history('blocked')).toEqual([]);
    expect(floor.arrivals('o1')).toBe(1);
    expect(floor.audit()).toEqual(FLAWLESS);
  });
});

describe('cancels', () => {
  test('before the placement is answered: it waits for the answer, then cancels', async () => {
    await floor.lead({ deadlineMs: 5000 });
    floor.faultOnPlace('delay_answer', { delay_ms: 300 });
    await floor.rest('o1');
    await eventually('the order arrives', () => floor.arrivals('o1') === 1);
    await floor.cancel('o1');
    await floor.reaches('o1', 'CANCELED');
    expect(floor.history('o1')).toEqual(['PENDING_NEW', 'PENDING_CANCEL', 'CANCELED']);
    expect(floor.audit()).toEqual(FLAWLESS);
  });

  test('before the order is sent: it never is', async () => {
    await floor.lead();
    floor.faultOnPlace('throttle', { retry_after_s: 1 });
    await floor.rest('o1');
    await eventually('the venue throttles', () => floor.struck('rest:throttle') === 1);
    await floor.cancel('o1');
    await floor.reaches('o1', 'CANCELED');
    expect(floor.arrivals('o1')).toBe(0);
    expect(floor.audit()).toEqual(FLAWLESS);
  });

  test('racing a fill: whoever comes first at the venue wins, and the fill counts', async () => {
    await floor.lead();
    for (let round = 0; round < 5; round += 1) {
      const id = `o${round}`;
      await floor.rest(id);
      await floor.reaches(id, 'NEW');
      const sold = floor.sellInto(id, '0.1').catch(() => undefined);
      await Promise.all([sold, floor.cancel(id)]);
      await floor.reaches(id, 'FILLED', 'CANCELED');
    }
    expect(floor.audit()).toEqual(FLAWLESS);
  });

  test('of an order that is done or unknown: nothing happens, and reading goes on', async () => {
    await floor.lead();
    await floor.approve('o1');
    await floor.reaches('o1', 'FILLED');
    const before = floor.history('o1');
    await floor.cancel('o1');
    await floor.cancel('never-heard-of');
    await floor.approve('o2');
    await floor.reaches('o2', 'FILLED');
    expect(floor.history('o1')).toEqual(before);
    expect(floor.history('never-heard-of')).toEqual([]);
  });

  test('a cancel that is lost on its way is asked again', async () => {
    await floor.lead();
    await floor.rest('o1');
    await floor.reaches('o1', 'NEW');
    floor.fault({ target: 'rest', action: 'drop_before', method: 'DELETE' });
    await floor.cancel('o1');
    await floor.reaches('o1', 'CANCELED');
    expect(floor.audit()).toEqual(FLAWLESS);
  });
});

describe('the kill switch', () => {
  test('refuses new orders, and cancels what it covers where it is told to', async () => {
    await floor.lead();
    await floor.rest('mine');
    await floor.rest('other', { account_id: 'another' });
    await floor.reaches('mine', 'NEW');
    await floor.reaches('other', 'NEW');
    await floor.kill({ cancel_open: true });
    await floor.reaches('mine', 'CANCELED');
    await floor.approve('new');
    await floor.reaches('new', 'REJECTED');
    expect(floor.last('new')!.reason).toContain(EXECUTION_ERRORS.KILL_SWITCH.code);
    expect(floor.last('other')!.status).toBe('NEW');
    await floor.cancel('other', { account_id: 'another' });
    await floor.reaches('other', 'CANCELED');
    expect(floor.audit()).toEqual(FLAWLESS);
  });

  test('of an underlying covers its instruments only', async () => {
    await floor.lead();
    await floor.kill({ scope: 'UNDERLYING', scope_id: 'ETH' });
    await floor.approve('btc');
    await floor.reaches('btc', 'FILLED');
    await floor.kill({ scope: 'UNDERLYING', scope_id: 'BTC' });
    await eventually('the switch bites', async () => {
      const id = `b${floor.approvals.length}`;
      await floor.approve(id);
      await floor.reaches(id, 'FILLED', 'REJECTED');
      return floor.last(id)!.status === 'REJECTED';
    });
  });
});
