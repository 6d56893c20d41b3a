import type { EpochUs } from '@cerberus/core';
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

const MARKETS: [string, string][] = [
  ['spot', SPOT],
  ['usdm', PERPETUAL],
];

describe('an order whose outcome is not known', () => {
  test.each(MARKETS)(
    '%s: accepted without a proper answer, it is asked for and not sent twice',
    async (market, instrument_id) => {
      await floor.lead();
      const ways = ['delay_answer', 'error_after', 'drop_after', 'garbage_after'];
      for (const way of ways) {
        floor.faultOnPlace(way, { market, delay_ms: 1500 });
        await floor.rest(way, market === 'spot' ? {} : { instrument_id });
        await eventually(`${way} strikes`, () => floor.struck(`rest:${way}`) === 1);
        await eventually('the order is there', () => floor.arrivals(way) === 1);
      }
      for (const way of ways) await floor.reaches(way, 'NEW');
      // The last one rests at the best price.
      for (const way of ways.toReversed()) await floor.sellInto(way, '0.1');
      for (const way of ways) {
        await floor.reaches(way, 'FILLED');
        expect(floor.history(way)).not.toContain('REJECTED');
        expect(floor.arrivals(way)).toBe(1);
      }
      expect(floor.audit()).toEqual(FLAWLESS);
    },
  );

  test('a market order that was filled without an answer is not filled twice', async () => {
    await floor.lead();
    floor.faultOnPlace('drop_after');
    // Its own reports are lost as well: only the query can tell.
    floor.fault({ target: 'user', action: 'silence', delay_ms: 5000, market: 'spot' });
    await floor.approve('o1');
    await floor.reaches('o1', 'FILLED');
    expect(floor.history('o1')).toContain('UNKNOWN');
    expect(floor.arrivals('o1')).toBe(1);
    expect(floor.audit()).toEqual(FLAWLESS);
  });

  test.each([
    ['the connection breaks before', 'drop_before'],
    ['a server error before', 'error_before'],
  ])('%s the venue saw it: absent twice, then sent again', async (_what, action) => {
    await floor.lead();
    floor.faultOnPlace(action);
    await floor.rest('o1', { expires_at: (floor.now + 60_000_000) as EpochUs });
    await floor.reaches('o1', 'NEW');
    expect(floor.history('o1')).toEqual(['PENDING_NEW', 'UNKNOWN', 'NEW']);
    expect(floor.arrivals('o1')).toBe(1);
    await floor.cancel('o1');
    await floor.reaches('o1', 'CANCELED');
    expect(floor.audit()).toEqual(FLAWLESS);
  });

  test('an order that never arrived expires with its approval, or ends with its cancel', async () => {
    await floor.lead();
    floor.faultOnPlace('drop_before', { count: 2 });
    await floor.rest('late', { expires_at: (floor.now + 1_000_000) as EpochUs });
    await floor.reaches('late', 'UNKNOWN');
    await floor.rest('unwanted', { expires_at: (floor.now + 60_000_000) as EpochUs });
    await floor.reaches('unwanted', 'UNKNOWN');
    await floor.cancel('unwanted');
    await floor.reaches('late', 'EXPIRED');
    await floor.reaches('unwanted', 'CANCELED');
    for (const id of ['late', 'unwanted']) {
      expect(floor.last(id)!.reason).toContain(EXECUTION_ERRORS.NEVER_REACHED.code);
      expect(floor.arrivals(id)).toBe(0);
    }
    expect(floor.audit()).toEqual(FLAWLESS);
  });

  test('a cancel while it is unknown is carried out once the order shows up', async () => {
    await floor.lead();
    floor.faultOnPlace('drop_after');
    floor.fault({ target: 'user', action: 'silence', delay_ms: 5000, market: 'spot' });
    await floor.rest('o1');
    await floor.reaches('o1', 'UNKNOWN');
    floor.fault({ target: 'rest', action: 'error_before', method: 'DELETE' });
    await floor.cancel('o1');
    await floor.reaches('o1', 'CANCELED');
    expect(floor.audit()).toEqual(FLAWLESS);
  });

  test('a client id that is taken: the earlier copy is the order', async () => {
    await floor.lead();
    // What the venue says of a second copy of an order that is open.
    floor.faultOnPlace('drop_after');
    floor.fault({
      target: 'rest',
      action: 'reject',
      method: 'GET',
      path: '/order',
      count: 2,
      code: -2013,
      message: 'Order does not exist.',
    });
    floor.fault({ target: 'user', action: 'silence', delay_ms: 5000, market: 'spot' });
    await floor.rest('o1', { expires_at: (floor.now + 60_000_000) as EpochUs });
    await floor.reaches('o1', 'NEW');
    // Called absent twice, so it was sent again; the venue took only the first.
    expect(floor.struck('rest:reject')).toBe(2);
    expect(floor.arrivals('o1')).toBe(1);
    await floor.cancel('o1');
    await floor.reaches('o1', 'CANCELED');
    expect(floor.audit()).toEqual(FLAWLESS);
  });
});
