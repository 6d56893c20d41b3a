import type { EachBatchPayload } from 'kafkajs';
import { BUS_ERRORS, busError } from '../errors.ts';
import type { Follower, FollowOptions, Offsets, TopicPartition } from '../port.ts';
import type { ClientFactory } from './client-factory.ts';
import { coPartitionAssigner } from './co-partition-assigner.ts';
import { incomingRecord } from './kafka-records.ts';
import { SupervisedConsumer } from './supervised-consumer.ts';

const FETCH_WAIT_MS = 250;
const SESSION_TIMEOUT_MS = 10_000;
const HEARTBEAT_MS = 2000;

export interface FollowerOptions {
  readonly clients: ClientFactory;
  /** Of its own: nobody else may take a partition from it. */
  readonly groupId: string;
  readonly topics: readonly string[];
  /** Every partition of the topics. */
  readonly starts: Offsets;
  readonly ends: Offsets;
  onRecord: FollowOptions['onRecord'];
  onFailure(error: unknown): void;
  onError(what: string, error: unknown): void;
  onStopped(follower: KafkaFollower): void;
}

interface Reach {
  readonly offsets: Offsets;
  resolve(): void;
  reject(error: unknown): void;
}

/** Keeps its positions itself: each (re)join of its group of one seeks to them. */
export class KafkaFollower implements Follower {
  readonly caughtUp: Promise<void>;
  readonly #options: FollowerOptions;
  readonly #consumer: SupervisedConsumer;
  readonly #positions: Map<string, bigint>;
  #reaches: Reach[] = [];
  #stopped: Promise<void> | undefined;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#positions = new Map(options.starts.map((at) => [nameOf(at), at.nextOffset]));
    const { clients, groupId, topics, onError } = options;
    this.#consumer = new SupervisedConsumer({
      clients,
      groupId,
      topics,
      fromBeginning: true,
      assigner: coPartitionAssigner(() => []),
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      heartbeatMs: HEARTBEAT_MS,
      fetchWaitMs: FETCH_WAIT_MS,
      onJoined: (assignment) => this.#seek(assignment),
      onRejoining: () => undefined,
      onBatch: (payload) => this.#deliver(payload),
      onPassed: (at, nextOffset) => this.#pass(at, nextOffset),
      onLost: () => Promise.resolve(),
      onError,
    });
    this.caughtUp = this.reach(options.ends);
    // Whoever does not wait for it is not to be told of the stop by an unhandled rejection.
    this.caughtUp.catch(() => undefined);
    this.#consumer.start();
  }

  reach(offsets: Offsets): Promise<void> {
    if (this.#stopped !== undefined) return Promise.reject(busError(BUS_ERRORS.STOPPED));
    const known = offsets.filter((at) => this.#positions.has(nameOf(at)));
    return new Promise((resolve, reject) => {
      this.#reaches.push({ offsets: known, resolve, reject });
      this.#settle();
    });
  }

  stop(): Promise<void> {
    if (this.#stopped !== undefined) return this.#stopped;
    this.#stopped = this.#consumer.stop();
    for (const reach of this.#reaches) reach.reject(busError(BUS_ERRORS.STOPPED));
    this.#reaches = [];
    this.#stopped.finally(() => this.#options.onStopped(this));
    return this.#stopped;
  }

  #seek(assignment: readonly TopicPartition[]): void {
    for (const at of assignment) {
      const position = this.#positions.get(nameOf(at));
      if (position !== undefined) this.#consumer.seek(at, position);
    }
  }

  #deliver({ batch }: EachBatchPayload): void {
    const { topic, partition } = batch;
    const from = this.#positions.get(nameOf(batch)) ?? 0n;
    try {
      for (const message of batch.messages) {
        if (this.#stopped !== undefined) return;
        const record = incomingRecord({ topic, partition }, message);
        if (record.offset >= from) this.#options.onRecord(record);
      }
    } catch (error) {
      this.#options.onFailure(error);
      void this.stop();
      return;
    }
    this.#pass(batch, BigInt(batch.lastOffset()) + 1n);
  }

  #pass(at: TopicPartition, nextOffset: bigint): void {
    const name = nameOf(at);
    if (nextOffset <= (this.#positions.get(name) ?? 0n)) return;
    this.#positions.set(name, nextOffset);
    this.#settle();
  }

  #settle(): void {
    if (this.#reaches.length === 0) return;
    const waiting: Reach[] = [];
    for (const reach of this.#reaches) {
      const isThere = reach.offsets.every(
        (at) => this.#positions.get(nameOf(at))! >= at.nextOffset,
      );
      if (isThere) reach.resolve();
      else waiting.push(reach);
    }
    this.#reaches = waiting;
  }
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
