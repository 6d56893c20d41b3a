import { decimal, type EpochUs } from '@cerberus/core';
import type { Store } from '@cerberus/store';
import { eventually } from '@cerberus/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
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

const MARKETS: [string, string][] = [
  ['spot', SPOT],
  ['usdm', PERPETUAL],
];

describe('a venue under strain', () => {
  test('throttled: it waits as told and sends while the approval stands', async () => {
    await floor.lead();
    floor.faultOnPlace('throttle', { retry_after_s: 1 });
    await floor.rest('o1');
    await floor.reaches('o1', 'NEW');
    expect(floor.history('o1')).toEqual(['PENDING_NEW', 'NEW']);
    floor.faultOnPlace('throttle', { retry_after_s: 30 });
    await floor.rest('o2', { expires_at: (floor.now + 500_000) as EpochUs });
    await floor.reaches('o2', 'EXPIRED');
    expect(floor.arrivals('o2')).toBe(0);
  });

  test.each(MARKETS)('%s: fills missed by a broken user stream arrive once', async (market, id) => {
    await floor.lead();
    const over = market === 'spot' ? {} : { instrument_id: id };
    await floor.rest('o1', over);
    await floor.reaches('o1', 'NEW');
    await floor.sellInto('o1', '0.02');
    await eventually('the first fill', () => floor.fills.length === 1);
    floor.fault({ target: 'user', action: 'disconnect', market });
    // The disconnect strikes with the event of the next fill; those after it fall into the gap.
    await floor.sellInto('o1', '0.03');
    await floor.sellInto('o1', '0.01');
    await eventually('all fills', () => floor.fills.length === 3, 20_000);
    await floor.sellInto('o1', '0.04');
    await floor.reaches('o1', 'FILLED');
    expect(floor.fills.map((fill) => fill.quantity).sort()).toEqual(
      ['0.01', '0.02', '0.03', '0.04'].map((text) => decimal(text)),
    );
    expect(floor.struck('user:disconnect')).toBe(1);
    expect(floor.audit()).toEqual(FLAWLESS);
  });

  test('slow, with more orders than connections: each is sent when it can be answered', async () => {
    await floor.lead();
    const ids = Array.from({ length: 75 }, (_, n) => `o${n}`);
    // More than half of the deadline: two rounds of all connections would be past it.
    const slow = { target: 'rest', action: 'delay', method: 'POST', path: '/order' };
    floor.fault({ ...slow, delay_ms: 230, count: ids.length });
    for (const id of ids) await floor.rest(id);
    for (const id of ids) await floor.reaches(id, 'NEW');
    for (const id of ids) expect(floor.history(id)).toEqual(['PENDING_NEW', 'NEW']);
  });

  test('reports told twice, torn or dropped change nothing in the end', async () => {
    await floor.lead({ sweepEveryMs: 1000 });
    await floor.rest('o1');
    await floor.reaches('o1', 'NEW');
    floor.fault({ target: 'user', action: 'duplicate', count: 2, market: 'spot' });
    await floor.sellInto('o1', '0.02');
    floor.fault({ target: 'user', action: 'malformed', count: 2, market: 'spot' });
    await floor.sellInto('o1', '0.03');
    await floor.sellInto('o1', '0.05');
    await floor.reaches('o1', 'FILLED');
    expect(floor.fills).toHaveLength(3);
    expect(floor.audit()).toEqual(FLAWLESS);
  });
});
