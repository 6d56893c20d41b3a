import { epochUs } from '@cerberus/core';
import { describe, expect, test } from '@jest/globals';
import { QuoteTape } from '../src/quote-tape.ts';

const quote = (time: number, bid: number) => ({
  ...{ instrument_id: 'X.V', venue: 'V', sequence: time, quality: 'OK' as const },
  ...{ event_time: epochUs(time), receive_time: epochUs(time) },
  ...{ bid_price: bid, ask_price: bid + 1, bid_quantity: 1, ask_quantity: 1 },
});

describe('quote tape', () => {
  test('gives the quote that was in force, not a later one', () => {
    const tape = new QuoteTape();
    for (const [time, bid] of [
      [10, 100],
      [20, 101],
      [30, 102],
    ] as const) {
      tape.add(quote(time, bid));
    }
    expect(tape.at('X.V', 29)?.bid_price).toBe(101);
    expect(tape.at('X.V', 30)?.bid_price).toBe(102);
    expect(tape.newest('X.V')?.bid_price).toBe(102);
  });

  test('knows nothing of a time before its first quote, nor of another instrument', () => {
    const tape = new QuoteTape();
    tape.add(quote(20, 101));
    expect(tape.at('X.V', 19)).toBeUndefined();
    expect(tape.at('Y.V', 30)).toBeUndefined();
  });

  test('keeps the quote of the beginning of the last seconds, however old, and stays small', () => {
    const tape = new QuoteTape();
    for (let second = 0; second < 100; second += 1) tape.add(quote(second * 1e6, second));
    expect(tape.at('X.V', 95e6)?.bid_price).toBe(95);
    expect(tape.at('X.V', 80e6)).toBeUndefined();
    tape.add(quote(1000e6, 7));
    expect(tape.at('X.V', 999e6)?.bid_price).toBe(99);
  });
});
