import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readPastOrder } from '../../src/model/order-archive.ts';
import { OrderHistory, statusOf } from '../../src/model/order-history.ts';
import type { GatewayContext } from '../../src/ports.ts';
import { openWorld, type World } from '../gateway-fixture.ts';
import { fill, orderEvent } from '../order-records.ts';

let world: World;

beforeAll(async () => {
  world = await openWorld();
  await world.ledger('order.event', orderEvent(world, 'old', 1, 'NEW', '0'));
  await world.ledger('order.event', orderEvent(world, 'old', 2, 'FILLED', '0.5'));
  await world.ledger('fill', fill(world, 'old'));
});
afterAll(() => world.close());

test('an order that left memory is read from the log, and only then', async () => {
  const { bus, codecs, store, host } = world;
  const context = {
    ...host.contextFor('gateway'),
    bus,
    codecs,
    store,
  } as unknown as GatewayContext;
  const recent = new OrderHistory();
  expect(await readPastOrder(context, recent, 'old')).toBeUndefined();
  recent.noteOmission();
  const entry = await readPastOrder(context, recent, 'old');
  expect(entry?.events).toHaveLength(2);
  expect(entry?.fills).toHaveLength(1);
  expect(statusOf(entry!)).toBe('FILLED');
  expect(await readPastOrder(context, recent, 'never')).toBeUndefined();
});
