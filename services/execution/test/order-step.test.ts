import { decimal, type EpochUs, unwrap } from '@cerberus/core';
import { describe, expect, test } from '@jest/globals';
import { EXECUTION_ERRORS } from '../src/errors.ts';
import {
  openingStep,
  refusalStep,
  type StepTime,
  takeStep,
  takeTrade,
  type VenueTradeReport,
} from '../src/order-step.ts';
import { readSavedOrder, saveOrder } from '../src/saved-order.ts';
import { type WorkingOrder, workingOrder } from '../src/working-order.ts';
import { approval } from './approvals.ts';

const AT = 1_767_225_600_000_000 as EpochUs;
const TIME: StepTime = { eventTime: AT, recordTime: AT, token: 7 };

const NEW_ORDER = workingOrder(approval('o1', AT, { quantity: decimal('1') }), {
  ...{ venue: 'BINANCE', traceparent: null },
});

function trade(tradeId: string, quantity: string, price: string): VenueTradeReport {
  return {
    ...{ tradeId, quantity: decimal(quantity), price: decimal(price) },
    ...{ fee: decimal('0.1'), feeCurrency: 'USDT', liquidity: 'TAKER' },
  };
}

function traded(order: WorkingOrder, ...trades: VenueTradeReport[]) {
  return trades.map((one) => {
    const step = unwrap(takeTrade(order, one, TIME)!);
    order = step.order;
    return step;
  });
}

describe('steps', () => {
  test('count from one, and tell where they come from', () => {
    const opening = openingStep(NEW_ORDER, TIME);
    expect(opening.event).toMatchObject({
      sequence: 1,
      status: 'PENDING_NEW',
      previous_status: null,
    });
    const accepted = unwrap(takeStep(opening.order, 'accepted', TIME, { venueOrderId: '9' }));
    expect(accepted.event).toMatchObject({
      ...{ event_id: 'o1:2', sequence: 2, status: 'NEW', previous_status: 'PENDING_NEW' },
      ...{ venue_order_id: '9', token: 7, average_price: null },
    });
    expect(accepted.fill).toBeNull();
  });

  test('a trigger that the status forbids is a fault', () => {
    const done = refusalStep(NEW_ORDER, { status: 'REJECTED', reason: 'no' }, TIME).order;
    expect(takeStep(done, 'accepted', TIME).ok).toBe(false);
  });

  test('why an order was unknown is not why it ended', () => {
    const lost = unwrap(
      takeStep(openingStep(NEW_ORDER, TIME).order, 'outcome-lost', TIME, { reason: 'timeout' }),
    );
    expect(lost.event.reason).toBe('timeout');
    expect(unwrap(takeStep(lost.order, 'accepted', TIME)).event.reason).toBeNull();
  });
});

describe('trades', () => {
  test('in any order lead to the same quantities and price; each counts once', () => {
    const opened = openingStep(NEW_ORDER, TIME).order;
    const [a, b, c] = [
      trade('1', '0.2', '100'),
      trade('2', '0.3', '110'),
      trade('3', '0.5', '120'),
    ];
    for (const sequence of [
      [a, b, c],
      [c, a, b],
      [b, c, a],
    ]) {
      const steps = traded(opened, ...sequence);
      // By hand: 0.2 × 100 + 0.3 × 110 + 0.5 × 120 = 113.
      expect(steps.at(-1)!.event).toMatchObject({
        ...{ status: 'FILLED', filled_quantity: decimal('1'), average_price: decimal('113') },
      });
      expect(takeTrade(steps.at(-1)!.order, sequence[0]!, TIME)).toBeUndefined();
    }
  });

  test('after the cancel that they beat still count', () => {
    const opened = openingStep(NEW_ORDER, TIME).order;
    const cancelled = unwrap(takeStep(opened, 'canceled', TIME)).order;
    const [step] = traded(cancelled, trade('1', '0.4', '100'));
    expect(step!.event).toMatchObject({ status: 'CANCELED', filled_quantity: decimal('0.4') });
    expect(step!.fill).toMatchObject({
      fill_id: 'BTCUSDT.BINANCE:1:demo',
      quantity: decimal('0.4'),
    });
  });

  test('beyond the order are told as fills; no event counts past the order', () => {
    const steps = traded(
      openingStep(NEW_ORDER, TIME).order,
      trade('1', '1', '100'),
      trade('2', '1', '200'),
    );
    const last = steps.at(-1)!;
    expect(last.fill!.quantity).toBe(decimal('1'));
    expect(last.event).toMatchObject({
      ...{ status: 'FILLED', filled_quantity: decimal('1'), average_price: decimal('150') },
    });
    expect(last.event.reason).toContain(EXECUTION_ERRORS.OVERFILL.code);
  });

  test('fetched later keep the time at which they happened', () => {
    const earlier = (AT - 5_000_000) as EpochUs;
    const [step] = traded(NEW_ORDER, { ...trade('1', '0.1', '100'), eventTime: earlier });
    expect(step!.fill).toMatchObject({ event_time: earlier, record_time: AT });
  });
});

describe('a saved order', () => {
  test('comes back as it was, to the last decimal', () => {
    const order: WorkingOrder = {
      ...NEW_ORDER,
      ...{ quantity: decimal('0.000000000000000001'), limitPrice: decimal('99999999.123456789') },
      ...{ filledValue: decimal('12345678901234567.000000000000000001'), tradeIds: ['1', '2'] },
      ...{ venueOrderId: '9', cancelRequested: true, reason: 'é"\n', traceparent: '00-a-b-01' },
      ...{ status: 'UNKNOWN', sequence: 12, strategyId: 's' },
    };
    expect(unwrap(readSavedOrder(saveOrder(order)))).toEqual(order);
  });

  test('of another kind or version is refused', () => {
    const entry = saveOrder(NEW_ORDER);
    for (const other of [{ version: 99 }, { kind: 'other' }]) {
      expect(readSavedOrder({ ...entry, ...other })).toMatchObject({
        ...{ ok: false, error: { code: EXECUTION_ERRORS.STATE_UNREADABLE.code } },
      });
    }
    expect(readSavedOrder({ ...entry, payload: Buffer.from('{"quantity":') }).ok).toBe(false);
    expect(readSavedOrder({ ...entry, payload: Buffer.from('{}') }).ok).toBe(false);
  });
});
