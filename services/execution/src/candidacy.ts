import type { DeadLetterSink } from '@cerberus/bus';
import type { Candidate, DepositionReason, Term as LeaseTerm } from '@cerberus/coordination';
import { CerberusError, faultOf, InvariantViolation } from '@cerberus/core';
import { notReady, READY, type Readiness, readinessOf } from '@cerberus/runtime';
import type { DecisionFeed } from './decision-feed.ts';
import { EmitterTerm } from './emitter-term.ts';
import { EXECUTION_ERRORS } from './errors.ts';
import type { IntentLedger, TermClaim } from './intent-ledger.ts';
import type { KillSwitches } from './kill-switches.ts';
import { NOTICE_EVERY_MS } from './leader-notice.ts';
import type { OrderMirror } from './order-mirror.ts';
import type { ExecutionContext } from './ports.ts';
import { TakeOverClock } from './take-over-clock.ts';
import type { VenueDesk } from './venue-desk.ts';

/** Pause before standing again after a term that was given up; doubles while terms do not last. */
const STAND_PAUSE_MS = 100;
const STAND_PAUSE_MAX_MS = 5000;
/** A term that lasted so long was sound. */
const LASTING_MS = 30_000;

export interface CandidacyParts {
  readonly instanceId: string;
  readonly intents: IntentLedger;
  readonly kills: KillSwitches;
  readonly venues: VenueDesk;
  readonly deadLetters: DeadLetterSink;
  readonly mirror: OrderMirror;
  readonly feed: DecisionFeed;
}

/** One election won; the emitter is there once the former one is shut out. */
interface Leadership {
  readonly lease: LeaseTerm;
  readonly over: AbortController;
  readonly sinceMs: number;
  emitter: EmitterTerm | undefined;
}

/**
 * Stands for leadership once the venues answer and what the leader saved is known, and runs one emitter
 * term per election won. A term that cannot go on is given up and stood for again: everything that it
 * knew goes with it, and the next one starts from the log. Only a broken invariant ends the process.
 */
export class Candidacy {
  readonly #context: ExecutionContext;
  readonly #parts: CandidacyParts;
  readonly #stopping = new AbortController();
  #leadership: Leadership | undefined;
  #candidate: Candidate | undefined;
  #pauseMs = STAND_PAUSE_MS;
  #isRestanding = false;

  constructor(context: ExecutionContext, parts: CandidacyParts) {
    this.#context = context;
    this.#parts = parts;
    const { metrics } = context;
    metrics.gaugeOf('open_orders', 'Orders at work', () => this.#emitter?.openOrders ?? 0);
    metrics.gaugeOf('leading', '1 while this process may send orders', () =>
      this.#emitter?.leads === true ? 1 : 0,
    );
    metrics.gaugeOf('orders_mirrored', 'Saved orders known here', () => parts.mirror.size);
  }

  start(): void {
    const { supervisor } = this.#context;
    supervisor.watch('emitter candidacy', this.#prepare());
  }

  /** A candidate that follows is ready: it is the standby that take-over needs. */
  ready(): Readiness {
    const states = this.#parts.venues.gateways.map((gateway, index) => {
      const state = gateway.ready();
      const known: Readiness = state.ready ? READY : notReady(state.detail ?? 'not connected');
      return [`venue-${index}`, known] as const;
    });
    return readinessOf({
      ...Object.fromEntries(states),
      orders: this.#parts.mirror.ready(),
      election: this.#candidate === undefined ? notReady('does not stand yet') : READY,
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('stopping'));
    await this.#emitter?.end();
    await this.#candidate?.resign();
    await this.#parts.venues.stop();
  }

  get #emitter(): EmitterTerm | undefined {
    return this.#leadership?.emitter;
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #prepare(): Promise<void> {
    const { venues, mirror, feed } = this.#parts;
    const listener = {
      onReport: (report: Parameters<EmitterTerm['onReport']>[0]) => this.#emitter?.onReport(report),
      onGap: () => this.#emitter?.onGap(),
    };
    try {
      await Promise.all([venues.start(listener), mirror.start(), feed.start()]);
      await this.#rehearse();
      await this.#stand();
    } catch (error) {
      if (!this.#stopped) throw error;
    }
  }

  /** What a take-over waits for, done once before: the first time of anything takes longest. */
  async #rehearse(): Promise<void> {
    const { bus, name, instance, log } = this.#context;
    const opened = async () => {
      const producer = await bus.openTransactional(`${name}-rehearsal-${instance}`);
      await producer.close();
    };
    const listed = this.#parts.venues.gateways.map((gateway) => gateway.openOrders());
    await Promise.all([opened(), ...listed]).catch((error: unknown) => {
      log.warn({ err: error }, 'the rehearsal of a take-over failed');
    });
  }

  async #stand(): Promise<void> {
    if (this.#stopped) return;
    this.#candidate = await this.#context.election.campaign({
      ...{ name: 'execution', instanceId: this.#parts.instanceId },
      onElected: (lease) => this.#begin(lease),
      onDeposed: (lease, reason) => this.#deposed(lease, reason),
    });
    if (this.#stopped) await this.#candidate.resign();
  }

