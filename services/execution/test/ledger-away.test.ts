import type { EpochUs } from '@cerberus/core';
import { eventually } from '@cerberus/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { EXECUTION_ERRORS } from '../src/errors.ts';
import { type Database, FLAWLESS, openStore, TradingFloor } from './trading-floor.ts';

let database: Database;
let floor: TradingFloor;

beforeAll(async () => {
  database = await openStore();
}, 60_000);
afterAll(() => database.close());
beforeEach(async () => {
  floor = await TradingFloor.open(database.store);
});
afterEach(() => floor.close());

/** What PostgreSQL says when the disk is full, from the server itself. */
async function fillDisk(): Promise<() => Promise<void>> {
  const { store } = database;
  await store.query(`
    CREATE OR REPLACE FUNCTION execution.disk_full() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
    END $$`);
  await store.query(`
    CREATE TRIGGER disk_full BEFORE INSERT ON execution.intents
    EXECUTE FUNCTION execution.disk_full()`);
  return async () => {
    await store.query('DROP TRIGGER disk_full ON execution.intents');
  };
}

const expiresIn = (ms: number) => ({ expires_at: (floor.now + ms * 1000) as EpochUs });

describe('an intent ledger that is away', () => {
  test('server gone: orders wait, are canceled or rejected in time, and go on without a restart', async () => {
    const leader = await floor.lead();
    await floor.rest('before');
    await floor.reaches('before', 'NEW');
    await database.stopServer();
    await floor.approve('waits', expiresIn(60_000));
    await floor.approve('runs-out', expiresIn(1500));
    await floor.rest('unwanted', expiresIn(60_000));
    await floor.reaches('unwanted', 'PENDING_NEW');
    await floor.cancel('unwanted');
    // What rests can be canceled: a cancel needs no intent.
    await floor.cancel('before');
    await floor.reaches('before', 'CANCELED');
    await floor.reaches('runs-out', 'REJECTED');
    expect(floor.last('runs-out')!.reason).toContain(EXECUTION_ERRORS.LEDGER_UNAVAILABLE.code);
    await floor.reaches('unwanted', 'CANCELED');
    expect(floor.history('waits')).toEqual(['PENDING_NEW']);
    for (const id of ['waits', 'runs-out', 'unwanted']) expect(floor.arrivals(id)).toBe(0);
    await database.startServer();
    await floor.reaches('waits', 'FILLED');
    await floor.approve('after');
    await floor.reaches('after', 'FILLED');
    expect(leader.exits).toEqual([]);
    expect(floor.leaders.map(({ state }) => state)).toEqual(['LEADING']);
    expect(floor.audit()).toEqual(FLAWLESS);
  }, 90_000);

  test('disk full: nothing is sent without its intent; with room again, what still stands is', async () => {
    const leader = await floor.lead();
    const makeRoom = await fillDisk();
    await floor.approve('waits', expiresIn(60_000));
    await floor.approve('runs-out', expiresIn(800));
    await floor.reaches('runs-out', 'REJECTED');
    expect(floor.last('runs-out')!.reason).toContain(EXECUTION_ERRORS.LEDGER_UNAVAILABLE.code);
    expect(floor.arrivals('waits')).toBe(0);
    await makeRoom();
    await floor.reaches('waits', 'FILLED');
    expect(floor.arrivals('runs-out')).toBe(0);
    expect(leader.exits).toEqual([]);
    expect(floor.audit()).toEqual(FLAWLESS);
  });

  test('gone at an election: nobody leads until it is back, then somebody does', async () => {
    const election = await floor.election();
    const first = await floor.contender(election, 'first');
    await floor.leadingBy('first');
    const second = await floor.contender(election, 'second');
    await eventually('the standby is ready', () => second.service.ready().ready);
    await database.stopServer();
    await first.stop();
    await floor.approve('o1', expiresIn(60_000));
    await database.startServer();
    await floor.leadingBy('second');
    await floor.reaches('o1', 'FILLED');
    expect(second.exits).toEqual([]);
    expect(floor.audit()).toEqual(FLAWLESS);
  }, 90_000);
});
