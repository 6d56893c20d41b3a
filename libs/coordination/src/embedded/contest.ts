import type { Clock } from '@cerberus/core';
import { COORDINATION_ERRORS, coordinationError, instanceTaken } from '../errors.ts';
import { Lease } from '../lease.ts';
import type { CampaignOptions, Candidate, DepositionReason, LeaderRecord, Term } from '../port.ts';
import type { TermFile } from './term-file.ts';

/** Pause before the next term after two in a row whose holder could not take over; doubles. */
const FAILED_PAUSE_MS = 50;

export interface ContestOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly terms: TermFile;
  /** What a renewal gives: session timeout less margin. */
  readonly leaseMs: number;
  onError(what: string, error: unknown): void;
}

/** One name and its candidates in order of entry; the first of them leads. */
export class Contest {
  readonly #options: ContestOptions;
  #candidates: Contender[] = [];
  #holder: { readonly contender: Contender; readonly lease: Lease } | undefined;
  #scheduled = false;
  #failuresInRow = 0;
  #pausing: { cancel(): void } | undefined;

  constructor(options: ContestOptions) {
    this.#options = options;
  }

  enter(options: CampaignOptions): Candidate {
    const known = this.#candidates.some((other) => other.options.instanceId === options.instanceId);
    if (known) throw instanceTaken(options);
    const contender = new Contender(options, {
      leave: (leaving) => this.#leave(leaving),
      lift: (above) => this.#options.terms.lift(options.name, above),
    });
    this.#candidates.push(contender);
    this.#scheduleElection();
    return contender;
  }

  /** Instance ids in order of their turn. */
  candidates(): string[] {
    return this.#candidates.map(({ options }) => options.instanceId);
  }

  leader(): LeaderRecord | undefined {
    const lease = this.#holder?.lease;
    if (lease === undefined || !lease.leading()) return undefined;
    const { name, instanceId, token, electedAtUs } = lease;
    return { name, instanceId, token, electedAtUs };
  }

  /** Confirms the lease of the holder, or takes note that it has run out. */
  renew(): void {
    if (this.#holder === undefined) return;
    const { clock, leaseMs } = this.#options;
    if (this.#holder.lease.renew(clock.monotonicMs() + leaseMs)) return;
    this.#depose('expired');
  }

  close(): void {
    const candidates = this.#candidates;
    this.#candidates = [];
    this.#pausing?.cancel();
    this.#endTerm('resigned');
    for (const candidate of candidates) candidate.gone = true;
  }

  #leave(contender: Contender): void {
    this.#candidates = this.#candidates.filter((other) => other !== contender);
    if (this.#holder?.contender !== contender) return;
    this.#endTerm('resigned');
    this.#scheduleElection();
  }

  /** Ends the term; its holder stands again, behind the others. */
  #depose(reason: DepositionReason): void {
    const contender = this.#endTerm(reason);
    if (contender === undefined) return;
    this.#candidates = [...this.#candidates.filter((other) => other !== contender), contender];
    if (reason !== 'failed' || this.#failuresInRow < 2) this.#scheduleElection();
    else this.#pause(FAILED_PAUSE_MS * 2 ** (this.#failuresInRow - 2));
  }

  #pause(delayMs: number): void {
    const { clock, leaseMs } = this.#options;
    this.#pausing?.cancel();
    this.#pausing = clock.after(Math.min(delayMs, leaseMs), () => {
      this.#pausing = undefined;
      this.#scheduleElection();
    });
  }

  #endTerm(reason: DepositionReason): Contender | undefined {
    const holder = this.#holder;
    if (holder === undefined) return undefined;
    this.#holder = undefined;
    holder.lease.end();
    holder.contender.lease = undefined;
    try {
      holder.contender.options.onDeposed(holder.lease, reason);
    } catch (error) {
      this.#options.onError(`onDeposed of ${this.#options.name}`, error);
    }
    return holder.contender;
  }

  /** In a turn of its own: nobody is elected inside the call that enters or resigns. */
  #scheduleElection(): void {
    if (this.#scheduled || this.#pausing !== undefined) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#elect();
    });
  }

  #elect(): void {
    const contender = this.#candidates[0];
    if (contender === undefined || this.#holder !== undefined) return;
    const { name, clock, terms, leaseMs } = this.#options;
    // The deadline counts from before the token is written: a slow disk shortens the term.
    const deadlineMonotonicMs = clock.monotonicMs() + leaseMs;
    const { instanceId } = contender.options;
    let token: number;
    try {
      ({ token } = terms.begin(name, { instanceId, electedAtUs: clock.nowUs() }));
    } catch (error) {
      this.#options.onError(`term of ${name}`, error);
      this.#pause(leaseMs);
      return;
    }
    const lease = new Lease({ name, instanceId, token, clock, deadlineMonotonicMs });
    this.#holder = { contender, lease };
    contender.lease = lease;
    void this.#announce(contender, lease);
  }

  async #announce(contender: Contender, lease: Lease): Promise<void> {
    try {
      await contender.options.onElected(lease);
      this.#failuresInRow = 0;
    } catch (error) {
      this.#failuresInRow += 1;
      this.#options.onError(`onElected of ${this.#options.name}`, error);
      if (this.#holder?.lease === lease) this.#depose('failed');
    }
  }
}

interface ContestPlace {
  leave(contender: Contender): void;
  lift(above: number): void;
}

class Contender implements Candidate {
  readonly options: CampaignOptions;
  lease: Lease | undefined;
  gone = false;
  readonly #contest: ContestPlace;

  constructor(options: CampaignOptions, contest: ContestPlace) {
    this.options = options;
    this.#contest = contest;
  }

  liftTokens(above: number): Promise<void> {
    this.#contest.lift(above);
    return Promise.resolve();
  }

  term(): Term | undefined {
    return this.lease?.leading() ? this.lease : undefined;
  }

  assertLeading(): Term {
    const term = this.term();
    if (term !== undefined) return term;
    const { name, instanceId } = this.options;
    throw coordinationError(COORDINATION_ERRORS.NOT_LEADING, { path: name, message: instanceId });
  }

  resign(): Promise<void> {
    if (!this.gone) this.#contest.leave(this);
    this.gone = true;
    return Promise.resolve();
  }
}
