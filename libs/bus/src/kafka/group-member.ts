import type { Clock } from '@cerberus/core';
import { notReady, READY, type Readiness } from '@cerberus/runtime';
import type { EachBatchPayload } from 'kafkajs';
import type { GroupOptions, Subscription, TopicPartition } from '../port.ts';
import type { ClientFactory } from './client-factory.ts';
import { coPartitionAssigner } from './co-partition-assigner.ts';
import { HeldPartition } from './held-partition.ts';
import { incomingRecord } from './kafka-records.ts';
import { SupervisedConsumer } from './supervised-consumer.ts';

const BATCH_RECORDS = 256;
/** A partition that is read again after a pause may wait so long, and so may news of a rebalance. */
const FETCH_WAIT_MS = 250;
/** A patient reader is answered at once where so much waits. */
const PATIENT_BYTES = 65_536;
const POSITION_COMMIT_MS = 500;
const ASSIGN_RETRY_MS = 200;
const HEARTBEATS_PER_SESSION = 5;
/** How long a revocation waits for batches in hand. */
const REVOKE_LIMIT_MS = 10_000;

export interface GroupMemberOptions {
  readonly clients: ClientFactory;
  readonly group: GroupOptions;
  readonly sessionTimeoutMs: number;
  /** Under which a process that was started again takes its own place in the group. */
  readonly instanceId?: string | undefined;
  onError(what: string, error: unknown): void;
  onRebalanced(): void;
  onStopped(member: GroupMember): void;
}

type CommitOffsets = EachBatchPayload['commitOffsetsIfNecessary'];

