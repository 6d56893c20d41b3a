import {
  type Decimal,
  decimal,
  fail,
  faultOf,
  formatDecimal,
  ok,
  type Result,
} from '@cerberus/core';
import type { StateEntry } from '@cerberus/schema';
import { EXECUTION_ERRORS } from './errors.ts';
import type { WorkingOrder } from './working-order.ts';

const KIND = 'working-order';
const VERSION = 1;
const DECIMALS = ['quantity', 'limitPrice', 'filledQuantity', 'filledValue'] as const;

export function saveOrder(order: WorkingOrder): StateEntry {
  const plain: Record<string, unknown> = { ...order };
  for (const name of DECIMALS) {
    const value = order[name];
    plain[name] = value === null ? null : formatDecimal(value);
  }
  return { kind: KIND, version: VERSION, payload: Buffer.from(JSON.stringify(plain)) };
}

export function readSavedOrder(entry: StateEntry): Result<WorkingOrder> {
  if (entry.kind !== KIND || entry.version !== VERSION) {
    return fail(
      faultOf(EXECUTION_ERRORS.STATE_UNREADABLE, {
        expected: `${KIND} version ${VERSION}`,
        received: `${entry.kind} version ${entry.version}`,
      }),
    );
  }
  const plain = JSON.parse(Buffer.from(entry.payload).toString()) as Record<string, unknown>;
  for (const name of DECIMALS) {
    const value = plain[name];
    plain[name] = typeof value === 'string' ? (decimal(value) as Decimal) : null;
  }
  return ok(plain as unknown as WorkingOrder);
}
