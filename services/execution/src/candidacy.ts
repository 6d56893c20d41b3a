import type { DeadLetterSink } from '@cerberus/bus';
import type { Candidate, Term as LeaseTerm } from '@cerberus/coordination';
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

/** Stands for leadership once the venues answer, and runs one emitter term per election won. */
export class Candidacy {
  readonly #context: ExecutionContext;
  readonly #parts: CandidacyParts;
  #leading: EmitterTerm | undefined;
  #candidate: Candidate | undefined;
  #over = new AbortController();

  constructor(context: ExecutionContext, parts: CandidacyParts) {
    this.#context = context;
    this.#parts = parts;
    context.metrics.gaugeOf('open_orders', 'Orders at work', () => this.#leading?.openOrders ?? 0);
    context.metrics.gaugeOf('leading', '1 while this process may send orders', () =>
      this.#leading === undefined ? 0 : 1,
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
    await this.#leading?.end();
    await this.#candidate?.resign();
    await this.#parts.venues.stop();
  }

  async #stand(): Promise<void> {
    const { election, signal, log, supervisor } = this.#context;
    await this.#parts.venues.start({
      onReport: (report) => this.#leading?.onReport(report),
      onGap: () => this.#leading?.onGap(),
    });
    if (signal.aborted) return;
    this.#candidate = await election.campaign({
      ...{ name: 'execution', instanceId: this.#parts.instanceId },
      onElected: (lease) => this.#begin(lease),
      onDeposed: (_term, reason) => {
        this.#over.abort();
        // Standing again, it takes over from itself like from anybody else.
        supervisor.watch('emitter abandonment', this.#leading?.abandon() ?? Promise.resolve());
        this.#leading = undefined;
        if (reason !== 'resigned') log.error({ reason }, 'leadership ended');
      },
    });
  }

  async #begin(lease: LeaseTerm): Promise<void> {
    const { bus, codecs, config, supervisor } = this.#context;
    const { venues, intents, kills, deadLetters, instanceId } = this.#parts;
    const over = new AbortController();
    this.#over = over;
    this.#leading = await EmitterTerm.begin({
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
        over.abort();
        supervisor.stop(error, { component: 'emitter' });
      },
    });
  }
}
