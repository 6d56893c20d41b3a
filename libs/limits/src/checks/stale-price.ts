import type { GateCheck } from '../check.ts';
import { LIMITS_ERRORS } from '../errors.ts';
import { UNIT } from '../fixed-point.ts';
import type { ResolvedLimit } from '../limit-book.ts';
import { broken, held, invalidLimit } from '../outcome.ts';

const NAME = 'stale_price';
const MICROS_PER_MILLI = 1000;

/** Oldest price judged by where no limit says otherwise. */
const DEFAULT_AGE_MS = 10_000;

const DEFAULT_LIMIT: ResolvedLimit = {
  unit: 'ms',
  hard: { units: BigInt(DEFAULT_AGE_MS) * UNIT, number: DEFAULT_AGE_MS, scope: 'DEFAULT' },
  soft: null,
};

/** The feed is live and its last quote young enough. */
export const stalePrice: GateCheck = {
  name: NAME,
  always: true,
  limits: [{ type: NAME, units: ['ms'] }],
  evaluate({ limits, price, nowUs, order, view }) {
    if (price === undefined) return undefined;
    const invalid = limits.invalid(NAME);
    if (invalid !== undefined) return invalidLimit(NAME, invalid);
    const state = view.market.feedState(order.instrument_id);
    if (state !== 'LIVE') {
      return broken({
        check: NAME,
        error: LIMITS_ERRORS.FEED_NOT_LIVE,
        message: `the feed of ${order.instrument_id} is ${state ?? 'not known'}`,
      });
    }
    // A quote from the future is a clock fault: as old as it is ahead.
    const ageMs = Math.round(Math.abs(nowUs - price.receiveTimeUs) / MICROS_PER_MILLI);
    const configured = limits.get(NAME, 'ms');
    return held({
      check: NAME,
      value: BigInt(ageMs) * UNIT,
      limit:
        configured?.hard == null
          ? { ...DEFAULT_LIMIT, soft: configured?.soft ?? null }
          : configured,
      error: LIMITS_ERRORS.PRICE_STALE,
      what: 'quote age',
    });
  },
};
