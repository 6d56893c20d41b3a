import type { GateCheck } from '../check.ts';
import { LIMITS_ERRORS } from '../errors.ts';
import { UNIT, unitsOf } from '../fixed-point.ts';
import { held, invalidLimit } from '../outcome.ts';
import type { Subject } from '../subject.ts';

const NAME = 'fat_finger';

/**
 * Quantity as a multiple of the recent average trade of the instrument; where no trades are known,
 * against the absolute quantity configured for that case. `order_size` bounds it in any case.
 */
export const fatFinger: GateCheck = {
  name: NAME,
  always: false,
  limits: [{ type: NAME, units: ['multiple', 'quantity'] }],
  evaluate(subject) {
    const { limits, order } = subject;
    const invalid = limits.invalid(NAME);
    if (invalid !== undefined) return invalidLimit(NAME, invalid);
    const average = averageTrade(subject);
    const multiple = average === undefined ? undefined : limits.get(NAME, 'multiple');
    const limit = multiple ?? limits.get(NAME, 'quantity');
    if (limit === undefined) return undefined;
    const value = multiple === undefined ? order.quantity : (order.quantity * UNIT) / average!;
    return held({
      check: NAME,
      value,
      limit,
      error: LIMITS_ERRORS.FAT_FINGER,
      what: multiple === undefined ? 'quantity' : 'quantity against the average trade',
    });
  },
  maxQuantity(subject) {
    const average = averageTrade(subject);
    const hard = subject.limits.get(NAME, 'multiple')?.hard;
    if (average !== undefined && hard != null) return (average * hard.units) / UNIT;
    return subject.limits.get(NAME, 'quantity')?.hard?.units;
  },
};

function averageTrade({ view, order }: Subject): bigint | undefined {
  const average = view.market.averageTrade(order.instrument_id);
  // Rounded as analytics may be: an average has no exact decimal to keep.
  const units = average === undefined ? undefined : unitsOf(Number(average.toPrecision(12)));
  return units === undefined || units <= 0n ? undefined : units;
}
