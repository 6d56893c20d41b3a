import { decimal } from '@cerberus/core';
import { describe, expect, test } from '@jest/globals';
import { LIMITS_ERRORS } from '../src/index.ts';
import { OrderPace, PACE_ORDERS_MAX } from '../src/order-pace.ts';
import {
  BTC,
  checkOf,
  codes,
  decision,
  event,
  gate,
  instrument,
  judge,
  later,
  limit,
  MANDATORY,
  NOW,
  order,
} from './fixtures.ts';

describe('which limit binds', () => {
  test('the tightest of all scopes, and it is named', () => {
    const book = gate([
      ...MANDATORY,
      limit({
        limit_type: 'order_size',
        unit: 'quantity',
        hard: '3',
        scope: 'ACCOUNT',
        scope_id: 'demo',
      }),
      limit({
        limit_type: 'order_size',
        unit: 'quantity',
        hard: '2',
        scope: 'SYMBOL',
        scope_id: 'BTCUSDT',
      }),
      limit({
        limit_type: 'order_size',
        unit: 'quantity',
        hard: '1',
        scope: 'STRATEGY',
        scope_id: 's1',
      }),
    ]);
    const scope = (over: Parameters<typeof order>[0]) =>
      checkOf(judge(book, order({ quantity: decimal('4'), ...over })), 'order_size')?.scope;
    expect(scope({})).toBe('SYMBOL:BTCUSDT');
    expect(scope({ strategy_id: 's1' })).toBe('STRATEGY:s1');
  });

  test('a change takes effect at its time and the old one binds until then', () => {
    const book = gate();
    book.apply('control.limit', {
      ...MANDATORY[0]!,
      hard: decimal('1'),
      effective_time: later(1000),
    });
    const passes = (ms: number) =>
      judge(book, order({ quantity: decimal('2') }), { nowUs: later(ms) }).passed;
    expect(passes(999)).toBe(true);
    expect(passes(1000)).toBe(false);
  });

  test('a limit of the underlying binds though the instrument became known later', () => {
    const tight = { limit_type: 'order_size', unit: 'quantity', hard: '0.5' } as const;
    const limits = [...MANDATORY, limit({ ...tight, scope: 'UNDERLYING', scope_id: 'BTC' })];
    const book = gate(limits);
    book.remove('ref.instrument', BTC);
    expect(judge(book, order()).passed).toBe(false);
    book.apply('ref.instrument', instrument());
    expect(checkOf(judge(book, order()), 'order_size')).toMatchObject({
      passed: false,
      scope: 'UNDERLYING:BTC',
    });
  });

  test('a deleted limit no longer counts', () => {
    const book = gate();
    book.remove('control.limit', MANDATORY[0]!.limit_id);
    expect(judge(book, order()).passed).toBe(false);
  });
});

describe('fat finger', () => {
  const LIMITS = [
    ...MANDATORY,
    limit({ limit_type: 'fat_finger', unit: 'multiple', hard: '100' }),
    limit({ limit_type: 'fat_finger', unit: 'quantity', hard: '0.5' }),
  ];
  const bar = {
    instrument_id: BTC,
    venue: 'BINANCE',
    interval: '1m',
    open_time: NOW,
    close_time: NOW,
    open: 1,
    high: 1,
    low: 1,
    close: 1,
    volume: 20,
    quote_volume: 1,
    trade_count: 1000,
    revision: 0,
    complete: true,
    source: 'TRADES',
  } as const;

  test('against the recent average trade where it is known, else against the configured size', () => {
    const book = gate(LIMITS);
    expect(checkOf(judge(book, order()), 'fat_finger')).toMatchObject({
      passed: false,
      unit: 'quantity',
      value: 1,
    });
    book.apply('md.bar', bar);
    expect(checkOf(judge(book, order()), 'fat_finger')).toMatchObject({
      passed: true,
      unit: 'multiple',
      value: 50,
    });
    expect(checkOf(judge(book, order({ quantity: decimal('3') })), 'fat_finger')?.passed).toBe(
      false,
    );
  });
});

