import type { GateCheck } from '../check.ts';
import { LIMITS_ERRORS } from '../errors.ts';
import { UNIT } from '../fixed-point.ts';
import type { LimitUnit, ResolvedLimit } from '../limit-book.ts';
import { PACE_ORDERS_MAX } from '../order-pace.ts';
import { type CheckOutcome, held, invalidLimit } from '../outcome.ts';
import type { Subject } from '../subject.ts';

const NAME = 'order_rate';
const WINDOWS: readonly (readonly [LimitUnit, number])[] = [
  ['orders/s', 1_000_000],
  ['orders/min', 60_000_000],
];

/** Approvals of the account in the last second or minute, this one included. */
export const orderRate: GateCheck = {
  name: NAME,
  always: false,
  limits: [{ type: NAME, units: ['orders/s', 'orders/min'] }],
  evaluate(subject) {
    const { limits } = subject;
    const invalid = limits.invalid(NAME);
    if (invalid !== undefined) return invalidLimit(NAME, invalid);
    let first: CheckOutcome | undefined;
    for (const [unit, windowUs] of WINDOWS) {
      const limit = limits.get(NAME, unit);
      if (limit === undefined) continue;
      const outcome = judged(subject, limit, windowUs);
      if (!outcome.passed && outcome.severity === 'HARD') return outcome;
      if (first === undefined || (first.passed && !outcome.passed)) first = outcome;
    }
    return first;
  },
};

function judged({ account, nowUs }: Subject, limit: ResolvedLimit, windowUs: number): CheckOutcome {
  const before = account?.pace.countSince(nowUs - windowUs) ?? 0;
  // A full memory may have forgotten some: more than it can count is above every limit.
  const count = before >= PACE_ORDERS_MAX ? Number.MAX_SAFE_INTEGER : before + 1;
  return held({
    check: NAME,
    value: BigInt(count) * UNIT,
    limit,
    error: LIMITS_ERRORS.ORDER_RATE,
    what: 'approved orders',
  });
}
