import type { GateCheck } from '../check.ts';
import { LIMITS_ERRORS } from '../errors.ts';
import { UNIT } from '../fixed-point.ts';
import type { ResolvedLimit } from '../limit-book.ts';
import { broken, type CheckOutcome, held, invalidLimit, notConfigured } from '../outcome.ts';
import { COLLAR_LIMIT, type Subject } from '../subject.ts';

const NAME = COLLAR_LIMIT;
const BPS = 10_000n;

/**
 * Distance of the price an order can trade at from the mid price, in basis points. Towards the
 * market's cost (buying above, selling below) the hard limit blocks; a price as far on the passive
 * side cannot trade there and is only warned of. Market orders are held to the far side of the book;
 * a stop-limit to its own stop price, where it will be let loose.
 */
export const priceCollar: GateCheck = {
  name: NAME,
  always: true,
  limits: [{ type: NAME, units: ['bps'] }],
  evaluate(subject) {
    const invalid = subject.limits.invalid(NAME);
    if (invalid !== undefined) return invalidLimit(NAME, invalid);
    const limit = subject.collar;
    if (limit?.hard == null) return notConfigured(NAME, NAME);
    const distance = costlyDistance(subject);
    if (distance === undefined) {
      const message = 'no two-sided quote to hold the price against';
      return broken({ check: NAME, error: LIMITS_ERRORS.PRICE_MISSING, message });
    }
    return distance >= 0n ? judged(distance, limit) : passive(-distance, limit);
  },
};

function judged(value: bigint, limit: ResolvedLimit): CheckOutcome {
  return held({
    check: NAME,
    value,
    limit,
    error: LIMITS_ERRORS.PRICE_COLLAR,
    what: 'distance from the mid price',
  });
}

/** Beyond the hard limit a passive price is probably a slip, but it cannot do harm. */
function passive(value: bigint, { unit, hard, soft }: ResolvedLimit): CheckOutcome {
  return judged(value, { unit, hard: null, soft: hard ?? soft });
}

/** Basis points in units; positive where the price is worse than the reference for who trades. */
function costlyDistance({ order, reference, isBuy, price }: Subject): bigint | undefined {
  if (reference === undefined || price === undefined) return undefined;
  const { order_type: type, limit_price: limit, stop_price: stop } = order;
  if (type === 'STOP') return 0n;
  if (type === 'MARKET') return halfSpread(price.bid, price.ask);
  const base = type === 'STOP_LIMIT' && stop !== null ? stop : reference;
  if (limit === null || base <= 0n) return undefined;
  const above = ((limit - base) * BPS * UNIT) / base;
  return isBuy ? above : -above;
}

/** Half the spread in basis points of the mid price, as a double's fifteen digits allow. */
function halfSpread(bid: number, ask: number): bigint {
  const nanoShare = Math.round(((ask - bid) / (ask + bid)) * 1e9);
  return (BigInt(nanoShare) * BPS * UNIT) / 10n ** 9n;
}
