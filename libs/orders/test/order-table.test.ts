import { decimal, ONE, ZERO } from '@cerberus/core';
import { describe, expect, test } from '@jest/globals';
import { ORDERS_ERRORS, OrderTable, remainingQuantity } from '../src/index.ts';
import { orderEvent } from './fixtures.ts';

const table = () => new OrderTable({ doneOrdersMax: 2 });

describe('order table', () => {
  test('follows an order from approval to the last fill', () => {
    const orders = table();
    orders.apply(orderEvent({ sequence: 1, status: 'PENDING_NEW' }));
    orders.apply(orderEvent({ sequence: 2, status: 'NEW', venue_order_id: 'v1' }));
    orders.apply(orderEvent({ sequence: 3, status: 'PARTIALLY_FILLED', filled_quantity: ONE }));
    expect(remainingQuantity(orders.get('o1')!)).toBe(ONE);
    orders.apply(orderEvent({ sequence: 4, status: 'FILLED', filled_quantity: decimal('2') }));
    expect(orders.get('o1')).toMatchObject({ status: 'FILLED', venueOrderId: 'v1', sequence: 4 });
    expect(remainingQuantity(orders.get('o1')!)).toBe(ZERO);
    expect([...orders.open()]).toEqual([]);
    expect(orders.counts).toEqual({ applied: 4, duplicates: 0, refused: 0, missed: 0 });
  });

  test('counts a repeated event and leaves the order alone', () => {
    const orders = table();
    orders.apply(orderEvent({ sequence: 1 }));
    expect(orders.apply(orderEvent({ sequence: 1, status: 'CANCELED' })).kind).toBe('duplicate');
    expect(orders.get('o1')?.status).toBe('NEW');
    expect(orders.counts.duplicates).toBe(1);
  });

  test('refuses and counts an illegal transition', () => {
    const orders = table();
    orders.apply(orderEvent({ sequence: 1, status: 'REJECTED' }));
    expect(orders.apply(orderEvent({ sequence: 2, status: 'NEW' }))).toMatchObject({
      kind: 'refused',
      fault: { code: ORDERS_ERRORS.TRANSITION_ILLEGAL.code, received: 'NEW' },
    });
    expect(orders.counts.refused).toBe(1);
    expect(orders.get('o1')?.status).toBe('REJECTED');
  });

  test('a fill that beat the cancel is taken after it', () => {
    const orders = table();
    orders.apply(orderEvent({ sequence: 1, status: 'CANCELED' }));
    orders.apply(orderEvent({ sequence: 2, status: 'CANCELED', filled_quantity: ONE }));
    expect(orders.get('o1')).toMatchObject({ status: 'CANCELED', filledQuantity: ONE });
  });

  test('a gap in the sequence loses history, not the order', () => {
    const orders = table();
    orders.apply(orderEvent({ sequence: 1, status: 'PENDING_NEW' }));
    orders.apply(orderEvent({ sequence: 5, status: 'REPLACED', quantity: decimal('3') }));
    expect(orders.get('o1')).toMatchObject({ status: 'REPLACED', quantity: decimal('3') });
    expect(orders.counts.missed).toBe(3);
  });

  test.each([
    ['a fill taken back', { sequence: 2, status: 'NEW', filled_quantity: ZERO }],
    ['more filled than ordered', { sequence: 2, status: 'FILLED', filled_quantity: decimal('3') }],
    ['filled with a rest open', { sequence: 2, status: 'FILLED', filled_quantity: ONE }],
    ['nothing left but not filled', { sequence: 2, filled_quantity: decimal('2') }],
    ['another side', { sequence: 2, side: 'SELL', filled_quantity: ONE }],
    ['a quantity of nothing', { sequence: 2, quantity: ZERO }],
  ] as const)('refuses %s', (_, change) => {
    const orders = table();
    orders.apply(orderEvent({ sequence: 1, status: 'PARTIALLY_FILLED', filled_quantity: ONE }));
    expect(orders.apply(orderEvent(change)).kind).toBe('refused');
    expect(orders.get('o1')?.sequence).toBe(1);
  });

  test('forgets the order done longest ago', () => {
    const orders = table();
    for (const id of ['a', 'b', 'c']) {
      orders.apply(orderEvent({ sequence: 1, order_id: id, status: 'CANCELED' }));
    }
    expect([...orders.done()].map((order) => order.orderId)).toEqual(['b', 'c']);
  });
});
