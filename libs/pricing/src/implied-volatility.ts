import { type Fault, fail, faultOf, ok, type Result } from '@cerberus/core';
import { addDifference, type DoubleDouble, discountInto, scaleInto } from './double-double.ts';
import { faultOfFields, PRICING_ERRORS } from './errors.ts';
import type { EuropeanOption } from './european.ts';
import { signOf } from './greeks.ts';
import { impliedTotalVolatility } from './normalised-black.ts';

/** A quoted European option: what `EuropeanOption` has but the volatility, and its price. */
export interface QuotedOption extends Omit<EuropeanOption, 'volatility'> {
  /** Discounted premium in the currency of the strike. */
  readonly price: number;
}

/**
 * Every outcome of an inversion. Apart from `ok`: a negative price; a price below the discounted
 * intrinsic value of the forward; one above S e^{−qT} (call) or K e^{−rT} (put); a zero price out of the
 * money, where volatility is zero or undetermined; a price that a double cannot tell from a bound; and
 * inputs that are not numbers or not positive.
 */
export const IMPLIED_VOLATILITY_STATUSES = [
  'ok',
  'price_negative',
  'price_below_intrinsic',
  'price_above_upper_bound',
  'price_zero',
  'price_at_bound',
  'input_refused',
] as const;

export type ImpliedVolatilityStatus = (typeof IMPLIED_VOLATILITY_STATUSES)[number];

const OK = 0;
const PRICE_NEGATIVE = 1;
const PRICE_BELOW_INTRINSIC = 2;
const PRICE_ABOVE_UPPER_BOUND = 3;
const PRICE_ZERO = 4;
const PRICE_AT_BOUND = 5;
const INPUT_REFUSED = 6;

const REFUSALS = {
  price_negative: PRICING_ERRORS.IV_PRICE_NEGATIVE,
  price_below_intrinsic: PRICING_ERRORS.IV_PRICE_BELOW_INTRINSIC,
  price_above_upper_bound: PRICING_ERRORS.IV_PRICE_ABOVE_UPPER_BOUND,
  price_zero: PRICING_ERRORS.IV_PRICE_ZERO,
  price_at_bound: PRICING_ERRORS.IV_PRICE_AT_BOUND,
  input_refused: PRICING_ERRORS.OUT_OF_RANGE,
} as const;

const RULES = {
  spot: 'positive',
  strike: 'positive',
  timeYears: 'positive',
  rate: 'finite',
  dividendYield: 'finite',
  price: 'finite',
} as const;

/** Columns of quotes, all of one length; `sign` is +1 call, −1 put. */
export interface QuotedColumns {
  readonly sign: Int8Array;
  readonly spot: Float64Array;
  readonly strike: Float64Array;
  readonly timeYears: Float64Array;
  readonly rate: Float64Array;
  readonly dividendYield: Float64Array;
  readonly price: Float64Array;
}

const QUOTE_NAMES = Object.keys(RULES) as (keyof typeof RULES)[];

/** Outside a bound by this many units in the last place of the larger leg, a price is at the bound. */
const BOUND_UNITS = 2 * 2.220446049250313e-16;
/** Between these the logarithm of a ratio is taken from the exact difference. */
const RATIO_NEAR = 2;

function allocateQuotes(length: number): QuotedColumns {
  return {
    sign: new Int8Array(length),
    spot: new Float64Array(length),
    strike: new Float64Array(length),
    timeYears: new Float64Array(length),
    rate: new Float64Array(length),
    dividendYield: new Float64Array(length),
    price: new Float64Array(length),
  };
}

const scratchQuote = allocateQuotes(1);
const scratchVolatility = new Float64Array(1);

/**
 * The Black-Scholes-Merton volatility at which the option is worth its price, per √year.
 *
 * Accuracy: every price between its bounds is inverted to what the double determines (half a unit in
 * its last place), the intrinsic value being subtracted in 106 bits; 1e-14 relative or better where the
 * price is well conditioned. Never fails to converge. Outside the bounds the fault names the reason from
 * the closed list `IMPLIED_VOLATILITY_STATUSES`.
 */
export function impliedVolatility(quote: QuotedOption): Result<number> {
  const fault = faultOfFields(quote, RULES);
  if (fault !== undefined) return fail(fault);
  scratchQuote.sign[0] = signOf(quote.kind);
  for (const name of QUOTE_NAMES) scratchQuote[name][0] = quote[name];
  const status = IMPLIED_VOLATILITY_STATUSES[invertRow(scratchQuote, 0, scratchVolatility)]!;
  return status === 'ok' ? ok(scratchVolatility[0]!) : fail(refusal(status, quote.price));
}

function refusal(status: Exclude<ImpliedVolatilityStatus, 'ok'>, price: number): Fault {
  return faultOf(REFUSALS[status], {
    path: 'price',
    expected: 'strictly between the discounted intrinsic value and the upper bound',
    received: `${price}`,
  });
}

