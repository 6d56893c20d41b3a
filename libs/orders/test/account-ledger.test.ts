import { decimal, ONE, ZERO } from '@cerberus/core';
import type { PositionAdjustment } from '@cerberus/schema';
import { describe, expect, test } from '@jest/globals';
import {
  AccountLedger,
  averagePrice,
  contractTerms,
  ORDERS_ERRORS,
  unrealizedPnl,
} from '../src/index.ts';
import { fill, INVERSE, instrument, NOW, PERPETUAL } from './fixtures.ts';

const SPOT = contractTerms(instrument());
const PERP = contractTerms(PERPETUAL);
const COIN = contractTerms(INVERSE);
const ledger = () => new AccountLedger('demo', { seenFillsMax: 100 });

function adjustment(over: Partial<PositionAdjustment>): PositionAdjustment {
  return {
    adjustment_id: 'a1',
    account_id: 'demo',
    instrument_id: 'BTCUSDT.BINANCE',
    currency: 'USDT',
    quantity: ONE,
    price: decimal('50000'),
    reason: 'OPENING',
    note: '',
    time: NOW,
    ...over,
  };
}

describe('spot', () => {
  test('buys pay cash, a sale realises against the average', () => {
    const book = ledger();
    book.applyFill(fill({ fill_id: '1', price: decimal('100'), fee: decimal('0.1') }), SPOT);
    book.applyFill(fill({ fill_id: '2', price: decimal('200') }), SPOT);
    book.applyFill(fill({ fill_id: '3', side: 'SELL', price: decimal('180') }), SPOT);
    const position = book.position('BTCUSDT.BINANCE');
    expect(position.quantity).toBe(ONE);
    expect(averagePrice(position, SPOT)).toBe(decimal('150'));
    expect(position.realizedPnl).toBe(decimal('30'));
    expect(book.balance('USDT')).toEqual({
      cash: decimal('-120.1'),
      realizedPnl: decimal('30'),
      fees: decimal('0.1'),
    });
  });

  test('a fee in the coins bought leaves fewer coins and the same cash', () => {
    const book = ledger();
    const fee = { fee: decimal('0.001'), fee_currency: 'BTC' };
    book.applyFill(fill({ fill_id: '1', price: decimal('60000'), ...fee }), SPOT);
    const position = book.position('BTCUSDT.BINANCE');
    expect(position.quantity).toBe(decimal('0.999'));
    expect(position.fees).toBe(decimal('60'));
    expect(position.realizedPnl).toBe(ZERO);
    expect(book.balance('USDT').cash).toBe(decimal('-60000'));
    expect([...book.balances.keys()]).toEqual(['USDT']);
  });

  test('a fee in a third currency leaves position and cash alone', () => {
    const book = ledger();
    book.applyFill(
      fill({ fill_id: '1', price: decimal('10'), fee: decimal('0.02'), fee_currency: 'BNB' }),
      SPOT,
    );
    expect(book.position('BTCUSDT.BINANCE').fees).toBe(ZERO);
    expect(book.balance('BNB')).toEqual({
      cash: decimal('-0.02'),
      realizedPnl: ZERO,
      fees: decimal('0.02'),
    });
  });

  test('crossing zero realises the old side and opens the new at its price', () => {
    const book = ledger();
    book.applyFill(fill({ fill_id: '1', price: decimal('100') }), SPOT);
    const sell = { side: 'SELL', quantity: decimal('3'), price: decimal('110') } as const;
    book.applyFill(fill({ fill_id: '2', ...sell }), SPOT);
    const position = book.position('BTCUSDT.BINANCE');
    expect(position.quantity).toBe(decimal('-2'));
    expect(position.realizedPnl).toBe(decimal('10'));
    expect(averagePrice(position, SPOT)).toBe(decimal('110'));
    expect(unrealizedPnl(position, decimal('100'), SPOT)).toBe(decimal('20'));
  });
});

