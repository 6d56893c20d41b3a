import { decimal, formatDecimal, ZERO } from '@cerberus/core';
import { expect, test } from '@jest/globals';
import { FuturesWallet } from '../../src/exchange/futures-wallet.ts';

/** Worked by hand: average entry, then profit over what is closed, then a turn to short. */
test('entry, realised profit and a turned position', () => {
  const wallet = new FuturesWallet();
  const fill = (side: 'BUY' | 'SELL', quantity: string, price: string) => {
    const one = { side, quantity: decimal(quantity), price: decimal(price) };
    const realized = wallet.realizedBy('X', one);
    wallet.apply('X', { ...one, fee: ZERO, realized });
    const { quantity: held, entryPrice } = wallet.of('X');
    return [formatDecimal(realized), formatDecimal(held), formatDecimal(entryPrice)];
  };
  expect(fill('BUY', '1', '100')).toEqual(['0', '1', '100']);
  expect(fill('BUY', '3', '120')).toEqual(['0', '4', '115']);
  expect(fill('SELL', '1', '125')).toEqual(['10', '3', '115']);
  expect(fill('SELL', '5', '105')).toEqual(['-30', '-2', '105']);
  expect(fill('BUY', '2', '100')).toEqual(['10', '0', '0']);
  expect(formatDecimal(wallet.walletBalance)).toBe('-10');
});
