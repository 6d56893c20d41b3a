import { describe, expect, test } from '@jest/globals';
import { BoundedSeries } from '../../src/display/bounded-series.ts';
import {
  formatCompactUsd,
  formatName,
  formatPrice,
  formatQuantity,
  formatSignedUsd,
  formatTime,
  numberOf,
} from '../../src/display/format.ts';

describe('amounts', () => {
  test.each([null, undefined, '', 'NaN', 'abc', Number.NaN, Number.POSITIVE_INFINITY])(
    '%p is no number, and never zero',
    (value) => expect(numberOf(value)).toBeNull(),
  );

  test('decimal strings stay exact beyond what a double holds', () => {
    expect(formatQuantity('12345678901234567890.123456789000000000')).toBe(
      '12,345,678,901,234,567,890.123456789',
    );
    expect(formatQuantity('-6.00')).toBe('\u22126');
  });

  test.each([
    [61240.5, '61,240.50'],
    [1.23456, '1.2346'],
    [0.1034, '0.10340'],
    [0.00001234, '0.00001234'],
  ])('price %p reads %p', (value, text) => expect(formatPrice(value)).toBe(text));

  test.each([
    [1_234_567, '$1.23M'],
    [-77_090, '\u2212$77.09k'],
    [4.2e9, '$4.20B'],
    [707, '$707'],
    [0, '$0.00'],
  ])('%p in dollars reads %p', (value, text) => expect(formatCompactUsd(value)).toBe(text));

  test('a gain carries its sign, a zero none', () => {
    expect(formatSignedUsd(12.5)).toBe('+$12.50');
    expect(formatSignedUsd(0)).toBe('$0.00');
  });
});

describe('names and times', () => {
  test('wire names read as words', () => {
    expect(formatName('PARTIALLY_FILLED')).toBe('Partially filled');
    expect(formatName('var_limit')).toBe('VaR limit');
  });

  test('times are of UTC whatever their offset', () => {
    expect(formatTime('2026-11-21T05:16:16.123456Z')).toBe('05:16:16');
    expect(formatTime('2026-11-21T05:16:16+02:00')).toBe('03:16:16');
    expect(formatTime(null)).toBe('—');
  });
});

describe('a bounded history', () => {
  test('keeps the newest samples only, and the newest value within one spacing', () => {
    const series = new BoundedSeries({ columns: 1, capacity: 3, spacingMs: 100 });
    for (let at = 0; at < 10; at += 1) series.push(at * 50, [at]);
    expect(series.timesS).toEqual([0.2, 0.3, 0.4]);
    expect(series.columns).toEqual([[5, 7, 9]]);
    expect(series.version).toBe(10);
  });
});
