import { describe, expect, test } from '@jest/globals';
import { barAt, barOpenTime } from '../../src/market/bars.ts';
import { PriceModel } from '../../src/market/price-model.ts';
import { PricePath } from '../../src/market/price-path.ts';
import { DEFAULT_SYMBOLS, type SymbolSpec } from '../../src/market/symbol-spec.ts';

const ANCHOR = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;

describe('PricePath', () => {
  const path = new PricePath({
    seed: 3,
    startPrice: 100,
    annualVolatility: 0.6,
    anchorMs: ANCHOR,
  });

  test('starts where it should and is a function of seed and time', () => {
    expect(path.priceAt(ANCHOR)).toBe(100);
    const again = new PricePath({
      seed: 3,
      startPrice: 100,
      annualVolatility: 0.6,
      anchorMs: ANCHOR,
    });
    const other = new PricePath({
      seed: 4,
      startPrice: 100,
      annualVolatility: 0.6,
      anchorMs: ANCHOR,
    });
    expect(again.priceAt(ANCHOR + 12_345)).toBe(path.priceAt(ANCHOR + 12_345));
    expect(other.priceAt(ANCHOR + HOUR)).not.toBe(path.priceAt(ANCHOR + HOUR));
  });

  test.each([
    ['one second', 1000],
    ['one minute', 60_000],
    ['one hour', HOUR],
  ])('has its volatility over %s', (_name, stepMs) => {
    const count = 4000;
    let squares = 0;
    let sum = 0;
    for (let i = 0; i < count; i += 1) {
      const from = path.priceAt(ANCHOR + i * stepMs);
      const move = Math.log(path.priceAt(ANCHOR + (i + 1) * stepMs) / from);
      squares += move * move;
      sum += move;
    }
    const variance = squares / count - (sum / count) ** 2;
    const annual = Math.sqrt((variance * 365.25 * 86_400_000) / stepMs);
    // The standard error of a volatility from n returns is σ/√(2n): 1.1 %; four of them.
    expect(Math.abs(annual / 0.6 - 1)).toBeLessThan(4 / Math.sqrt(2 * count));
  });
});

describe('bars', () => {
  const spec = DEFAULT_SYMBOLS[0] as SymbolSpec;
  const model = new PriceModel(1, spec);

  test('one bar ends where the next begins, whatever the interval', () => {
    const nowMs = ANCHOR + 100 * HOUR;
    for (const intervalMs of [60_000, HOUR, 24 * HOUR]) {
      const openTimeMs = barOpenTime(ANCHOR + 30 * HOUR, intervalMs);
      const bar = barAt(model, spec, { openTimeMs, intervalMs, nowMs });
      const next = barAt(model, spec, { openTimeMs: openTimeMs + intervalMs, intervalMs, nowMs });
      expect(bar.close).toBe(next.open);
      expect(bar.closeTimeMs + 1).toBe(next.openTimeMs);
      expect(bar.low).toBeLessThanOrEqual(Math.min(bar.open, bar.close));
      expect(bar.high).toBeGreaterThanOrEqual(Math.max(bar.open, bar.close));
    }
  });

  test('an open bar ends at the live price', () => {
    const nowMs = ANCHOR + 90_000;
    const bar = barAt(model, spec, { openTimeMs: ANCHOR + 60_000, intervalMs: 60_000, nowMs });
    expect(bar.close).toBe(model.midAt(nowMs));
  });
});
