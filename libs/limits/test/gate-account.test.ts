import { decimal, ZERO } from '@cerberus/core';
import type { Fill } from '@cerberus/schema';
import { describe, expect, test } from '@jest/globals';
import { GateBook } from '../src/index.ts';
import { BTC, checkOf, decision, event, gate, judge, market, NOW, order } from './fixtures.ts';

const FIVE = order({ quantity: decimal('5') });
const reserved = (book: GateBook) => book.account('demo')!.exposure(BTC);

describe('reservation', () => {
  test('an approval counts at once, whatever became of the order', () => {
    const book = gate();
    book.apply('order.decision', decision(FIVE));
    expect(reserved(book)).toEqual({ position: 0n, openBuy: decimal('5'), openSell: 0n });
    expect(checkOf(judge(book, order({ order_id: 'o2' })), 'position')?.value).toBe(6);
  });

  test('a fill releases its part and moves the position in one step', () => {
    const book = gate();
    book.apply('order.decision', decision(FIVE));
    book.apply(
      'order.event',
      event(FIVE, { sequence: 1, status: 'PARTIALLY_FILLED', filled_quantity: decimal('2') }),
    );
    expect(reserved(book)).toEqual({ position: decimal('2'), openBuy: decimal('3'), openSell: 0n });
  });

  test.each(['CANCELED', 'REJECTED', 'EXPIRED'] as const)('%s releases', (status) => {
    const book = gate();
    book.apply('order.decision', decision(FIVE));
    book.apply('order.event', event(FIVE, { sequence: 1, status }));
    expect(reserved(book).openBuy).toBe(0n);
    expect(book.account('demo')!.openOrderCount).toBe(0);
  });

  test('an emitter that says nothing of a thousand approvals gets no more until it does', () => {
    const book = gate();
    const orders = Array.from({ length: 1000 }, (_, n) =>
      order({ order_id: `w${n}`, request_id: `r${n}`, quantity: decimal('0.0001') }),
    );
    for (const each of orders) book.apply('order.decision', decision(each));
    const next = order({ order_id: 'next', quantity: decimal('0.0001') });
    const code = () => checkOf(judge(book, next), 'order_state')?.code;
    expect(code()).toBe('CRB_LIMITS_UNSENT_ORDERS');
    book.apply('order.event', event(orders[7]!, { sequence: 1, status: 'PENDING_NEW' }));
    expect(code()).not.toBe('CRB_LIMITS_UNSENT_ORDERS');
  });

  test('UNKNOWN holds it', () => {
    const book = gate();
    book.apply('order.decision', decision(FIVE));
    book.apply('order.event', event(FIVE, { sequence: 1, status: 'UNKNOWN' }));
    expect(reserved(book).openBuy).toBe(decimal('5'));
  });

  test('a fill reported after the cancel still moves the position', () => {
    const book = gate();
    book.apply('order.decision', decision(FIVE));
    book.apply('order.event', event(FIVE, { sequence: 1, status: 'CANCELED' }));
    const late = event(FIVE, { sequence: 2, status: 'CANCELED', filled_quantity: decimal('1') });
    book.apply('order.event', late);
    book.apply('order.event', late);
    expect(reserved(book)).toEqual({ position: decimal('1'), openBuy: 0n, openSell: 0n });
  });

  test('a done order does not come back to life', () => {
    const book = gate();
    book.apply('order.decision', decision(FIVE));
    book.apply('order.event', event(FIVE, { sequence: 1, status: 'CANCELED' }));
    expect(book.applyEvent(event(FIVE, { sequence: 2, status: 'NEW' }))).toBe('contradictory');
    expect(reserved(book).openBuy).toBe(0n);
  });

  test('a change holds the larger quantity until the venue confirms it', () => {
    const book = gate();
    book.apply('order.decision', decision(FIVE));
    const change = (id: string, quantity: string) =>
      decision(order({ kind: 'REPLACE', request_id: id, quantity: decimal(quantity) }));
    book.apply('order.decision', change('r2', '8'));
    expect(reserved(book).openBuy).toBe(decimal('8'));
    book.apply('order.event', event(FIVE, { sequence: 1, status: 'NEW' }));
    expect(reserved(book).openBuy).toBe(decimal('8'));
    book.apply(
      'order.event',
      event(FIVE, { sequence: 2, status: 'REPLACED', quantity: decimal('8') }),
    );
    book.apply('order.decision', change('r3', '2'));
    expect(reserved(book).openBuy).toBe(decimal('8'));
    book.apply(
      'order.event',
      event(FIVE, { sequence: 3, status: 'REPLACED', quantity: decimal('2') }),
    );
    expect(reserved(book).openBuy).toBe(decimal('2'));
  });

  test('an event that overtakes its decision counts, and the decision then adds nothing', () => {
    const book = gate();
    book.apply('order.event', event(FIVE, { sequence: 1 }));
    book.apply('order.decision', decision(FIVE));
    expect(reserved(book).openBuy).toBe(decimal('5'));
  });
});