/** This process in a consumer group: what it holds, and how that changes. */
export class GroupMember implements Subscription {
  readonly #options: GroupMemberOptions;
  readonly #clock: Clock;
  readonly #consumer: SupervisedConsumer;
  readonly #held = new Map<string, HeldPartition>();
  /** Positions as last written, where a timer writes them. */
  readonly #written = new Map<string, bigint>();
  #memberId: string | undefined;
  #commitOffsets: CommitOffsets | undefined;
  /** Revocations and assignments, one after the other. */
  #changes: Promise<void> = Promise.resolve();
  #changesOpen = 0;
  #timer: { cancel(): void } | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: GroupMemberOptions) {
    this.#options = options;
    this.#clock = options.clients.connection.clock;
    const { group, clients, sessionTimeoutMs, instanceId } = options;
    const held = () => [...this.#held.values()].map(({ partition }) => partition);
    const heartbeatMs = Math.floor(sessionTimeoutMs / HEARTBEATS_PER_SESSION);
    this.#consumer = new SupervisedConsumer({
      clients,
      groupId: group.groupId,
      topics: group.topics,
      fromBeginning: group.start !== 'end',
      assigner: coPartitionAssigner(held, instanceId),
      sessionTimeoutMs,
      heartbeatMs,
      // A heartbeat is answered behind the fetch that went before it on its connection.
      fetchWaitMs: Math.min(options.group.patienceMs ?? FETCH_WAIT_MS, heartbeatMs),
      fetchBytes: options.group.patienceMs === undefined ? 1 : PATIENT_BYTES,
      onJoined: (assignment, memberId) => this.#joined(assignment, memberId),
      onRejoining: () => void this.#writePositions(),
      onBatch: (payload) => this.#fetched(payload),
      onPassed: (at, nextOffset) => this.#held.get(nameOf(at))?.push([], nextOffset),
      onLost: () => this.#lost(),
      onError: options.onError,
    });
  }

  start(): void {
    this.#consumer.start();
    if (this.#options.group.commit !== 'timer') return;
    this.#timer = this.#clock.every(POSITION_COMMIT_MS, () => void this.#writePositions());
  }

  ready(): Readiness {
    const { groupId } = this.#options.group;
    if (this.#stopped !== undefined) return notReady(`left group ${groupId}`);
    if (this.#consumer.joined && this.#changesOpen === 0) return READY;
    if (this.#consumer.joined) return notReady(`taking over partitions of group ${groupId}`);
    const { failure } = this.#consumer;
    return notReady(`joining group ${groupId}${failure === undefined ? '' : ` (${failure})`}`);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#leave();
    return this.#stopped;
  }

  async #leave(): Promise<void> {
    this.#timer?.cancel();
    await this.#consumer.stop();
    this.#options.onStopped(this);
  }

  #joined(assignment: readonly TopicPartition[], memberId: string): void {
    this.#options.onRebalanced();
    // As a new member it was out of the group for a while: others may have had its partitions.
    const isDoubtful = this.#memberId !== memberId && this.#options.group.isFenced !== true;
    this.#memberId = memberId;
    const wanted = new Map(assignment.map((at) => [nameOf(at), at]));
    const lost = [...this.#held].filter(([name]) => isDoubtful || !wanted.has(name));
    for (const [name, held] of lost) this.#drop(name, held);
    const gained: HeldPartition[] = [];
    for (const [name, at] of wanted) {
      const kept = this.#held.get(name);
      if (kept === undefined) gained.push(this.#hold(name, at));
      else this.#restore(kept);
    }
    this.#change(() => this.#revoke(lost.map(([, held]) => held)));
    if (gained.length === 0) return;
    const assigned = this.#change(() => this.#announce(gained));
    for (const held of gained) held.start(assigned);
  }

  /** A join begins again at the committed offset; what has been fetched since is in hand already. */
  #restore(kept: HeldPartition): void {
    if (kept.fetched !== undefined) this.#consumer.seek(kept, kept.fetched);
    if (kept.isOpen) this.#consumer.resume(kept);
    else this.#consumer.pause(kept);
  }

  #hold(name: string, { topic, partition }: TopicPartition): HeldPartition {
    const { group, onError } = this.#options;
    const held = new HeldPartition({
      topic,
      partition,
      clock: this.#clock,
      batchRecords: group.batchRecords ?? BATCH_RECORDS,
      eachBatch: (batch) => group.eachBatch(batch),
      onRetry: (at, error) =>
        onError(`batch of ${at.topic}/${at.partition} in group ${group.groupId}`, error),
      onFlow: (at, isOpen) => (isOpen ? this.#consumer.resume(at) : this.#consumer.pause(at)),
    });
    this.#held.set(name, held);
    return held;
  }

  #drop(name: string, held: HeldPartition): void {
    held.stop();
    this.#held.delete(name);
    this.#written.delete(name);
  }

  #fetched({ batch, commitOffsetsIfNecessary }: EachBatchPayload): void {
    this.#commitOffsets = commitOffsetsIfNecessary;
    const { topic, partition } = batch;
    const held = this.#held.get(nameOf(batch));
    if (held === undefined) return;
    const records = batch.messages.map((message) => incomingRecord({ topic, partition }, message));
    held.push(records, BigInt(batch.lastOffset()) + 1n);
  }

  /** Also the end of a member that stops: its batches in hand are done and written before it leaves. */
  async #lost(): Promise<void> {
    const lost = [...this.#held];
    for (const [, held] of lost) held.stop();
    await this.#withinLimit(Promise.all(lost.map(([, { done }]) => done)));
    await this.#writePositions();
    for (const [name, held] of lost) this.#drop(name, held);
    this.#commitOffsets = undefined;
    this.#memberId = undefined;
    await this.#change(() => this.#revoke(lost.map(([, held]) => held)));
  }

  #change(run: () => Promise<void>): Promise<void> {
    this.#changesOpen += 1;
    this.#changes = this.#changes.then(run).finally(() => {
      this.#changesOpen -= 1;
    });
    return this.#changes;
  }

  async #revoke(lost: readonly HeldPartition[]): Promise<void> {
    if (lost.length === 0) return;
    await this.#withinLimit(Promise.all(lost.map(({ done }) => done)));
    try {
      await this.#options.group.onRevoked(lost.map(place));
    } catch (error) {
      this.#options.onError(`onRevoked of group ${this.#options.group.groupId}`, error);
    }
  }

  /** Told again until the member accepts or has lost them all. */
  async #announce(gained: readonly HeldPartition[]): Promise<void> {
    for (;;) {
      const still = gained.filter((held) => !held.stopped);
      if (still.length === 0) return;
      try {
        return await this.#options.group.onAssigned(still.map(place));
      } catch (error) {
        this.#options.onError(`onAssigned of group ${this.#options.group.groupId}`, error);
        await this.#clock.sleep(ASSIGN_RETRY_MS);
      }
    }
  }

  async #writePositions(): Promise<void> {
    const commit = this.#commitOffsets;
    if (this.#options.group.commit !== 'timer' || commit === undefined) return;
    const moved = [...this.#held].filter(
      ([name, { position }]) => position !== undefined && this.#written.get(name) !== position,
    );
    if (moved.length === 0) return;
    for (const [name, { position }] of moved) this.#written.set(name, position!);
    const topics = moved.map(([, { topic, partition, position }]) => ({
      topic,
      partitions: [{ partition, offset: position!.toString() }],
    }));
    try {
      await commit({ topics });
    } catch (error) {
      for (const [name] of moved) this.#written.delete(name);
      this.#options.onError(`positions of group ${this.#options.group.groupId}`, error);
    }
  }

  #withinLimit(work: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#clock.after(REVOKE_LIMIT_MS, resolve);
      const end = () => {
        timer.cancel();
        resolve();
      };
      work.then(end, end);
    });
  }
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}

function place({ topic, partition }: TopicPartition): TopicPartition {
  return { topic, partition };
}
