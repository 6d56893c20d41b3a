import type { GateCheck } from '../check.ts';
import { LIMITS_ERRORS } from '../errors.ts';
import { broken, held, invalidLimit, notConfigured } from '../outcome.ts';
import { quantityForNotional } from '../valuation.ts';

const NAME = 'notional';

/** Value of one order in dollars, at its limit price or, without one, at the collar's. */
export const notional: GateCheck = {
  name: NAME,
  always: true,
  limits: [{ type: NAME, units: ['USD'] }],
  evaluate({ limits, notionalUsd, instrument }) {
    const invalid = limits.invalid(NAME);
    if (invalid !== undefined) return invalidLimit(NAME, invalid);
    const limit = limits.get(NAME, 'USD');
    if (limit?.hard == null) return notConfigured(NAME, NAME);
    if (notionalUsd === undefined) {
      const message = `no price, price collar or dollar rate of ${instrument?.quote_currency ?? 'it'}`;
      return broken({ check: NAME, error: LIMITS_ERRORS.NOT_VALUED, message });
    }
    return held({
      check: NAME,
      value: notionalUsd,
      limit,
      error: LIMITS_ERRORS.NOTIONAL,
      what: 'order value',
    });
  },
  maxQuantity({ limits, instrument, valuationPrice: price, view }) {
    const usd = limits.get(NAME, 'USD')?.hard?.units;
    const rate = instrument && view.market.dollarRate(instrument.quote_currency);
    if (usd === undefined || rate === undefined || price === undefined) return undefined;
    return quantityForNotional(instrument!, { usd, price, rate });
  },
};
