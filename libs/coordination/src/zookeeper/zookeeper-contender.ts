import type { Clock } from '@cerberus/core';
import { COORDINATION_ERRORS, coordinationError, instanceTaken } from '../errors.ts';
import { Lease } from '../lease.ts';
import type { CampaignOptions, Candidate, DepositionReason, Term } from '../port.ts';
import {
  baseOf,
  candidateData,
  type ElectionPaths,
  liftedTermData,
  termData,
} from './election-nodes.ts';
import { firstOf, Rivals } from './rivals.ts';
import type { ZooKeeperSession } from './zookeeper-session.ts';

/** Pause of a candidate that could not take over; doubles with each time in a row. */
const FAILED_PAUSE_MS = 50;

/** Leases after which the node of a process that was killed must be gone: what stands on is alive. */
const TWIN_LEASES = 2;

export interface ContenderOptions {
  readonly campaign: CampaignOptions;
  readonly paths: ElectionPaths;
  readonly clock: Clock;
  readonly marginMs: number;
  readonly leaseMs: number;
  /** Tells this process's candidates apart from those of others, also where an answer was lost. */
  readonly guid: string;
  session(): ZooKeeperSession;
  onError(what: string, error: unknown): void;
  onGone(contender: ZooKeeperContender): void;
}

/** One candidate: stands, waits for its turn, takes a token, renews. One step at a time. */
export class ZooKeeperContender implements Candidate {
  readonly #options: ContenderOptions;
  /** Resolves when it stands for the first time. */
  readonly standing: Promise<void>;
  readonly #rivals: Rivals;
  /** One function for good: the client keeps every different one until the next change. */
  readonly #onChange = () => this.wake();
  #hasStood = false;
  #stood!: () => void;
  #refused!: (error: unknown) => void;
  #session: ZooKeeperSession | undefined;
  #node: string | undefined;
  /** Nodes of this session to be removed before it stands again. */
  #left = new Set<string>();
  #lease: Lease | undefined;
  #failuresInRow = 0;
  #pausedUntilMs = 0;
  #isGone = false;
  #isStepping = false;
  #isDue = false;
  #onIdle: (() => void)[] = [];

  constructor(options: ContenderOptions) {
    this.#options = options;
    const { clock, paths, campaign } = options;
    const { instanceId } = campaign;
    this.#rivals = new Rivals({ clock, folder: paths.candidates, instanceId });
    this.standing = new Promise((resolve, reject) => {
      this.#stood = resolve;
      this.#refused = reject;
    });
  }

  term(): Term | undefined {
    return this.#lease?.leading() ? this.#lease : undefined;
  }

  assertLeading(): Term {
    const term = this.term();
    if (term !== undefined) return term;
    const { name, instanceId } = this.#options.campaign;
    throw coordinationError(COORDINATION_ERRORS.NOT_LEADING, { path: name, message: instanceId });
  }

  async liftTokens(above: number): Promise<void> {
    const { paths } = this.#options;
    for (;;) {
      const session = this.#options.session();
      const term = await session.read(paths.term);
      if (term === undefined || term.version < 1) return;
      // This write takes a version too, and is followed by no term.
      const base = above - term.version - 1;
      if (baseOf(term.data) >= base) return;
      const given = { version: term.version, exists: paths.candidates };
      if (await session.writeIf(paths.term, liftedTermData(term.data, base), given)) return;
    }
  }

