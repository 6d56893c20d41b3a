import type { EpochUs } from '@cerberus/core';
import type { Store } from '@cerberus/store';
import { eventually } from '@cerberus/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { EXECUTION_ERRORS } from '../src/errors.ts';
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

describe('an order that the venue says it does not know', () => {
  test('broken or refused before it got there: absent twice, then sent again', async () => {
    await floor.lead();
    const expires_at = (floor.now + 60_000_000) as EpochUs;
    for (const way of ['drop_before', 'error_before']) {
      floor.faultOnPlace(way);
      await floor.rest(way, { expires_at });
      await floor.reaches(way, 'UNKNOWN');
    }
    for (const way of ['drop_before', 'error_before']) {
      await floor.reaches(way, 'NEW');
      expect(floor.history(way)).toEqual(['PENDING_NEW', 'UNKNOWN', 'NEW']);
      expect(floor.arrivals(way)).toBe(1);
      await floor.cancel(way);
      await floor.reaches(way, 'CANCELED');
    }
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

  test('absent once is not believed: nothing is sent again', async () => {
    await floor.lead();
    const absent = { code: -2013, message: 'Order does not exist.' };
    floor.faultOnPlace('drop_after');
    floor.fault({ target: 'rest', action: 'reject', method: 'GET', path: '/order', ...absent });
    floor.fault({ target: 'user', action: 'silence', delay_ms: 5000, market: 'spot' });
    await floor.rest('o1', { expires_at: (floor.now + 60_000_000) as EpochUs });
    await eventually('the first answer is lost', () => floor.struck('rest:drop_after') === 1);
    // Would strike whatever is placed from now on.
    floor.faultOnPlace('garbage_after');
    await floor.reaches('o1', 'NEW');
    expect(floor.struck('rest:reject')).toBe(1);
    expect(floor.struck('rest:garbage_after')).toBe(0);
    expect(floor.audit().duplicates).toBe(0);
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
