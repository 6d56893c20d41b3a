import { formatEpochUs } from '@cerberus/core';
import { OTC } from '@cerberus/model';
import type { GateCheck } from '../check.ts';
import { LIMITS_ERRORS } from '../errors.ts';
import { broken, kept } from '../outcome.ts';

const NAME = 'market_state';

/** The instrument trades, on a venue, now. */
export const marketState: GateCheck = {
  name: NAME,
  always: true,
  limits: [],
  evaluate({ instrument, nowUs }) {
    if (instrument === undefined) return undefined;
    const { instrument_id: id, status, expiration, venue } = instrument;
    if (venue === OTC) {
      return broken({ check: NAME, error: LIMITS_ERRORS.NOT_TRADABLE, message: id });
    }
    if (status === 'EXPIRED' || (expiration !== null && expiration <= nowUs)) {
      const when = expiration === null ? 'expired' : `expired at ${formatEpochUs(expiration)}`;
      const message = `${id} ${when}`;
      return broken({ check: NAME, error: LIMITS_ERRORS.INSTRUMENT_EXPIRED, message });
    }
    if (status === 'HALTED') {
      return broken({ check: NAME, error: LIMITS_ERRORS.INSTRUMENT_HALTED, message: id });
    }
    return kept(NAME, 'the instrument trades');
  },
};
