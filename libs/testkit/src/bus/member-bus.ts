import type {
  Batch,
  Bus,
  Commit,
  Follower,
  FollowOptions,
  GroupOptions,
  IncomingRecord,
  Offsets,
  OutgoingRecord,
  StreamProducer,
  Subscription,
  TopicPartition,
  TransactionalProducer,
} from '@cerberus/bus';
import type { Readiness } from '@cerberus/runtime';

/** Header of every stream record: who sent it. */
export const MEMBER_HEADER = 'member';

/**
 * The bus as one of several instances of a service uses it: what it sends carries its name, and
 * topics, groups and transactional ids get a prefix, so that services run as they are on a cluster
 * that others use too.
 */
export class MemberBus implements Bus {
  readonly #bus: Bus;
  readonly #prefix: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(bus: Bus, options: { readonly prefix: string; readonly member: string }) {
    this.#bus = bus;
    this.#prefix = options.prefix;
    this.#headers = { [MEMBER_HEADER]: options.member };
  }

  start(): Promise<void> {
    return this.#bus.start();
  }

  stop(): Promise<void> {
    return this.#bus.stop();
  }

  ready(): Readiness {
    return this.#bus.ready();
  }

  partitions(topic: string): number {
    return this.#bus.partitions(this.#prefix + topic);
  }

  streamProducer(): StreamProducer {
    const producer = this.#bus.streamProducer();
    return {
      send: (record) =>
        producer.send({ ...this.#given(record), headers: { ...record.headers, ...this.#headers } }),
      flush: () => producer.flush(),
      close: () => producer.close(),
    };
  }

  async openTransactional(id: string): Promise<TransactionalProducer> {
    const producer = await this.#bus.openTransactional(this.#prefix + id);
    return {
      id,
      get alive() {
        return producer.alive;
      },
      commit: ({ records, offsets }: Commit) =>
        producer.commit({
          records: records.map((record) => this.#given(record)),
          ...(offsets && {
            offsets: {
              groupId: this.#prefix + offsets.groupId,
              offsets: offsets.offsets.map((at) => this.#given(at)),
            },
          }),
        }),
      close: () => producer.close(),
    };
  }

  append(records: readonly OutgoingRecord[]): Promise<void> {
    return this.#bus.append(records.map((record) => this.#given(record)));
  }

  subscribeGroup(options: GroupOptions): Promise<Subscription> {
    const taken = (places: readonly TopicPartition[]) => places.map((at) => this.#taken(at));
    return this.#bus.subscribeGroup({
      ...options,
      groupId: this.#prefix + options.groupId,
      topics: options.topics.map((topic) => this.#prefix + topic),
      onAssigned: (places) => options.onAssigned(taken(places)),
      onRevoked: (places) => options.onRevoked(taken(places)),
      eachBatch: (batch: Batch) =>
        options.eachBatch({
          ...this.#taken(batch),
          records: batch.records.map((record) => this.#taken(record)),
        }),
    });
  }

  async follow({ topics, from, onRecord }: FollowOptions): Promise<Follower> {
    const follower = await this.#bus.follow({
      topics: topics.map((topic) => this.#prefix + topic),
      from: typeof from === 'string' ? from : from.map((at) => this.#given(at)),
      onRecord: (record: IncomingRecord) => onRecord(this.#taken(record)),
    });
    return {
      caughtUp: follower.caughtUp,
      drained: follower.drained,
      reach: (offsets) => follower.reach(offsets.map((at) => this.#given(at))),
      stop: () => follower.stop(),
    };
  }

  async committedOffsets(groupId: string, topics: readonly string[]): Promise<Offsets> {
    const names = topics.map((topic) => this.#prefix + topic);
    const offsets = await this.#bus.committedOffsets(this.#prefix + groupId, names);
    return offsets.map((at) => this.#taken(at));
  }

  async endOffsets(topics: readonly string[]): Promise<Offsets> {
    const offsets = await this.#bus.endOffsets(topics.map((topic) => this.#prefix + topic));
    return offsets.map((at) => this.#taken(at));
  }

  #given<T extends Pick<OutgoingRecord, 'topic'>>(named: T): T {
    return { ...named, topic: this.#prefix + named.topic };
  }

  #taken<T extends TopicPartition>(named: T): T {
    return { ...named, topic: named.topic.slice(this.#prefix.length) };
  }
}
