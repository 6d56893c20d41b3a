import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findOrder } from '../../src/model/order-archive.ts';
import { OrderHistory, statusOf } from '../../src/model/order-history.ts';
import { OrderCommands } from '../../src/order-commands.ts';
import type { GatewayContext } from '../../src/ports.ts';
import { openWorld, type World } from '../gateway-fixture.ts';
import { fill, orderDecision, orderEvent, orderRequest } from '../order-records.ts';

let world: World;
let context: GatewayContext;

beforeAll(async () => {
  world = await openWorld();
  await world.ledger('order.event', orderEvent(world, 'old', 1, 'NEW', '0'));
  await world.ledger('order.event', orderEvent(world, 'old', 2, 'FILLED', '0.5'));
  await world.ledger('fill', fill(world, 'old'));
  await world.ledger('order.request', orderRequest(world, 'resting'));
  await world.ledger('order.decision', orderDecision(world, 'resting'));
  await world.ledger('order.event', orderEvent(world, 'resting', 1, 'NEW', '0'));
  const { bus, codecs, store, host } = world;
  context = { ...host.contextFor('gateway'), bus, codecs, store } as unknown as GatewayContext;
});
afterAll(() => world.close());

test('an order that left memory is read from the log, and only then', async () => {
  const recent = new OrderHistory();
  expect(await findOrder(context, recent, 'old')).toBeUndefined();
  recent.noteOmission();
  const entry = await findOrder(context, recent, 'old');
  expect(entry?.events).toHaveLength(2);
  expect(entry?.fills).toHaveLength(1);
  expect(statusOf(entry!)).toBe('FILLED');
  expect(await findOrder(context, recent, 'never')).toBeUndefined();
});

test('an order of which memory knows only the end is completed from the log', async () => {
  const recent = new OrderHistory();
  recent.noteOmission();
  const mark = { timeUs: world.nowUs(), traceId: null, traceparent: null };
  recent.applyEvent(orderEvent(world, 'resting', 1, 'NEW', '0'), mark);
  const entry = await findOrder(context, recent, 'resting');
  expect(entry?.request?.message.requested_by).toBe('test');
  expect(entry?.decision?.message.decision_id).toBe('d-resting');
  recent.applyDecision(orderDecision(world, 'resting'), mark);
  expect(await findOrder(context, recent, 'resting')).toBe(recent.get('resting'));
  // What nobody asked for here has no beginning to find.
  recent.applyEvent(orderEvent(world, 'stranger', 1, 'NEW', '0'), mark);
  expect(await findOrder(context, recent, 'stranger')).toBe(recent.get('stranger'));
});

test('an order that left memory can be cancelled while it rests', async () => {
  const recent = new OrderHistory();
  recent.noteOmission();
  const commands = new OrderCommands(context, recent, 'archive-test');
  const principal = { keyId: 'k', owner: 'test', rights: new Set(['trade']) };
  const asker = { principal, idempotencyKey: undefined, headers: {} };
  const answer = await commands.cancel('resting', asker);
  expect(answer).toMatchObject({ status: 202, body: { order_id: 'resting' } });
  await expect(commands.cancel('never', asker)).rejects.toMatchObject({
    entry: { code: 'CRB_GATEWAY_ORDER_UNKNOWN' },
  });
  await commands.close();
});
