import { impliedVolatility, PRICING_ERRORS } from '@cerberus/pricing';
import { optionOf } from './bsm-greeks.ts';
import type { VectorTopic } from './topic.ts';

/** The file's own names for the reasons why no volatility exists. */
const STATUS_OF_CODE: Readonly<Record<string, string>> = {
  [PRICING_ERRORS.IV_PRICE_NEGATIVE.code]: 'negative_price',
  [PRICING_ERRORS.IV_PRICE_BELOW_INTRINSIC.code]: 'below_intrinsic',
  [PRICING_ERRORS.IV_PRICE_ABOVE_UPPER_BOUND.code]: 'above_upper_bound',
  [PRICING_ERRORS.IV_PRICE_ZERO.code]: 'zero_price_otm',
  [PRICING_ERRORS.IV_PRICE_AT_BOUND.code]: 'at_or_outside_bound',
};

/** Inversion of a double price; the file's `sigma_lo/hi` belong to the reference, not to the answer. */
export const impliedVol: VectorTopic = {
  file: 'implied_vol.json',
  evaluate(inputs) {
    const { kind, spot, strike, timeYears, rate, dividendYield } = optionOf(inputs);
    const price = inputs['price'] as number;
    const result = impliedVolatility({
      kind,
      spot,
      strike,
      timeYears,
      rate,
      dividendYield,
      price,
    });
    if (result.ok) return { status: 'ok', sigma: result.value };
    const status = STATUS_OF_CODE[result.error.code];
    return status === undefined ? { error: result.error.code } : { status, sigma: null };
  },
};