describe('what was decided is not decided again', () => {
  test('a request, or a new order of the same id under another request id', () => {
    const book = gate();
    const account = book.openAccount('demo');
    expect(account.isRepeated(FIVE)).toBe(false);
    book.apply('order.decision', decision(FIVE, { outcome: 'BLOCKED' }));
    expect(reserved(book).openBuy).toBe(0n);
    expect(account.isRepeated(FIVE)).toBe(true);
    expect(account.isRepeated({ ...FIVE, request_id: 'other' })).toBe(true);
    expect(account.isRepeated({ ...FIVE, kind: 'CANCEL', request_id: 'other' })).toBe(false);
  });

  test('an adjustment counts once', () => {
    const book = gate();
    const adjustment = {
      adjustment_id: 'a1',
      account_id: 'demo',
      instrument_id: BTC,
      currency: 'USDT',
      quantity: decimal('3'),
      price: null,
      reason: 'OPENING',
      note: '',
      time: NOW,
    } as const;
    book.apply('position.adjustment', adjustment);
    book.apply('position.adjustment', adjustment);
    expect(reserved(book).position).toBe(decimal('3'));
  });
});

describe('a fee in the coins delivered', () => {
  const fill: Fill = {
    ...{ fill_id: 'f1', order_id: 'o1', client_order_id: 'c', account_id: 'demo' },
    ...{ instrument_id: BTC, venue: 'BINANCE', venue_trade_id: '1', price: decimal('60000') },
    ...{ quantity: decimal('2'), fee: decimal('0.002'), fee_currency: 'BTC', token: 1 },
    ...{ event_time: NOW, record_time: NOW },
    side: 'BUY',
    liquidity: 'TAKER',
  };

  test('lessens the position once; another currency does not', () => {
    const book = gate();
    expect(book.applyFill({ ...fill, fill_id: 'f0', fee_currency: 'BNB' })).toBe(false);
    expect(book.applyFill(fill)).toBe(true);
    expect(book.applyFill(fill)).toBe(false);
    expect(reserved(book)).toEqual({ position: decimal('-0.002'), openBuy: 0n, openSell: 0n });
  });
});

describe('an advisory replica', () => {
  test('takes positions from the table and reservations from decisions and events', () => {
    const replica = new GateBook({ positions: 'table', journal: false });
    replica.apply('order.decision', decision(FIVE));
    replica.apply(
      'order.event',
      event(FIVE, { sequence: 1, status: 'PARTIALLY_FILLED', filled_quantity: decimal('2') }),
    );
    expect(reserved(replica)).toEqual({ position: 0n, openBuy: decimal('3'), openSell: 0n });
    replica.apply('position', {
      position_id: `demo|${BTC}`,
      account_id: 'demo',
      instrument_id: BTC,
      quantity: decimal('2'),
      average_price: ZERO,
      realized_pnl: ZERO,
      fees: ZERO,
      currency: 'USDT',
      updated_at: NOW,
      revision: 1,
    });
    expect(reserved(replica).position).toBe(decimal('2'));
  });

  test('judging moves nothing', () => {
    const book = gate();
    judge(book, market());
    expect(book.account('demo')).toBeUndefined();
  });
});

describe('journal', () => {
  test('names what changed, once', () => {
    const book = new GateBook({ positions: 'events', journal: true });
    book.apply('order.decision', decision(FIVE));
    book.apply(
      'order.event',
      event(FIVE, { sequence: 1, status: 'FILLED', filled_quantity: decimal('5') }),
    );
    const account = book.account('demo')!;
    expect([...account.takeChanges()].sort()).toEqual([
      'order|o1',
      `position|${BTC}`,
      'request|new:o1',
      'request|r1',
    ]);
    expect(account.takeChanges().size).toBe(0);
  });
});
