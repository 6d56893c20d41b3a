import type { Position } from '@cerberus/bus';
import type { Clock } from '@cerberus/core';
import { isTerminal } from '@cerberus/orders';
import type { Logger } from '@cerberus/runtime';
import { EXECUTION_ERRORS } from './errors.ts';
import type { GateOutcome, IntentGate } from './intent-gate.ts';
import type { OrderDesk } from './order-desk.ts';
import { openingStep, refusalStep } from './order-step.ts';
import type { Resolution } from './resolution.ts';
import { Slots } from './slots.ts';
import type { Term } from './term.ts';
import type { VenueGateway, VenueOutcome } from './venue-gateway.ts';
import type { WorkingOrder } from './working-order.ts';

export interface SubmissionOptions {
  readonly desk: OrderDesk;
  readonly intents: IntentGate;
  readonly resolution: Resolution;
  readonly term: Term;
  /** Aborted when this term ends or begins to hand over; cuts waits short. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Logger;
  readonly gatewayOf: (order: WorkingOrder) => VenueGateway | undefined;
  /** Why the kill switch stops the order, if it does. */
  readonly killed: (order: WorkingOrder) => string | undefined;
  /** A newer leader has been seen. */
  readonly superseded: () => void;
}

const SENDABLE_TYPES: ReadonlySet<string> = new Set(['MARKET', 'LIMIT']);
const SENDABLE_TIMES: ReadonlySet<string> = new Set(['GTC', 'IOC', 'FOK']);

/** Waits for a throttled venue are cut to this, so that the approval's expiry is noticed in time. */
const THROTTLE_WAIT_MAX_MS = 2000;

/**
 * On their way to one venue at once, fewer than it has connections. More would wait for one with their
 * date and their deadline running, and be given up as lost without having been sent.
 */
const PLACEMENTS_AT_ONCE = 48;

/** Times that an order may be refused for its date, the venue's time being asked for in between. */
const MISDATED_MAX = 3;

/** Takes an approval to the venue. Every way out leaves the order terminal, working or UNKNOWN. */
export class Submission {
  readonly #options: SubmissionOptions;
  readonly #slots = new Map<VenueGateway, Slots>();

  constructor(options: SubmissionOptions) {
    this.#options = options;
  }

