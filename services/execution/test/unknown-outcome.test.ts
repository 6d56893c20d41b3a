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

  test('a cancel that overtook a lost placement is carried out once the order shows up', async () => {
    await floor.lead();
    floor.faultOnPlace('delay_answer', { delay_ms: 1500 });
    floor.fault({ target: 'rest', action: 'error_before', method: 'DELETE' });
    floor.fault({ target: 'user', action: 'silence', delay_ms: 5000, market: 'spot' });
    await floor.rest('o1');
    await eventually('the order is there', () => floor.arrivals('o1') === 1);
    await floor.cancel('o1');
    await floor.reaches('o1', 'CANCELED');
    expect(floor.history('o1')).toEqual(
      expect.arrayContaining(['PENDING_CANCEL', 'UNKNOWN', 'NEW', 'CANCELED']),
    );
    expect(floor.audit()).toEqual(FLAWLESS);
  });
});
