import type { HandlerContext, StateStore } from '@cerberus/bus';
import type { Clock, EpochUs } from '@cerberus/core';
import {
  type AccountChange,
  type Evaluation,
  type EventOutcome,
  evaluate,
  type GateAccount,
  type GateBook,
  type GateMarket,
  type GateOrder,
  orderTermsKey,
} from '@cerberus/limits';
import { requireAccountId } from '@cerberus/orders';
import type {
  Fill,
  OrderDecision,
  OrderEvent,
  OrderRequest,
  PositionAdjustment,
} from '@cerberus/schema';
import { entryKey, type GateEntry, restoreBook } from './gate-entry.ts';

type Context = HandlerContext<GateEntry>;

export interface GateOptions {
  readonly market: GateMarket;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** How long an approval may be sent after it was given. */
  readonly approvalMs: number;
  /** Why the gate cannot judge now; undefined when it can. */
  notReady(): string | undefined;
}

const MICROS_PER_MILLI = 1000;

/** Nothing to hold against a cancel: it always passes, or orders could not be got rid of. */
const NO_CHECKS: Evaluation = {
  passed: true,
  checks: [],
  referencePrice: null,
  arrivalMid: null,
  referenceTimeUs: null,
};

/** Decides requests and follows what became of approvals, for the accounts of one partition. */
export class Gate {
  readonly #options: GateOptions;
  readonly #restore: (state: StateStore<GateEntry>) => GateBook;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#restore = (state) => restoreBook(state, options.market);
  }

  /** The decision, undefined where the request was decided before: then nothing is said again. */
  decide(request: OrderRequest, context: Context): OrderDecision | undefined {
    const startMs = this.#options.clock.monotonicMs();
    requireAccountId(request.account_id);
    const book = context.memory(this.#restore);
    const account = book.openAccount(request.account_id);
    if (account.isRepeated(request)) return undefined;
    const evaluation = this.#evaluate(book, request, context.nowUs);
    const decision: OrderDecision = {
      ...termsOf(request),
      decision_id: `d-${request.request_id}`,
      outcome: evaluation.passed ? 'APPROVED' : 'BLOCKED',
      checks: evaluation.checks,
      reference_price: evaluation.referencePrice,
      arrival_mid: evaluation.arrivalMid,
      reference_time: evaluation.referenceTimeUs,
      decision_time: context.nowUs,
      expires_at: (context.nowUs + this.#options.approvalMs * MICROS_PER_MILLI) as EpochUs,
      elapsed_us: (this.#options.clock.monotonicMs() - startMs) * MICROS_PER_MILLI,
    };
    account.applyDecision(decision);
    record(account, context.state, decision);
    context.emit('order.decision', decision);
    return decision;
  }

  follow(event: OrderEvent, context: Context): EventOutcome {
    requireAccountId(event.account_id);
    const account = context.memory(this.#restore).openAccount(event.account_id);
    const outcome = account.applyEvent(event);
    record(account, context.state);
    return outcome;
  }

  /** False where it was applied before. */
  adjust(adjustment: PositionAdjustment, context: Context): boolean {
    requireAccountId(adjustment.account_id);
    const account = context.memory(this.#restore).openAccount(adjustment.account_id);
    const applied = account.applyAdjustment(adjustment);
    record(account, context.state);
    return applied;
  }

  /** What a venue kept of the coins it delivered is off the position. */
  charge(fill: Fill, context: Context): void {
    requireAccountId(fill.account_id);
    const book = context.memory(this.#restore);
    if (book.applyFill(fill)) record(book.openAccount(fill.account_id), context.state);
  }

  #evaluate(book: GateBook, request: OrderRequest, nowUs: EpochUs): Evaluation {
    if (request.kind === 'CANCEL') {
      const price = book.market.price(request.instrument_id);
      const mid = price?.mid ?? null;
      const referenceTimeUs = price?.receiveTimeUs ?? null;
      return { ...NO_CHECKS, referencePrice: mid, arrivalMid: mid, referenceTimeUs };
    }
    return evaluate(book, request as GateOrder, { nowUs, notReady: this.#options.notReady() });
  }
}

/** The fields of a request that a decision repeats, so that it approves exactly that order. */
function termsOf(request: OrderRequest) {
  return {
    request_id: request.request_id,
    kind: request.kind,
    order_id: request.order_id,
    account_id: request.account_id,
    strategy_id: request.strategy_id,
    instrument_id: request.instrument_id,
    side: request.side,
    order_type: request.order_type,
    quantity: request.quantity,
    limit_price: request.limit_price,
    stop_price: request.stop_price,
    time_in_force: request.time_in_force,
    expire_time: request.expire_time,
    post_only: request.post_only,
    reduce_only: request.reduce_only,
  };
}

/** Writes what changed of an account into the state of its task. */
function record(
  account: GateAccount,
  state: StateStore<GateEntry>,
  decision?: OrderDecision,
): void {
  for (const change of account.takeChanges()) {
    const key = entryKey(account.accountId, change);
    const entry = entryOf(account, change, decision);
    if (entry === undefined) state.delete(key);
    else state.put(key, entry);
  }
}

function entryOf(
  account: GateAccount,
  change: AccountChange,
  decision: OrderDecision | undefined,
): GateEntry | undefined {
  const kind = change.slice(0, change.indexOf('|')) as GateEntry['kind'];
  const name = change.slice(change.indexOf('|') + 1);
  switch (kind) {
    case 'position':
      return { kind, position: account.exposure(name).position };
    case 'order': {
      const order = account.order(name);
      return order === undefined ? undefined : { kind, order };
    }
    case 'request': {
      if (!account.knowsRequest(name)) return undefined;
      const paced =
        decision?.outcome === 'APPROVED' &&
        decision.kind !== 'CANCEL' &&
        name === decision.request_id;
      const terms = paced ? orderTermsKey(decision) : null;
      return { kind, timeUs: decision?.decision_time ?? 0, terms };
    }
    case 'adjustment':
      return account.knowsAdjustment(name) ? { kind } : undefined;
    case 'fee':
      return account.knowsFee(name) ? { kind } : undefined;
  }
}
