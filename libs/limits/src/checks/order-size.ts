import type { GateCheck } from '../check.ts';
import { LIMITS_ERRORS } from '../errors.ts';
import { held, invalidLimit, notConfigured } from '../outcome.ts';

const NAME = 'order_size';

/** Quantity of one order, in units of the instrument. */
export const orderSize: GateCheck = {
  name: NAME,
  always: true,
  limits: [{ type: NAME, units: ['quantity'] }],
  evaluate({ limits, order }) {
    const invalid = limits.invalid(NAME);
    if (invalid !== undefined) return invalidLimit(NAME, invalid);
    const limit = limits.get(NAME, 'quantity');
    if (limit?.hard == null) return notConfigured(NAME, NAME);
    return held({
      check: NAME,
      value: order.quantity,
      limit,
      error: LIMITS_ERRORS.ORDER_SIZE,
      what: 'quantity',
    });
  },
  maxQuantity: ({ limits }) => limits.get(NAME, 'quantity')?.hard?.units,
};
