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
  /**
   * How long the former holder had been silent when this term began, by the coordinator's clock: what
   * noticing its death took. Undefined where it resigned, where nobody held the place, or until known.
   */
  readonly formerSilentMs?: number | undefined;
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
  /**
   * Tells the candidates of a name apart; the same instance may campaign again after resigning. A
   * second candidate of the same id is refused (`CRB_COORDINATION_INSTANCE_TAKEN`) once it is certain
   * that the first is no remainder of a process that was killed.
   */
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
  /**
   * Every later term of the name, whoever wins it, has a token above this one: for a coordinator that
   * was wiped and counts from the start again, while receivers remember higher tokens.
   */
  liftTokens(above: number): Promise<void>;
  /** Ends the term, if any, and the candidacy; the next candidate need not wait for a lease to run out. */
  resign(): Promise<void>;
}

export interface LeaderRecord {
  readonly name: string;
  readonly instanceId: string;
  readonly token: number;
  readonly electedAtUs: EpochUs;
}

export interface LeaseTimes {
  /** How long a leader that died keeps others out. */
  readonly leaseMs: number;
  /** By how much a leader stops earlier in its own opinion. */
  readonly marginMs: number;
}

export interface Election {
  readonly times: LeaseTimes;
  start(): Promise<void>;
  /** Every candidate resigns. */
  stop(): Promise<void>;
  ready(): Readiness;
  /** Resolves when the candidate stands; terms are announced by `onElected`. */
  campaign(options: CampaignOptions): Promise<Candidate>;
  /** Who leads as far as the coordinator knows; undefined between terms. */
  leader(name: string): Promise<LeaderRecord | undefined>;
  /** Instance ids of all who stand for the name, whoever leads included, in order of their turn. */
  candidates(name: string): Promise<readonly string[]>;
}
