import type {
  Bus,
  GroupOptions,
  IncomingRecord,
  Offsets,
  OutgoingRecord,
  Subscription,
  TopicPartition,
  TopicSpec,
} from '@cerberus/bus';

/** One log for one test; what a cluster implementation must provide to run the suite. */
export interface BusHarness {
  /** A started bus on the log; called again after `stop` of the former one, it finds the same data. */
  open(): Promise<Bus>;
  /** Removes what the test left. */
  close(): Promise<void>;
}

/** Makes the topics; their names are new in every call. */
export type BusHarnessFactory = (topics: readonly TopicSpec[]) => Promise<BusHarness>;

export const LEDGER: Omit<TopicSpec, 'name'> = {
  class: 'ledger',
  partitions: 4,
  cleanup: 'delete',
  retentionHours: 24,
  conflate: false,
};

export const TABLE: Omit<TopicSpec, 'name'> = {
  ...LEDGER,
  cleanup: 'compact',
  retentionHours: 0,
};

export const STREAM: Omit<TopicSpec, 'name'> = { ...LEDGER, class: 'stream', retentionHours: 1 };

/** Topic names that no other test of any run uses. */
let nextName = 0;
export function uniqueTopic(kind: string): string {
  nextName += 1;
  return `contract.${kind}.${process.pid}.${process.hrtime.bigint()}.${nextName}`;
}

export function record(
  topic: string,
  key: string,
  value: string | null,
  rest: Partial<OutgoingRecord> = {},
): OutgoingRecord {
  return { topic, key, value: value === null ? null : Buffer.from(value), ...rest };
}

export function textOf(incoming: IncomingRecord): string | null {
  return incoming.value === null ? null : incoming.value.toString('utf8');
}

/** A group member that notes what it was given. */
export class TestMember {
  readonly records: IncomingRecord[] = [];
  readonly assigned = new Set<string>();
  #subscription: Subscription | undefined;

  async join(bus: Bus, options: Partial<GroupOptions> & { groupId: string; topics: string[] }) {
    this.#subscription = await bus.subscribeGroup({
      commit: 'timer',
      onAssigned: (partitions) => this.#note(partitions, true),
      onRevoked: (partitions) => this.#note(partitions, false),
      eachBatch: (batch) => {
        this.records.push(...batch.records);
        return Promise.resolve();
      },
      ...options,
    });
    return this;
  }

  async leave(): Promise<void> {
    await this.#subscription?.stop();
  }

  #note(partitions: readonly TopicPartition[], held: boolean): void {
    for (const { topic, partition } of partitions) {
      const name = `${topic}/${partition}`;
      if (held) this.assigned.add(name);
      else this.assigned.delete(name);
    }
  }
}

/** Everything visible in the topics now, in order per partition. */
export async function readAll(bus: Bus, topics: readonly string[]): Promise<IncomingRecord[]> {
  const records: IncomingRecord[] = [];
  const follower = await bus.follow({
    topics,
    from: 'beginning',
    onRecord: (incoming) => records.push(incoming),
  });
  await follower.caughtUp;
  await follower.stop();
  return records;
}

export async function append(bus: Bus, records: readonly OutgoingRecord[]): Promise<void> {
  const producer = await bus.openTransactional(uniqueTopic('writer'));
  await producer.commit({ records });
  await producer.close();
}

export function offsetOf(offsets: Offsets, at: TopicPartition): bigint | undefined {
  return offsets.find(({ topic, partition }) => topic === at.topic && partition === at.partition)
    ?.nextOffset;
}
