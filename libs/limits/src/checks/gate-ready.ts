import type { GateCheck } from '../check.ts';
import { LIMITS_ERRORS } from '../errors.ts';
import { broken } from '../outcome.ts';

const NAME = 'gate_ready';

/** Nothing passes while tables are still being read or no feed is live. */
export const gateReady: GateCheck = {
  name: NAME,
  always: true,
  limits: [],
  evaluate: ({ notReady }) =>
    notReady === undefined
      ? undefined
      : broken({ check: NAME, error: LIMITS_ERRORS.NOT_READY, message: notReady }),
};
