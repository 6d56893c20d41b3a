import { type Decimal, decimalFromUnits, parseDecimal, toNumber } from '@cerberus/core';

/*
 * Arithmetic of the gate on the units of decimals as plain bigints. Nothing here can leave a range:
 * an order of 9e19 at 9e19 must be blocked, not stop the process that judges it.
 */
export const UNIT = 10n ** 18n;

const REPORT_DIVISOR = 10n ** 10n;
const REPORT_SCALE = 1e8;
const SAFE = BigInt(Number.MAX_SAFE_INTEGER);
const DECIMAL_LIMIT = 10n ** 38n;

/** a · b, rounded up for positive results, so that a rounded amount is never below the exact one. */
export function productUp(a: bigint, b: bigint): bigint {
  const product = a * b;
  const quotient = product / UNIT;
  return quotient * UNIT < product ? quotient + 1n : quotient;
}

export function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** Nearest double for a report. Values of at most 8 places below 9e7 take the short way. */
export function reportNumber(value: bigint): number {
  const shortened = value / REPORT_DIVISOR;
  if (shortened * REPORT_DIVISOR === value && shortened < SAFE && shortened > -SAFE) {
    return Number(shortened) / REPORT_SCALE;
  }
  if (magnitude(value) < DECIMAL_LIMIT) return toNumber(decimalFromUnits(value));
  return Number(value) / 1e18;
}

/** Units of a finite double as its shortest text reads; undefined where it has no decimal. */
export function unitsOf(value: number): Decimal | undefined {
  const parsed = parseDecimal(value);
  return parsed.ok ? parsed.value : undefined;
}
