import { decimal, type EpochUs } from '@cerberus/core';
import type { Store } from '@cerberus/store';
import { eventually } from '@cerberus/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { saveOrder } from '../src/saved-order.ts';
import { workingOrder } from '../src/working-order.ts';
import { approval } from './approvals.ts';
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

describe('take-over', () => {
  test('handed over by resigning: the next reconciles what happened meanwhile, once', async () => {
    const election = await floor.election();
    const first = await floor.contender(election, 'first');
    await floor.leadingBy('first');
    await floor.rest('o1');
    await floor.rest('o2');
    await floor.reaches('o1', 'NEW');
    await floor.reaches('o2', 'NEW');
    await floor.sellInto('o1', '0.04');
    await eventually('the first fill', () => floor.fills.length === 1);
    await first.stop();
    // Nobody leads: a fill happens, and an order is approved.
    await floor.sellInto('o1', '0.06');
    await floor.approve('o3');
    await floor.contender(election, 'second');
    await floor.leadingBy('second');
    await floor.reaches('o1', 'FILLED');
    await floor.reaches('o3', 'FILLED');
    expect(floor.last('o2')!.status).toBe('NEW');
    await floor.cancel('o2');
    await floor.reaches('o2', 'CANCELED');
    expect(states()).toEqual(['first LEADING', 'first RELINQUISHED', 'second LEADING']);
    const [before, after] = floor.leaders.filter((leader) => leader.state === 'LEADING');
    expect(after!.token).toBeGreaterThan(before!.token);
    expect(floor.audit()).toEqual(FLAWLESS);
    expect(first.exits).toEqual([]);
  });

  test('fills, cancels and approvals in the middle of a hand-over arrive once', async () => {
    const election = await floor.election();
    const first = await floor.contender(election, 'first');
    await floor.leadingBy('first');
    const ids = ['o1', 'o2', 'o3', 'o4', 'o5'];
    for (const id of ids) {
      await floor.rest(id);
      await floor.reaches(id, 'NEW');
    }
    // The last one rests at the best price.
    const sells = ids.toReversed().map((id) => floor.sellInto(id, '0.04').catch(() => undefined));
    const more = [floor.cancel('o1'), floor.approve('late'), floor.cancel('o2')];
    await Promise.all([first.stop(), ...sells, ...more]);
    await floor.contender(election, 'second');
    await floor.leadingBy('second');
    for (const id of ids) await floor.cancel(id);
    for (const id of [...ids, 'late']) await floor.reaches(id, 'CANCELED', 'FILLED');
    expect(floor.audit()).toEqual(FLAWLESS);
    expect(first.exits).toEqual([]);
  });

  test('without a hand-over: the next one, on the same data, finds everything', async () => {
    const election = await floor.election();
    const first = await floor.contender(election, 'first');
    await floor.leadingBy('first');
    await floor.rest('o1');
    await floor.reaches('o1', 'NEW');
    floor.faultOnPlace('drop_after');
    floor.fault({ target: 'user', action: 'silence', delay_ms: 5000, market: 'spot' });
    await floor.approve('o2');
    await floor.reaches('o2', 'UNKNOWN');
    // The lease is gone at once, as after a kill; nothing more is said or written.
    await election.stop();
    await first.stop();
    await floor.sellInto('o1', '0.1');
    const again = await floor.election();
    await floor.contender(again, 'again');
    await floor.leadingBy('again');
    await floor.reaches('o1', 'FILLED');
    await floor.reaches('o2', 'FILLED');
    expect(states()).toEqual(['first LEADING', 'again LEADING']);
    expect(floor.audit()).toEqual(FLAWLESS);
  });

  test('an order saved but never sent is sent, once the venue says that it is absent', async () => {
    const lost = approval('o1', floor.now, { expires_at: (floor.now + 60_000_000) as EpochUs });
    floor.approvals.push(lost);
    // As a term leaves it that died after the order's first step and before its intent.
    const saved = { ...workingOrder(lost, { venue: 'BINANCE', traceparent: null }), sequence: 1 };
    await floor.rig.appendRaw(
      'execution.state',
      'o1',
      floor.rig.codecs.encode('execution.state', saveOrder(saved)),
    );
    await floor.lead();
    await floor.reaches('o1', 'FILLED');
    expect(floor.arrivals('o1')).toBe(1);
    const { rows } = await database.store.query('SELECT order_id FROM execution.intents', []);
    expect(rows).toEqual([{ order_id: 'o1' }]);
    expect(floor.audit()).toEqual(FLAWLESS);
  });

  test('nobody leads before the venue has answered for every open order', async () => {
    const election = await floor.election();
    const first = await floor.contender(election, 'first');
    await floor.leadingBy('first');
    await floor.rest('o1');
    await floor.reaches('o1', 'NEW');
    await first.stop();
    floor.fault({
      target: 'rest',
      action: 'error_before',
      method: 'GET',
      path: '/openOrders',
      count: 2,
    });
    await floor.contender(election, 'second');
    await floor.approve('o2');
    await floor.leadingBy('second');
    expect(floor.struck('rest:error_before')).toBe(2);
    await floor.reaches('o2', 'FILLED');
    const lead = floor.leaders.at(-1)!.since;
    const own = floor.events.filter((event) => event.order_id === 'o2');
    expect(own.every((event) => event.record_time >= lead)).toBe(true);
  });

  test('a term lost in the middle of taking over ends: the next one leads, nothing is left running', async () => {
    const election = await floor.election();
    const first = await floor.contender(election, 'first');
    await floor.leadingBy('first');
    await floor.rest('o1');
    await floor.reaches('o1', 'NEW');
    await first.stop();
    floor.fault({
      target: 'rest',
      action: 'error_before',
      method: 'GET',
      path: '/openOrders',
      count: 1000,
    });
    const second = await floor.contender(election, 'second');
    await eventually('it asks the venue', () => floor.struck('rest:error_before') > 0);
    await second.stop();
    floor.sim.faults.clear();
    await floor.contender(election, 'third');
    await floor.leadingBy('third');
    await floor.cancel('o1');
    await floor.reaches('o1', 'CANCELED');
    expect(states().filter((state) => state.startsWith('second'))).toEqual([]);
    expect(second.exits).toEqual([]);
    expect(floor.audit()).toEqual(FLAWLESS);
  });

  test('switches engaged while nobody led cancel what they cover', async () => {
    const election = await floor.election();
    const first = await floor.contender(election, 'first');
    await floor.leadingBy('first');
    await floor.rest('o1');
    await floor.reaches('o1', 'NEW');
    await first.stop();
    await floor.kill({ cancel_open: true });
    await floor.contender(election, 'second');
    await floor.reaches('o1', 'CANCELED');
  });
});

