import {
  type Bus,
  type DeadLetterSink,
  type Follower,
  isFenced,
  StreamReader,
  type TransactionalProducer,
} from '@cerberus/bus';
import { formatEpochUs, unwrap } from '@cerberus/core';
import type { HostContext } from '@cerberus/runtime';
import type { Codecs, Instrument, LeaderState, OrderDecision } from '@cerberus/schema';
import { EmissionQueue } from './emission.ts';
import type { IntentLedger } from './intent-ledger.ts';
import type { KillSwitches } from './kill-switches.ts';
import { OrderDesk } from './order-desk.ts';
import { OrderJournal, STATE_TOPIC } from './order-journal.ts';
import { Resolution } from './resolution.ts';
import { readSavedOrder } from './saved-order.ts';
import { Submission } from './submission.ts';
import type { Term } from './term.ts';
import type { VenueGateway, VenueReport } from './venue-gateway.ts';
import { type WorkingOrder, workingOrder } from './working-order.ts';

/** Fixed, so that a newer leader shuts out an older one. */
const PRODUCER_ID = 'execution-emitter';
/** Under this name all candidates keep how far the decisions have been read. */
const PROGRESS_GROUP = 'execution';
const DECISIONS = 'order.decision';
const RECONCILE_RETRY_MS = 1000;
const RECONCILE_AT_ONCE = 8;

export interface EmitterTermOptions {
  readonly host: HostContext;
  readonly bus: Bus;
  readonly codecs: Codecs;
  readonly intents: IntentLedger;
  readonly kills: KillSwitches;
  readonly gateways: readonly VenueGateway[];
  readonly gatewayOf: (order: WorkingOrder) => VenueGateway | undefined;
  readonly instrument: (instrumentId: string) => Instrument | undefined;
  readonly deadLetters: DeadLetterSink;
  readonly instanceId: string;
  readonly settleMs: number;
  readonly sweepEveryMs: number;
  readonly term: Term;
  /** The term is over before its lease: another leader was seen, or the log refused us. */
  readonly onLost: (error: unknown) => void;
}

/** One term of the single emitter, from taking over to the last write. */
export class EmitterTerm {
  readonly #options: EmitterTermOptions;
  readonly #producer: TransactionalProducer;
  readonly #queue: EmissionQueue;
  /** Aborted when the term ends in whatever way: given up, handed over, lost. */
  readonly #over: AbortSignal;
  readonly #ending = new AbortController();
  readonly #journal: OrderJournal;
  readonly #desk: OrderDesk;
  readonly #submission: Submission;
  readonly #resolution: Resolution;
  readonly #releases: (() => void)[] = [];
  #intake: StreamReader<typeof DECISIONS> | undefined;
  #leads = false;

