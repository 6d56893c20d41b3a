import { describe, expect, test } from '@jest/globals';
import { draftOf, isAmount, passiveMid, type Ticket } from '../../src/orders/order-draft.ts';

const TICKET: Ticket = {
  account: 'demo',
  symbol: 'BTCUSDT',
  side: 'BUY',
  type: 'LIMIT',
  quantity: '0.50',
  limitPrice: '61000.1',
  timeInForce: 'IOC',
};

describe('the ticket', () => {
  test('keeps typed amounts as they were typed', () => {
    expect(draftOf(TICKET)).toEqual({
      ok: true,
      draft: {
        account_id: 'demo',
        symbol: 'BTCUSDT',
        side: 'BUY',
        order_type: 'LIMIT',
        quantity: '0.50',
        limit_price: '61000.1',
        time_in_force: 'IOC',
      },
    });
  });

  test('leaves price and time in force out of a market order', () => {
    const drafted = draftOf({ ...TICKET, type: 'MARKET' });
    expect(drafted.ok && Object.keys(drafted.draft)).toEqual([
      'account_id',
      'symbol',
      'side',
      'order_type',
      'quantity',
    ]);
  });

  test.each(['', '0', '-1', '1e5', 'NaN', '1.', '.5', '1,5', '0x10', '0.0000000000000000001'])(
    'takes %p for no amount',
    (text) => {
      expect(isAmount(text)).toBe(false);
      expect(draftOf({ ...TICKET, quantity: text }).ok).toBe(false);
    },
  );
});

describe('the middle of the touch', () => {
  test.each([
    ['61000.1', '61000.2', 'BUY', '61000.1'],
    ['61000.1', '61000.2', 'SELL', '61000.2'],
    ['0.1034', '0.1036', 'BUY', '0.1035'],
    ['99', '100.50', 'BUY', '99.75'],
    ['7', '10', 'SELL', '9'],
  ] as const)('of %s and %s for %s is %s', (bid, ask, side, mid) => {
    expect(passiveMid(bid, ask, side)).toBe(mid);
  });

  test('is absent where a side is', () => {
    expect(passiveMid('null', '61000.2', 'BUY')).toBeNull();
  });
});
