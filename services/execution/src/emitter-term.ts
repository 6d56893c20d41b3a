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
  readonly #journal: OrderJournal;
  readonly #desk: OrderDesk;
  readonly #submission: Submission;
  readonly #resolution: Resolution;
  readonly #releases: (() => void)[] = [];
  #intake: StreamReader<typeof DECISIONS> | undefined;

  private constructor(options: EmitterTermOptions, producer: TransactionalProducer) {
    this.#options = options;
    this.#producer = producer;
    const { host, codecs, term, gatewayOf, intents, kills, onLost, settleMs } = options;
    const { clock, log, supervisor } = host;
    const queue = new EmissionQueue({ producer, groupId: PROGRESS_GROUP, onDead: onLost });
    this.#journal = new OrderJournal(codecs, queue);
    this.#desk = new OrderDesk({ journal: this.#journal, clock, log, token: term.token });
    this.#resolution = new Resolution({
      ...{ desk: this.#desk, term, clock, log, supervisor, gatewayOf, settleMs },
      resend: (orderId) => this.#submission.send(orderId),
    });
    this.#submission = new Submission({
      ...{ desk: this.#desk, intents, resolution: this.#resolution, term, clock, log, gatewayOf },
      killed: (order) => kills.stopping(order),
      superseded: () => onLost(new Error('the intent ledger holds a newer term')),
    });
  }

  /** Takes over: shuts out the former leader, restores its orders, asks the venues, then acts. */
  static async begin(options: EmitterTermOptions): Promise<EmitterTerm> {
    const { bus, intents, term, instanceId } = options;
    if (!(await intents.claimTerm(term.token, instanceId))) {
      throw new Error('the intent ledger has seen a higher token: this candidate may not lead');
    }
    const producer = await bus.openTransactional(PRODUCER_ID);
    const emitter = new EmitterTerm(options, producer);
    await emitter.#restore();
    await emitter.#reconcile();
    await emitter.#lead();
    return emitter;
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
    for (const order of this.#desk.open()) {
      this.#guard('venue query', async () => void (await this.#resolution.askOnce(order.orderId)));
    }
  }

  /** Takes nothing new: the term is over, and what is open is the next one's. */
  async abandon(): Promise<void> {
    for (const release of this.#releases.splice(0)) release();
    await this.#intake?.stop();
  }

  /** Hands over: takes nothing new, finishes what is on its way, says so. */
  async end(): Promise<void> {
    await this.abandon();
    await this.#desk.settled();
    await this.#announce('RELINQUISHED').catch((error: unknown) => {
      if (!isFenced(error)) throw error;
    });
    await this.#producer.close();
  }

  async #restore(): Promise<void> {
    const { bus, codecs, host } = this.#options;
    const saved = new Map<string, WorkingOrder>();
    const follower: Follower = await bus.follow({
      topics: [STATE_TOPIC],
      from: 'beginning',
      onRecord: ({ key, value }) => {
        if (value === null) saved.delete(key);
        else saved.set(key, unwrap(readSavedOrder(unwrap(codecs.decode(STATE_TOPIC, value)))));
      },
    });
    // The former leader is shut out, so these offsets are final.
    await follower.reach(await bus.endOffsets([STATE_TOPIC]));
    await follower.stop();
    for (const order of saved.values()) this.#desk.restore(order);
    host.log.info({ orders: saved.size, open: this.openOrders }, 'restored the orders');
  }

  /** Every open order must be answered for by its venue before the first new one is sent. */
  async #reconcile(): Promise<void> {
    const { host, term } = this.#options;
    let left = this.#desk.open().map((order) => order.orderId);
    while (left.length > 0 && !term.signal.aborted) {
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
      await host.clock.sleep(RECONCILE_RETRY_MS, term.signal);
    }
  }

  async #lead(): Promise<void> {
    const { bus, codecs, host, kills, deadLetters, sweepEveryMs } = this.#options;
    await this.#announce('LEADING');
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
      from: await bus.committedOffsets(PROGRESS_GROUP, [DECISIONS]),
      handle: ({ message, record }) => {
        const { topic, partition, offset, headers } = record;
        const progress = { topic, partition, nextOffset: offset + 1n };
        this.#guard('decision intake', () =>
          this.#decided(message, progress, headers['traceparent'] ?? null),
        );
      },
    });
    await this.#intake.start();
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
    const { host, term, onLost } = this.#options;
    work().catch((error: unknown) => {
      if (term.signal.aborted) return;
      if (isFenced(error)) onLost(error);
      else host.supervisor.stop(error, { component });
    });
  }
}
