import { outgoingRecord } from '@cerberus/bus';
import { GateBook } from '@cerberus/limits';
import { eventually } from '@cerberus/testkit';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { OrderFeed } from '../../src/model/order-feed.ts';
import { OrderHistory, statusOf } from '../../src/model/order-history.ts';
import { ACCOUNT, openWorld, type World } from '../gateway-fixture.ts';
import { fill, orderDecision, orderEvent, orderRequest } from '../order-records.ts';

/** Of the events below the last four, of the other topics everything. */
const TAIL = 4n;
/** More than the clocks of two writers may be apart. */
const LATER_MS = 300;
/** More than the gate remembers of an account. */
const DONE_ORDERS = 10_001;

let world: World;
let feed: OrderFeed | undefined;

beforeAll(async () => {
  world = await openWorld();
  await ask('old');
  await tell('old', 1, 'PENDING_NEW');
  await tell('old', 2, 'NEW');
  await world.ledger('fill', fill(world, 'old'));
  await tell('old', 3, 'FILLED', '0.5');
  await ask('resting');
  await tell('resting', 1, 'PENDING_NEW');
  // Here the tail of the events begins.
  await tell('resting', 2, 'NEW');
  await ask('done');
  await tell('done', 1, 'PENDING_NEW');
  await tell('done', 2, 'NEW');
  await tell('done', 3, 'FILLED', '0.5');
  await world.host.contextFor('test').clock.sleep(LATER_MS);
  await ask('unsent');
});
afterEach(() => feed?.stop());
afterAll(() => world.close());

async function ask(id: string): Promise<void> {
  await world.ledger('order.request', orderRequest(world, id));
  await world.ledger('order.decision', orderDecision(world, id));
}

function tell(
  id: string,
  sequence: number,
  status: 'PENDING_NEW' | 'NEW' | 'FILLED',
  filled = '0',
) {
  return world.ledger('order.event', orderEvent(world, id, sequence, status, filled));
}

async function read(tailRecords: bigint, orders = new OrderHistory()) {
  const { bus, codecs, host } = world;
  const gate = new GateBook({ positions: 'table', journal: false });
  const reading = { name: 'test orders', bus, codecs, host: host.contextFor('gateway') };
  feed = new OrderFeed({ reading, orders, gate, tailRecords });
  await feed.start();
  await feed.drained();
  return { orders, account: (id = ACCOUNT) => gate.account(id)! };
}

const statuses = (orders: OrderHistory) =>
  orders.newest().map((entry) => [entry.orderId, statusOf(entry)]);

const WHOLE = [
  ['unsent', 'PENDING_NEW'],
  ['done', 'FILLED'],
  ['resting', 'NEW'],
];

test('an order whose events lie before their tail is left to the log, not open for good', async () => {
  const { orders, account } = await read(TAIL);
  expect(statuses(orders)).toEqual(WHOLE);
  expect(orders.newestFills()).toEqual([]);
  expect(orders.hasForgotten).toBe(true);
  expect(account().order('old')).toBeUndefined();
  expect([account().openOrderCount, account().unsentOrderCount]).toEqual([2, 1]);
});

test('an order that events still tell of keeps what was asked and decided before them', async () => {
  const { orders } = await read(TAIL);
  const resting = orders.get('resting')!;
  expect([resting.request, resting.decision]).not.toContain(undefined);
  expect(resting.events.map(({ message }) => message.sequence)).toEqual([2]);
});

test('tails that reach to the beginning leave nothing out', async () => {
  const { orders, account } = await read(100n);
  expect(statuses(orders)).toEqual([...WHOLE, ['old', 'FILLED']]);
  expect(orders.newestFills()).toHaveLength(1);
  expect(orders.hasForgotten).toBe(false);
  expect(account().unsentOrderCount).toBe(1);
});

test('an order forgotten while its topic was read does not come back without its events', async () => {
  const { orders } = await read(100n, new OrderHistory({ orders: 2, fills: 10 }));
  expect(statuses(orders)).toEqual(WHOLE.slice(0, 2));
});

test('what comes afterwards is taken whatever it is about', async () => {
  const { orders, account } = await read(TAIL);
  await ask('next');
  await eventually('the order is here', () => orders.get('next')?.decision !== undefined);
  expect(account().unsentOrderCount).toBe(2);
  await tell('next', 1, 'PENDING_NEW');
  await tell('unsent', 1, 'PENDING_NEW');
  await eventually('nothing is unsent', () => account().unsentOrderCount === 0);
});

test('an order that the gate forgot as done is not opened again by its decision', async () => {
  const busy = { account_id: 'busy' };
  const { codecs, bus } = world;
  const done = Array.from({ length: DONE_ORDERS }, (_none, index) => ({
    ...orderEvent(world, `busy-${index}`, 1, 'FILLED', '0.5'),
    ...busy,
  }));
  await world.ledger('order.decision', { ...orderDecision(world, 'busy-0'), ...busy });
  await bus.append(done.map((value) => outgoingRecord(codecs, { topic: 'order.event', value })));
  const { account } = await read(50_000n);
  expect(account('busy').order('busy-0')).toBeUndefined();
  expect(account('busy').unsentOrderCount).toBe(0);
});
