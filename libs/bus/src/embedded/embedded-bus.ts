import type { Clock } from '@cerberus/core';
import type { Readiness } from '@cerberus/runtime';
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
  TopicSpec,
  TransactionalProducer,
} from '../port.ts';
import { checkLedgerRecord } from '../record-checks.ts';
import { TopicTable } from '../topic-table.ts';
import { CommitQueue } from './commit-queue.ts';
import { ConsumerGroup } from './consumer-group.ts';
import { LogFollower } from './log-follower.ts';
import { LogStreamProducer, LogTransactionalProducer } from './log-producers.ts';
import { LogStore } from './log-store.ts';
import { type PartitionCounts, PartitionLog } from './partition-log.ts';
import { Upkeep } from './upkeep.ts';

export interface EmbeddedBusOptions {
  /** Path of the log; `:memory:` keeps nothing. */
  readonly file: string;
  readonly topics: Iterable<TopicSpec>;
  readonly clock: Clock;
  /** Stream topics that are also written to the file. None where absent. */
  readonly recorded?: 'all' | readonly string[];
  /** A callback of a reader failed and will be tried again, or upkeep failed; for the log. */
  onError?(what: string, error: unknown): void;
  /** A follower's handler threw, or the log could not be read: state may be wrong. */
  onFailure?(error: unknown): void;
}

/** Streams get fresh offsets at each start, above all that were given before. */
const OFFSETS_PER_START = 2 ** 36;

interface Running {
  readonly store: LogStore;
  readonly queue: CommitQueue;
  readonly upkeep: Upkeep;
  readonly logs: ReadonlyMap<string, readonly PartitionLog[]>;
  readonly groupOffsets: Map<string, Map<PartitionLog, number>>;
  readonly groups: Map<string, ConsumerGroup>;
  readonly followers: Set<LogFollower>;
}

/** The bus of one process: ledgers in a SQLite file, streams in memory. */
export class EmbeddedBus implements Bus {
  readonly #options: EmbeddedBusOptions;
  readonly #topics: TopicTable;
  #running: Running | undefined;
  #failure: string | undefined;

  constructor(options: EmbeddedBusOptions) {
    this.#options = options;
    this.#topics = new TopicTable(options.topics);
  }

