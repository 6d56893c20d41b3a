import type { Clock } from '@cerberus/core';
import { isTerminal } from '@cerberus/orders';
import type { Logger } from '@cerberus/runtime';
import { EXECUTION_ERRORS } from './errors.ts';
import type { OrderDesk } from './order-desk.ts';
import type { Term } from './term.ts';
import type { VenueGateway, VenueReport } from './venue-gateway.ts';
import type { WorkingOrder } from './working-order.ts';

export interface ResolutionOptions {
  readonly desk: OrderDesk;
  readonly term: Term;
  /** Aborted when this term ends or begins to hand over: what is open is then the next one's. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Logger;
  /** Work that nobody waits for: an error ends the term, and a broken invariant the process. */
  readonly watched: (component: string, work: Promise<void>) => void;
  readonly gatewayOf: (order: WorkingOrder) => VenueGateway | undefined;
  /** Until a request that is still on its way must have arrived: receive window plus clock error. */
  readonly settleMs: number;
  /** Sends once more an order that never arrived and whose approval still stands. */
  readonly resend: (orderId: string) => Promise<void>;
}

/** The venue must say "absent" so often, a settle time apart, before it is believed. */
const ABSENCES = 2;
const BACKOFF_MAX_MS = 30_000;

export type Verdict = 'settled' | 'absent' | 'later';

/**
 * Asks the venue until it is known what became of an order. UNKNOWN ends only by the venue's word:
 * there is no last attempt, only longer waits.
 */
export class Resolution {
  readonly #options: ResolutionOptions;
  readonly #watched = new Set<string>();

  constructor(options: ResolutionOptions) {
    this.#options = options;
  }

  /** Follows an order until it is known; once however often it is asked for. */
  watch(orderId: string): void {
    if (this.#watched.has(orderId)) return;
    this.#watched.add(orderId);
    this.#options.watched('order resolution', this.#follow(orderId));
  }

  /** Asks about an order once, before this term acts: whether the venue's answer settled it. */
  async askOnce(orderId: string): Promise<Verdict> {
    let verdict: Verdict = 'later';
    await this.#options.desk.serially(orderId, async () => {
      verdict = await this.#ask(orderId);
    });
    return verdict;
  }

  /** The same with an answer that is there already. */
  async hear(orderId: string, gateway: VenueGateway, report: VenueReport): Promise<Verdict> {
    let verdict: Verdict = 'settled';
    await this.#options.desk.serially(orderId, async () => {
      const status = this.#options.desk.get(orderId)?.status;
      if (status === undefined || isTerminal(status)) return;
      verdict = await this.#heard(orderId, gateway, report);
    });
    return verdict;
  }

  /** Sends the cancel of an order that reads PENDING_CANCEL. The caller holds the order's turn. */
  async cancelAtVenue(orderId: string): Promise<void> {
    const { desk, term, gatewayOf } = this.#options;
    const order = desk.get(orderId);
    const gateway = order === undefined ? undefined : gatewayOf(order);
    if (order === undefined || gateway === undefined || isTerminal(order.status)) return;
    if (!term.leading()) return;
    const outcome = await gateway.cancel(order);
    if (outcome.kind === 'report') {
      const complete = await this.#report(orderId, gateway, outcome.report);
      if (complete && isTerminal(desk.get(orderId)?.status ?? 'FILLED')) return;
    }
    // Anything else is answered by the order's own state: filled meanwhile, gone, or still working.
    this.watch(orderId);
  }

  async #follow(orderId: string): Promise<void> {
    const { desk, clock, signal, settleMs, resend } = this.#options;
    let absences = 0;
    let waitMs = settleMs;
    let backoffMs = settleMs;
    try {
      while (!signal.aborted) {
        await clock.sleep(waitMs, signal);
        const verdict = await this.askOnce(orderId);
        if (verdict === 'settled') return;
        absences = verdict === 'absent' ? absences + 1 : 0;
        if (absences > 0 && absences < ABSENCES) {
          waitMs = settleMs;
          continue;
        }
        backoffMs = Math.min(backoffMs * 2, BACKOFF_MAX_MS);
        waitMs = backoffMs;
        if (verdict !== 'absent') continue;
        await desk.serially(orderId, () => this.#absent(orderId, resend));
        if (this.#known(orderId)) return;
        absences = 0;
      }
    } catch (error) {
      // Ending the term ends every wait and every write; the next leader resolves what is left.
      if (!signal.aborted) throw error;
    } finally {
      this.#watched.delete(orderId);
    }
  }

  async #absent(orderId: string, resend: (orderId: string) => Promise<void>): Promise<void> {
    const { desk, clock } = this.#options;
    const order = desk.get(orderId);
    if (order === undefined || isTerminal(order.status)) return;
    const sendable = !order.cancelRequested && clock.nowUs() <= order.approvalExpiresAt;
    if (order.venueOrderId !== null || order.filledQuantity > 0n) {
      // The venue had it and has forgotten it: no rule of ours may decide what became of it.
      if (order.status === 'UNKNOWN') return;
      await desk.trigger(orderId, 'outcome-lost', {
        reason: 'the venue no longer knows the order',
      });
      return;
    }
    if (sendable) return resend(orderId);
    const { code, title } = EXECUTION_ERRORS.NEVER_REACHED;
    await desk.trigger(orderId, order.cancelRequested ? 'canceled' : 'expired', {
      reason: `${code}: ${title}`,
    });
  }

  #known(orderId: string): boolean {
    const status = this.#options.desk.get(orderId)?.status;
    return status !== 'UNKNOWN' && status !== 'PENDING_NEW' && status !== 'PENDING_CANCEL';
  }

  async #ask(orderId: string): Promise<Verdict> {
    const { desk, gatewayOf } = this.#options;
    const order = desk.get(orderId);
    if (order === undefined || isTerminal(order.status)) return 'settled';
    const gateway = gatewayOf(order);
    if (gateway === undefined) return 'later';
    const outcome = await gateway.query(order);
    if (outcome.kind === 'rejected' && outcome.absent) return 'absent';
    if (outcome.kind !== 'report') return 'later';
    return this.#heard(orderId, gateway, outcome.report);
  }

  /** Takes a report that answers for the order, and asks once more for its cancel where due. */
  async #heard(orderId: string, gateway: VenueGateway, report: VenueReport): Promise<Verdict> {
    const { desk } = this.#options;
    const complete = await this.#report(orderId, gateway, report);
    if (!complete) return 'later';
    const told = desk.get(orderId);
    if (told === undefined || isTerminal(told.status)) return 'settled';
    if (!told.cancelRequested) return this.#known(orderId) ? 'settled' : 'later';
    // Still resting although a cancel was asked for: the cancel was lost, or overtook the order.
    if (told.status !== 'PENDING_CANCEL') await desk.requestCancel(orderId);
    await this.cancelAtVenue(orderId);
    return isTerminal(desk.get(orderId)?.status ?? 'FILLED') ? 'settled' : 'later';
  }

  /** Takes a report; where its fills outnumber the known trades, asks for those first. */
  async #report(orderId: string, gateway: VenueGateway, report: VenueReport): Promise<boolean> {
    const { desk, log } = this.#options;
    if (await desk.report(orderId, report)) return true;
    const order = desk.get(orderId)!;
    const asked = await gateway.trades({ ...order, venueOrderId: report.venueOrderId });
    if (asked.kind === 'failed') {
      log.warn({ order_id: orderId, reason: asked.reason }, 'missing trades could not be fetched');
      return false;
    }
    return desk.report(orderId, { ...report, trades: asked.trades });
  }
}
