import { describe, expect, test } from '@jest/globals';
import { Decimal as Oracle } from 'decimal.js';
import fc from 'fast-check';
import {
  type Decimal,
  decimal,
  decimalFromUnits,
  divide,
  formatDecimal,
  isMultipleOf,
  multiply,
  parseDecimal,
  type Rounding,
  roundToStep,
  toNumber,
} from '../src/index.ts';

// Independent reference: decimal.js at 60 digits.
const Exact = Oracle.clone({ precision: 60 });
const ORACLE_ROUNDING: Record<Rounding, Oracle.Rounding> = {
  'half-even': Oracle.ROUND_HALF_EVEN,
  down: Oracle.ROUND_DOWN,
  up: Oracle.ROUND_UP,
  floor: Oracle.ROUND_FLOOR,
  ceiling: Oracle.ROUND_CEIL,
};
const units = fc.bigInt({ min: -(10n ** 27n), max: 10n ** 27n }).map((value) => value as Decimal);
const rounding = fc.constantFrom<Rounding>('half-even', 'down', 'up', 'floor', 'ceiling');
const exact = (value: Decimal) => new Exact(value.toString()).div('1e18');

describe('decimal', () => {
  test.each([
    ['61837.63000000', '61837.63'],
    ['0.00000001', '0.00000001'],
    ['-0.5', '-0.5'],
    ['1e-8', '0.00000001'],
    ['1.5E3', '1500'],
    ['000', '0'],
    ['99999999999999999999', '99999999999999999999'],
  ])('parses %s as %s', (text, shown) => {
    expect(formatDecimal(decimal(text))).toBe(shown);
  });

  test.each([
    ['', 'CRB_DECIMAL_NOT_A_NUMBER'],
    ['NaN', 'CRB_DECIMAL_NOT_A_NUMBER'],
    ['Infinity', 'CRB_DECIMAL_NOT_A_NUMBER'],
    ['1,5', 'CRB_DECIMAL_NOT_A_NUMBER'],
    ['0x10', 'CRB_DECIMAL_NOT_A_NUMBER'],
    ['1e308', 'CRB_DECIMAL_OUT_OF_RANGE'],
    ['100000000000000000000', 'CRB_DECIMAL_OUT_OF_RANGE'],
    ['1e-19', 'CRB_DECIMAL_TOO_PRECISE'],
    ['0.1234567890123456789', 'CRB_DECIMAL_TOO_PRECISE'],
    ['9'.repeat(200), 'CRB_DECIMAL_NOT_A_NUMBER'],
  ])('refuses %s with %s', (text, code) => {
    const parsed = parseDecimal(text, 'order.quantity');
    expect(parsed.ok).toBe(false);
    if (!parsed.ok) expect(parsed.error).toMatchObject({ code, path: 'order.quantity' });
  });

  test('refuses numbers that are not finite', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(parseDecimal(value).ok).toBe(false);
    }
  });

  test('text round trip', () => {
    fc.assert(fc.property(units, (value) => decimal(formatDecimal(value)) === value));
  });

  test('product, quotient and step rounding agree with decimal.js', () => {
    fc.assert(
      fc.property(units, units, rounding, (a, b, mode) => {
        const product = exact(a).mul(exact(b)).toDecimalPlaces(18, ORACLE_ROUNDING[mode]);
        if (product.abs().lt('1e20')) {
          expect(exact(multiply(a, b, mode)).eq(product)).toBe(true);
        }
        if (b === 0n) return;
        const quotient = exact(a).div(exact(b)).toDecimalPlaces(18, ORACLE_ROUNDING[mode]);
        if (quotient.abs().lt('1e20') && mode !== 'half-even') {
          expect(exact(divide(a, b, mode)).eq(quotient)).toBe(true);
        }
        const step = (b < 0n ? -b : b) as Decimal;
        const rounded = roundToStep(a, step, mode);
        expect(isMultipleOf(rounded, step)).toBe(true);
      }),
    );
  });

  test('doubles are the nearest ones', () => {
    expect(toNumber(decimal('61837.63'))).toBe(61837.63);
    expect(toNumber(decimal('0.1'))).toBe(0.1);
  });

  test('doubles are those that the text reads as, however many digits there are', () => {
    const billionths = fc.bigInt(-(10n ** 20n), 10n ** 20n).map((n) => n * 10n ** 9n);
    const any = fc.oneof(fc.bigInt(-(10n ** 37n), 10n ** 37n), billionths, fc.constant(0n));
    fc.assert(
      fc.property(any, (units) => {
        const value = decimalFromUnits(units);
        expect(toNumber(value)).toBe(Number(formatDecimal(value)));
      }),
      { numRuns: 2000 },
    );
  });
});
