import { partitionOf } from '@cerberus/bus';
import type { EpochUs } from '@cerberus/core';
import { alertKey, type Condition } from './alert-life.ts';

/** What a rule about the platform says of a subject now. */
export interface Verdict extends Pick<Condition, 'rule' | 'subject'> {
  /** Undefined where nothing is wrong, or no longer. */
  readonly condition: Condition | undefined;
  /**
   * The moment it tells of (`data.as_of` of its alert). It is news once, while a verdict without one
   * reminds as long as it is repeated.
   */
  readonly asOf?: string;
  /** Not news any more from here on. */
  readonly untilUs?: EpochUs;
}

/** Verdicts waiting for a task; beyond it the task looks at the newest of every subject instead. */
const WAITING_MAX = 1000;

interface Share {
  readonly latest: Map<string, Verdict>;
  waiting: Verdict[];
  overflowed: boolean;
}

/**
 * Every instance judges the whole platform; this deals the verdicts out to the partitions, so that
 * whoever holds a partition, and nobody else, tells of its subjects.
 */
export class VerdictLog {
  readonly #shares: readonly Share[];

  constructor(partitions: number) {
    this.#shares = Array.from({ length: partitions }, () => ({
      ...{ latest: new Map(), waiting: [], overflowed: false },
    }));
  }

  put(verdict: Verdict): void {
    const key = alertKey(verdict);
    const share = this.#shares[partitionOf(key, this.#shares.length)]!;
    const known = share.latest.get(key);
    if (known !== undefined && !known.condition && !verdict.condition) return;
    share.latest.set(key, verdict);
    if (share.waiting.length < WAITING_MAX) share.waiting.push(verdict);
    else share.overflowed = true;
  }

  knows(key: string): boolean {
    return this.#shares[partitionOf(key, this.#shares.length)]!.latest.has(key);
  }

  /** What a partition has not been given yet, in order. */
  take(partition: number): readonly Verdict[] {
    const share = this.#shares[partition];
    if (share === undefined || share.overflowed) return this.all(partition);
    const { waiting } = share;
    share.waiting = [];
    return waiting;
  }

  /** The newest verdict of every subject of a partition, for a task that begins. */
  all(partition: number): readonly Verdict[] {
    const share = this.#shares[partition];
    if (share === undefined) return [];
    Object.assign(share, { waiting: [], overflowed: false });
    return [...share.latest.values()];
  }
}
