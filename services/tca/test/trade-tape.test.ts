import { epochUs } from '@cerberus/core';
import { describe, expect, test } from '@jest/globals';
import { TradeTape } from '../src/trade-tape.ts';

const trade = (time: number, price: number, quantity: number) => ({
  ...{ instrument_id: 'X.V', venue: 'V', trade_id: `${time}`, price, quantity },
  ...{ event_time: epochUs(time), receive_time: epochUs(time), aggressor: 'BUY' as const },
});

describe('trade tape', () => {
  test('volume-weighted price of the interval, its start excluded', () => {
    const tape = new TradeTape();
    for (const [time, price, quantity] of [
      [10, 90, 5],
      [20, 100, 1],
      [30, 110, 3],
      [40, 500, 9],
    ] as const) {
      tape.add(trade(time, price, quantity));
    }
    // By hand: (100·1 + 110·3) / 4.
    expect(tape.vwap('X.V', 10, 30)).toBeCloseTo(107.5, 12);
  });

  test('no trade in the interval, or a tape that begins later, gives nothing', () => {
    const tape = new TradeTape();
    tape.add(trade(20, 100, 1));
    expect(tape.vwap('X.V', 10, 30)).toBeNull();
    expect(tape.vwap('X.V', 20, 30)).toBeNull();
    expect(tape.vwap('Y.V', 10, 30)).toBeNull();
  });
});
