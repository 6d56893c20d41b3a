import { defineErrors, type Fault, faultOf } from '@cerberus/core';

/** Closed catalogue of what the pricing library refuses; `path` of a fault names field and row. */
export const PRICING_ERRORS = defineErrors('PRICING', {
  NOT_FINITE: { title: 'must be a finite number', status: 422, retry: 'never' },
  NOT_POSITIVE: { title: 'must be greater than zero', status: 422, retry: 'never' },
  NEGATIVE: { title: 'must not be negative', status: 422, retry: 'never' },
  OUT_OF_RANGE: { title: 'outside the allowed range', status: 422, retry: 'never' },
  EXPIRED: { title: 'option has expired', status: 422, retry: 'never' },
  LENGTH_MISMATCH: { title: 'columns differ in length', status: 422, retry: 'never' },
  UNKNOWN_VARIANT: { title: 'not one of the known variants', status: 422, retry: 'never' },
  RESULT_OUT_OF_RANGE: {
    title: 'a result leaves the range of a double',
    status: 422,
    retry: 'never',
  },
  NOT_CONVERGED: {
    title: 'no stable value at these parameters',
    status: 422,
    retry: 'never',
  },
  DIVIDEND_ORDER: {
    title: 'dividend dates must rise and lie within the life of the option',
    status: 422,
    retry: 'never',
  },
  DIVIDENDS_EXCEED_SPOT: {
    title: 'present value of the dividends is not below the spot',
    status: 422,
    retry: 'never',
  },
  LATTICE_UNSTABLE: {
    title: 'a lattice probability lies outside [0, 1]: more steps are needed',
    status: 422,
    retry: 'never',
  },
  IV_PRICE_NEGATIVE: { title: 'price is negative', status: 422, retry: 'never' },
  IV_PRICE_BELOW_INTRINSIC: {
    title: 'price is below the discounted intrinsic value',
    status: 422,
    retry: 'never',
  },
  IV_PRICE_ABOVE_UPPER_BOUND: {
    title: 'price is not below its upper bound',
    status: 422,
    retry: 'never',
  },
  IV_PRICE_ZERO: {
    title: 'price is zero out of the money: volatility is zero or undetermined',
    status: 422,
    retry: 'never',
  },
  IV_PRICE_AT_BOUND: {
    title: 'price cannot be told from its no-arbitrage bound at double precision',
    status: 422,
    retry: 'never',
  },
  ARBITRAGE: { title: 'quotes or surface admit arbitrage', status: 422, retry: 'never' },
  TOO_FEW_QUOTES: { title: 'fewer quotes than parameters', status: 422, retry: 'never' },
  CALIBRATION_FAILED: { title: 'no parameters fit the quotes', status: 422, retry: 'never' },
});

/** What a number must be; each rule also refuses NaN and the infinities. */
export type NumberRule = 'finite' | 'positive' | 'non-negative' | 'time';

/** The fault of one value under one rule, or undefined where the value is allowed. */
export function faultOfNumber(value: number, rule: NumberRule, path: string): Fault | undefined {
  if (!Number.isFinite(value)) {
    return faultOf(PRICING_ERRORS.NOT_FINITE, {
      path,
      expected: 'a finite number',
      received: String(value),
    });
  }
  if (rule === 'positive' && value <= 0) {
    return faultOf(PRICING_ERRORS.NOT_POSITIVE, { path, expected: '> 0', received: `${value}` });
  }
  if (rule === 'non-negative' && value < 0) {
    return faultOf(PRICING_ERRORS.NEGATIVE, { path, expected: '>= 0', received: `${value}` });
  }
  if (rule === 'time' && value < 0) {
    return faultOf(PRICING_ERRORS.EXPIRED, {
      path,
      expected: '>= 0 years to expiry',
      received: `${value}`,
    });
  }
  return undefined;
}

/** The first fault among named numbers: the object is read in the order of the rules. */
export function faultOfFields<K extends string>(
  values: { readonly [P in NoInfer<K>]: number },
  rules: { readonly [P in K]: NumberRule },
): Fault | undefined {
  for (const name of Object.keys(rules) as K[]) {
    const fault = faultOfNumber(values[name], rules[name], name);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Refuses a value outside the closed interval [low, high]. */
export function faultOutside(
  value: number,
  [low, high]: readonly [number, number],
  path: string,
): Fault | undefined {
  if (value >= low && value <= high) return undefined;
  return faultOf(Number.isFinite(value) ? PRICING_ERRORS.OUT_OF_RANGE : PRICING_ERRORS.NOT_FINITE, {
    path,
    expected: `in [${low}, ${high}]`,
    received: String(value),
  });
}
