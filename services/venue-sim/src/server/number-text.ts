import { type Decimal, formatDecimal } from '@cerberus/core';

/** At least this many decimals, as the venue prints: `1.50000000`. */
export function fixed(value: Decimal, decimals: number): string {
  const text = formatDecimal(value);
  const dot = text.indexOf('.');
  const present = dot < 0 ? 0 : text.length - dot - 1;
  if (present >= decimals) return text;
  return `${text}${dot < 0 ? '.' : ''}${'0'.repeat(decimals - present)}`;
}

export const fixed8 = (value: Decimal): string => fixed(value, 8);
