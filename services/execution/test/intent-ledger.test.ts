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
  expect(await ledger.claimTerm(5, 'a')).toBe(true);
  expect(await ledger.claimTerm(5, 'b')).toBe(false);
  expect(await ledger.write(order('o1'), 5)).toBe('written');
  expect(await ledger.write(order('o1'), 5)).toBe('exists');
  expect(await ledger.claimTerm(7, 'b')).toBe(true);
  expect(await ledger.claimTerm(6, 'c')).toBe(false);
  expect(await ledger.write(order('o2'), 5)).toBe('superseded');
  expect(await ledger.write(order('o1'), 5)).toBe('superseded');
  expect(await ledger.write(order('o1'), 7)).toBe('exists');
  const { rows } = await database.store.query('SELECT order_id FROM execution.intents', []);
  expect(rows).toEqual([{ order_id: 'o1' }]);
});
