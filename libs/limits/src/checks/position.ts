import type { GateCheck } from '../check.ts';
import { LIMITS_ERRORS } from '../errors.ts';
import type { ResolvedLimit } from '../limit-book.ts';
import { broken, type CheckOutcome, held, invalidLimit, notConfigured, worse } from '../outcome.ts';
import type { Subject } from '../subject.ts';
import { quantityForNotional } from '../valuation.ts';

const NAME = 'position';

/**
 * The largest position of the account in the instrument if every open order on the order's side
 * traded and none on the other. A limit in `quantity` bounds units, one in `USD` their value; at
 * least one of the two must be configured. An order that only reduces always passes.
 */
export const position: GateCheck = {
  name: NAME,
  always: true,
  limits: [{ type: NAME, units: ['quantity', 'USD'] }],
  evaluate(subject) {
    const { limits } = subject;
    const invalid = limits.invalid(NAME);
    if (invalid !== undefined) return invalidLimit(NAME, invalid);
    const quantity = limits.get(NAME, 'quantity');
    const usd = limits.get(NAME, 'USD');
    if (quantity?.hard == null && usd?.hard == null) return notConfigured(NAME, NAME);
    const reach = worstPosition(subject, subject.order.quantity);
    const inUnits = quantity === undefined ? undefined : judged(reach, quantity);
    const inUsd = usd === undefined ? undefined : judgedUsd(subject, reach, usd);
    return worse(inUnits, inUsd);
  },
  maxQuantity(subject) {
    const { changed } = subject;
    // What the order to be changed holds already is its own to use.
    const own = changed === undefined ? 0n : changed.reserved + changed.filledQuantity;
    const taken = worstPosition(subject, 0n);
    const quantity = subject.limits.get(NAME, 'quantity')?.hard;
    const usd = subject.limits.get(NAME, 'USD')?.hard;
    const inUsd = usd == null ? undefined : quantityWorth(subject, usd.units);
    const bounds = [quantity?.units, inUsd].filter((bound) => bound !== undefined);
    if (bounds.length === 0) return undefined;
    const room = bounds.reduce((a, b) => (a < b ? a : b)) - taken + own;
    return room > 0n ? room : 0n;
  },
};

/** Signed towards the order's side: at or below 0 where the order at most closes a position. */
function worstPosition({ exposure, isBuy, changed }: Subject, quantity: bigint): bigint {
  const held = isBuy
    ? exposure.position + exposure.openBuy
    : -exposure.position + exposure.openSell;
  if (changed === undefined) return held + quantity;
  // A change takes the place of its order, but until it is confirmed the larger of both counts.
  const rest = quantity - changed.filledQuantity;
  return held - changed.reserved + (rest > changed.reserved ? rest : changed.reserved);
}

function judged(reach: bigint, limit: ResolvedLimit): CheckOutcome {
  return held({
    check: NAME,
    value: reach > 0n ? reach : 0n,
    limit,
    error: LIMITS_ERRORS.POSITION,
    what: 'position with working orders',
  });
}

function judgedUsd(subject: Subject, reach: bigint, limit: ResolvedLimit): CheckOutcome {
  const value = reach > 0n ? subject.usdOf(reach) : 0n;
  if (value !== undefined) return judged(value, limit);
  const message = 'no price, price collar or dollar rate';
  return broken({ check: NAME, error: LIMITS_ERRORS.NOT_VALUED, message });
}

function quantityWorth(subject: Subject, usd: bigint): bigint | undefined {
  const { instrument, valuationPrice: price, view } = subject;
  const rate = instrument && view.market.dollarRate(instrument.quote_currency);
  if (rate === undefined || price === undefined) return undefined;
  return quantityForNotional(instrument!, { usd, price, rate });
}
