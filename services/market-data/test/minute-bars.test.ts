import { describe, expect, test } from '@jest/globals';
import { MinuteBars } from '../src/minute-bars.ts';

const MINUTE = 60_000;
const START = 1_767_225_600_000;
const IDENTITY = { instrument_id: 'BTCUSDT.BINANCE', venue: 'BINANCE' };

function bars(lateBars = 3) {
  const minutes = new MinuteBars(IDENTITY, lateBars);
  const trade = (minute: number, second: number, price: number, quantity = 1) =>
    minutes.add({ price, quantity, timeMs: START + minute * MINUTE + second * 1000 });
  return { minutes, trade };
}

function minuteOf(bar: { readonly open_time: number }): number {
  return (bar.open_time / 1000 - START) / MINUTE;
}

describe('one-minute bars', () => {
  test('a bar is given when a trade of a later minute comes', () => {
    const { trade } = bars();
    expect([...trade(0, 1, 100), ...trade(0, 2, 105, 2), ...trade(0, 59.999, 99)]).toEqual([]);
    // By hand: 100 + 2 × 105 + 99 = 409.
    expect(trade(1, 0, 101)).toMatchObject([
      {
        ...{ ...IDENTITY, interval: '1m', open: 100, high: 105, low: 99, close: 99 },
        ...{ volume: 4, quote_volume: 409, trade_count: 3, revision: 0, complete: true },
        ...{ open_time: START * 1000, close_time: (START + MINUTE - 1) * 1000 },
      },
    ]);
  });

  test('a quiet minute is closed by the clock, once', () => {
    const { minutes, trade } = bars();
    trade(0, 1, 100);
    expect(minutes.closeUntil(START + MINUTE - 1)).toEqual([]);
    expect(minutes.closeUntil(START + MINUTE)).toHaveLength(1);
    expect(minutes.closeUntil(START + 2 * MINUTE)).toEqual([]);
  });

  test('a minute without trades has no bar', () => {
    const { trade } = bars();
    trade(0, 1, 100);
    expect(trade(5, 1, 110).map(minuteOf)).toEqual([0]);
    expect(trade(6, 1, 110).map(minuteOf)).toEqual([5]);
  });

  test('a late trade gives its bar again with a higher revision, in the order of trade times', () => {
    const { trade } = bars();
    trade(0, 10, 100);
    trade(0, 20, 101);
    trade(1, 0, 102);
    expect(trade(0, 5, 90)).toMatchObject([{ revision: 1, open: 90, low: 90, close: 101 }]);
    expect(trade(0, 30, 120)).toMatchObject([{ revision: 2, open: 90, high: 120, close: 120 }]);
    expect(trade(0, 15, 1)).toMatchObject([{ revision: 3, low: 1, close: 120, trade_count: 5 }]);
  });

  test('a trade after the clock closed its minute amends that bar: a minute never has two', () => {
    const { minutes, trade } = bars();
    trade(0, 10, 100);
    minutes.closeUntil(START + MINUTE);
    expect(trade(0, 50, 105)).toMatchObject([{ revision: 1, high: 105, trade_count: 2 }]);
    expect(trade(1, 0, 106)).toEqual([]);
    expect(trade(2, 0, 107).map(minuteOf)).toEqual([1]);
  });

  test('a late trade of a minute that had none gives it its bar', () => {
    const { trade } = bars();
    trade(0, 1, 100);
    trade(3, 1, 110);
    expect(trade(2, 1, 105)).toMatchObject([{ revision: 0, open: 105, trade_count: 1 }]);
    expect(trade(2, 2, 106)).toMatchObject([{ revision: 1, close: 106, trade_count: 2 }]);
  });

  test('a trade older than every bar that is kept is counted, not lost silently', () => {
    const { minutes, trade } = bars(2);
    for (let minute = 0; minute < 6; minute += 1) trade(minute, 1, 100);
    expect(trade(3, 2, 90)).toHaveLength(1);
    expect(minutes.tooLate).toBe(0);
    expect(trade(2, 2, 90)).toEqual([]);
    expect(minutes.tooLate).toBe(1);
  });
});
