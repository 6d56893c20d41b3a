import {
  type DeadLetterSink,
  isFenced,
  type Offsets,
  type TransactionalProducer,
} from '@cerberus/bus';
import type { Instrument } from '@cerberus/schema';
import { DECISIONS, type DecisionFeed, PROGRESS_GROUP } from './decision-feed.ts';
import { DecisionIntake } from './decision-intake.ts';
import { EmissionQueue } from './emission.ts';
import { IntentGate } from './intent-gate.ts';
import type { IntentLedger } from './intent-ledger.ts';
import type { KillSwitches } from './kill-switches.ts';
import { LeaderNotice } from './leader-notice.ts';
import { OrderDesk } from './order-desk.ts';
import { OrderJournal } from './order-journal.ts';
import type { MirroredOrder, OrderMirror } from './order-mirror.ts';
import type { ExecutionContext } from './ports.ts';
import { Reconciliation } from './reconciliation.ts';
import { Resolution } from './resolution.ts';
import { Submission } from './submission.ts';
import type { TakeOverClock } from './take-over-clock.ts';
import type { Term } from './term.ts';
import type { VenueGateway, VenueReport } from './venue-gateway.ts';
import type { WorkingOrder } from './working-order.ts';

/** An order's opening, acceptance and first fill come within it where the venue is quick. */
const GATHER_MS = 25;
/** Fixed, so that a newer leader shuts out an older one. */
const PRODUCER_ID = 'execution-emitter';

export interface EmitterTermOptions {
  readonly context: ExecutionContext;
  readonly intents: IntentLedger;
  readonly kills: KillSwitches;
  readonly gateways: readonly VenueGateway[];
  readonly gatewayOf: (order: WorkingOrder) => VenueGateway | undefined;
  readonly instrument: (instrumentId: string) => Instrument | undefined;
  readonly deadLetters: DeadLetterSink;
  readonly mirror: OrderMirror;
  readonly feed: DecisionFeed;
  readonly instanceId: string;
  readonly term: Term;
  readonly takeOverClock: TakeOverClock;
  /** The term is over before its lease: another leader was seen, or the log or the ledger refused us. */
  readonly onLost: (component: string, error: unknown) => void;
}

/** One term of the single emitter, from taking over to the last write. */
export class EmitterTerm {
  readonly #options: EmitterTermOptions;
  readonly #producer: TransactionalProducer;
  readonly #queue: EmissionQueue;
  /** Aborted when the term ends in whatever way: given up, handed over, lost. */
  readonly #over: AbortSignal;
  readonly #ending = new AbortController();
  readonly #desk: OrderDesk;
  readonly #resolution: Resolution;
  readonly #reconciliation: Reconciliation;
  readonly #intake: DecisionIntake;
  readonly #notice: LeaderNotice;
  readonly #releases: (() => void)[] = [];
  #leads = false;

