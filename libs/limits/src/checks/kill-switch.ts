import type { GateCheck } from '../check.ts';
import { LIMITS_ERRORS } from '../errors.ts';
import { broken, kept } from '../outcome.ts';

const NAME = 'kill_switch';

/** New orders and changes stop; cancels never come here. */
export const killSwitch: GateCheck = {
  name: NAME,
  always: true,
  limits: [],
  evaluate({ view, target }) {
    const kill = view.market.kills.stopping(target);
    if (kill === undefined) return kept(NAME, 'no kill switch is engaged');
    return broken({
      check: NAME,
      error: LIMITS_ERRORS.KILL_SWITCH,
      message: `${kill.reason} (set by ${kill.set_by})`,
      scope: `${kill.scope}:${kill.scope_id}`,
    });
  },
};
