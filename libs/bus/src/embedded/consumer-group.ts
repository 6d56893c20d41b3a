import { type Clock, invariant } from '@cerberus/core';
import type { Readiness } from '@cerberus/runtime';
import type { GroupOptions, Offsets, Subscription, TopicPartition } from '../port.ts';
import { GroupPartition } from './group-partition.ts';
import type { PartitionLog } from './partition-log.ts';

const BATCH_RECORDS = 256;
/** How long a rebalance waits for batches in hand, as a broker waits for a session to expire. */
const SESSION_TIMEOUT_MS = 10_000;
const POSITION_COMMIT_MS = 500;
const ASSIGN_RETRY_MS = 200;

export interface ConsumerGroupOptions {
  readonly groupId: string;
  readonly clock: Clock;
  logs(topics: readonly string[]): PartitionLog[];
  committed(groupId: string, log: PartitionLog): number | undefined;
  commitPositions(groupId: string, offsets: Offsets): Promise<void>;
  onError(what: string, error: unknown): void;
}

class Member implements Subscription {
  readonly options: GroupOptions;
  readonly held = new Map<PartitionLog, GroupPartition>();
  /** Positions as last written, where a timer writes them. */
  readonly written = new Map<PartitionLog, number>();
  settled = false;
  stopped = false;
  readonly #group: ConsumerGroup;

  constructor(group: ConsumerGroup, options: GroupOptions) {
    this.#group = group;
    this.options = options;
  }

  ready(): Readiness {
    if (this.stopped) return { ready: false, detail: `left group ${this.options.groupId}` };
    if (this.settled) return { ready: true };
    return { ready: false, detail: `joining group ${this.options.groupId}` };
  }

  stop(): Promise<void> {
    return this.#group.leave(this);
  }
}

/** The members of one group in this process; one rebalance at a time. */
export class ConsumerGroup {
  readonly #options: ConsumerGroupOptions;
  #members: Member[] = [];
  #rebalancing: Promise<void> = Promise.resolve();
  #timer: { cancel(): void } | undefined;

  constructor(options: ConsumerGroupOptions) {
    this.#options = options;
  }

  join(options: GroupOptions): Subscription {
    const first = this.#members[0]?.options;
    if (first !== undefined) {
      invariant(
        [...first.topics].sort().join() === [...options.topics].sort().join(),
        `members of group ${options.groupId} name the same topics`,
      );
    }
    const member = new Member(this, options);
    this.#members.push(member);
    if (options.commit === 'timer') this.#startTimer();
    void this.#rebalance();
    return member;
  }

  async leave(member: Member): Promise<void> {
    if (!member.stopped) {
      member.stopped = true;
      this.#members = this.#members.filter((other) => other !== member);
      void this.#rebalance(member);
    }
    await this.#rebalancing;
    if (this.#members.length === 0) {
      this.#timer?.cancel();
      this.#timer = undefined;
    }
  }

  async close(): Promise<void> {
    for (const member of [...this.#members]) await this.leave(member);
  }

  #rebalance(leaver?: Member): Promise<void> {
    this.#rebalancing = this.#rebalancing.then(() => this.#reassign(leaver));
    return this.#rebalancing;
  }

  async #reassign(leaver: Member | undefined): Promise<void> {
    const members = this.#members;
    const wanted = new Map<Member, Set<PartitionLog>>(members.map((m) => [m, new Set()]));
    if (leaver !== undefined) wanted.set(leaver, new Set());
    if (members.length > 0) {
      for (const log of this.#options.logs(members[0]!.options.topics)) {
        // By partition number, so that partition n of every topic goes to one member.
        wanted.get(members[log.partition % members.length]!)!.add(log);
      }
    }
    await Promise.all([...wanted].map(([member, logs]) => this.#revoke(member, logs)));
    for (const [member, logs] of wanted) this.#assign(member, logs);
  }

  async #revoke(member: Member, wanted: ReadonlySet<PartitionLog>): Promise<void> {
    const lost = [...member.held].filter(([log]) => !wanted.has(log));
    if (lost.length === 0) return;
    for (const [, held] of lost) held.stop();
    const ended = await this.#withinSession(Promise.all(lost.map(([, held]) => held.done)));
    for (const [log] of lost) member.held.delete(log);
    // A member still in its batch is a zombie: its position is not to be trusted, as in Kafka.
    if (ended) {
      await this.#writePositions(member, lost);
    }
    try {
      await member.options.onRevoked(lost.map(([, held]) => place(held)));
    } catch (error) {
      this.#options.onError(`onRevoked of group ${this.#options.groupId}`, error);
    }
  }

  #assign(member: Member, wanted: ReadonlySet<PartitionLog>): void {
    const gained = [...wanted].filter((log) => !member.held.has(log));
    if (gained.length > 0) {
      const assigned = this.#announce(member, gained.map(place));
      for (const log of gained) this.#hold(member, log, assigned);
    }
    member.settled = true;
  }

  #hold(member: Member, log: PartitionLog, assigned: Promise<void>): void {
    const { groupId, clock } = this.#options;
    const { options } = member;
    const start = options.start === 'end' ? log.nextOffset : 0;
    const position = this.#options.committed(groupId, log) ?? start;
    const batchRecords = options.batchRecords ?? BATCH_RECORDS;
    const held = new GroupPartition(
      {
        log,
        position,
        batchRecords,
        clock,
        eachBatch: (batch) => options.eachBatch(batch),
        onRetry: (at, error) =>
          this.#options.onError(`batch of ${at.topic}/${at.partition} in group ${groupId}`, error),
      },
      assigned,
    );
    held.done.catch((error) => this.#options.onError(`partition loop of ${groupId}`, error));
    member.held.set(log, held);
    member.written.set(log, position);
  }

  /** Told again until the member accepts or has left. */
  async #announce(member: Member, partitions: readonly TopicPartition[]): Promise<void> {
    while (!member.stopped) {
      try {
        return await member.options.onAssigned(partitions);
      } catch (error) {
        this.#options.onError(`onAssigned of group ${this.#options.groupId}`, error);
        await this.#options.clock.sleep(ASSIGN_RETRY_MS);
      }
    }
  }

  #startTimer(): void {
    this.#timer ??= this.#options.clock.every(POSITION_COMMIT_MS, () => {
      for (const member of this.#members) void this.#writePositions(member, [...member.held]);
    });
  }

  async #writePositions(
    member: Member,
    held: readonly (readonly [PartitionLog, GroupPartition])[],
  ): Promise<void> {
    if (member.options.commit !== 'timer') return;
    const moved = held.filter(([log, { position }]) => member.written.get(log) !== position);
    if (moved.length === 0) return;
    const offsets = moved.map(([, { topic, partition, position }]) => ({
      topic,
      partition,
      nextOffset: BigInt(position),
    }));
    for (const [log, { position }] of moved) member.written.set(log, position);
    try {
      await this.#options.commitPositions(this.#options.groupId, offsets);
    } catch (error) {
      for (const [log] of moved) member.written.delete(log);
      this.#options.onError(`positions of group ${this.#options.groupId}`, error);
    }
  }

  /** False where the work takes longer than a session may. */
  #withinSession(work: Promise<unknown>): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = this.#options.clock.after(SESSION_TIMEOUT_MS, () => resolve(false));
      const end = () => {
        timer.cancel();
        resolve(true);
      };
      work.then(end, end);
    });
  }
}

function place({ topic, partition }: TopicPartition): TopicPartition {
  return { topic, partition };
}
