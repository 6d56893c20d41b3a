import type { GateCheck } from '../check.ts';
import { LIMITS_ERRORS } from '../errors.ts';
import { broken, kept } from '../outcome.ts';

const NAME = 'missing_price';

/** There is a quote of both sides that is neither crossed nor untrusted. */
export const missingPrice: GateCheck = {
  name: NAME,
  always: true,
  limits: [],
  evaluate({ instrument, order, price, reference }) {
    if (instrument === undefined) return undefined;
    if (reference !== undefined) return kept(NAME, 'there is a two-sided quote');
    return broken({
      check: NAME,
      error: LIMITS_ERRORS.PRICE_MISSING,
      message:
        price === undefined
          ? `no quote of ${order.instrument_id} was received`
          : `the quote of ${order.instrument_id} is one-sided, crossed or untrusted`,
    });
  },
};
