import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, invariant } from '@cerberus/core';
import { acquireInstanceLock, type InstanceLock, type Readiness } from '@cerberus/runtime';
import { COORDINATION_ERRORS, coordinationError } from '../errors.ts';
import type { CampaignOptions, Candidate, Election, LeaderRecord, LeaseTimes } from '../port.ts';
import { Contest } from './contest.ts';
import { TermFile } from './term-file.ts';

export interface EmbeddedElectionOptions {
  /** Folder of its own; held by one process at a time. */
  readonly folder: string;
  readonly clock: Clock;
  /** How long a term lasts without renewal, as a ZooKeeper session timeout. */
  readonly leaseMs?: number;
  /** Taken off the lease for what is under way when it runs out: receive window plus clock error. */
  readonly marginMs?: number;
  /** `onElected` or `onDeposed` threw; for the log. */
  onError?(what: string, error: unknown): void;
}

const LEASE_MS = 4000;
const MARGIN_MS = 1500;
/** Renewals per lease. */
const RENEWALS = 4;

interface Running {
  readonly lock: InstanceLock;
  readonly terms: TermFile;
  readonly contests: Map<string, Contest>;
  readonly timer: { cancel(): void };
}

/**
 * Elections between the candidates of one process. The process holds its folder alone, so a lease can
 * only run out because the process itself stood still; it is then over for whoever held it, exactly
 * as over a network.
 */
export class EmbeddedElection implements Election {
  readonly #options: EmbeddedElectionOptions;
  readonly #leaseMs: number;
  readonly #marginMs: number;
  #running: Running | undefined;

  constructor(options: EmbeddedElectionOptions) {
    this.#options = options;
    this.#leaseMs = options.leaseMs ?? LEASE_MS;
    this.#marginMs = options.marginMs ?? Math.min(MARGIN_MS, this.#leaseMs / 4);
    invariant(this.#marginMs < this.#leaseMs, 'the margin is shorter than the lease');
  }

  start(): Promise<void> {
    if (this.#running !== undefined) return Promise.resolve();
    const { folder, clock } = this.#options;
    try {
      mkdirSync(folder, { recursive: true });
      const lock = acquireInstanceLock(folder, 'coordination folder');
      try {
        const terms = new TermFile(join(folder, 'terms.json'));
        const contests = new Map<string, Contest>();
        const timer = clock.every(this.#leaseMs / RENEWALS, () => {
          for (const contest of contests.values()) contest.renew();
        });
        this.#running = { lock, terms, contests, timer };
      } catch (error) {
        lock.release();
        throw error;
      }
    } catch (error) {
      return Promise.reject(error);
    }
    return Promise.resolve();
  }

  stop(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return Promise.resolve();
    this.#running = undefined;
    running.timer.cancel();
    for (const contest of running.contests.values()) contest.close();
    running.lock.release();
    return Promise.resolve();
  }

  get times(): LeaseTimes {
    return { leaseMs: this.#leaseMs, marginMs: this.#marginMs };
  }

  ready(): Readiness {
    return this.#running === undefined ? { ready: false, detail: 'not started' } : { ready: true };
  }

  campaign(options: CampaignOptions): Promise<Candidate> {
    const running = this.#running;
    if (running === undefined) {
      return Promise.reject(coordinationError(COORDINATION_ERRORS.STOPPED));
    }
    const { clock, onError } = this.#options;
    const { terms, contests } = running;
    let contest = contests.get(options.name);
    if (contest === undefined) {
      contest = new Contest({
        name: options.name,
        clock,
        terms,
        leaseMs: this.#leaseMs - this.#marginMs,
        onError: (what, error) => onError?.(what, error),
      });
      contests.set(options.name, contest);
    }
    try {
      return Promise.resolve(contest.enter(options));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  leader(name: string): Promise<LeaderRecord | undefined> {
    if (this.#running === undefined) {
      return Promise.reject(coordinationError(COORDINATION_ERRORS.STOPPED));
    }
    return Promise.resolve(this.#running.contests.get(name)?.leader());
  }

  candidates(name: string): Promise<readonly string[]> {
    if (this.#running === undefined) {
      return Promise.reject(coordinationError(COORDINATION_ERRORS.STOPPED));
    }
    return Promise.resolve(this.#running.contests.get(name)?.candidates() ?? []);
  }
}
