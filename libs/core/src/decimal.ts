import type { Brand } from './brand.ts';
import { defineErrors, faultOf } from './error-catalogue.ts';
import { invariant } from './invariant.ts';
import { CerberusError, fail, ok, type Result } from './result.ts';

/**
 * An exact decimal: an integer count of 10⁻¹⁸. Sums, differences and comparisons are those of
 * bigint; a product of a price and a quantity is exact whenever their decimal places together do
 * not exceed 18 (venues quote at most 10 + 8). The range is that of Avro `decimal(38, 18)`:
 * magnitudes below 10²⁰.
 */
export type Decimal = Brand<bigint, 'Decimal'>;

export const DECIMAL_SCALE = 18;
export const DECIMAL_PRECISION = 38;

const UNIT = 10n ** BigInt(DECIMAL_SCALE);
const LIMIT = 10n ** BigInt(DECIMAL_PRECISION);

export const ZERO = 0n as Decimal;
export const ONE = UNIT as Decimal;

export const DECIMAL_ERRORS = defineErrors('DECIMAL', {
  NOT_A_NUMBER: { title: 'not a decimal number', status: 400, retry: 'never' },
  TOO_PRECISE: { title: `more than ${DECIMAL_SCALE} decimal places`, status: 422, retry: 'never' },
  OUT_OF_RANGE: { title: 'magnitude of 10^20 or more', status: 422, retry: 'never' },
});

export type Rounding = 'half-even' | 'down' | 'up' | 'floor' | 'ceiling';

const PATTERN = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;

/** Longest text accepted; longer input is refused unread, so that parsing time is bounded. */
const TEXT_LENGTH_MAX = 80;

/** Parses plain or scientific notation (`12.50`, `1e-8`). Never rounds: too precise is a fault. */
export function parseDecimal(input: string | number, path?: string): Result<Decimal> {
  const text = typeof input === 'number' ? numberText(input) : input.trim();
  const where = path === undefined ? {} : { path };
  const match = text.length > TEXT_LENGTH_MAX ? null : PATTERN.exec(text);
  if (match === null) {
    return fail(
      faultOf(DECIMAL_ERRORS.NOT_A_NUMBER, {
        ...where,
        expected: 'a decimal number such as 12.50',
        received: text.slice(0, TEXT_LENGTH_MAX),
      }),
    );
  }
  const [, sign, whole = '', fraction = '', exponentText = '0'] = match;
  const exponent = Number(exponentText) - fraction.length + DECIMAL_SCALE;
  const digits = `${whole}${fraction}`.replace(/^0+(?=\d)/, '');
  if (digits.length + exponent > DECIMAL_PRECISION && digits !== '0') {
    return fail(
      faultOf(DECIMAL_ERRORS.OUT_OF_RANGE, {
        ...where,
        expected: 'a magnitude below 10^20',
        received: text,
      }),
    );
  }
  const scaled = scaleDigits(digits, exponent);
  if (scaled === undefined) {
    return fail(
      faultOf(DECIMAL_ERRORS.TOO_PRECISE, {
        ...where,
        expected: `at most ${DECIMAL_SCALE} decimal places`,
        received: text,
      }),
    );
  }
  return ok((sign === '-' ? -scaled : scaled) as Decimal);
}

function scaleDigits(digits: string, exponent: number): bigint | undefined {
  if (digits === '0') return 0n;
  if (exponent >= 0) return BigInt(digits) * 10n ** BigInt(exponent);
  const kept = digits.slice(0, exponent);
  if (/[1-9]/.test(digits.slice(exponent)) || -exponent > digits.length) return undefined;
  return BigInt(kept === '' ? '0' : kept);
}

function numberText(value: number): string {
  return Number.isFinite(value) ? String(value) : `${value}`;
}

/** For literals and values already validated; throws where `parseDecimal` would fail. */
export function decimal(input: string | number): Decimal {
  const parsed = parseDecimal(input);
  if (!parsed.ok) throw new CerberusError(parsed.error);
  return parsed.value;
}

export function decimalFromUnits(units: bigint): Decimal {
  invariant(units < LIMIT && units > -LIMIT, 'decimal magnitude is below 10^20');
  return units as Decimal;
}

/** Shortest exact text, without exponent: `0.00000001`, `61837.63`. */
export function formatDecimal(value: Decimal): string {
  const negative = value < 0n;
  const digits = (negative ? -value : value).toString().padStart(DECIMAL_SCALE + 1, '0');
  const whole = digits.slice(0, -DECIMAL_SCALE);
  const fraction = digits.slice(-DECIMAL_SCALE).replace(/0+$/, '');
  return `${negative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

const BILLIONTH = 10n ** BigInt(DECIMAL_SCALE - 9);
const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);

/** Nearest double; for analytics only, never back into an order or a ledger. */
export function toNumber(value: Decimal): number {
  const billionths = value / BILLIONTH;
  const magnitude = billionths < 0n ? -billionths : billionths;
  // Both are exact as doubles, so that their quotient is the nearest double too.
  if (magnitude <= SAFE_MAX && billionths * BILLIONTH === value) return Number(billionths) / 1e9;
  return Number(formatDecimal(value));
}

export function add(a: Decimal, b: Decimal): Decimal {
  return decimalFromUnits(a + b);
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  return decimalFromUnits(a - b);
}

export function negate(a: Decimal): Decimal {
  return -a as Decimal;
}

export function absolute(a: Decimal): Decimal {
  return (a < 0n ? -a : a) as Decimal;
}

export function multiply(a: Decimal, b: Decimal, rounding: Rounding = 'half-even'): Decimal {
  return decimalFromUnits(divideRounded(a * b, UNIT, rounding));
}

export function divide(a: Decimal, b: Decimal, rounding: Rounding = 'half-even'): Decimal {
  invariant(b !== 0n, 'divisor is not zero');
  return decimalFromUnits(divideRounded(a * UNIT, b, rounding));
}

export function compare(a: Decimal, b: Decimal): -1 | 0 | 1 {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

export function minimum(a: Decimal, b: Decimal): Decimal {
  return a < b ? a : b;
}

export function maximum(a: Decimal, b: Decimal): Decimal {
  return a > b ? a : b;
}

/** True where `value` is a whole number of `step`s, as a tick or lot size demands. */
export function isMultipleOf(value: Decimal, step: Decimal): boolean {
  return step !== 0n && value % step === 0n;
}

export function roundToStep(value: Decimal, step: Decimal, rounding: Rounding): Decimal {
  invariant(step > 0n, 'step is positive');
  return decimalFromUnits(divideRounded(value, step, rounding) * step);
}

function divideRounded(numerator: bigint, denominator: bigint, rounding: Rounding): bigint {
  const quotient = numerator / denominator;
  const remainder = numerator % denominator;
  if (remainder === 0n) return quotient;
  const positive = remainder < 0n === denominator < 0n;
  const away = positive ? 1n : -1n;
  switch (rounding) {
    case 'down':
      return quotient;
    case 'up':
      return quotient + away;
    case 'floor':
      return positive ? quotient : quotient - 1n;
    case 'ceiling':
      return positive ? quotient + 1n : quotient;
    case 'half-even': {
      const twice = 2n * (remainder < 0n ? -remainder : remainder);
      const size = denominator < 0n ? -denominator : denominator;
      if (twice !== size) return twice > size ? quotient + away : quotient;
      return quotient % 2n === 0n ? quotient : quotient + away;
    }
  }
}
