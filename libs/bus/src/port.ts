import type { EpochUs } from '@cerberus/core';
import type { Readiness } from '@cerberus/runtime';

/*
 * The event log that every service builds on. What is promised here is what Kafka with kafkajs 2.2
 * keeps when it is used by the rules of the notes "who keeps it in Kafka" below; an implementation
 * may do better but nothing may rely on it. The contract suite is `busContract` in @cerberus/testkit.
 */

/** What the bus must know of a topic; `TOPICS` of @cerberus/schema has this shape. */
export interface TopicSpec {
  readonly name: string;
  /** `ledger`: written by transactional producers only, durable. `stream`: newest wins, at least once. */
  readonly class: 'stream' | 'ledger';
  readonly partitions: number;
  /** `compact` keeps the newest value of every key, `delete` what is younger than its retention. */
  readonly cleanup: 'delete' | 'compact';
  readonly retentionHours: number;
  /** Whether a late reader may be given only the newest record of a key. */
  readonly conflate: boolean;
}

export interface OutgoingRecord {
  readonly topic: string;
  readonly key: string;
  /** null is a tombstone: on a compacted topic it deletes the key. */
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text whose hash picks the partition; the key where absent. */
  readonly partitionKey?: string;
  /** Exact partition, for records that belong beside their input: changelogs and dead letters. */
  readonly partition?: number;
}

/**
 * Shared between all readers of a process: neither the record nor its bytes may be written to. The bytes
 * may be a small part of a large answer, which lives as long as they do: who keeps them copies them.
 */
