import { decimal, type EpochUs } from '@cerberus/core';
import type { Fill, OrderEvent } from '@cerberus/schema';
import { describe, expect, test } from '@jest/globals';
import { type OrderChange, OrderHistory, statusOf } from '../../src/model/order-history.ts';

const mark = (timeUs: number, traceId: string | null = null) => ({
  timeUs: timeUs as EpochUs,
  traceId,
  traceparent: null,
});

const event = (orderId: string, sequence: number, status: OrderEvent['status']) =>
  ({ order_id: orderId, account_id: 'a', instrument_id: 'X.V', sequence, status }) as OrderEvent;
const fill = (orderId: string, id: string) =>
  ({
    order_id: orderId,
    fill_id: id,
    account_id: 'a',
    instrument_id: 'X.V',
    event_time: 5 as EpochUs,
    price: decimal(1),
  }) as Fill;

describe('order history', () => {
  test('topics interleave in any order, repeats change nothing and tell nobody', () => {
    const history = new OrderHistory();
    const told: OrderChange['kind'][] = [];
    history.onChange(({ kind }) => told.push(kind));
    history.applyFill(fill('o', 'f1'), mark(4, 't'));
    history.applyEvent(event('o', 2, 'FILLED'), mark(3));
    history.applyEvent(event('o', 1, 'NEW'), mark(2));
    history.applyEvent(event('o', 2, 'FILLED'), mark(3));
    history.applyFill(fill('o', 'f1'), mark(4));
    const entry = history.get('o')!;
    expect(entry.events.map(({ message }) => message.sequence)).toEqual([1, 2]);
    expect([statusOf(entry), entry.traceId, entry.fills.length]).toEqual(['FILLED', 't', 1]);
    expect(told).toEqual(['fill', 'event', 'event']);
  });

  test('keeps the newest within its bounds and says that it forgot', () => {
    const history = new OrderHistory({ orders: 3, fills: 2 });
    history.settle();
    for (let index = 1; index <= 5; index += 1) {
      history.applyEvent(event(`o${index}`, 1, 'NEW'), mark(index));
    }
    expect(history.newest().map(({ orderId }) => orderId)).toEqual(['o5', 'o4', 'o3']);
    expect(history.hasForgotten).toBe(true);
    for (let index = 1; index <= 3; index += 1) history.applyFill(fill('o5', `f${index}`), mark(9));
    expect(history.newestFills()).toHaveLength(2);
  });

  test('what is read partition after partition is kept by its time, not by its turn', () => {
    const history = new OrderHistory({ orders: 3, fills: 2 });
    for (const time of [11, 12, 13, 14, 1, 2, 3, 4]) {
      history.applyEvent(event(`o${time}`, 1, 'NEW'), mark(time));
    }
    for (const time of [15, 16, 14]) history.applyFill(fill('o14', `f${time}`), mark(time));
    history.settle();
    expect(history.newest().map(({ orderId }) => orderId)).toEqual(['o14', 'o13', 'o12']);
    expect(history.newestFills().map(({ message }) => message.fill_id)).toEqual(['f16', 'f15']);
    expect(history.hasForgotten).toBe(true);
    // From here on whatever comes is newer, also where a clock was put back.
    history.applyEvent(event('late', 1, 'NEW'), mark(5));
    expect(history.get('late')).toBeDefined();
    expect(history.get('o12')).toBeUndefined();
  });

  test('an order is as old as its first record, whichever comes first', () => {
    const history = new OrderHistory();
    history.applyEvent(event('o', 2, 'FILLED'), mark(3));
    history.applyEvent(event('o', 1, 'NEW'), mark(2));
    expect(history.get('o')).toMatchObject({ createdUs: 2, updatedUs: 3 });
  });
});
