import { type Decimal, formatDecimal } from '@cerberus/core';

/** Exact text of an amount, or null where there is none. */
export function amountText(value: Decimal | null): string | null {
  return value === null ? null : formatDecimal(value);
}

/** A number that JSON can carry; NaN and the infinities become null, whose reason the caller states. */
export function finiteOrNull(value: number | null | undefined): number | null {
  return value !== null && value !== undefined && Number.isFinite(value) ? value : null;
}