  private constructor(options: EmitterTermOptions, producer: TransactionalProducer) {
    this.#options = options;
    this.#producer = producer;
    const { host, codecs, term, gatewayOf, intents, kills, onLost, settleMs } = options;
    const { clock, log, supervisor } = host;
    this.#over = AbortSignal.any([term.signal, this.#ending.signal]);
    const ends = { term, signal: this.#over };
    this.#queue = new EmissionQueue({ producer, groupId: PROGRESS_GROUP, onDead: onLost });
    this.#journal = new OrderJournal(codecs, this.#queue);
    this.#desk = new OrderDesk({ journal: this.#journal, clock, log, token: term.token });
    this.#resolution = new Resolution({
      ...{ desk: this.#desk, ...ends, clock, log, supervisor, gatewayOf, settleMs },
      resend: (orderId) => this.#submission.resend(orderId),
    });
    this.#submission = new Submission({
      ...{
        desk: this.#desk,
        intents,
        resolution: this.#resolution,
        ...ends,
        clock,
        log,
        gatewayOf,
      },
      killed: (order) => kills.stopping(order),
      superseded: () => onLost(new Error('the intent ledger holds a newer term')),
    });
  }

  /** Shuts out the former leader. From here on venue reports may be handed in. */
  static async open(options: EmitterTermOptions): Promise<EmitterTerm> {
    const { bus, intents, term, instanceId } = options;
    if (!(await intents.claimTerm(term.token, instanceId))) {
      throw new Error('the intent ledger has seen a higher token: this candidate may not lead');
    }
    return new EmitterTerm(options, await bus.openTransactional(PRODUCER_ID));
  }

  /** Restores the former leader's orders, asks the venues about them, then acts. */
  async takeOver(): Promise<void> {
    try {
      await this.#restore();
      await this.#reconcile();
      if (!this.#over.aborted) await this.#lead();
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
    this.#guard('venue report', () =>
      this.#desk.serially(order.orderId, async () => {
        const complete = await this.#desk.report(order.orderId, report);
        if (!complete) this.#resolution.watch(order.orderId);
      }),
    );
  }

  /** Reports may have been missed: asks about every open order. */
  onGap(): void {
    for (const { orderId } of this.#desk.open()) {
      this.#guard('venue query', async () => {
        if ((await this.#resolution.askOnce(orderId)) !== 'settled')
          this.#resolution.watch(orderId);
      });
    }
  }

  /** Takes nothing new: the term is over, and what is open is the next one's. */
  async abandon(): Promise<void> {
    await this.#cease();
    await this.#close();
  }

  /** Hands over: takes nothing new, finishes what is on its way, says so. */
  async end(): Promise<void> {
    const led = this.#leads;
    await this.#cease();
    await this.#desk.settled();
    if (led && !this.#options.term.signal.aborted) {
      await this.#announce('RELINQUISHED').catch((error: unknown) => {
        if (!isFenced(error)) throw error;
      });
    }
    await this.#close();
  }

  async #cease(): Promise<void> {
    this.#leads = false;
    this.#ending.abort(new Error('the term has ended'));
    for (const release of this.#releases.splice(0)) release();
    await this.#intake?.stop();
  }

  /** What a venue still reports is found by the next leader's reconciliation. */
  async #close(): Promise<void> {
    await this.#queue.close();
    await this.#producer.close();
  }

  async #restore(): Promise<void> {
    const { bus, codecs, host } = this.#options;
    const saved = new Map<string, Buffer>();
    const follower: Follower = await bus.follow({
      topics: [STATE_TOPIC],
      from: 'beginning',
      onRecord: ({ key, value }) => {
        if (value === null) saved.delete(key);
        else saved.set(key, value);
      },
    });
    // The former leader is shut out, so these offsets are final.
    await follower.reach(await bus.endOffsets([STATE_TOPIC]));
    await follower.stop();
    // An order that cannot be read may be open at the venue: without it nobody may lead.
    for (const value of saved.values()) {
      this.#desk.restore(unwrap(readSavedOrder(unwrap(codecs.decode(STATE_TOPIC, value)))));
    }
    host.log.info({ orders: saved.size, open: this.openOrders }, 'restored the orders');
  }

  /** Every open order must be answered for by its venue before the first new one is sent. */
  async #reconcile(): Promise<void> {
    const { host } = this.#options;
    let left = this.#desk.open().map((order) => order.orderId);
    while (left.length > 0 && !this.#over.aborted) {
      const unanswered: string[] = [];
      for (let index = 0; index < left.length; index += RECONCILE_AT_ONCE) {
        const asked = left.slice(index, index + RECONCILE_AT_ONCE).map(async (orderId) => {
          const verdict = await this.#resolution.askOnce(orderId);
          if (verdict === 'later') unanswered.push(orderId);
          if (verdict !== 'settled') this.#resolution.watch(orderId);
        });
        await Promise.all(asked);
      }
      left = unanswered;
      if (left.length === 0) break;
      host.log.warn({ orders: left.length }, 'waiting for the venue to answer for open orders');
      await host.clock.sleep(RECONCILE_RETRY_MS, this.#over);
    }
  }

  async #lead(): Promise<void> {
    const { bus, codecs, host, kills, deadLetters, sweepEveryMs } = this.#options;
    await this.#announce('LEADING');
    const from = await bus.committedOffsets(PROGRESS_GROUP, [DECISIONS]);
    if (this.#over.aborted) return;
    this.#leads = true;
    this.#releases.push(
      kills.onCancelOpen((covered) => {
        for (const order of this.#desk.open().filter(covered)) this.#cancelNow(order.orderId);
      }),
    );
    const sweep = host.clock.every(sweepEveryMs, () => this.onGap());
    this.#releases.push(() => sweep.cancel());
    this.#intake = new StreamReader({
      ...{ name: 'execution intake', bus, codecs, host, deadLetters },
      topics: [DECISIONS],
      from,
      handle: ({ message, record }) => {
        const { topic, partition, offset, headers } = record;
        const progress = { topic, partition, nextOffset: offset + 1n };
        this.#guard('decision intake', () =>
          this.#decided(message, progress, headers['traceparent'] ?? null),
        );
      },
    });
    await this.#intake.start();
    // Ended while it was starting: nobody else stops it.
    if (this.#over.aborted) await this.#intake.stop();
  }

  #decided(
    decision: OrderDecision,
    progress: { topic: string; partition: number; nextOffset: bigint },
    traceparent: string | null,
  ): Promise<void> {
    const known = this.#desk.get(decision.order_id) !== undefined;
    if (decision.outcome !== 'APPROVED') return this.#desk.skip(progress);
    switch (decision.kind) {
      case 'CANCEL':
        return this.#submission.cancel(decision.order_id, progress);
      case 'NEW': {
        if (known) return this.#desk.skip(progress);
        const venue = this.#options.instrument(decision.instrument_id)?.venue ?? 'NONE';
        return this.#submission.begin(workingOrder(decision, { venue, traceparent }), progress);
      }
      case 'REPLACE':
        this.#options.host.log.error(
          { order_id: decision.order_id },
          'an approved replace was not acted on: no venue connection replaces orders',
        );
        return this.#desk.skip(progress);
    }
  }

  #cancelNow(orderId: string): void {
    this.#guard('kill-switch cancel', () =>
      this.#desk.serially(orderId, async () => {
        if (await this.#desk.requestCancel(orderId)) await this.#resolution.cancelAtVenue(orderId);
      }),
    );
  }

  #announce(state: LeaderState): Promise<void> {
    const { term, host, instanceId } = this.#options;
    const since = host.clock.nowUs();
    host.log.info({ state, term: term.token, since: formatEpochUs(since) }, 'emitter');
    return this.#journal.announce({
      ...{ service: 'execution', instance_id: instanceId, token: term.token, state, since },
    });
  }

  /** What fails because the term is over is nobody's fault; anything else stops the process. */
  #guard(component: string, work: () => Promise<void>): void {
    const { host, onLost } = this.#options;
    work().catch((error: unknown) => {
      if (this.#over.aborted) return;
      if (isFenced(error)) onLost(error);
      else host.supervisor.stop(error, { component });
    });
  }
}
