import { decimal, type EpochUs } from '@cerberus/core';
import type { Store } from '@cerberus/store';
import { eventually } from '@cerberus/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { saveOrder } from '../src/saved-order.ts';
import { workingOrder } from '../src/working-order.ts';
import { approval, PERPETUAL } from './approvals.ts';
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

const RESTING = 130;
const FILLED = 60;
const UNSENT = 20;
/** Every question for the state of orders or trades, by the end of its path. */
const QUESTIONS = ['/order', '/openOrders', '/allOrders', '/myTrades', '/userTrades'];

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

/** A fault that does nothing but count. */
function countQuestions(): void {
  for (const path of QUESTIONS) {
    const counted = { target: 'rest', action: 'delay', method: 'GET', path };
    floor.fault({ ...counted, delay_ms: 1, count: 1_000_000 });
  }
}

const lasting = () => ({ expires_at: (floor.now + 120_000_000) as EpochUs });

const MARKETS = [
  ['spot', {}],
  ['usdm', { instrument_id: PERPETUAL }],
] as const;

test.each(MARKETS)(
  '%s: 150 orders in flight, a handful of questions',
  async (market, listed) => {
    const election = await floor.election();
    const first = await floor.contender(election, 'first');
    await floor.leadingBy('first');
    const resting = names('o', RESTING);
    const order = {
      ...lasting(),
      quantity: decimal('0.001'),
      limit_price: floor.inside(market),
      ...listed,
    };
    for (const [index, id] of resting.entries()) {
      // The venue takes so many orders in ten seconds.
      if (index === 80)
        await eventually('the first arrived', () => floor.last('o79')?.status === 'NEW');
      await floor.rest(id, order);
    }
    for (const id of resting) await floor.reaches(id, 'NEW');
    await first.kill();
    // Nobody leads: orders end, and others were saved of which the venue never heard.
    await floor.sellInto('o0', String(FILLED / 1000));
    for (const id of names('u', UNSENT)) {
      const unsent = approval(id, floor.now, {
        ...listed,
        ...lasting(),
        quantity: decimal('0.001'),
      });
      floor.approvals.push(unsent);
      const saved = {
        ...workingOrder(unsent, { venue: 'BINANCE', traceparent: null }),
        sequence: 1,
      };
      const bytes = floor.rig.codecs.encode('execution.state', saveOrder(saved));
      await floor.rig.appendRaw('execution.state', id, bytes);
    }
    countQuestions();
    await floor.contender(election, 'second');
    await floor.leadingBy('second');
    expect(floor.struck('rest:delay')).toBeLessThanOrEqual(10);
    // They hold back themselves only.
    expect(floor.arrivals('u0')).toBe(0);
    for (const id of names('o', FILLED)) await floor.reaches(id, 'FILLED');
    for (const id of names('u', UNSENT)) await floor.reaches(id, 'FILLED');
    for (const id of resting.slice(FILLED)) await floor.cancel(id);
    for (const id of resting.slice(FILLED)) await floor.reaches(id, 'CANCELED');
    expect(floor.audit()).toEqual(FLAWLESS);
  },
  120_000,
);
