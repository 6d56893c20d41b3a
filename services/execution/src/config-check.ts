import type { LeaseTimes } from '@cerberus/coordination';
import { type CatalogueEntry, CerberusError, faultOf } from '@cerberus/core';
import type { ExecutionConfig } from './config.ts';
import { EXECUTION_ERRORS } from './errors.ts';

/**
 * Refuses settings under which an order could be called absent while it may still arrive, or be taken
 * by the venue after the lease under which it was sent.
 */
export function checkConfig(config: ExecutionConfig, { marginMs }: LeaseTimes): void {
  const { settleMs, recvWindowMs, clockErrorMs } = config;
  if (settleMs < recvWindowMs) {
    refuse(EXECUTION_ERRORS.SETTLE_TOO_SHORT, {
      path: 'execution.settleMs',
      expected: `at least execution.recvWindowMs, which is ${recvWindowMs}`,
      received: String(settleMs),
    });
  }
  if (recvWindowMs > marginMs - clockErrorMs) {
    refuse(EXECUTION_ERRORS.WINDOW_TOO_LONG, {
      path: 'execution.recvWindowMs',
      expected: `at most ${marginMs - clockErrorMs}: coordination.marginMs ${marginMs} less execution.clockErrorMs ${clockErrorMs}`,
      received: String(recvWindowMs),
    });
  }
}

function refuse(
  entry: CatalogueEntry,
  detail: { readonly path: string; readonly expected: string; readonly received: string },
): never {
  const { path, expected, received } = detail;
  const message = `${entry.title}: ${path} is ${received}, expected ${expected}`;
  throw new CerberusError(faultOf(entry, { ...detail, message }));
}
