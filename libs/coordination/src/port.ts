import type { EpochUs } from '@cerberus/core';
import type { Readiness } from '@cerberus/runtime';

/*
 * Leadership with fencing. A leader is only ever one in its own opinion: what keeps a second one out
 * is that a term ends by the monotonic clock before any other can begin, and that every effect carries
 * the term's token so that whoever receives it can refuse a lower one. The contract suite is
 * `electionContract` in @cerberus/testkit; it is written to fit ZooKeeper (an ephemeral znode per
 * candidate, the token one `multi` on `/epoch` with the candidate's znode checked).
 */

/** One leadership of one candidate. */
export interface Term {
  readonly name: string;
  readonly instanceId: string;
  /** Greater than that of every earlier term of the name, over restarts and wiped candidates. */
  readonly token: number;
  readonly electedAtUs: EpochUs;
  /**
   * Until when, on the monotonic clock of this process, the term may act. Moves on with every
   * confirmed renewal: start of its round trip + session timeout − margin. Once passed, or once the
   * candidate was deposed, it never moves again.
   */
  deadlineMonotonicMs(): number;
  leading(): boolean;
  /** Throws `CRB_COORDINATION_NOT_LEADING` past the deadline or after the term: ask before each send. */
  assertLeading(): void;
}

/**
 * `resigned`: asked to. `expired`: the lease ran out before it was renewed. `lost`: the coordinator
 * says that another leads or that the session is gone. `failed`: `onElected` threw.
 */
export type DepositionReason = 'resigned' | 'expired' | 'lost' | 'failed';

export interface CampaignOptions {
  /** What is led, e.g. `execution`. */
  readonly name: string;
  /** Tells the candidates of a name apart; the same instance may campaign again after resigning. */
  readonly instanceId: string;
  /**
   * The term has begun. It may take its time (reconcile, then lead): the lease is renewed meanwhile.
   * Where it throws, the term ends and the candidate stands again behind the others.
   */
  onElected(term: Term): void | Promise<void>;
  /** Once per term elected, also where the end was noticed late. Nothing may be sent any more. */
  onDeposed(term: Term, reason: DepositionReason): void;
}

export interface Candidate {
  /** The present term, while it lasts. */
  term(): Term | undefined;
  /** The term that may act now; throws `CRB_COORDINATION_NOT_LEADING`. */
  assertLeading(): Term;
  /** Ends the term, if any, and the candidacy; the next candidate need not wait for a lease to run out. */
  resign(): Promise<void>;
}

export interface LeaderRecord {
  readonly name: string;
  readonly instanceId: string;
  readonly token: number;
  readonly electedAtUs: EpochUs;
}

export interface Election {
  start(): Promise<void>;
  /** Every candidate resigns. */
  stop(): Promise<void>;
  ready(): Readiness;
  /** Resolves when the candidate stands; terms are announced by `onElected`. */
  campaign(options: CampaignOptions): Promise<Candidate>;
  /** Who leads as far as the coordinator knows; undefined between terms. */
  leader(name: string): Promise<LeaderRecord | undefined>;
}
