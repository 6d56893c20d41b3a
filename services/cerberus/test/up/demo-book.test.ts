import { epochUs } from '@cerberus/core';
import { parseOpeningPositions } from '@cerberus/orders';
import { describe, expect, test } from '@jest/globals';
import { demoBook } from '../../src/up/demo-book.ts';

const NOW = epochUs(Date.UTC(2024, 7, 8, 23, 54) * 1000);

function rows(text: string): string[][] {
  const lines = text.trimEnd().split('\n').slice(1);
  return lines.map((line) => line.split(','));
}

describe('demoBook', () => {
  test('stands around the prices and the date of the moment, and is read as positions', () => {
    const text = demoBook(NOW, { spots: new Map([['BTC', 61_837.64]]) });
    const symbols = rows(text).map(([, , symbol]) => symbol);
    expect(symbols).toEqual([
      '',
      ...['BTCUSDT', 'BTCUSDT-PERP'],
      ...['BTC-20240907-64000-C', 'BTC-20240907-57000-P'],
      ...['BTC-20241106-71000-C', 'BTC-20250204-49000-P'],
      '',
    ]);
    const parsed = parseOpeningPositions(text, { timeUs: NOW });
    expect(parsed.ok).toBe(true);
  });

  test('holds only what can be valued', () => {
    const text = demoBook(NOW, {
      spots: new Map([['BTC', 61_837.64]]),
      symbols: new Set(['BTCUSD-PERP']),
    });
    const kinds = rows(text).map(([, kind]) => kind);
    expect(kinds).toEqual(['cash', 'option', 'option', 'option', 'option', 'cash']);
  });

  test.each([
    ['SOL', 124.53],
    ['DOGE', 0.09871],
    ['PEPE', 0.00000812],
  ])('rounds strikes of %s to what is listed and writes no exponents', (underlying, spot) => {
    const text = demoBook(NOW, { spots: new Map([[underlying, spot]]) });
    expect(text).not.toMatch(/\de[-+]?\d/);
    const parsed = parseOpeningPositions(text, { timeUs: NOW });
    expect(parsed.ok ? 'read' : parsed.error.message).toBe('read');
    const strikes = rows(text)
      .filter(([, kind]) => kind === 'option')
      .map(([, , symbol]) => Number(symbol?.split('-')[2]));
    expect(new Set(strikes).size).toBe(strikes.length);
    for (const strike of strikes) {
      expect(strike / spot).toBeGreaterThan(0.7);
      expect(strike / spot).toBeLessThan(1.25);
    }
  });
});