  #deposed(lease: LeaseTerm, reason: DepositionReason): void {
    const { log, supervisor } = this.#context;
    if (reason !== 'resigned') log.error({ reason, term: lease.token }, 'leadership ended');
    const past = this.#leadership;
    if (past?.lease.token !== lease.token) return;
    this.#leadership = undefined;
    past.over.abort(new Error(`the term is over: ${reason}`));
    // Standing again, it takes over from itself like from anybody else.
    if (past.emitter !== undefined) supervisor.watch('emitter end', past.emitter.abandon());
  }

  async #begin(lease: LeaseTerm): Promise<void> {
    if (this.#stopped) return;
    const { clock, metrics } = this.#context;
    const over = new AbortController();
    const sinceMs = clock.monotonicMs();
    const leadership: Leadership = { lease, over, sinceMs, emitter: undefined };
    this.#leadership = leadership;
    const takeOverClock = new TakeOverClock(clock, metrics);
    try {
      await this.#claim(lease);
      if (over.signal.aborted) return;
      const emitter = await this.#open(leadership, takeOverClock);
      takeOverClock.passed('fence');
      // Deposed or stopped meanwhile: nobody else ends this term.
      if (over.signal.aborted || this.#stopped) return await emitter.abandon();
      leadership.emitter = emitter;
      await emitter.takeOver();
    } catch (error) {
      if (error instanceof InvariantViolation) {
        this.#context.supervisor.stop(error, { component: 'emitter take-over' });
      }
      this.#context.log.error({ err: error, term: lease.token }, 'taking over failed');
      throw error;
    }
  }

  #open(leadership: Leadership, takeOverClock: TakeOverClock): Promise<EmitterTerm> {
    const { lease, over } = leadership;
    const { venues, intents, kills, deadLetters, instanceId, mirror, feed } = this.#parts;
    return EmitterTerm.open({
      ...{ context: this.#context, intents, kills, deadLetters, instanceId, mirror, feed },
      term: {
        token: lease.token,
        get formerSilentMs() {
          return lease.formerSilentMs;
        },
        leading: () => lease.leading() && !over.signal.aborted,
        signal: over.signal,
      },
      takeOverClock,
      gateways: venues.gateways,
      gatewayOf: (order) => venues.gatewayOf(order),
      instrument: (id) => venues.instrument(id),
      onLost: (component, error) => this.#lost(leadership, component, error),
    });
  }

  /**
   * The ledger remembers the highest token where a wiped coordinator cannot lose it. A leader of a
   * higher one that has been silent for longer than any lease is gone, and the coordinator is made to
   * count on from there; one that is alive leads by another coordinator, and this candidate must not.
   */
  async #claim({ token }: LeaseTerm): Promise<void> {
    const { intents, instanceId } = this.#parts;
    const claim = await intents.claimTerm(token, instanceId);
    if (claim.claimed) return;
    const { leaseMs } = this.#context.election.times;
    const isSilent = claim.silentMs > leaseMs + 2 * NOTICE_EVERY_MS;
    if (isSilent) await this.#candidate?.liftTokens(claim.highest);
    throw behind(token, claim, isSilent);
  }

  /** What this term knew goes with it: another one starts from the log, here or elsewhere. */
  #lost(leadership: Leadership, component: string, error: unknown): void {
    if (leadership.over.signal.aborted) return;
    const { supervisor, log, clock } = this.#context;
    leadership.over.abort(error);
    // State may be wrong, and not only that of the term.
    if (error instanceof InvariantViolation) {
      supervisor.stop(error, { component });
      return;
    }
    log.error({ err: error, component, term: leadership.lease.token }, 'the term is given up');
    if (clock.monotonicMs() - leadership.sinceMs > LASTING_MS) this.#pauseMs = STAND_PAUSE_MS;
    supervisor.watch('emitter candidacy', this.#standAgain());
  }

  async #standAgain(): Promise<void> {
    if (this.#isRestanding || this.#stopped) return;
    this.#isRestanding = true;
    const { clock } = this.#context;
    try {
      const candidate = this.#candidate;
      this.#candidate = undefined;
      await candidate?.resign();
      await clock.sleep(this.#pauseMs, this.#stopping.signal);
      this.#pauseMs = Math.min(2 * this.#pauseMs, STAND_PAUSE_MAX_MS);
      this.#isRestanding = false;
      await this.#stand();
    } catch (error) {
      if (!this.#stopped) throw error;
    }
  }
}

function behind(
  token: number,
  { highest, holder, silentMs }: Extract<TermClaim, { claimed: false }>,
  isSilent: boolean,
): CerberusError {
  const entry = EXECUTION_ERRORS.TERM_BEHIND;
  const seen = `the ledger has ${highest} of ${holder}, silent for ${silentMs} ms, this election gives ${token}`;
  const advice = isSilent
    ? 'the coordinator was wiped; its tokens are lifted, and this candidate stands again'
    : 'if the coordinator was wiped, this goes on by itself once that one is silent; if it still leads, both must be given the same coordination.zookeeper.servers and root';
  return new CerberusError(faultOf(entry, { message: `${entry.title}: ${seen}; ${advice}` }));
}