export interface IncomingRecord {
  readonly topic: string;
  readonly partition: number;
  /**
   * Strictly growing within a partition, but not without gaps: compaction and, in Kafka, the
   * markers of transactions take offsets.
   */
  readonly offset: bigint;
  readonly key: string;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
  /** When it was produced. Kafka keeps milliseconds. */
  readonly timestampUs: EpochUs;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** The offset to read next. */
export interface Position extends TopicPartition {
  readonly nextOffset: bigint;
}

export type Offsets = readonly Position[];

export interface GroupOffsets {
  readonly groupId: string;
  readonly offsets: Offsets;
}

export interface Commit {
  readonly records: readonly OutgoingRecord[];
  readonly offsets?: GroupOffsets;
}

/**
 * Writer of ledger topics. Kafka: one kafkajs producer with a client of its own (short retries),
 * `idempotent`, one request in flight, acks all.
 */
export interface TransactionalProducer {
  readonly id: string;
  /** False after the first error, after being fenced and after `close`. */
  readonly alive: boolean;
  /**
   * All records and offsets, or none, become visible to readers, in the order given per partition,
   * and are durable when this resolves. After a rejection the outcome is unknown unless the code is
   * `CRB_BUS_FENCED` or `CRB_BUS_TRANSACTION_EXPIRED` (nothing was written): the producer is dead, whoever owns it opens a new one,
   * reads the committed offsets and starts again from there. One commit at a time: a second call
   * while one runs is a programmer error.
   */
  commit(commit: Commit): Promise<void>;
  close(): Promise<void>;
}

/** Writer of stream topics. Kafka: one plain producer per process, acks 1, batches of 5 ms. */
export interface StreamProducer {
  /**
   * Takes the record into a bounded buffer. Where the buffer is full, a conflatable topic replaces
   * the waiting record of the same key (counted) and returns nothing; any other topic returns a
   * promise to await before the next send. Nothing of a topic that is not conflatable is dropped.
   */
  send(record: OutgoingRecord): Promise<void> | undefined;
  /** Resolves when everything sent before is in the log. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface Batch extends TopicPartition {
  /** Never empty; offsets ascend. */
  readonly records: readonly IncomingRecord[];
}

export interface GroupOptions {
  readonly groupId: string;
  /** Every member of a group names the same topics. */
  readonly topics: readonly string[];
  /** Where a partition without a committed offset starts; `beginning` where absent. */
  readonly start?: 'beginning' | 'end';
  /** Most records in one batch. */
  readonly batchRecords?: number;
  /** How long records may wait for others, so that fewer batches are handled; 0 where absent. */
  readonly patienceMs?: number;
  /**
   * Partitions this member now reads. Batches of a partition wait until this has resolved. Partition
   * n of every topic of the group goes to one member, so inputs of equal partition counts are
   * co-partitioned (Kafka: an assigner of our own). A rebalance may take a partition away and give it
   * back; both are announced.
   */
  onAssigned(partitions: readonly TopicPartition[]): void | Promise<void>;
  /**
   * Partitions this member no longer reads. Best effort: a member that was paused or cut off learns
   * it late, when another already reads them. Only the fencing of transactional producers keeps such
   * a zombie from writing.
   */
  onRevoked(partitions: readonly TopicPartition[]): void | Promise<void>;
  /**
   * Called for one batch of a partition at a time, for several partitions at once. Resolving moves
   * the position past the batch. Rejecting leaves it: the same records come again after a back-off.
   */
  eachBatch(batch: Batch): Promise<void>;
  /**
   * `manual`: the group's offsets are only ever written by `TransactionalProducer.commit`. `timer`:
   * positions are written some time after their batch, at revocation and at stop: at least once.
   */
  readonly commit: 'manual' | 'timer';
  /**
   * Whoever reads a partition shuts out every other by a fence. A member that was out of the group
   * for a moment and is given the same partitions again then keeps what it has of them, and neither
   * revocation nor assignment is announced.
   */
  readonly isFenced?: boolean;
}

export interface Subscription {
  ready(): Readiness;
  /** Leaves the group after the batches in hand are done. */
  stop(): Promise<void>;
}

export interface FollowOptions {
  readonly topics: readonly string[];
  /** Partitions missing from given offsets start at the beginning. */
  readonly from: 'beginning' | 'end' | Offsets;
  /**
   * Records may come so much later, together with others, so that a cluster is asked less often; a
   * few milliseconds where absent.
   */
  readonly patienceMs?: number;
  /** In order per partition. Must not throw: an error stops the bus (`onFailure`). */
  onRecord(record: IncomingRecord): void;
}

/** Reads every partition without a shared group (Kafka: a group id of its own, explicit seeks). */
export interface Follower {
  /** Resolves when everything that was in the log at the start has been delivered. */
  readonly caughtUp: Promise<void>;
  /**
   * Resolves when all that could be read has been delivered. Behind it may lie what a transaction that
   * is still open hides, for as long as its writer's death goes unnoticed: `caughtUp` waits for that too.
   */
  readonly drained: Promise<void>;
  /**
   * Resolves when every record below these positions has been delivered, also where the last offsets
   * belong to no record. Rejects when the follower stops first.
   */
  reach(offsets: Offsets): Promise<void>;
  stop(): Promise<void>;
}

export interface Bus {
  start(): Promise<void>;
  /** Ends subscriptions, followers and producers, then closes the log. */
  stop(): Promise<void>;
  ready(): Readiness;
  partitions(topic: string): number;
  streamProducer(): StreamProducer;
  /**
   * Shuts out whoever holds the id: when this resolves, no commit of an older producer of the id can
   * become visible any more, and offsets read from now on are final. (Kafka: an empty transaction is
   * opened and aborted, because kafkajs fetches the epoch only on its first transaction.) Rejects as
   * fenced where another opens the id at the same moment and comes later.
   */
  openTransactional(id: string): Promise<TransactionalProducer>;
  /**
   * Writes ledger records outside any transaction, in the order given per partition, durable and
   * visible when this resolves. At least once: the client repeats what was refused in part. They are
   * not one: after a rejection any of them may be there or still come, and nobody is shut out. For
   * records that their readers know again by a business id.
   */
  append(records: readonly OutgoingRecord[]): Promise<void>;
  subscribeGroup(options: GroupOptions): Promise<Subscription>;
  /** Resolves when the starting positions are fixed: what is appended afterwards is delivered. */
  follow(options: FollowOptions): Promise<Follower>;
  /** Only partitions that have a committed offset. */
  committedOffsets(groupId: string, topics: readonly string[]): Promise<Offsets>;
  /** Every partition; at or beyond the offset after the last visible record. */
  endOffsets(topics: readonly string[]): Promise<Offsets>;
}

/** Suffix of the topic that takes what a reader of a topic could not use. */
export const DEAD_LETTER_SUFFIX = '.dlq';
