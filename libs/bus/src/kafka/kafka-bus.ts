import type { Clock, IdSource } from '@cerberus/core';
import { notReady, READY, type Readiness } from '@cerberus/runtime';
import type { Admin } from 'kafkajs';
import { BUS_ERRORS, busError } from '../errors.ts';
import type {
  Bus,
  Follower,
  FollowOptions,
  GroupOptions,
  Offsets,
  OutgoingRecord,
  StreamProducer,
  Subscription,
  TopicPartition,
  TopicSpec,
  TransactionalProducer,
} from '../port.ts';
import { TopicTable } from '../topic-table.ts';
import { ClientFactory, kafkaErrorTypes, within } from './client-factory.ts';
import { GroupMember } from './group-member.ts';
import { KafkaFollower } from './kafka-follower.ts';
import { verifyKafkaTopics } from './kafka-topics.ts';
import { LedgerAppends } from './ledger-appends.ts';
import { type Bounds, place, startOf } from './log-bounds.ts';
import { PartitionFetcher } from './partition-fetcher.ts';
import { type Intention, refusalOf } from './refusals.ts';
import type { KafkaSecurity } from './security.ts';
import { StreamBuffer } from './stream-buffer.ts';
import { KafkaTransactionalProducer } from './transaction-producer.ts';

const CONNECT_RETRY_FIRST_MS = 250;
const CONNECT_RETRY_MAX_MS = 5000;
const ADMIN_ATTEMPTS_MAX = 5;
const ADMIN_RETRY_MS = 200;
const ADMIN_LIMIT_MS = 10_000;
const PROBE_PERIOD_MS = 2000;
const SESSION_TIMEOUT_MS = 1500;
const TRANSACTION_TIMEOUT_MS = 5000;

export interface KafkaBusOptions {
  /** `host:port` of some of the brokers. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Plain text and no name where absent. */
  readonly security?: KafkaSecurity;
  readonly topics: Iterable<TopicSpec>;
  readonly clock: Clock;
  readonly ids: IdSource;
  /** Partitions of a member that was killed move after this time. */
  readonly sessionTimeoutMs?: number;
  /**
   * Name of this process among those of its service, the same after a restart: it has its partitions
   * back at once. Two of one name take them from each other.
   */
  readonly instanceId?: string | undefined;
  /** What a writer that was killed left open holds readers up for this time at most. */
  readonly transactionTimeoutMs?: number;
  /** Ends waiting for a cluster that does not answer. */
  readonly signal?: AbortSignal;
  onError?(what: string, error: unknown): void;
  /** What the client itself has to say. */
  onLog?(message: string, detail: Readonly<Record<string, unknown>>): void;
  onCommitted?(tookMs: number): void;
  /** Partitions of a group were dealt out anew, with this process in it. */
  onRebalanced?(groupId: string): void;
  /** A follower's handler threw: state may be wrong. */
  onFailure?(error: unknown): void;
}

interface Running {
  readonly admin: Admin;
  readonly streams: StreamBuffer;
  readonly appends: LedgerAppends;
  readonly producers: Set<KafkaTransactionalProducer>;
  readonly members: Set<GroupMember>;
  readonly followers: Set<KafkaFollower>;
  readonly fetcher: PartitionFetcher;
  readonly probe: { cancel(): void };
}

/** The bus of a cluster: ledgers and streams are Kafka topics. */
export class KafkaBus implements Bus {
  readonly #options: KafkaBusOptions;
  readonly #topics: TopicTable;
  readonly #clients: ClientFactory;
  #running: Running | undefined;
  #failure: string | undefined;
  #unreachable: string | undefined;
  #isProbing = false;

