import { type Fault, faultOf } from '@cerberus/core';
import { faultOfNumber, PRICING_ERRORS } from './errors.ts';

/** A cash dividend on the underlying. */
export interface CashDividend {
  /** Years from today to the ex-date. */
  readonly timeYears: number;
  /** Currency per share. */
  readonly amount: number;
}

/** Value at `time` of the dividends that go ex strictly after it, at a flat rate. */
export function presentValueOfDividends(
  dividends: readonly CashDividend[],
  rate: number,
  time: number,
): number {
  let value = 0;
  for (const { timeYears, amount } of dividends) {
    if (timeYears > time) value += amount * Math.exp(-rate * (timeYears - time));
  }
  return value;
}

/** Dividends must be finite, not negative, and in rising order strictly between today and expiry. */
export function faultOfDividends(
  dividends: readonly CashDividend[],
  expiryYears: number,
): Fault | undefined {
  let previous = 0;
  for (const [row, { timeYears, amount }] of dividends.entries()) {
    const fault =
      faultOfNumber(timeYears, 'positive', `dividends row ${row} timeYears`) ??
      faultOfNumber(amount, 'non-negative', `dividends row ${row} amount`);
    if (fault !== undefined) return fault;
    if (timeYears <= previous || timeYears >= expiryYears) {
      return faultOf(PRICING_ERRORS.DIVIDEND_ORDER, {
        path: `dividends row ${row} timeYears`,
        expected: `> ${previous} and < ${expiryYears}`,
        received: `${timeYears}`,
      });
    }
    previous = timeYears;
  }
  return undefined;
}