  async start(): Promise<void> {
    if (this.#running !== undefined) return;
    this.#running = this.#open();
    this.#running.upkeep.start();
  }

  async stop(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    for (const group of running.groups.values()) await group.close();
    for (const follower of [...running.followers]) await follower.stop();
    running.upkeep.stop();
    await running.queue.close();
    this.#running = undefined;
    for (const logs of running.logs.values()) for (const log of logs) log.releaseWriters();
    running.store.close();
  }

  ready(): Readiness {
    const detail =
      this.#running === undefined ? 'not started' : (this.#failure ?? this.#running.queue.failure);
    return detail === undefined ? { ready: true } : { ready: false, detail };
  }

  partitions(topic: string): number {
    return this.#topics.get(topic).partitions;
  }

  streamProducer(): StreamProducer {
    const running = this.#require();
    return new LogStreamProducer({
      topics: this.#topics,
      clock: this.#options.clock,
      log: (topic, partition) => logOf(running, topic, partition),
      recorder: (topic) => (this.#isRecorded(topic) ? running.queue : undefined),
      running: () => this.#running === running,
    });
  }

  async openTransactional(id: string): Promise<TransactionalProducer> {
    const { queue } = this.#require();
    const epoch = await queue.open(id);
    return new LogTransactionalProducer({ id, epoch, queue, topics: this.#topics });
  }

  async append(records: readonly OutgoingRecord[]): Promise<void> {
    const { queue } = this.#require();
    for (const record of records) checkLedgerRecord(this.#topics, record);
    await queue.commit({ records });
  }

  async subscribeGroup(options: GroupOptions): Promise<Subscription> {
    const running = this.#require();
    for (const topic of options.topics) this.#topics.get(topic);
    const group = running.groups.get(options.groupId) ?? this.#newGroup(running, options.groupId);
    running.groups.set(options.groupId, group);
    return group.join(options);
  }

  async follow(options: FollowOptions): Promise<Follower> {
    const running = this.#require();
    const { followers } = running;
    const starts = options.topics.flatMap((topic) =>
      logsOf(running, topic).map((log) => ({ log, position: startOf(log, options.from) })),
    );
    const follower: LogFollower = new LogFollower({
      starts,
      onRecord: (record) => options.onRecord(record),
      onFailure: (error) => this.#fail(error),
      onStopped: () => followers.delete(follower),
    });
    followers.add(follower);
    return follower;
  }

  async committedOffsets(groupId: string, topics: readonly string[]): Promise<Offsets> {
    const offsets = this.#require().groupOffsets.get(groupId) ?? new Map<PartitionLog, number>();
    const named = [...offsets].filter(([log]) => topics.includes(log.topic));
    return named.map(([log, nextOffset]) => position(log, nextOffset));
  }

  async endOffsets(topics: readonly string[]): Promise<Offsets> {
    const running = this.#require();
    const logs = topics.flatMap((topic) => logsOf(running, topic));
    return logs.map((log) => position(log, log.nextOffset));
  }

  /** Records conflated or dropped before some reader saw them, by topic; only those that are not 0. */
  counts(): Record<string, PartitionCounts> {
    const counts: Record<string, PartitionCounts> = {};
    for (const [topic, logs] of this.#running?.logs ?? []) {
      const total = { conflated: 0, dropped: 0 };
      for (const log of logs) {
        total.conflated += log.counts.conflated;
        total.dropped += log.counts.dropped;
      }
      if (total.conflated + total.dropped > 0) counts[topic] = total;
    }
    return counts;
  }

  /** One bounded step of retention and compaction now, beside those of the timer. */
  maintain(): void {
    this.#require().upkeep.run();
  }

  #open(): Running {
    const { file, clock } = this.#options;
    const store = new LogStore(file);
    try {
      store.declare(this.#topics.all());
      const logs = this.#openLogs(store);
      const groupOffsets = restoreGroupOffsets(store, logs);
      const queue = new CommitQueue({
        store,
        clock,
        topics: this.#topics,
        log: (topic, partition) => logOf({ logs }, topic, partition),
        setGroupOffset: (groupId, log, nextOffset) => {
          const offsets = groupOffsets.get(groupId) ?? new Map<PartitionLog, number>();
          groupOffsets.set(groupId, offsets.set(log, nextOffset));
        },
        onLost: (error) => this.#fail(error),
      });
      const upkeep = new Upkeep({
        store,
        clock,
        logs: [...logs.values()].flat().filter((log) => this.#isDurable(log.spec)),
        onPeriod: () => queue.probe(),
        onError: (error) => this.#report('upkeep', error),
      });
      return { store, queue, upkeep, logs, groupOffsets, groups: new Map(), followers: new Set() };
    } catch (error) {
      store.close();
      throw error;
    }
  }

  #openLogs(store: LogStore): Map<string, PartitionLog[]> {
    const streamBase = store.nextCount('starts') * OFFSETS_PER_START;
    const logs = new Map<string, PartitionLog[]>(this.#topics.names().map((name) => [name, []]));
    for (const stored of store.partitions()) {
      const ofTopic = logs.get(stored.topic);
      if (ofTopic === undefined) continue; // A topic of an older table: its records stay in the file.
      const spec = this.#topics.get(stored.topic);
      const nextOffset = spec.class === 'stream' ? streamBase : stored.nextOffset;
      const durable = this.#isDurable(spec);
      ofTopic[stored.partition] = new PartitionLog({ spec, stored, store, durable, nextOffset });
    }
    return logs;
  }

  #newGroup(running: Running, groupId: string): ConsumerGroup {
    return new ConsumerGroup({
      groupId,
      clock: this.#options.clock,
      logs: (topics) => topics.flatMap((topic) => logsOf(running, topic)),
      committed: (id, log) => running.groupOffsets.get(id)?.get(log),
      commitPositions: (id, offsets) =>
        running.queue.commit({ records: [], offsets: { groupId: id, offsets } }),
      onError: (what, error) => this.#report(what, error),
    });
  }

  #isRecorded(topic: string): boolean {
    const { recorded } = this.#options;
    return recorded === 'all' || (recorded?.includes(topic) ?? false);
  }

  #isDurable(spec: TopicSpec): boolean {
    return spec.class === 'ledger' || this.#isRecorded(spec.name);
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

function logsOf({ logs }: Pick<Running, 'logs'>, topic: string): readonly PartitionLog[] {
  const found = logs.get(topic);
  if (found === undefined) throw busError(BUS_ERRORS.TOPIC_UNKNOWN, { path: topic });
  return found;
}

function logOf(running: Pick<Running, 'logs'>, topic: string, partition: number): PartitionLog {
  const log = logsOf(running, topic)[partition];
  if (log === undefined) {
    throw busError(BUS_ERRORS.TOPIC_UNKNOWN, { path: `${topic}/${partition}` });
  }
  return log;
}

function position({ topic, partition }: PartitionLog, nextOffset: number): Offsets[number] {
  return { topic, partition, nextOffset: BigInt(nextOffset) };
}

function startOf(log: PartitionLog, from: FollowOptions['from']): number {
  if (from === 'beginning') return 0;
  if (from === 'end') return log.nextOffset;
  const given = from.find((at) => at.topic === log.topic && at.partition === log.partition);
  return given === undefined ? 0 : Number(given.nextOffset);
}

function restoreGroupOffsets(
  store: LogStore,
  logs: ReadonlyMap<string, readonly PartitionLog[]>,
): Map<string, Map<PartitionLog, number>> {
  const byId = new Map([...logs.values()].flat().map((log) => [log.stored.id, log]));
  const offsets = new Map<string, Map<PartitionLog, number>>();
  for (const { groupId, partitionId, nextOffset } of store.groupOffsets()) {
    const log = byId.get(partitionId);
    if (log === undefined) continue;
    const ofGroup = offsets.get(groupId) ?? new Map<PartitionLog, number>();
    offsets.set(groupId, ofGroup.set(log, nextOffset));
  }
  return offsets;
}
