import type { PriceModel } from './price-model.ts';
import { hashText, hashUniform } from './price-path.ts';
import type { SymbolSpec } from './symbol-spec.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Fixed intervals; the calendar month is not offered. */
export const INTERVALS_MS: ReadonlyMap<string, number> = new Map([
  ['1m', MINUTE_MS],
  ['3m', 3 * MINUTE_MS],
  ['5m', 5 * MINUTE_MS],
  ['15m', 15 * MINUTE_MS],
  ['30m', 30 * MINUTE_MS],
  ['1h', 60 * MINUTE_MS],
  ['2h', 120 * MINUTE_MS],
  ['4h', 240 * MINUTE_MS],
  ['6h', 360 * MINUTE_MS],
  ['8h', 480 * MINUTE_MS],
  ['12h', 720 * MINUTE_MS],
  ['1d', DAY_MS],
  ['3d', 3 * DAY_MS],
  ['1w', 7 * DAY_MS],
]);

/** Points of the path that a bar looks at; more would only move high and low a little. */
const SAMPLES = 24;
/** Weeks begin on Monday; 1970-01-01 was a Thursday. */
const WEEK_SHIFT_MS = 4 * DAY_MS;

export interface SimBar {
  readonly openTimeMs: number;
  readonly closeTimeMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly quantity: number;
  readonly trades: number;
  readonly takerBuyShare: number;
}

export function barOpenTime(timeMs: number, intervalMs: number): number {
  const shift = intervalMs === 7 * DAY_MS ? WEEK_SHIFT_MS : 0;
  return Math.floor((timeMs - shift) / intervalMs) * intervalMs + shift;
}

/** The bar that opens at `openTimeMs`, as far as it is known at `nowMs`. */
export function barAt(
  model: PriceModel,
  spec: SymbolSpec,
  span: { readonly openTimeMs: number; readonly intervalMs: number; readonly nowMs: number },
): SimBar {
  const { openTimeMs, intervalMs, nowMs } = span;
  const endMs = Math.min(openTimeMs + intervalMs, nowMs);
  const open = model.midAt(openTimeMs);
  const close = model.midAt(endMs);
  let high = Math.max(open, close);
  let low = Math.min(open, close);
  for (let i = 1; i < SAMPLES; i += 1) {
    const price = model.midAt(openTimeMs + (intervalMs * i) / SAMPLES);
    if (openTimeMs + (intervalMs * i) / SAMPLES > endMs) break;
    high = Math.max(high, price);
    low = Math.min(low, price);
  }
  const seed = hashText(`${spec.market}:${spec.symbol}:${intervalMs}`);
  const activity = 0.5 + hashUniform(seed, 1, openTimeMs / MINUTE_MS);
  const seconds = Math.max(0, endMs - openTimeMs) / 1000;
  const trades = Math.round(spec.generator.tradesPerSecond * seconds * activity);
  return {
    openTimeMs,
    closeTimeMs: openTimeMs + intervalMs - 1,
    open,
    high,
    low,
    close,
    quantity: trades * spec.generator.levelQuantity * 0.25,
    trades,
    takerBuyShare: 0.4 + 0.2 * hashUniform(seed, 2, openTimeMs / MINUTE_MS),
  };
}