  private constructor(options: EmitterTermOptions, producer: TransactionalProducer) {
    this.#options = options;
    this.#producer = producer;
    const { context, term, gatewayOf, intents, kills, gateways, onLost, instanceId } = options;
    const { clock, log, codecs, config } = context;
    this.#over = AbortSignal.any([term.signal, this.#ending.signal]);
    const signal = this.#over;
    const watched = (component: string, work: Promise<void>) => this.#watch(component, work);
    const superseded = () =>
      onLost('intent ledger', new Error('the intent ledger holds a newer term'));
    this.#queue = new EmissionQueue({
      ...{ producer, groupId: PROGRESS_GROUP },
      gather: () => clock.sleep(GATHER_MS),
      onDead: (error) => onLost('log', error),
    });
    const journal = new OrderJournal(codecs, this.#queue);
    this.#desk = new OrderDesk({ journal, clock, log, token: term.token });
    const desk = this.#desk;
    this.#resolution = new Resolution({
      ...{ desk, term, signal, clock, log, watched, gatewayOf, settleMs: config.settleMs },
      resend: (orderId) => submission.resend(orderId),
    });
    const submission = new Submission({
      ...{ desk, term, signal, clock, log, gatewayOf, superseded },
      resolution: this.#resolution,
      intents: new IntentGate({ intents, term, signal, clock, log }),
      killed: (order) => kills.stopping(order),
    });
    this.#reconciliation = new Reconciliation({
      ...{ desk, gateways, gatewayOf, clock, log, signal, resolution: this.#resolution },
      strays: context.metrics.counter(
        'stray_orders_total',
        'Orders found resting at a venue although they had ended here',
      ),
    });
    const { feed, instrument, deadLetters } = options;
    this.#intake = new DecisionIntake({
      ...{ feed, desk, submission, instrument, deadLetters, clock, log, watched },
    });
    this.#notice = new LeaderNotice({
      ...{ context, instanceId, term, journal, intents, watched, superseded },
    });
  }

  /**
   * Shuts out the former leader; the term has been claimed in the intent ledger. From here on venue
   * reports may be handed in.
   */
  static async open(options: EmitterTermOptions): Promise<EmitterTerm> {
    const producer = await options.context.bus.openTransactional(PRODUCER_ID);
    return new EmitterTerm(options, producer);
  }

  /** Restores the former leader's orders, asks the venues about them, then acts. */
  async takeOver(): Promise<void> {
    const { takeOverClock } = this.#options;
    try {
      this.#notice.start();
      // Final since the former leader was shut out; asked for while the venues are.
      const { feed, context } = this.#options;
      const places = Promise.all([feed.progress(), context.bus.endOffsets([DECISIONS])]);
      // Awaited below: a failure before that is not one that nobody handles.
      places.catch(() => undefined);
      const orders = await this.#restore();
      takeOverClock.passed('restore');
      await this.#reconciliation.takeOver(orders);
      takeOverClock.passed('reconcile');
      if (!this.#over.aborted) await this.#lead(await places);
    } catch (error) {
      // A term that ended meanwhile has nothing to take over.
      if (!this.#over.aborted) throw error;
    }
  }

  /** Whether it acts on decisions. */
  get leads(): boolean {
    return this.#leads;
  }

  get openOrders(): number {
    return this.#desk.open().length;
  }

  onReport(report: VenueReport): void {
    const order = this.#desk.byClientId(report.clientOrderId);
    if (order === undefined) return; // Another system's order on the same account.
    const taken = this.#desk.serially(order.orderId, async () => {
      const complete = await this.#desk.report(order.orderId, report);
      if (!complete) this.#resolution.watch(order.orderId);
    });
    this.#watch('venue report', taken);
  }

  /** Reports may have been missed: asks about every open order. */
  onGap(): void {
    if (this.#over.aborted) return;
    this.#watch('venue query', this.#reconciliation.sweep());
  }

  /** Takes nothing new: the term is over, and what is open is the next one's. */
  async abandon(): Promise<void> {
    this.#cease();
    await this.#close();
  }

  /** Hands over: takes nothing new, finishes what is on its way, says so. */
  async end(): Promise<void> {
    const led = this.#leads;
    this.#cease();
    await this.#desk.settled();
    if (led && !this.#options.term.signal.aborted) {
      await this.#notice.relinquished().catch((error: unknown) => {
        if (!isFenced(error)) throw error;
      });
    }
    await this.#close();
  }

  #cease(): void {
    this.#leads = false;
    this.#ending.abort(new Error('the term has ended'));
    this.#notice.stop();
    this.#intake.close();
    for (const release of this.#releases.splice(0)) release();
  }

  /** What a venue still reports is found by the next leader's reconciliation. */
  async #close(): Promise<void> {
    await this.#queue.close();
    await this.#producer.close();
  }

  /** The former leader is shut out, so what the mirror reaches now is final. */
  async #restore(): Promise<readonly MirroredOrder[]> {
    const { mirror, context } = this.#options;
    const orders = await mirror.complete();
    for (const { order } of orders) this.#desk.restore(order);
    context.log.info({ orders: orders.length, open: this.openOrders }, 'restored the orders');
    return orders;
  }

  async #lead([from, ends]: readonly [Offsets, Offsets]): Promise<void> {
    const { context, kills, takeOverClock, term } = this.#options;
    await this.#notice.leading();
    if (this.#over.aborted) return;
    this.#leads = true;
    const stopCancelling = kills.onCancelOpen((covered) => {
      for (const order of this.#desk.open().filter(covered)) this.#cancelNow(order.orderId);
    });
    const sweep = context.clock.every(context.config.sweepEveryMs, () => this.onGap());
    this.#releases.push(stopCancelling, () => sweep.cancel());
    await this.#intake.open(from, ends);
    takeOverClock.passed('open');
    // Ended while it was opening: nobody else closes it.
    if (this.#over.aborted) return this.#intake.close();
    const { formerSilentMs, token } = term;
    takeOverClock.report(context.log, { term: token, formerSilentMs });
  }

  #cancelNow(orderId: string): void {
    const canceled = this.#desk.serially(orderId, async () => {
      if (await this.#desk.requestCancel(orderId)) await this.#resolution.cancelAtVenue(orderId);
    });
    this.#watch('kill-switch cancel', canceled);
  }

  /** What fails because the term is over is nobody's fault; anything else ends the term. */
  #watch(component: string, work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (!this.#over.aborted) this.#options.onLost(component, error);
    });
  }
}
