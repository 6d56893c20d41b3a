import type { Clock } from '@cerberus/core';
import type { Consumer, EachBatchPayload, PartitionAssigner } from 'kafkajs';
import type { TopicPartition } from '../port.ts';
import type { ClientFactory } from './client-factory.ts';
import { refusalOf } from './refusals.ts';

const RESTART_FIRST_MS = 200;
const RESTART_MAX_MS = 5000;
/** A member that died while the group moved partitions holds the others up for so long. */
const REBALANCE_MS = 2500;
const DISCONNECT_LIMIT_MS = 5000;
/** Of one answer: what is read at once holds up the heartbeat, and with it the membership. */
const FETCH_BYTES_MAX = 2 * 1024 * 1024;
const PARTITION_BYTES_MAX = 256 * 1024;

export interface SupervisedOptions {
  readonly clients: ClientFactory;
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly fromBeginning: boolean;
  readonly assigner: PartitionAssigner;
  readonly sessionTimeoutMs: number;
  readonly heartbeatMs: number;
  /** How long the broker holds a fetch that finds nothing: also how long a resumed partition may wait. */
  readonly fetchWaitMs: number;
  /** The broker answers when so much is there, or time is up. */
  readonly fetchBytes: number;
  /** Synchronous: seeks made here come before the first fetch. */
  onJoined(assignment: readonly TopicPartition[], memberId: string): void;
  /** The group moves partitions: the present assignment holds until `onJoined`. */
  onRejoining(): void;
  /** Must not throw; what it takes is passed for good. */
  onBatch(payload: EachBatchPayload): void;
  /** Offsets without a visible record: markers, aborted transactions. */
  onPassed(at: TopicPartition, nextOffset: bigint): void;
  /** The consumer is gone, with everything that it held; another will be built. */
  onLost(): Promise<void>;
  onError(what: string, error: unknown): void;
}

/**
 * A consumer that comes back. kafkajs gives up for ever on some errors (CRASH without restart), and a
 * process whose last consumer did so ends with code 0: here every crash ends that consumer, and a new
 * one with a client of its own takes its place.
 */
export class SupervisedConsumer {
  readonly #options: SupervisedOptions;
  readonly #clock: Clock;
  readonly #stopped = new AbortController();
  #consumer: Consumer | undefined;
  #hasJoined = false;
  #failure: string | undefined;
  #started: Promise<void> = Promise.resolve();
  #heartbeat: (() => Promise<void>) | undefined;
  #done: Promise<void> | undefined;

  constructor(options: SupervisedOptions) {
    this.#options = options;
    this.#clock = options.clients.connection.clock;
  }

  get joined(): boolean {
    return this.#hasJoined;
  }

  /** Why it last had to be built anew, until it has joined again. */
  get failure(): string | undefined {
    return this.#failure;
  }

  start(): void {
    this.#done ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#done;
  }

  seek({ topic, partition }: TopicPartition, offset: bigint): void {
    this.#consumer?.seek({ topic, partition, offset: offset.toString() });
  }

  pause({ topic, partition }: TopicPartition): void {
    this.#consumer?.pause([{ topic, partitions: [partition] }]);
  }

  resume({ topic, partition }: TopicPartition): void {
    this.#consumer?.resume([{ topic, partitions: [partition] }]);
  }