  constructor(options: KafkaBusOptions) {
    this.#options = options;
    this.#topics = new TopicTable(options.topics);
    const { brokers, clientId, clock, onLog, security } = options;
    this.#clients = new ClientFactory({
      ...{ brokers, clientId, clock },
      ...(security && { security }),
      ...(onLog && { onLog }),
    });
  }

  /** Waits for the cluster; refuses one that does not trust this process, or whose topics are not as declared. */
  async start(): Promise<void> {
    if (this.#running !== undefined) return;
    const admin = this.#clients.plain().admin();
    try {
      await this.#connect(admin);
      await verifyKafkaTopics(admin, this.#topics);
    } catch (error) {
      await admin.disconnect();
      throw error;
    }
    const onError = (what: string, error: unknown) => this.#report(what, error);
    const parts = { clients: this.#clients, topics: this.#topics, onError };
    this.#running = {
      admin,
      streams: new StreamBuffer(parts),
      appends: new LedgerAppends(parts),
      producers: new Set(),
      members: new Set(),
      followers: new Set(),
      fetcher: new PartitionFetcher({ ...parts, lowWatermark: (at) => this.#lowWatermark(at) }),
      probe: this.#options.clock.every(PROBE_PERIOD_MS, () => void this.#probe(admin)),
    };
  }

  async stop(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    running.probe.cancel();
    await Promise.all([...running.members].map((member) => member.stop()));
    this.#running = undefined;
    await Promise.all([...running.followers].map((follower) => follower.stop()));
    await running.fetcher.stop();
    await Promise.all([...running.producers].map((producer) => producer.close()));
    await Promise.all([running.streams.stop(), running.appends.stop()]);
    await running.admin.disconnect();
  }

  ready(): Readiness {
    if (this.#running === undefined) return notReady('not started');
    const { streams, fetcher } = this.#running;
    const detail = this.#failure ?? this.#unreachable ?? streams.failure ?? fetcher.failure;
    return detail === undefined ? READY : notReady(detail);
  }

  partitions(topic: string): number {
    return this.#topics.get(topic).partitions;
  }

  /** Stream records that a newer one of their key replaced, or that were lost, before they were sent. */
  counts(): { readonly conflated: number; readonly dropped: number } {
    return this.#running?.streams.counts ?? { conflated: 0, dropped: 0 };
  }

  /** Records between followers and the ends of their partitions, as last heard. */
  followerLags(): Iterable<{ readonly at: TopicPartition; readonly records: number }> {
    return this.#running?.fetcher.lags() ?? [];
  }

  streamProducer(): StreamProducer {
    return this.#require().streams.producer();
  }

  async openTransactional(id: string): Promise<TransactionalProducer> {
    const { producers } = this.#require();
    const producer = await KafkaTransactionalProducer.open({
      id,
      clients: this.#clients,
      topics: this.#topics,
      transactionTimeoutMs: this.#options.transactionTimeoutMs ?? TRANSACTION_TIMEOUT_MS,
      onError: (what, error) => this.#report(what, error),
      onCommitted: (tookMs) => this.#options.onCommitted?.(tookMs),
      onClosed: (closed) => producers.delete(closed),
    });
    if (this.#running === undefined) {
      await producer.close();
      throw busError(BUS_ERRORS.STOPPED);
    }
    producers.add(producer);
    return producer;
  }

  append(records: readonly OutgoingRecord[]): Promise<void> {
    return this.#require().appends.append(records);
  }

  async subscribeGroup(group: GroupOptions): Promise<Subscription> {
    const { members } = this.#require();
    for (const topic of group.topics) this.#topics.get(topic);
    const member = new GroupMember({
      clients: this.#clients,
      group,
      sessionTimeoutMs: this.#options.sessionTimeoutMs ?? SESSION_TIMEOUT_MS,
      instanceId: this.#options.instanceId,
      onError: (what, error) => this.#report(what, error),
      onRebalanced: () => this.#options.onRebalanced?.(group.groupId),
      onStopped: (stopped) => members.delete(stopped),
    });
    members.add(member);
    member.start();
    return member;
  }

  async follow({ topics, from, patienceMs, onRecord }: FollowOptions): Promise<Follower> {
    this.#require();
    const bounds = await this.#bounds(topics);
    const { followers, fetcher } = this.#require();
    const follower = new KafkaFollower({
      fetcher,
      starts: bounds.map((at) => ({ ...place(at), nextOffset: startOf(at, from) })),
      ends: bounds.map((at) => ({ ...place(at), nextOffset: at.high })),
      patienceMs,
      onRecord: (record) => onRecord(record),
      onFailure: (error) => this.#fail(error),
      onStopped: (stopped) => followers.delete(stopped),
    });
    followers.add(follower);
    return follower;
  }

  async committedOffsets(groupId: string, topics: readonly string[]): Promise<Offsets> {
    const { admin } = this.#require();
    const fetched = await this.#ask(
      `offsets of ${groupId}`,
      () => admin.fetchOffsets({ groupId, topics: [...topics] }),
      { group: groupId, read: topics },
    );
    return fetched.flatMap(({ topic, partitions }) =>
      partitions
        .map(({ partition, offset }) => ({ topic, partition, nextOffset: BigInt(offset) }))
        .filter(({ nextOffset }) => nextOffset >= 0n),
    );
  }

  async endOffsets(topics: readonly string[]): Promise<Offsets> {
    const bounds = await this.#bounds(topics);
    return bounds.map((at) => ({ ...place(at), nextOffset: at.high }));
  }

  async #lowWatermark({ topic, partition }: TopicPartition): Promise<bigint> {
    const bounds = await this.#bounds([topic]);
    return bounds.find((at) => at.partition === partition)?.low ?? 0n;
  }

  async #bounds(topics: readonly string[]): Promise<Bounds[]> {
    const { admin } = this.#require();
    const perTopic = await Promise.all(
      topics.map(async (topic) => {
        this.#topics.get(topic);
        const question = () => admin.fetchTopicOffsets(topic);
        const found = await this.#ask(`ends of ${topic}`, question, { read: [topic] });
        return found
          .map(({ partition, low, high }) => {
            return { topic, partition, low: BigInt(low), high: BigInt(high) };
          })
          .sort((a, b) => a.partition - b.partition);
      }),
    );
    return perTopic.flat();
  }

  async #connect(admin: Admin): Promise<void> {
    const { clock, signal, brokers } = this.#options;
    let retryMs = CONNECT_RETRY_FIRST_MS;
    for (;;) {
      try {
        await admin.connect();
        return;
      } catch (error) {
        signal?.throwIfAborted();
        const refusal = refusalOf(error, this.#clients.connection);
        if (refusal !== undefined) throw refusal;
        this.#report(`connecting to Kafka at ${brokers.join(', ')}`, error);
        await clock.sleep(retryMs, signal);
        retryMs = Math.min(2 * retryMs, CONNECT_RETRY_MAX_MS);
      }
    }
  }

  /** Questions to a cluster in motion: a few times, then an error. */
  async #ask<T>(what: string, question: () => Promise<T>, intention: Intention): Promise<T> {
    const { clock } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await within({ clock, limitMs: ADMIN_LIMIT_MS, what }, question());
      } catch (error) {
        const refusal = refusalOf(error, this.#clients.connection, intention);
        if (refusal !== undefined) throw refusal;
        if (attempt >= ADMIN_ATTEMPTS_MAX || this.#running === undefined) {
          const message = `${what}: ${kafkaErrorTypes(error).join(', ') || String(error)}`;
          throw busError(BUS_ERRORS.BROKER_UNREACHABLE, { message }, error);
        }
        await clock.sleep(attempt * ADMIN_RETRY_MS);
      }
    }
  }

  async #probe(admin: Admin): Promise<void> {
    if (this.#isProbing) return;
    this.#isProbing = true;
    const { clock, brokers } = this.#options;
    try {
      const limit = { clock, limitMs: ADMIN_LIMIT_MS, what: 'Kafka' };
      await within(limit, admin.describeCluster());
      this.#unreachable = undefined;
    } catch (error) {
      const refusal = refusalOf(error, this.#clients.connection);
      this.#unreachable = refusal?.message ?? `Kafka at ${brokers.join(', ')} does not answer`;
    } finally {
      this.#isProbing = false;
    }
  }

  #fail(error: unknown): void {
    this.#failure = error instanceof Error ? error.message : String(error);
    if (this.#options.onFailure !== undefined) this.#options.onFailure(error);
    else throw error;
  }

  #report(what: string, error: unknown): void {
    this.#options.onError?.(what, error);
  }

  #require(): Running {
    if (this.#running === undefined) throw busError(BUS_ERRORS.STOPPED);
    return this.#running;
  }
}
