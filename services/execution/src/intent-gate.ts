import type { Clock } from '@cerberus/core';
import type { Logger } from '@cerberus/runtime';
import { isPassing } from '@cerberus/store';
import type { IntentLedger, IntentOutcome } from './intent-ledger.ts';
import type { Term } from './term.ts';
import type { WorkingOrder } from './working-order.ts';

export interface IntentGateOptions {
  readonly intents: Pick<IntentLedger, 'write'>;
  readonly term: Term;
  /** Aborted when this term ends or begins to hand over. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Logger;
}

/** `unavailable`: the approval ran out before the ledger answered; nothing may be sent. */
export type GateOutcome = IntentOutcome | 'unavailable' | 'unwanted';

const PAUSE_FIRST_MS = 100;
const PAUSE_MAX_MS = 1000;
const FIRST_ATTEMPT_MS = 1000;

/** Waits for the ledger as long as the approval stands: no intent, no send. */
export class IntentGate {
  readonly #options: IntentGateOptions;

  constructor(options: IntentGateOptions) {
    this.#options = options;
  }

  /**
   * `isWanted` is asked between attempts; an order that was canceled meanwhile needs no intent.
   * `isReadAgain`: asked for once at least, because an earlier term may have sent the order.
   */
  async pass(
    order: WorkingOrder,
    { isWanted, isReadAgain }: { isWanted: () => boolean; isReadAgain: boolean },
  ): Promise<GateOutcome> {
    const { clock, signal, log } = this.#options;
    let pauseMs = PAUSE_FIRST_MS;
    for (let leastMs = isReadAgain ? FIRST_ATTEMPT_MS : 0; ; leastMs = 0) {
      const leftMs = Math.max((order.approvalExpiresAt - clock.nowUs()) / 1000, leastMs);
      if (leftMs <= 0) return 'unavailable';
      const outcome = await this.#attempt(order, leftMs);
      if (typeof outcome === 'string') return outcome;
      if (!isPassing(outcome.error)) throw outcome.error;
      log.warn(
        { order_id: order.orderId, reason: String(outcome.error) },
        'an order waits for the intent ledger',
      );
      if (!isWanted()) return 'unwanted';
      await clock.sleep(Math.min(pauseMs, Math.max(1, leftMs)), signal);
      if (!isWanted()) return 'unwanted';
      pauseMs = Math.min(2 * pauseMs, PAUSE_MAX_MS);
    }
  }

  /** A ledger that does not answer at all must not outlast the approval. */
  async #attempt(
    order: WorkingOrder,
    leftMs: number,
  ): Promise<IntentOutcome | 'unavailable' | { readonly error: unknown }> {
    const { intents, term, clock, signal } = this.#options;
    signal.throwIfAborted();
    const late = Promise.withResolvers<'unavailable'>();
    const onAbort = () => late.reject(signal.reason);
    const timer = clock.after(leftMs, () => late.resolve('unavailable'));
    signal.addEventListener('abort', onAbort, { once: true });
    const written = intents.write(order, term.token).catch((error: unknown) => ({ error }));
    try {
      return await Promise.race([written, late.promise]);
    } finally {
      timer.cancel();
      signal.removeEventListener('abort', onAbort);
    }
  }
}