  async #run(): Promise<void> {
    let restartMs = RESTART_FIRST_MS;
    while (!this.#stopped.signal.aborted) {
      const consumer = this.#build();
      this.#consumer = consumer;
      const startedMs = this.#clock.monotonicMs();
      const beat = this.#clock.every(this.#options.heartbeatMs, () => void this.#beat());
      try {
        await this.#consume(consumer);
      } catch (error) {
        const { clients, groupId, topics, onError } = this.#options;
        const refusal = refusalOf(error, clients.connection, { group: groupId, read: topics });
        const failure = refusal ?? error;
        this.#failure = failure instanceof Error ? failure.message : String(failure);
        onError(`consumer of ${groupId}`, failure);
      }
      beat.cancel();
      this.#heartbeat = undefined;
      this.#hasJoined = false;
      await this.#options.onLost();
      await this.#disconnect(consumer);
      if (this.#stopped.signal.aborted) return;
      if (this.#clock.monotonicMs() - startedMs > RESTART_MAX_MS) restartMs = RESTART_FIRST_MS;
      await this.#clock.sleep(restartMs, this.#stopped.signal).catch(() => undefined);
      restartMs = Math.min(2 * restartMs, RESTART_MAX_MS);
    }
  }

  #build(): Consumer {
    const { clients, groupId, assigner, sessionTimeoutMs, heartbeatMs } = this.#options;
    const { fetchWaitMs, fetchBytes } = this.#options;
    return clients.plain().consumer({
      groupId,
      partitionAssigners: [assigner],
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: Math.max(sessionTimeoutMs, REBALANCE_MS),
      heartbeatInterval: heartbeatMs,
      maxWaitTimeInMs: fetchWaitMs,
      minBytes: fetchBytes,
      maxBytes: FETCH_BYTES_MAX,
      maxBytesPerPartition: PARTITION_BYTES_MAX,
      allowAutoTopicCreation: false,
      retry: { retries: 5, initialRetryTime: 50, restartOnFailure: () => Promise.resolve(false) },
    });
  }

  /** Ends when told to stop; throws when the consumer has crashed. */
  #consume(consumer: Consumer): Promise<void> {
    const { topics, fromBeginning } = this.#options;
    return new Promise((resolve, reject) => {
      const { signal } = this.#stopped;
      signal.addEventListener('abort', () => resolve(), { once: true });
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
      consumer.on(consumer.events.REBALANCING, () => this.#rejoining());
      consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
        if (signal.aborted || this.#consumer !== consumer) return;
        this.#hasJoined = true;
        this.#failure = undefined;
        this.#options.onJoined(placesOf(payload.memberAssignment), payload.memberId);
      });
      consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
        if (payload.batchSize > 0 || signal.aborted) return;
        const { topic, partition, lastOffset } = payload;
        this.#options.onPassed({ topic, partition }, BigInt(lastOffset) + 1n);
      });
      const start = async () => {
        await consumer.connect();
        await consumer.subscribe({ topics: [...topics], fromBeginning });
        await consumer.run({
          autoCommit: false,
          eachBatch: (payload) => {
            this.#heartbeat = payload.heartbeat;
            if (!signal.aborted) this.#options.onBatch(payload);
            return Promise.resolve();
          },
        });
      };
      this.#started = start();
      this.#started.catch(reject);
    });
  }

  /** The client itself beats between batches only, and a large answer may take long to read. */
  async #beat(): Promise<void> {
    try {
      await this.#heartbeat?.();
    } catch {
      // The consumer learns the same from its own next heartbeat, and acts on it.
    }
  }

  #rejoining(): void {
    this.#hasJoined = false;
    this.#options.onRejoining();
  }

  /**
   * A consumer that is told to disconnect while it joins would join all the same, and stay. In the
   * background past the limit: a broker that is gone must not hold up the next consumer.
   */
  #disconnect(consumer: Consumer): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#clock.after(DISCONNECT_LIMIT_MS, resolve);
      const end = () => {
        timer.cancel();
        resolve();
      };
      const failed = (error: unknown) => {
        this.#options.onError(`leaving group ${this.#options.groupId}`, error);
        end();
      };
      // Why it did not start has been reported where it was waited for.
      Promise.allSettled([this.#started])
        .then(() => consumer.disconnect())
        .then(end, failed);
    });
  }
}

function placesOf(assignment: Readonly<Record<string, number[]>>): TopicPartition[] {
  return Object.entries(assignment).flatMap(([topic, partitions]) =>
    partitions.map((partition) => ({ topic, partition })),
  );
}
