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
