import {
  type Decimal,
  type EpochUs,
  epochUsFromMs,
  fail,
  faultOf,
  formatDecimal,
  ok,
  parseDecimal,
  type Result,
} from '@cerberus/core';
import type { OptionType } from '@cerberus/schema';
import { MODEL_ERRORS } from './errors.ts';

/** `BTC-20261225-100000-C`: underlying, UTC expiry date, strike, call or put. */
export interface OptionTerms {
  readonly underlying: string;
  readonly expiration: EpochUs;
  readonly strike: Decimal;
  readonly optionType: OptionType;
}

/** Options expire at 08:00 UTC, as crypto options do; listed equity options state their own time. */
const EXPIRY_TIME_UTC = 'T08:00:00Z';
const PATTERN = /^([A-Z0-9]{1,20})-(\d{4})(\d{2})(\d{2})-(\d{1,12}(?:\.\d{1,8})?)-([CP])$/;

export function optionSymbol(terms: OptionTerms): string {
  const day = new Date(terms.expiration / 1000).toISOString().slice(0, 10).replaceAll('-', '');
  const letter = terms.optionType === 'CALL' ? 'C' : 'P';
  return `${terms.underlying}-${day}-${formatDecimal(terms.strike)}-${letter}`;
}

export function parseOptionSymbol(text: string): Result<OptionTerms> {
  const match = PATTERN.exec(text);
  if (match === null) return invalid(text, 'UNDERLYING-YYYYMMDD-STRIKE-C or -P');
  const [, underlying, year, month, day, strikeText, letter] = match as unknown as string[];
  const expiryMs = Date.parse(`${year}-${month}-${day}${EXPIRY_TIME_UTC}`);
  if (Number.isNaN(expiryMs) || new Date(expiryMs).getUTCDate() !== Number(day)) {
    return invalid(text, 'a date of the calendar');
  }
  const strike = parseDecimal(strikeText!);
  if (!strike.ok) return strike;
  if (strike.value === 0n) return invalid(text, 'a positive strike');
  return ok({
    underlying: underlying!,
    expiration: epochUsFromMs(expiryMs),
    strike: strike.value,
    optionType: letter === 'C' ? 'CALL' : 'PUT',
  });
}

function invalid(text: string, expected: string): Result<never> {
  return fail(
    faultOf(MODEL_ERRORS.OPTION_SYMBOL_INVALID, { expected, received: text.slice(0, 100) }),
  );
}