describe('margin', () => {
  test('a linear perpetual moves cash by realised profit and fees only', () => {
    const book = ledger();
    const trade = { instrument_id: PERP.instrumentId, price: decimal('60000'), fee: ONE };
    book.applyFill(fill({ fill_id: '1', ...trade }), PERP);
    expect(book.balance('USDT').cash).toBe(decimal('-1'));
    const exit = { ...trade, side: 'SELL', price: decimal('61000') } as const;
    book.applyFill(fill({ fill_id: '2', ...exit }), PERP);
    expect(book.balance('USDT').cash).toBe(decimal('998'));
    expect(book.position(PERP.instrumentId).realizedPnl).toBe(decimal('1000'));
  });

  // Binance, "PnL of coin-margined futures": contracts · multiplier · (1/entry − 1/exit).
  test('an inverse perpetual gains coins: 100 · 100 · (1/50000 − 1/62500) = 0.04', () => {
    const book = ledger();
    const trade = { instrument_id: COIN.instrumentId, quantity: decimal('100') };
    book.applyFill(
      fill({ fill_id: '1', ...trade, price: decimal('50000'), fee_currency: 'BTC' }),
      COIN,
    );
    const position = book.position(COIN.instrumentId);
    expect(averagePrice(position, COIN)).toBe(decimal('50000'));
    expect(unrealizedPnl(position, decimal('62500'), COIN)).toBe(decimal('0.04'));
    const exit = { ...trade, side: 'SELL', price: decimal('62500') } as const;
    book.applyFill(
      fill({ fill_id: '2', ...exit, fee: decimal('0.0001'), fee_currency: 'BTC' }),
      COIN,
    );
    expect(book.balance('BTC')).toEqual({
      cash: decimal('0.0399'),
      realizedPnl: decimal('0.04'),
      fees: decimal('0.0001'),
    });
  });
});

describe('adjustments', () => {
  test('an opening position enters at its cost and moves no cash', () => {
    const book = ledger();
    expect(book.applyAdjustment(adjustment({}), SPOT).kind).toBe('booked');
    expect(averagePrice(book.position('BTCUSDT.BINANCE'), SPOT)).toBe(decimal('50000'));
    expect(book.balances.size).toBe(0);
  });

  test('a reconciliation that takes away realises nothing', () => {
    const book = ledger();
    book.applyAdjustment(adjustment({ quantity: decimal('2') }), SPOT);
    book.applyAdjustment(
      adjustment({ adjustment_id: 'a2', quantity: decimal('-0.5'), price: null }),
      SPOT,
    );
    const position = book.position('BTCUSDT.BINANCE');
    expect(position).toMatchObject({ quantity: decimal('1.5'), realizedPnl: ZERO });
    expect(averagePrice(position, SPOT)).toBe(decimal('50000'));
  });

  test('cash is moved in its currency', () => {
    const book = ledger();
    book.applyAdjustment(adjustment({ instrument_id: null, quantity: decimal('1000') }), undefined);
    expect(book.balance('USDT').cash).toBe(decimal('1000'));
  });

  test('an instrument that is not known is refused', () => {
    expect(ledger().applyAdjustment(adjustment({}), undefined)).toMatchObject({
      kind: 'refused',
      fault: { code: ORDERS_ERRORS.ADJUSTMENT_INVALID.code },
    });
  });
});

describe('booked once, whole or not at all', () => {
  test('a repeated fill or adjustment changes nothing', () => {
    const book = ledger();
    book.applyFill(fill({ fill_id: '1' }), SPOT);
    book.applyAdjustment(adjustment({}), SPOT);
    const before = { ...book.position('BTCUSDT.BINANCE') };
    expect(book.applyFill(fill({ fill_id: '1' }), SPOT).kind).toBe('duplicate');
    expect(book.applyAdjustment(adjustment({}), SPOT).kind).toBe('duplicate');
    expect(book.position('BTCUSDT.BINANCE')).toEqual(before);
  });

  test.each([
    ['no quantity', { quantity: ZERO }],
    ['a negative price', { price: decimal('-1') }],
    ['another account', { account_id: 'other' }],
    ['another instrument', { instrument_id: 'ETHUSDT.BINANCE' }],
    ['a value beyond decimals', { price: decimal('9e19'), quantity: decimal('9e19') }],
  ])('refuses %s and books nothing', (_, change) => {
    const book = ledger();
    expect(book.applyFill(fill({ fill_id: '1', ...change }), SPOT).kind).toBe('refused');
    expect(book.positions.size + book.balances.size).toBe(0);
  });

  test('says which id it forgot', () => {
    const book = new AccountLedger('demo', { seenFillsMax: 1 });
    book.applyFill(fill({ fill_id: '1' }), SPOT);
    expect(book.applyFill(fill({ fill_id: '2' }), SPOT)).toMatchObject({ forgottenFill: '1' });
  });
});
