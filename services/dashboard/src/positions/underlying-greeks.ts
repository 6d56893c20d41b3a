import type { Measure, PositionGreeks } from '../contract.ts';

const SUMMED = ['delta', 'dollar_delta', 'dollar_gamma', 'vega', 'theta', 'rho'] as const;
type Summed = (typeof SUMMED)[number];

export interface UnderlyingGreeks extends Record<Summed, Measure> {
  underlying: string;
  positions: number;
  /** Why a sum is missing: one unknown part makes the whole unknown. */
  reasons: Partial<Record<Summed, string>>;
}

/** Sums over the positions of each underlying, largest dollar delta first. */
export function greeksByUnderlying(positions: PositionGreeks[]): UnderlyingGreeks[] {
  const groups = Map.groupBy(positions, (position) => position.underlying || position.symbol);
  return [...groups]
    .map(([underlying, group]) => sumOf(underlying, group))
    .sort((a, b) => Math.abs(b.dollar_delta ?? 0) - Math.abs(a.dollar_delta ?? 0));
}

function sumOf(underlying: string, group: PositionGreeks[]): UnderlyingGreeks {
  const reasons: UnderlyingGreeks['reasons'] = {};
  const sums = Object.fromEntries(
    SUMMED.map((name) => {
      const missing = group.filter((position) => !Number.isFinite(position[name] ?? Number.NaN));
      if (missing.length === 0) {
        return [name, group.reduce((sum, position) => sum + (position[name] ?? 0), 0)];
      }
      const first = missing[0];
      const why = first?.reasons?.[name];
      reasons[name] =
        `${missing.length} of ${group.length} positions without it (${first?.symbol}${why ? `: ${why}` : ''})`;
      return [name, null];
    }),
  ) as Record<Summed, Measure>;
  return { underlying, positions: group.length, reasons, ...sums };
}
