import { SystemClock } from '@cerberus/runtime';
import type { Store } from '@cerberus/store';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { IntentLedger } from '../src/intent-ledger.ts';
import { workingOrder } from '../src/working-order.ts';
import { approval } from './approvals.ts';
import { openStore } from './trading-floor.ts';

const clock = new SystemClock();
let database: { store: Store; close(): Promise<void> };
let ledger: IntentLedger;

beforeAll(async () => {
  database = await openStore();
  ledger = new IntentLedger(database.store, clock);
  await ledger.migrate();
}, 60_000);
afterAll(() => database.close());

const order = (id: string) =>
  workingOrder(approval(id, clock.nowUs()), { venue: 'BINANCE', traceparent: null });

test('terms only grow, an intent stands once, and a term that was passed by writes none', async () => {
  expect(await ledger.claimTerm(5, 'a')).toEqual({ claimed: true });
  expect(await ledger.claimTerm(5, 'b')).toMatchObject({ claimed: false, highest: 5, holder: 'a' });
  expect(await ledger.write(order('o1'), 5)).toBe('written');
  // The same term again, whose first answer was lost.
  expect(await ledger.write(order('o1'), 5)).toBe('written');
  expect(await ledger.keepAlive(5)).toBe(true);
  expect(await ledger.claimTerm(7, 'b')).toEqual({ claimed: true });
  expect(await ledger.keepAlive(5)).toBe(false);
  expect(await ledger.claimTerm(6, 'c')).toMatchObject({ claimed: false, highest: 7, holder: 'b' });
  expect(await ledger.write(order('o2'), 5)).toBe('superseded');
  expect(await ledger.write(order('o1'), 5)).toBe('superseded');
  expect(await ledger.write(order('o1'), 7)).toBe('exists');
  const { rows } = await database.store.query('SELECT order_id FROM execution.intents', []);
  expect(rows).toEqual([{ order_id: 'o1' }]);
});

test('many at once, each with an outcome of its own', async () => {
  const token = 11;
  expect(await ledger.claimTerm(token, 'many')).toEqual({ claimed: true });
  const ids = Array.from({ length: 40 }, (_, n) => `m${n}`);
  const first = await Promise.all(ids.map((id) => ledger.write(order(id), token)));
  expect(new Set(first)).toEqual(new Set(['written']));
  const mixed = ids.flatMap((id) => [
    ledger.write(order(id), token),
    ledger.write(order(`late-${id}`), token - 1),
    ledger.write(order(`new-${id}`), token),
  ]);
  const outcomes = await Promise.all(mixed);
  expect(outcomes).toEqual(ids.flatMap(() => ['written', 'superseded', 'written']));
  // PostgreSQL keeps no NUL in a text.
  const unwritable = { ...order('unwritable'), accountId: 'a\u0000b' };
  const broken = Promise.allSettled([
    ledger.write(order('x1'), token),
    ledger.write(order('x2'), token),
    ledger.write(order('x3'), token),
    ledger.write(unwritable, token),
    ledger.write(order('x4'), token),
  ]);
  const statuses = (await broken).map(({ status }) => status);
  expect(statuses).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
});
