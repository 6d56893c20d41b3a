import type { DeadLetterSink } from '@cerberus/bus';
import type { Candidate, DepositionReason, Term as LeaseTerm } from '@cerberus/coordination';
import { notReady, READY, type Readiness, readinessOf } from '@cerberus/runtime';
import { EmitterTerm } from './emitter-term.ts';
import type { IntentLedger } from './intent-ledger.ts';
import type { KillSwitches } from './kill-switches.ts';
import type { ExecutionContext } from './ports.ts';
import type { VenueDesk } from './venue-desk.ts';

export interface CandidacyParts {
  readonly instanceId: string;
  readonly intents: IntentLedger;
  readonly kills: KillSwitches;
  readonly venues: VenueDesk;
  readonly deadLetters: DeadLetterSink;
}

/** One election won; the emitter is there once the former one is shut out. */
interface Leadership {
  readonly lease: LeaseTerm;
  readonly over: AbortController;
  emitter: EmitterTerm | undefined;
}

/** Stands for leadership once the venues answer, and runs one emitter term per election won. */
export class Candidacy {
  readonly #context: ExecutionContext;
  readonly #parts: CandidacyParts;
  #leadership: Leadership | undefined;
  #candidate: Candidate | undefined;
  #stopped = false;

  constructor(context: ExecutionContext, parts: CandidacyParts) {
    this.#context = context;
    this.#parts = parts;
    const { metrics } = context;
    metrics.gaugeOf('open_orders', 'Orders at work', () => this.#emitter?.openOrders ?? 0);
    metrics.gaugeOf('leading', '1 while this process may send orders', () =>
      this.#emitter?.leads === true ? 1 : 0,
    );
  }

  start(): void {
    const { supervisor } = this.#context;
    supervisor.watch('emitter candidacy', this.#stand());
  }

  /** A candidate that follows is ready: it is the standby that take-over needs. */
  ready(): Readiness {
    const states = this.#parts.venues.gateways.map((gateway, index) => {
      const state = gateway.ready();
      const known: Readiness = state.ready ? READY : notReady(state.detail ?? 'not connected');
      return [`venue-${index}`, known] as const;
    });
    const election = this.#candidate === undefined ? notReady('waiting for venues') : READY;
    return readinessOf({ ...Object.fromEntries(states), election });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#emitter?.end();
    await this.#candidate?.resign();
    await this.#parts.venues.stop();
  }

  get #emitter(): EmitterTerm | undefined {
    return this.#leadership?.emitter;
  }

  async #stand(): Promise<void> {
    const { election } = this.#context;
    await this.#parts.venues.start({
      onReport: (report) => this.#emitter?.onReport(report),
      onGap: () => this.#emitter?.onGap(),
    });
    if (this.#stopped) return;
    this.#candidate = await election.campaign({
      ...{ name: 'execution', instanceId: this.#parts.instanceId },
      onElected: (lease) => this.#begin(lease),
      onDeposed: (lease, reason) => this.#deposed(lease, reason),
    });
    if (this.#stopped) await this.#candidate.resign();
  }

  #deposed(lease: LeaseTerm, reason: DepositionReason): void {
    const { log, supervisor } = this.#context;
    if (reason !== 'resigned') log.error({ reason, token: lease.token }, 'leadership ended');
    const past = this.#leadership;
    if (past?.lease.token !== lease.token) return;
    this.#leadership = undefined;
    past.over.abort(new Error(`the term is over: ${reason}`));
    // Standing again, it takes over from itself like from anybody else.
    if (past.emitter !== undefined) supervisor.watch('emitter end', past.emitter.abandon());
  }

  async #begin(lease: LeaseTerm): Promise<void> {
    const { bus, codecs, config, supervisor } = this.#context;
    const { venues, intents, kills, deadLetters, instanceId } = this.#parts;
    if (this.#stopped) return;
    const over = new AbortController();
    const leadership: Leadership = { lease, over, emitter: undefined };
    this.#leadership = leadership;
    const emitter = await EmitterTerm.open({
      ...{ host: this.#context, bus, codecs, intents, kills, deadLetters, instanceId },
      term: {
        token: lease.token,
        leading: () => lease.leading() && !over.signal.aborted,
        signal: over.signal,
      },
      gateways: venues.gateways,
      gatewayOf: (order) => venues.gatewayOf(order),
      instrument: (id) => venues.instrument(id),
      settleMs: config.settleMs,
      sweepEveryMs: config.sweepEveryMs,
      // A leader whose log or ledger refuses it must not go on in any way: the process ends.
      onLost: (error) => {
        if (over.signal.aborted) return;
        over.abort(error);
        supervisor.stop(error, { component: 'emitter' });
      },
    });
    // Deposed or stopped meanwhile: nobody else ends this term.
    if (over.signal.aborted || this.#stopped) return emitter.abandon();
    leadership.emitter = emitter;
    await emitter.takeOver();
  }
}