  async resign(): Promise<void> {
    if (this.#isGone) return;
    this.#isGone = true;
    // The term is over here before anybody else can see that the place is free.
    this.#depose('resigned');
    this.#leave();
    this.wake();
    await this.#idle();
  }

  /** Ends a term whose lease ran out, whatever the ensemble is waited for. */
  check(): void {
    if (this.#lease !== undefined && !this.#lease.leading()) this.#depose('expired');
    this.wake();
  }

  /** The session is gone, and with it its nodes. */
  lose(): void {
    this.#depose('lost');
    this.#node = undefined;
    this.#left.clear();
  }

  wake(): void {
    this.#isDue = true;
    if (this.#isStepping) return;
    this.#isStepping = true;
    void this.#steps();
  }

  async #steps(): Promise<void> {
    while (this.#isDue) {
      this.#isDue = false;
      try {
        await this.#step();
      } catch (error) {
        this.#options.onError(`candidacy for ${this.#options.campaign.name}`, error);
        // Tried again with the next tick.
        this.#isDue = false;
      }
    }
    this.#isStepping = false;
    for (const resolve of this.#onIdle.splice(0)) resolve();
    if (this.#isGone && this.#left.size === 0) this.#options.onGone(this);
  }

  #idle(): Promise<void> {
    if (!this.#isStepping) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  async #step(): Promise<void> {
    const session = this.#options.session();
    if (session.expired) return;
    if (session !== this.#session) {
      this.lose();
      this.#session = session;
    }
    for (const path of [...this.#left]) {
      await session.remove(path);
      this.#left.delete(path);
    }
    if (this.#isGone) return;
    if (this.#lease !== undefined) return await this.#renew(session, this.#lease);
    if (this.#options.clock.monotonicMs() < this.#pausedUntilMs) return;
    await this.#stand(session);
  }

  /** A write, so that a server that is cut off from the others cannot confirm it. */
  async #renew(session: ZooKeeperSession, lease: Lease): Promise<void> {
    const startedMs = this.#options.clock.monotonicMs();
    const isThere = await session.write(this.#node!, this.#nodeData());
    if (this.#lease !== lease) return;
    if (!isThere) this.#depose('lost');
    else if (!lease.renew(this.#deadline(session, startedMs))) this.#depose('expired');
  }

  async #stand(session: ZooKeeperSession): Promise<void> {
    const { paths, guid } = this.#options;
    const node = this.#node ?? (await this.#enter(session));
    const names = await session.children(paths.candidates, this.#onChange);
    const own = node.slice(paths.candidates.length + 1);
    // Left by a request of ours whose answer was lost: it would stand in the way of everybody.
    for (const name of names) {
      if (name !== own && name.startsWith(guid)) this.#left.add(`${paths.candidates}/${name}`);
    }
    if (this.#left.size > 0 || !names.includes(own)) {
      if (!names.includes(own)) this.#node = undefined;
      this.#isDue = true;
      return;
    }
    await this.#rivals.look(session, names, own);
    if (this.#isHeldUp()) return;
    this.#hasStood = true;
    this.#stood();
    if (firstOf(names) === own && !this.#isGone) await this.#takeToken(session, node);
  }

  /** An earlier candidate of our name is a killed process, until it outlives any session. */
  #isHeldUp(): boolean {
    const twinForMs = this.#rivals.twinForMs;
    if (twinForMs === undefined) return false;
    if (twinForMs < TWIN_LEASES * this.#options.leaseMs) return true;
    const error = instanceTaken(this.#options.campaign);
    this.#options.onError(`candidacy for ${this.#options.campaign.name}`, error);
    // Ours was here first and had to stand again: it waits, and never leads beside the other.
    if (this.#hasStood) return true;
    this.#refused(error);
    this.#isGone = true;
    this.#leave();
    this.#isDue = true;
    return true;
  }

  async #enter(session: ZooKeeperSession): Promise<string> {
    const { paths, guid } = this.#options;
    await session.makeFolder(paths.candidates);
    await session.makeCounted(paths.term, Buffer.from('null'));
    const node = await session.createCandidate(`${paths.candidates}/${guid}-`, this.#nodeData());
    if (this.#isGone) this.#left.add(node);
    else this.#node = node;
    if (this.#isGone) this.#isDue = true;
    return node;
  }

  /** The token is the version of one node, raised in one step with the check that the place is ours. */
  async #takeToken(session: ZooKeeperSession, node: string): Promise<void> {
    const { paths, clock, campaign } = this.#options;
    const term = await session.read(paths.term);
    if (term === undefined || term.version < 1) return;
    const startedMs = clock.monotonicMs();
    const base = baseOf(term.data);
    const token = base + term.version + 1;
    const { name, instanceId } = campaign;
    const record = { name, instanceId, token, electedAtUs: clock.nowUs() };
    const data = termData(record, node, base);
    const isTaken = await session.writeIf(paths.term, data, {
      version: term.version,
      exists: node,
    });
    if (this.#isGone || this.#node !== node) return;
    if (!isTaken) {
      this.#isDue = true;
      return;
    }
    const deadlineMonotonicMs = this.#deadline(session, startedMs);
    const lease = new Lease({ name, instanceId, token, clock, deadlineMonotonicMs });
    if (!lease.leading()) return this.#leave();
    this.#lease = lease;
    void this.#measureSilence(session, lease);
    void this.#announce(lease);
  }

  /** Both moments are the ensemble's own. For the record only, so that nobody waits for it. */
  async #measureSilence(session: ZooKeeperSession, lease: Lease): Promise<void> {
    const formerMs = this.#rivals.formerWrittenMs;
    if (formerMs === undefined) return;
    try {
      const term = await session.read(this.#options.paths.term);
      if (term !== undefined) lease.formerSilentMs = Math.max(0, term.writtenMs - formerMs);
    } catch (error) {
      this.#options.onError('reading when the term began', error);
    }
  }

  async #announce(lease: Lease): Promise<void> {
    const { campaign, clock, leaseMs, onError } = this.#options;
    try {
      await campaign.onElected(lease);
      this.#failuresInRow = 0;
    } catch (error) {
      onError(`onElected of ${campaign.name}`, error);
      if (this.#lease !== lease) return;
      this.#failuresInRow += 1;
      const pauseMs = Math.min(FAILED_PAUSE_MS * 2 ** (this.#failuresInRow - 1), leaseMs);
      this.#pausedUntilMs = clock.monotonicMs() + pauseMs;
      this.#depose('failed');
      clock.after(pauseMs + 1, () => this.wake());
    }
  }

  /** Whoever is deposed stands again, behind the others. */
  #depose(reason: DepositionReason): void {
    const lease = this.#lease;
    if (lease === undefined) return;
    this.#lease = undefined;
    lease.end();
    this.#leave();
    try {
      this.#options.campaign.onDeposed(lease, reason);
    } catch (error) {
      this.#options.onError(`onDeposed of ${this.#options.campaign.name}`, error);
    }
    this.wake();
  }

  #leave(): void {
    if (this.#node !== undefined) this.#left.add(this.#node);
    this.#node = undefined;
  }

  #deadline(session: ZooKeeperSession, startedMs: number): number {
    return startedMs + session.timeoutMs - this.#options.marginMs;
  }

  #nodeData(): Buffer {
    return candidateData(this.#options.campaign.instanceId);
  }
}
