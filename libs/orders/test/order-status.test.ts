import { ZERO } from '@cerberus/core';
import { ORDER_STATUS_VALUES } from '@cerberus/schema';
import { describe, expect, test } from '@jest/globals';
import {
  isReachable,
  isTerminal,
  legalTriggers,
  nextStatus,
  ORDER_TRIGGERS,
  ORDERS_ERRORS,
  transitionOf,
} from '../src/index.ts';

describe('order state machine', () => {
  test('every cell of the table is a status or an explicit refusal', () => {
    for (const status of ORDER_STATUS_VALUES) {
      for (const trigger of ORDER_TRIGGERS) {
        const next = transitionOf(status, trigger);
        expect(next === null || ORDER_STATUS_VALUES.includes(next)).toBe(true);
      }
    }
  });

  test('a done order never comes back to life; late fills alone still count', () => {
    for (const status of ORDER_STATUS_VALUES.filter(isTerminal)) {
      for (const trigger of legalTriggers(status)) {
        expect(['partially-filled', 'filled']).toContain(trigger);
        expect(isTerminal(transitionOf(status, trigger)!)).toBe(true);
      }
    }
  });

  test('every live order can reach an end, UNKNOWN included', () => {
    for (const start of ORDER_STATUS_VALUES) {
      const seen = new Set([start]);
      for (const status of seen) {
        for (const trigger of legalTriggers(status)) seen.add(transitionOf(status, trigger)!);
      }
      expect([...seen].some(isTerminal)).toBe(true);
    }
  });

  test('an order that has traded is never NEW again', () => {
    const order = { status: 'PENDING_CANCEL', filledQuantity: 5n as typeof ZERO } as const;
    expect(nextStatus(order, 'cancel-rejected')).toEqual({ ok: true, value: 'PARTIALLY_FILLED' });
    expect(nextStatus({ ...order, filledQuantity: ZERO }, 'cancel-rejected')).toEqual({
      ok: true,
      value: 'NEW',
    });
    expect(isReachable('PENDING_CANCEL', 'PARTIALLY_FILLED')).toBe(true);
  });

  test('an illegal trigger is refused with what would be legal', () => {
    const refused = nextStatus({ status: 'FILLED', filledQuantity: ZERO }, 'canceled');
    expect(refused).toMatchObject({
      ok: false,
      error: {
        code: ORDERS_ERRORS.TRANSITION_ILLEGAL.code,
        expected: 'one of none: the order is done',
        received: 'canceled while FILLED',
      },
    });
  });
});