describe('pace', () => {
  test('an identical order a moment later is a duplicate, another is not', () => {
    const book = gate([
      ...MANDATORY,
      limit({ limit_type: 'duplicate_order', unit: 'ms', hard: '1000' }),
    ]);
    book.apply('order.decision', decision(order()));
    const next = order({ request_id: 'r2', order_id: 'o2' });
    const at = (ms: number, of = next) => codes(judge(book, of, { nowUs: later(ms) }));
    expect(at(999)).toEqual([LIMITS_ERRORS.DUPLICATE_ORDER.code]);
    expect(at(1000)).toEqual([]);
    expect(at(1, { ...next, side: 'SELL' })).toEqual([]);
  });

  test('orders per second and per minute', () => {
    const book = gate([
      ...MANDATORY,
      limit({ limit_type: 'order_rate', unit: 'orders/s', hard: '2' }),
      limit({ limit_type: 'order_rate', unit: 'orders/min', hard: '3' }),
    ]);
    const approve = (id: string, ms: number) =>
      book.apply(
        'order.decision',
        decision(order({ request_id: id, order_id: id }), { decision_time: later(ms) }),
      );
    const at = (ms: number) => judge(book, order({ order_id: 'next' }), { nowUs: later(ms) });
    approve('a', 0);
    approve('b', 1);
    expect(codes(at(2))).toEqual([LIMITS_ERRORS.ORDER_RATE.code]);
    expect(codes(at(1002))).toEqual([]);
    approve('c', 1002);
    expect(checkOf(at(3000), 'order_rate')).toMatchObject({
      passed: false,
      unit: 'orders/min',
      value: 4,
    });
  });
});

describe('memory of the pace', () => {
  test('counts as a list of all times would, and never more than it holds', () => {
    const pace = new OrderPace();
    const times: number[] = [];
    for (let i = 0; i < 3 * PACE_ORDERS_MAX; i++) {
      times.push(i * 10);
      pace.note(`terms ${i}`, i * 10);
      if (i % 97 !== 0) continue;
      for (const back of [0, 5, 10, 155, 1000, 40_000, 1e6]) {
        const sinceUs = i * 10 - back;
        const expected = times.filter((time) => time > sinceUs).length;
        expect(pace.countSince(sinceUs)).toBe(Math.min(expected, PACE_ORDERS_MAX));
      }
    }
    expect(pace.lastUs('terms 0')).toBeUndefined();
    expect(pace.lastUs(`terms ${3 * PACE_ORDERS_MAX - 1}`)).toBe((3 * PACE_ORDERS_MAX - 1) * 10);
  });
});

describe('which checks run', () => {
  test('optional ones on request, safety checks always', () => {
    const book = gate([
      ...MANDATORY,
      limit({ limit_type: 'order_rate', unit: 'orders/s', hard: '2' }),
    ]);
    const ran = (checksRequested?: string[]) =>
      judge(book, order(), { checksRequested }).checks.map(({ check }) => check);
    expect(ran()).toContain('order_rate');
    expect(ran([])).not.toContain('order_rate');
    expect(ran([])).toContain('position');
    expect(ran(['order_rate'])).toContain('order_rate');
  });
});

describe('changes', () => {
  const approved = () => {
    const book = gate();
    book.apply('order.decision', decision(order({ quantity: decimal('4') })));
    return book;
  };
  const change = (over: Parameters<typeof order>[0] = {}) =>
    order({ kind: 'REPLACE', request_id: 'r2', quantity: decimal('5'), ...over });

  test('are checked as new', () => {
    expect(judge(approved(), change()).passed).toBe(true);
    expect(judge(approved(), change({ quantity: decimal('11') })).passed).toBe(false);
    expect(judge(approved(), change({ limit_price: decimal('70000') })).passed).toBe(false);
  });

  test.each([
    ['of an order nobody knows', { order_id: 'x' }, LIMITS_ERRORS.ORDER_UNKNOWN],
    ['to the other side', { side: 'SELL' }, LIMITS_ERRORS.ORDER_MISMATCH],
  ] as const)('%s are refused', (_, over, error) => {
    expect(codes(judge(approved(), change(over)))).toContain(error.code);
  });

  test('of a done order are refused', () => {
    const book = approved();
    book.apply(
      'order.event',
      event(order({ quantity: decimal('4') }), { sequence: 1, status: 'CANCELED' }),
    );
    expect(codes(judge(book, change()))).toContain(LIMITS_ERRORS.ORDER_DONE.code);
  });

  test('a new order under a used id is refused', () => {
    expect(codes(judge(approved(), order()))).toContain(LIMITS_ERRORS.ORDER_ID_USED.code);
  });
});