describe('two candidates', () => {
  test('of one election: only one acts, the other stands by and is ready', async () => {
    const election = await floor.election();
    const first = await floor.contender(election, 'first');
    await floor.leadingBy('first');
    const second = await floor.contender(election, 'second');
    await eventually('the standby is ready', () => second.service.ready().ready);
    await floor.approve('o1');
    await floor.reaches('o1', 'FILLED');
    await first.stop();
    await floor.leadingBy('second');
    await floor.approve('o2');
    await floor.reaches('o2', 'FILLED');
    expect(new Set(floor.events.map((event) => event.token)).size).toBe(2);
    expect(floor.audit()).toEqual(FLAWLESS);
  });

  test('of two elections that know nothing of each other: the older one cannot write or send', async () => {
    const mine = await floor.election('mine');
    const older = await floor.contender(mine, 'older');
    await floor.leadingBy('older');
    await floor.rest('o1');
    await floor.reaches('o1', 'NEW');
    // A second coordination service whose tokens have come further, as after a split.
    const theirs = await floor.election('theirs');
    for (let term = 0; term < 3; term += 1) await passTerm(theirs, term);
    const newer = await floor.contender(theirs, 'newer');
    await floor.leadingBy('newer');
    for (const id of ['o2', 'o3']) await floor.approve(id);
    await floor.reaches('o2', 'FILLED');
    await floor.reaches('o3', 'FILLED');
    // Both hear of it, and both would write it.
    await floor.sellInto('o1', '0.1');
    await floor.reaches('o1', 'FILLED');
    expect(newer.exits).toEqual([]);
    // The older one stands again in an election of lower tokens, and is kept out while the other lives.
    expect(older.exits).toEqual([]);
    expect(floor.audit()).toEqual(FLAWLESS);
    const token = floor.leaders.at(-1)!.token;
    const late = floor.events.filter((event) => event.order_id !== 'o1');
    expect(late.every((event) => event.token === token)).toBe(true);
  });

  test('one whose token is lower than that of a leader who lives never leads', async () => {
    await database.store.query(
      // Alive for as long as the test lasts.
      `INSERT INTO execution.emitter_term (token, instance_id, since, alive_at)
       VALUES (1000000, $1, 0, now() + interval '1 hour')`,
      ['elsewhere'],
    );
    const election = await floor.election();
    await floor.contender(election, 'lower');
    await floor.approve('o1', { quantity: decimal('0.1') });
    await eventually('it was elected and refused', async () => {
      const leader = await election.leader('execution');
      return (leader?.token ?? 0) >= 2;
    });
    expect(floor.leaders).toEqual([]);
    expect(floor.arrivals('o1')).toBe(0);
  });

  test('a coordinator that was wiped: its tokens are lifted once the last leader is silent', async () => {
    await database.store.query(
      `INSERT INTO execution.emitter_term (token, instance_id, since, alive_at)
       VALUES (1000000, $1, 0, now() - interval '6 seconds')`,
      ['before'],
    );
    const election = await floor.election();
    const contender = await floor.contender(election, 'after');
    await floor.leadingBy('after');
    expect(floor.leaders.at(-1)!.token).toBeGreaterThan(1_000_000);
    await floor.approve('o1');
    await floor.reaches('o1', 'FILLED');
    expect(contender.exits).toEqual([]);
    expect(floor.audit()).toEqual(FLAWLESS);
  });

  test('two of the same name: the second is refused, and says which setting to change', async () => {
    const election = await floor.election();
    await floor.contender(election, 'first');
    await floor.leadingBy('first');
    const twin = await floor.contender(election, 'twin', { instanceId: 'first' });
    await eventually('its process ends', () => twin.exits.length > 0);
    await floor.approve('o1');
    await floor.reaches('o1', 'FILLED');
    expect(states()).toEqual(['first LEADING']);
  });
});

/** One term more on the clock of an election. */
async function passTerm(
  election: Awaited<ReturnType<TradingFloor['election']>>,
  term: number,
): Promise<void> {
  let elected = false;
  const candidate = await election.campaign({
    ...{ name: 'execution', instanceId: `passing-${term}` },
    onElected: () => {
      elected = true;
    },
    onDeposed: () => undefined,
  });
  await eventually('a term passes', () => elected);
  await candidate.resign();
}
