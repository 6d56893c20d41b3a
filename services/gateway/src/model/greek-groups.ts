import type { Instrument } from '@cerberus/schema';
import { Type } from 'typebox';
import { Measure, Quality, type QualityText, Reasons, worstQuality } from '../document/fields.ts';
import { GREEK_NAMES } from '../document/risk-document.ts';

/** Positions carry no strategy yet, so there is no grouping by it. */
export const GROUPINGS = ['underlying', 'expiry_bucket', 'account'] as const;
export type Grouping = (typeof GROUPINGS)[number];

const SUMMED = ['market_value', 'unrealized_pnl', ...GREEK_NAMES] as const;

export const GROUP_SCHEMA = Type.Object({
  group: Type.String(),
  positions: Type.Integer(),
  ...Object.fromEntries(SUMMED.map((name) => [name, Measure])),
  quality: Quality,
  reasons: Reasons,
});

interface GroupOptions {
  readonly grouping: Grouping | 'all';
  instrumentOf(instrumentId: string): Instrument | undefined;
  readonly nowUs: number;
}

interface Group {
  positions: number;
  readonly sums: Map<string, number | null>;
  readonly reasons: Record<string, string>;
  readonly qualities: QualityText[];
}

/**
 * Sums position documents. A sum with a missing part is null and names the position it lacks: a
 * partial sum would look like less risk than there is.
 */
export function groupGreeks(
  positions: readonly Readonly<Record<string, unknown>>[],
  options: GroupOptions,
): Record<string, unknown>[] {
  const groups = new Map<string, Group>();
  for (const position of positions) {
    const name = groupName(position, options);
    const group = groups.get(name) ?? {
      positions: 0,
      sums: new Map(SUMMED.map((field) => [field, 0] as [string, number | null])),
      reasons: {},
      qualities: [],
    };
    addTo(group, position);
    groups.set(name, group);
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { positions: count, sums, reasons, qualities }]) => ({
      group: name,
      positions: count,
      ...Object.fromEntries(sums),
      quality: worstQuality(qualities),
      reasons,
    }));
}

function addTo(group: Group, position: Readonly<Record<string, unknown>>): void {
  group.positions += 1;
  group.qualities.push(position['quality'] as QualityText);
  for (const field of SUMMED) {
    const value = position[field] as number | null;
    const sum = group.sums.get(field) ?? null;
    if (value === null) {
      const why = (position['reasons'] as Record<string, string>)[field] ?? 'not computed';
      group.reasons[field] ??= `${String(position['position_id'])}: ${why}`;
    }
    group.sums.set(field, value === null || sum === null ? null : sum + value);
  }
}

function groupName(
  position: Readonly<Record<string, unknown>>,
  { grouping, instrumentOf, nowUs }: GroupOptions,
): string {
  switch (grouping) {
    case 'all':
      return 'all';
    case 'underlying':
      return String(position['underlying']);
    case 'account':
      return String(position['account_id']);
    case 'expiry_bucket': {
      const expiration = instrumentOf(String(position['instrument_id']))?.expiration ?? null;
      return expiration === null ? 'no expiry' : bucketOf(expiration - nowUs);
    }
  }
}

const DAY_US = 86_400_000_000;
const BUCKETS: readonly (readonly [number, string])[] = [
  [1, '0-1d'],
  [7, '1-7d'],
  [30, '7-30d'],
  [90, '30-90d'],
  [180, '90-180d'],
  [365, '180-365d'],
];

function bucketOf(leftUs: number): string {
  const days = leftUs / DAY_US;
  return BUCKETS.find(([most]) => days <= most)?.[1] ?? '1y+';
}