/**
 * Volatilities of a chain into `volatility`, the outcome of each row into `status` (an index of
 * `IMPLIED_VOLATILITY_STATUSES`); a row that is not `ok` has volatility 0. One bad quote does not end
 * the batch. Gives the number of rows solved; refuses columns of different lengths.
 */
export function impliedVolatilityBatch(
  quotes: QuotedColumns,
  out: { readonly volatility: Float64Array; readonly status: Uint8Array },
): Result<number> {
  const count = quotes.sign.length;
  const columns = { ...quotes, ...out };
  for (const [path, column] of Object.entries(columns)) {
    if (column.length !== count) {
      return fail(
        faultOf(PRICING_ERRORS.LENGTH_MISMATCH, {
          path,
          expected: `${count} rows`,
          received: `${column.length}`,
        }),
      );
    }
  }
  let solved = 0;
  for (let row = 0; row < count; row += 1) {
    const status = invertRow(quotes, row, out.volatility);
    out.status[row] = status;
    if (status === OK) solved += 1;
  }
  return ok(solved);
}

function isAllowed(quotes: QuotedColumns, row: number): boolean {
  const sign = quotes.sign[row]!;
  const high = Number.POSITIVE_INFINITY;
  return (
    (sign === 1 || sign === -1) &&
    quotes.spot[row]! > 0 &&
    quotes.spot[row]! < high &&
    quotes.strike[row]! > 0 &&
    quotes.strike[row]! < high &&
    quotes.timeYears[row]! > 0 &&
    quotes.timeYears[row]! < high &&
    Math.abs(quotes.rate[row]!) < high &&
    Math.abs(quotes.dividendYield[row]!) < high &&
    Math.abs(quotes.price[row]!) < high
  );
}

/** A discount factor remembered with its arguments: rows of one expiry share both. */
interface RememberedDiscount extends DoubleDouble {
  rate: number;
  time: number;
}

const rateDiscount: RememberedDiscount = { rate: 0, time: 0, high: 1, low: 0 };
const yieldDiscount: RememberedDiscount = { rate: 0, time: 0, high: 1, low: 0 };
const forwardValue: DoubleDouble = { high: 0, low: 0 };
const strikeValue: DoubleDouble = { high: 0, low: 0 };
const NOTHING: DoubleDouble = { high: 0, low: 0 };

function remember(discount: RememberedDiscount, rate: number, time: number): void {
  if (discount.rate === rate && discount.time === time) return;
  discountInto(discount, rate, time);
  discount.rate = rate;
  discount.time = time;
}

function invertRow(quotes: QuotedColumns, row: number, out: Float64Array): number {
  out[row] = 0;
  if (!isAllowed(quotes, row)) return INPUT_REFUSED;
  const time = quotes.timeYears[row]!;
  const price = quotes.price[row]!;
  const sign = quotes.sign[row]!;
  remember(rateDiscount, quotes.rate[row]!, time);
  remember(yieldDiscount, quotes.dividendYield[row]!, time);
  scaleInto(forwardValue, quotes.spot[row]!, yieldDiscount);
  scaleInto(strikeValue, quotes.strike[row]!, rateDiscount);
  const difference = addDifference(0, 1, forwardValue, strikeValue);
  const isInTheMoney = sign * difference > 0;
  const timeValue = isInTheMoney ? addDifference(price, -sign, forwardValue, strikeValue) : price;
  const upper = sign > 0 ? forwardValue : strikeValue;
  const distance = addDifference(-price, 1, upper, NOTHING);
  const slack = BOUND_UNITS * Math.max(forwardValue.high, strikeValue.high);
  if (!(timeValue > 0)) {
    if (price < 0) return PRICE_NEGATIVE;
    if (!isInTheMoney) return PRICE_ZERO;
    return timeValue >= -slack ? PRICE_AT_BOUND : PRICE_BELOW_INTRINSIC;
  }
  if (!(distance > 0)) {
    return distance >= -slack ? PRICE_AT_BOUND : PRICE_ABOVE_UPPER_BOUND;
  }
  const ratio = forwardValue.high / strikeValue.high;
  const isNear = ratio < RATIO_NEAR && ratio > 1 / RATIO_NEAR;
  const moneyness = isNear ? Math.log1p(difference / strikeValue.high) : Math.log(ratio);
  const scale = 1 / Math.sqrt(forwardValue.high) / Math.sqrt(strikeValue.high);
  if (!(scale > 0 && scale < Number.POSITIVE_INFINITY)) return INPUT_REFUSED;
  const total = impliedTotalVolatility(-Math.abs(moneyness), timeValue * scale, distance * scale);
  out[row] = total / Math.sqrt(time);
  return OK;
}
