import { CerberusError, faultOf } from '@cerberus/core';
import type { ExecutionConfig } from './config.ts';
import { EXECUTION_ERRORS } from './errors.ts';

/** Refuses settings that would let an order be called absent while it may still arrive. */
export function checkConfig({ settleMs, recvWindowMs }: ExecutionConfig): void {
  if (settleMs >= recvWindowMs) return;
  throw new CerberusError(
    faultOf(EXECUTION_ERRORS.SETTLE_TOO_SHORT, {
      path: 'execution.settleMs',
      expected: `at least execution.recvWindowMs, which is ${recvWindowMs}`,
      received: String(settleMs),
    }),
  );
}
