import type { GateCheck } from '../check.ts';
import { LIMITS_ERRORS } from '../errors.ts';
import type { Bound } from '../limit-book.ts';
import { orderTermsKey } from '../order-pace.ts';
import { broken, type CheckOutcome, invalidLimit, kept } from '../outcome.ts';

const NAME = 'duplicate_order';
const MICROS_PER_MILLI = 1000;

/** The same order (instrument, side, type, quantity, prices) was not approved a moment ago. */
export const duplicateOrder: GateCheck = {
  name: NAME,
  always: false,
  limits: [{ type: NAME, units: ['ms'], tighter: 'larger' }],
  evaluate({ limits, account, order, nowUs }) {
    const invalid = limits.invalid(NAME);
    if (invalid !== undefined) return invalidLimit(NAME, invalid);
    const limit = limits.get(NAME, 'ms');
    if (limit === undefined) return undefined;
    const lastUs = account?.pace.lastUs(orderTermsKey(order));
    if (lastUs === undefined) return kept(NAME, 'no such order was approved of late');
    const ageMs = Math.max(0, (nowUs - lastUs) / MICROS_PER_MILLI);
    if (limit.hard !== null && ageMs < limit.hard.number) return repeated(ageMs, limit.hard);
    if (limit.soft !== null && ageMs < limit.soft.number) {
      return { ...repeated(ageMs, limit.soft), severity: 'SOFT' };
    }
    return kept(NAME, 'the same order was approved long enough ago');
  },
};

function repeated(ageMs: number, bound: Bound): CheckOutcome {
  return broken({
    check: NAME,
    error: LIMITS_ERRORS.DUPLICATE_ORDER,
    message: `approved ${ageMs} ms ago, within ${bound.number} ms`,
    scope: bound.scope,
    value: ageMs,
    limit: bound.number,
    unit: 'ms',
  });
}
