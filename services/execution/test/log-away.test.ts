import type { EpochUs } from '@cerberus/core';
import type { Store } from '@cerberus/store';
import { eventually } from '@cerberus/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
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

const states = () => floor.leaders.map((l) => `${l.instance_id} ${l.state}`);

describe('a log that refuses a commit', () => {
  test('the term is given up, and the same process stands again with what the log has', async () => {
    const leader = await floor.lead();
    await floor.rest('o1');
    await floor.reaches('o1', 'NEW');
    leader.failCommits(true);
    await floor.sellInto('o1', '0.04');
    await eventually('the term is over', () => leader.failedCommits() > 0);
    await floor.approve('o2');
    leader.failCommits(false);
    await floor.reaches('o1', 'PARTIALLY_FILLED');
    await floor.reaches('o2', 'FILLED');
    await floor.cancel('o1');
    await floor.reaches('o1', 'CANCELED');
    expect(leader.exits).toEqual([]);
    expect(states()).toEqual(['first LEADING', 'first LEADING']);
    const [before, after] = floor.leaders;
    expect(after!.token).toBeGreaterThan(before!.token);
    expect(floor.audit()).toEqual(FLAWLESS);
  });

  test('with a standby: that one goes on, and the other stands by', async () => {
    const election = await floor.election();
    const first = await floor.contender(election, 'first');
    await floor.leadingBy('first');
    const second = await floor.contender(election, 'second');
    await eventually('the standby is ready', () => second.service.ready().ready);
    first.failCommits(true);
    await floor.approve('o1');
    await floor.leadingBy('second');
    await floor.reaches('o1', 'FILLED');
    first.failCommits(false);
    await eventually('the other stands by', async () =>
      (await election.candidates('execution')).includes('first'),
    );
    expect(first.exits).toEqual([]);
    expect(floor.audit()).toEqual(FLAWLESS);
  });

  test('what was sent and never saved is asked for, though its approval has run out meanwhile', async () => {
    const leader = await floor.lead();
    const ids = ['o1', 'o2', 'o3', 'o4'];
    leader.failCommits(true);
    const expires = (Date.now() + 1500) * 1000;
    await Promise.all(ids.map((id) => floor.approve(id, { expires_at: expires as EpochUs })));
    // The commit of the opening fails some milliseconds later than the venue fills the order.
    await eventually('one has been sent', () => ids.some((id) => floor.arrivals(id) > 0));
    await eventually('the approvals have run out', () => Date.now() * 1000 > expires);
    leader.failCommits(false);
    for (const id of ids) await floor.reaches(id, 'FILLED', 'EXPIRED');
    for (const id of ids) {
      expect([id, floor.last(id)!.status]).toEqual([
        id,
        floor.arrivals(id) > 0 ? 'FILLED' : 'EXPIRED',
      ]);
    }
    expect(floor.audit()).toEqual(FLAWLESS);
  });
});
