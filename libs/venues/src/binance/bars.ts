import type { BarEvent } from './frame-events.ts';
import { decimalField, integerField, type JsonObject } from './frame-fields.ts';
import { listOf } from './orders.ts';

/** Rows of `/klines`: arrays by position, oldest first; the last one may still be open. */
export function readBars(
  value: unknown,
  of: { readonly symbol: string; readonly interval: string; readonly nowMs: number },
): BarEvent[] {
  return listOf(value, (row) => {
    const fields: JsonObject = Object.fromEntries(Array.isArray(row) ? row.entries() : []);
    const closeTimeMs = integerField(fields, '6');
    return {
      kind: 'bar',
      symbol: of.symbol,
      interval: of.interval,
      openTimeMs: integerField(fields, '0'),
      closeTimeMs,
      open: decimalField(fields, '1'),
      high: decimalField(fields, '2'),
      low: decimalField(fields, '3'),
      close: decimalField(fields, '4'),
      volume: decimalField(fields, '5'),
      quoteVolume: decimalField(fields, '7'),
      tradeCount: integerField(fields, '8'),
      closed: closeTimeMs < of.nowMs,
      eventTimeMs: of.nowMs,
    };
  });
}
