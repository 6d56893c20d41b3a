import { type Clock, type IdSource, invariant } from '@cerberus/core';
import { notReady, READY, type Readiness } from '@cerberus/runtime';
import { COORDINATION_ERRORS, coordinationError } from '../errors.ts';
import type { CampaignOptions, Candidate, Election, LeaderRecord, LeaseTimes } from '../port.ts';
import { instanceOf, pathsOf, readTerm, sequenceOf } from './election-nodes.ts';
import { ZooKeeperContender } from './zookeeper-contender.ts';
import { ZooKeeperSession } from './zookeeper-session.ts';

export interface ZooKeeperElectionOptions {
  /** `host:port` of the ensemble. */
  readonly servers: readonly string[];
  /** Above all nodes; `/cerberus/election` where absent. */
  readonly root?: string;
  readonly clock: Clock;
  readonly ids: IdSource;
  /** Session timeout: how long a leader that died keeps others out. */
  readonly leaseMs: number;
  /** Taken off the lease for what is under way when it runs out: receive window plus clock error. */
  readonly marginMs: number;
  /** Ends waiting for an ensemble that does not answer. */
  readonly signal?: AbortSignal;
  onError?(what: string, error: unknown): void;
}

const ROOT = '/cerberus/election';
/** Steps of every candidate per lease: renewals, and looks at who stands. */
const TICKS = 5;
const ANSWERS = 3;
/** Leases without an answer after which a session is given up for a new one. */
const SILENT_LEASES = 2;
const WAIT_POLL_MS = 50;
const WAIT_REPORT_MS = 5000;

interface Running {
  session: ZooKeeperSession;
  readonly contenders: Set<ZooKeeperContender>;
  readonly timer: { cancel(): void };
}

/**
 * Elections over ZooKeeper: the candidate of lowest number leads, with a token that one transaction
 * raises, for a lease that only answered writes renew and that ends by the monotonic clock, silent
 * ensemble or not.
 */
export class ZooKeeperElection implements Election {
  readonly #options: ZooKeeperElectionOptions;
  #running: Running | undefined;

  constructor(options: ZooKeeperElectionOptions) {
    invariant(options.marginMs < options.leaseMs, 'the margin is shorter than the lease');
    this.#options = options;
  }

  /** Waits for the ensemble. */
  async start(): Promise<void> {
    if (this.#running !== undefined) return;
    const { clock, leaseMs, servers, signal } = this.#options;
    const running: Running = {
      session: this.#open(),
      contenders: new Set(),
      timer: clock.every(leaseMs / TICKS, () => this.#tick(running)),
    };
    let reportedMs = clock.monotonicMs();
    try {
      while (!(await this.#answers(running.session))) {
        signal?.throwIfAborted();
        if (clock.monotonicMs() - reportedMs > WAIT_REPORT_MS) {
          reportedMs = clock.monotonicMs();
          this.#report(`reaching ZooKeeper at ${servers.join(', ')}`, undefined);
          // A client that was begun while the server came up may never connect: a new one does.
          running.session.close();
          running.session = this.#open();
        }
        await clock.sleep(WAIT_POLL_MS, signal);
      }
    } catch (error) {
      running.timer.cancel();
      running.session.close();
      throw error;
    }
    this.#running = running;
  }

  async stop(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    await Promise.all([...running.contenders].map((contender) => contender.resign()));
    running.timer.cancel();
    running.session.close();
  }

  get times(): LeaseTimes {
    const { leaseMs, marginMs } = this.#options;
    return { leaseMs, marginMs };
  }

  ready(): Readiness {
    if (this.#running === undefined) return notReady('not started');
    const { clock, leaseMs, servers } = this.#options;
    const silentMs = clock.monotonicMs() - this.#running.session.confirmedMs;
    if (silentMs <= leaseMs) return READY;
    return notReady(`ZooKeeper at ${servers.join(', ')} does not answer`);
  }

  async campaign(campaign: CampaignOptions): Promise<Candidate> {
    const running = this.#require();
    const { clock, ids, leaseMs, marginMs } = this.#options;
    const contender = new ZooKeeperContender({
      campaign,
      paths: pathsOf(this.#root, campaign.name),
      clock,
      leaseMs,
      marginMs,
      guid: ids.next(),
      session: () => running.session,
      onError: (what, error) => this.#report(what, error),
      onGone: (gone) => running.contenders.delete(gone),
    });
    running.contenders.add(contender);
    contender.wake();
    await contender.standing;
    return contender;
  }

  /** The record of the newest term, as long as its candidate stands. */
  async leader(name: string): Promise<LeaderRecord | undefined> {
    const { session } = this.#require();
    const node = await session.read(pathsOf(this.#root, name).term);
    const term = node === undefined ? undefined : readTerm(node.data);
    if (term === undefined || !(await session.exists(term.candidate))) return undefined;
    return term.record;
  }

  async candidates(name: string): Promise<readonly string[]> {
    const { session } = this.#require();
    const folder = pathsOf(this.#root, name).candidates;
    if (!(await session.exists(folder))) return [];
    const names = await session.children(folder);
    const inOrder = names.toSorted((a, b) => sequenceOf(a) - sequenceOf(b));
    const nodes = await Promise.all(inOrder.map((node) => session.read(`${folder}/${node}`)));
    return nodes.flatMap((node) => (node === undefined ? [] : (instanceOf(node.data) ?? [])));
  }

  get #root(): string {
    return this.#options.root ?? ROOT;
  }

  #open(): ZooKeeperSession {
    const { servers, clock, leaseMs } = this.#options;
    const wake = () => {
      for (const contender of this.#running?.contenders ?? []) contender.wake();
    };
    return new ZooKeeperSession({
      servers,
      clock,
      timeoutMs: leaseMs,
      answerMs: leaseMs / ANSWERS,
      onConnected: wake,
      onExpired: () => this.#renewSession('the session has expired'),
    });
  }

  #tick(running: Running): void {
    for (const contender of running.contenders) contender.check();
    const { clock, leaseMs } = this.#options;
    const { session } = running;
    if (clock.monotonicMs() - session.confirmedMs > SILENT_LEASES * leaseMs) {
      this.#renewSession('no answer');
    } else {
      void this.#answers(session);
    }
  }

  /** A session that is over, or that nobody answers, does not come back: another takes its place. */
  #renewSession(reason: string): void {
    const running = this.#running;
    if (running === undefined) return;
    const { servers } = this.#options;
    this.#report(`session with ZooKeeper at ${servers.join(', ')} (${reason})`, undefined);
    running.session.close();
    for (const contender of running.contenders) contender.lose();
    running.session = this.#open();
  }

  async #answers(session: ZooKeeperSession): Promise<boolean> {
    try {
      await session.read('/');
      return true;
    } catch {
      return false;
    }
  }

  #report(what: string, error: unknown): void {
    this.#options.onError?.(what, error);
  }

  #require(): Running {
    if (this.#running === undefined) throw coordinationError(COORDINATION_ERRORS.STOPPED);
    return this.#running;
  }
}
