import { fail, faultOf, formatDecimal, ok, parseDecimal, type Result } from '@cerberus/core';
import type { StateEntry } from '@cerberus/schema';
import { EXECUTION_ERRORS } from './errors.ts';
import type { WorkingOrder } from './working-order.ts';

const KIND = 'working-order';
const VERSION = 1;
/** Letters of an unreadable entry shown in the fault. */
const RECEIVED_MAX = 100;
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
    return unreadable(`${entry.kind} version ${entry.version}`);
  }
  const text = Buffer.from(entry.payload).toString();
  const plain = objectOf(text);
  if (plain === undefined) return unreadable(text);
  for (const name of DECIMALS) {
    const value = plain[name];
    const parsed = value === null ? null : parseDecimal(String(value));
    if (parsed !== null && !parsed.ok) return unreadable(text);
    plain[name] = parsed === null ? null : parsed.value;
  }
  return ok(plain as unknown as WorkingOrder);
}

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null) return json as Record<string, unknown>;
  } catch {
    // Refused below like any other text that is no object.
  }
  return undefined;
}

function unreadable(received: string): Result<never> {
  const fault = faultOf(EXECUTION_ERRORS.STATE_UNREADABLE, {
    expected: `${KIND} version ${VERSION}`,
    received: received.slice(0, RECEIVED_MAX),
  });
  return fail(fault);
}
