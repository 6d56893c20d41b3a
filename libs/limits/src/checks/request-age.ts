import type { GateCheck } from '../check.ts';
import { LIMITS_ERRORS } from '../errors.ts';
import { UNIT } from '../fixed-point.ts';
import type { ResolvedLimit } from '../limit-book.ts';
import { broken, held, invalidLimit } from '../outcome.ts';

const NAME = 'request_age';
const MICROS_PER_MILLI = 1000;

/** Oldest request still acted on where no limit says otherwise: longer than a restart takes. */
const DEFAULT_AGE_MS = 30_000;

const DEFAULT_LIMIT: ResolvedLimit = {
  unit: 'ms',
  hard: { units: BigInt(DEFAULT_AGE_MS) * UNIT, number: DEFAULT_AGE_MS, scope: 'DEFAULT' },
  soft: null,
};

/** What was asked long ago, say before an outage, is not wanted any more; nor what has expired. */
export const requestAge: GateCheck = {
  name: NAME,
  always: true,
  limits: [{ type: NAME, units: ['ms'] }],
  evaluate({ limits, order, nowUs }) {
    const invalid = limits.invalid(NAME);
    if (invalid !== undefined) return invalidLimit(NAME, invalid);
    const { request_time: asked, expire_time: expires } = order;
    if (expires != null && expires <= nowUs) {
      const message = 'its expire time has passed';
      return broken({ check: NAME, error: LIMITS_ERRORS.REQUEST_EXPIRED, message });
    }
    if (asked === undefined) return undefined;
    const ageMs = Math.max(0, Math.round((nowUs - asked) / MICROS_PER_MILLI));
    const configured = limits.get(NAME, 'ms');
    return held({
      check: NAME,
      value: BigInt(ageMs) * UNIT,
      limit: configured?.hard == null ? DEFAULT_LIMIT : configured,
      error: LIMITS_ERRORS.REQUEST_EXPIRED,
      what: 'age of the request',
    });
  },
};
