import { formatEpochUs } from '@cerberus/core';
import type { Quality as WireQuality } from '@cerberus/schema';
import { type TSchema, Type } from 'typebox';

/** An exact amount: orders, fills, positions, cash. */
export const Amount = Type.String({
  pattern: '^-?\\d+(\\.\\d+)?$',
  description: 'decimal number as text',
});
export const AmountOrNull = Type.Unsafe<string | null>({ type: ['string', 'null'] });
/** An analytic figure; null where it cannot be given, its reason beside it. */
export const Measure = Type.Unsafe<number | null>({ type: ['number', 'null'] });
export const TextOrNull = Type.Unsafe<string | null>({ type: ['string', 'null'] });
export const Time = Type.String({ description: 'ISO 8601 UTC with microseconds' });
export const TimeOrNull = Type.Unsafe<string | null>({ type: ['string', 'null'] });
export const Quality = Type.Enum(['ok', 'degraded', 'untrusted']);
export const Reasons = Type.Record(Type.String(), Type.String(), {
  description: 'Field to the reason why it is null',
});
export const Inputs = Type.Array(Type.Object({ name: Type.String(), age_ms: Measure }));
export const Side = Type.Enum(['BUY', 'SELL']);

export function page(item: TSchema) {
  return Type.Object({
    items: Type.Array(item),
    next_cursor: TextOrNull,
  });
}

export type QualityText = 'ok' | 'degraded' | 'untrusted';

export function qualityText(quality: WireQuality): QualityText {
  return quality.toLowerCase() as QualityText;
}

const RANK: readonly QualityText[] = ['ok', 'degraded', 'untrusted'];

export function worstQuality(qualities: Iterable<QualityText>): QualityText {
  let worst = 0;
  for (const quality of qualities) worst = Math.max(worst, RANK.indexOf(quality));
  return RANK[worst]!;
}

export function timeText(timeUs: number): string {
  return formatEpochUs(timeUs);
}

export function timeOrNull(timeUs: number | null | undefined): string | null {
  return timeUs === null || timeUs === undefined ? null : formatEpochUs(timeUs);
}