  /**
   * The approval as read from the log; `progress` is committed with the order's first step.
   * `isReadAgain`: an earlier term may have read it too, and sent the order without having saved it.
   */
  begin(order: WorkingOrder, progress: Position, isReadAgain: boolean): Promise<void> {
    const { desk } = this.#options;
    const refusal = isReadAgain ? this.#unsendable(order) : this.#refusal(order);
    if (refusal !== undefined) return desk.begin(refusalStep(order, refusal, desk.now()), progress);
    return desk.serially(order.orderId, async () => {
      // The intent is what must stand before an order is sent. Where its opening did not become
      // durable, the next leader reads the decision again, finds the intent and asks the venue.
      const opened = desk.begin(openingStep(order, desk.now()), progress);
      const sent = this.#passGate(order, isReadAgain).then((intent) =>
        this.#passed(order.orderId, intent, isReadAgain),
      );
      await Promise.all([sent, opened]);
    });
  }

  #passGate(order: WorkingOrder, isReadAgain: boolean): Promise<GateOutcome> {
    const { intents, desk } = this.#options;
    const isWanted = () => desk.get(order.orderId)?.cancelRequested !== true;
    return intents.pass(order, { isWanted, isReadAgain });
  }

  async #passed(orderId: string, intent: GateOutcome, isReadAgain: boolean): Promise<void> {
    const { desk, superseded } = this.#options;
    switch (intent) {
      case 'superseded':
        return superseded();
      case 'exists':
        // An intent without a saved order is a term that died between the two: it may have been sent.
        return this.#lost(orderId, 'an earlier term wrote this intent');
      case 'unavailable': {
        if (isReadAgain) return this.#lost(orderId, 'an earlier term may have sent it');
        if (desk.get(orderId)?.cancelRequested === true) return this.#send(orderId);
        const { code, title } = EXECUTION_ERRORS.LEDGER_UNAVAILABLE;
        return desk.trigger(orderId, 'rejected', { reason: `${code}: ${title}` });
      }
      case 'unwanted':
        if (isReadAgain) return this.#lost(orderId, 'an earlier term may have sent it');
        return this.#send(orderId);
      case 'written':
        return this.#send(orderId);
    }
  }

  /**
   * Sends again an order that never arrived. A term that died at its opening may have saved the order
   * without its intent, so the ledger is asked here too. The caller holds the order's turn.
   */
  async resend(orderId: string): Promise<void> {
    const { desk, superseded } = this.#options;
    const order = desk.get(orderId);
    if (order === undefined) return;
    const intent = await this.#passGate(order, false);
    if (intent === 'superseded') return superseded();
    // Still unknown, and asked about again: by then the approval has run out.
    if (intent === 'unavailable') return;
    await this.#send(orderId);
  }

  /** Sends an order whose intent stands. The caller holds the order's turn. */
  async #send(orderId: string): Promise<void> {
    const { desk, signal, gatewayOf, clock } = this.#options;
    for (let misdated = 0; ; ) {
      const order = desk.get(orderId);
      const gateway = order && gatewayOf(order);
      const outcome =
        gateway === undefined
          ? await this.#place(orderId)
          : await this.#slotsOf(gateway).run(() => this.#place(orderId));
      if (outcome === undefined || order === undefined) return;
      if (outcome.kind === 'misdated') {
        // Refused for certain, so that it may be sent again under a better date.
        misdated += 1;
        if (misdated >= MISDATED_MAX) return this.#refused(order, outcome.reason);
        // Its failure is told by `ready`; until it succeeds the venue refuses, a bounded number of times.
        await gateway?.measureTime().catch(() => undefined);
        continue;
      }
      if (outcome.kind !== 'throttled') return this.#answered(order, outcome);
      await clock.sleep(Math.min(outcome.retryAfterMs, THROTTLE_WAIT_MAX_MS), signal);
    }
  }

  /** Undefined where the order was not sent and never will be by this term. */
  async #place(orderId: string): Promise<VenueOutcome | undefined> {
    const { desk, term, gatewayOf } = this.#options;
    const order = desk.get(orderId);
    if (order === undefined || isTerminal(order.status)) return undefined;
    if (order.cancelRequested) {
      await desk.trigger(orderId, 'canceled', { reason: 'canceled before it was sent' });
      return undefined;
    }
    const refusal = this.#refusal(order);
    if (refusal !== undefined) {
      await this.#end(order, refusal);
      return undefined;
    }
    const gateway = gatewayOf(order)!;
    // The timestamp comes first: a pause after the lease check is then refused by the venue itself.
    const timestampMs = gateway.timestampMs();
    // The next leader finds the order PENDING_NEW and asks the venue.
    if (!term.leading()) return undefined;
    return gateway.place(order, timestampMs);
  }

  #slotsOf(gateway: VenueGateway): Slots {
    const known = this.#slots.get(gateway);
    if (known !== undefined) return known;
    const slots = new Slots(PLACEMENTS_AT_ONCE);
    this.#slots.set(gateway, slots);
    return slots;
  }

  /** Written at once, in the order the decisions were read; sent when the order's turn comes. */
  async cancel(orderId: string, progress: Position): Promise<void> {
    const { desk } = this.#options;
    const order = desk.get(orderId);
    if (order === undefined || isTerminal(order.status)) return desk.skip(progress);
    const requested = desk.requestCancel(orderId, progress);
    // Awaited below, maybe much later: a failure before that is not one that nobody handles.
    requested.catch(() => undefined);
    await desk.serially(orderId, async () => {
      if (await requested) await this.#options.resolution.cancelAtVenue(orderId);
    });
  }

  /** Why no term could ever have sent the order. */
  #unsendable(order: WorkingOrder) {
    const { gatewayOf } = this.#options;
    if (gatewayOf(order) === undefined) return refuse(EXECUTION_ERRORS.VENUE_UNSUPPORTED, '');
    const priced = order.orderType === 'LIMIT' ? order.limitPrice !== null : !order.postOnly;
    const sendable = SENDABLE_TYPES.has(order.orderType) && SENDABLE_TIMES.has(order.timeInForce);
    if (!sendable || !priced) {
      const asked = ` (${order.orderType} ${order.timeInForce})`;
      return refuse(EXECUTION_ERRORS.ORDER_TYPE_UNSUPPORTED, asked);
    }
    return undefined;
  }

  /** Why the order may not be sent now. */
  #refusal(order: WorkingOrder) {
    const { clock, killed } = this.#options;
    const unsendable = this.#unsendable(order);
    if (unsendable !== undefined) return unsendable;
    const kill = killed(order);
    if (kill !== undefined) return refuse(EXECUTION_ERRORS.KILL_SWITCH, ` (${kill})`);
    if (clock.nowUs() <= order.approvalExpiresAt) return undefined;
    return { ...refuse(EXECUTION_ERRORS.APPROVAL_EXPIRED, ''), status: 'EXPIRED' as const };
  }

  #refused(order: WorkingOrder, why: string): Promise<void> {
    const { code, title } = EXECUTION_ERRORS.MISDATED;
    const reason = `${code}: ${title}: ${why}`;
    return this.#end(order, { status: 'REJECTED', reason });
  }

  async #end(
    order: WorkingOrder,
    { status, reason }: { status: 'REJECTED' | 'EXPIRED'; reason: string },
  ): Promise<void> {
    const trigger = status === 'EXPIRED' ? 'expired' : 'rejected';
    await this.#options.desk.trigger(order.orderId, trigger, { reason });
  }

  async #answered(
    order: WorkingOrder,
    outcome: Exclude<VenueOutcome, { kind: 'throttled' | 'misdated' }>,
  ): Promise<void> {
    const { desk, resolution } = this.#options;
    switch (outcome.kind) {
      case 'report': {
        const complete = await desk.report(order.orderId, outcome.report);
        if (!complete) resolution.watch(order.orderId);
        return;
      }
      case 'rejected': {
        // The id is taken: an earlier copy reached the venue, and the query tells what became of it.
        if (outcome.duplicate) return this.#lost(order.orderId, outcome.reason);
        const reason = `${EXECUTION_ERRORS.VENUE_REJECTED.code}: ${outcome.reason}`;
        await desk.trigger(order.orderId, 'rejected', { reason });
        return;
      }
      case 'unknown':
        return this.#lost(order.orderId, outcome.reason);
    }
  }

  async #lost(orderId: string, reason: string): Promise<void> {
    const { desk, resolution, log } = this.#options;
    log.warn({ order_id: orderId, reason }, 'the outcome of an order is not known');
    if (desk.get(orderId)?.status !== 'UNKNOWN') {
      await desk.trigger(orderId, 'outcome-lost', { reason });
    }
    resolution.watch(orderId);
  }
}

function refuse(error: { readonly code: string; readonly title: string }, detail: string) {
  return { status: 'REJECTED' as const, reason: `${error.code}: ${error.title}${detail}` };
}
