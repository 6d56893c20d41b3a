import { notReady, type Readiness } from '@cerberus/runtime';
import { partitionOf } from '../partitioner.ts';
import type { Bus, Subscription, TopicPartition } from '../port.ts';
import type { BusHost } from './message.ts';

export interface PartitionOwnerOptions {
  readonly bus: Bus;
  readonly host: Pick<BusHost, 'metrics' | 'supervisor'>;
  /** Of this purpose alone: the instances that share the work, and nobody else. */
  readonly groupId: string;
  /**
   * Whose partitions are shared out. Its records are fetched and passed over, so that of topics with
   * the same partition key and number of partitions the quietest is the one to take.
   */
  readonly topic: string;
}

export interface OwnershipChange {
  readonly gained: readonly number[];
  readonly lost: readonly number[];
}

export type OwnershipListener = (change: OwnershipChange) => void;

/**
 * Which of the instances of a service answers for a key. Every instance reads everything and is warm;
 * this shares out who publishes. It is a member of a consumer group used for its assignment only:
 * records are neither decoded nor kept, positions are never written, and every start is at the end.
 *
 * At most one member owns a partition as the group sees it, but a member that was paused or cut off
 * learns late that it lost one: until its session is found to have ended it may still answer, beside
 * the new owner. For streams, where the newest wins and is told again, that short overlap does no
 * harm. Nothing that must happen once may rest on this: ledgers need the fencing of a transactional
 * producer (`PartitionedProcessor`).
 */
export class PartitionOwner {
  readonly topic: string;
  readonly #options: PartitionOwnerOptions;
  readonly #count: number;
  readonly #held = new Set<number>();
  readonly #listeners = new Set<OwnershipListener>();
  readonly #gauge;
  #subscription: Subscription | undefined;

  constructor(options: PartitionOwnerOptions) {
    this.#options = options;
    this.topic = options.topic;
    this.#count = options.bus.partitions(options.topic);
    this.#gauge = options.host.metrics.gauge(
      'bus_partitions_owned',
      'Partitions this instance answers for',
      ['group', 'topic'],
    );
  }

  /** Whoever joins takes partitions from the others: a service joins when it is warm. */
  async start(): Promise<void> {
    const { bus, groupId } = this.#options;
    this.#tellGauge();
    this.#subscription = await bus.subscribeGroup({
      groupId,
      topics: [this.topic],
      start: 'end',
      commit: 'manual',
      onAssigned: (partitions) => this.#change(partitions, true),
      onRevoked: (partitions) => this.#change(partitions, false),
      eachBatch: () => Promise.resolve(),
    });
  }

  /** Hands everything over: when this resolves, nothing is owned any more. */
  async stop(): Promise<void> {
    await this.#subscription?.stop();
    this.#change(
      [...this.#held].map((partition) => ({ topic: this.topic, partition })),
      false,
    );
  }

  /** Also where nothing is owned, because there are more instances than partitions. */
  ready(): Readiness {
    return this.#subscription?.ready() ?? notReady(`not in group ${this.#options.groupId} yet`);
  }

  /** Numbers of the partitions held, ascending. */
  get partitions(): readonly number[] {
    return [...this.#held].sort((a, b) => a - b);
  }

  owns(partitionKey: string): boolean {
    return this.#held.has(partitionOf(partitionKey, this.#count));
  }

  holds(partition: number): boolean {
    return this.#held.has(partition);
  }

  /** The partition that a key belongs to. */
  partitionOf(partitionKey: string): number {
    return partitionOf(partitionKey, this.#count);
  }

  /** Called when `owns` already answers anew. Gives the way to stop listening. */
  onChange(listener: OwnershipListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #change(partitions: readonly TopicPartition[], isGain: boolean): void {
    const numbers = partitions
      .map(({ partition }) => partition)
      .filter((partition) => this.#held.has(partition) !== isGain)
      .sort((a, b) => a - b);
    if (numbers.length === 0) return;
    for (const partition of numbers) {
      if (isGain) this.#held.add(partition);
      else this.#held.delete(partition);
    }
    this.#tellGauge();
    const change = isGain ? { gained: numbers, lost: [] } : { gained: [], lost: numbers };
    for (const listener of this.#listeners) this.#notify(listener, change);
  }

  #notify(listener: OwnershipListener, change: OwnershipChange): void {
    try {
      listener(change);
    } catch (error) {
      const { host, groupId } = this.#options;
      host.supervisor.stop(error, { component: `owner ${groupId}`, topic: this.topic });
    }
  }

  #tellGauge(): void {
    const { groupId } = this.#options;
    this.#gauge.set(this.#held.size, { group: groupId, topic: this.topic });
  }
}
