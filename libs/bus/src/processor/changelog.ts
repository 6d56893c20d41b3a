import { setImmediate as nextTurn } from 'node:timers/promises';
import { CerberusError, invariant } from '@cerberus/core';
import { Codecs, type MessageByTopic, type StateEntry, type TopicName } from '@cerberus/schema';
import { BUS_ERRORS, busError } from '../errors.ts';
import type { Bus, Follower, OutgoingRecord } from '../port.ts';
import { reportCatchUp } from './catch-up-report.ts';
import type { BusHost } from './message.ts';

/** Restored before heartbeats and the other partitions have their turn. */
const ENTRIES_PER_TURN = 64;

/** Topics that hold private state of a service. */
export type StateTopic = {
  [T in TopicName]: MessageByTopic[T] extends StateEntry ? T : never;
}[TopicName];

/** How a service writes its state down. `decode` throws for what it does not know. */
export interface StateSerializer<S> {
  encode(key: string, value: S): StateEntry;
  decode(key: string, entry: StateEntry): S;
}

export interface ChangelogOptions<S> {
  readonly bus: Bus;
  readonly codecs: Codecs;
  readonly topic: StateTopic;
  readonly serializer: StateSerializer<S>;
  readonly host: Pick<BusHost, 'clock' | 'log' | 'metrics'>;
}

/**
 * Keeps the newest raw entry of every key of a changelog in memory, so that a partition that moves
 * here is restored from a warm copy: only the distance to the end has to be read.
 */
export class Changelog<S> {
  readonly #options: ChangelogOptions<S>;
  readonly #entries = new Map<number, Map<string, Buffer>>();
  #follower: Follower | undefined;

  constructor(options: ChangelogOptions<S>) {
    this.#options = options;
  }

  /**
   * Reads what can be read. A predecessor that died in a commit hides the rest until the task of its
   * partition shuts it out, for which this must have started: `restore` then reads to the very end.
   */
  async start(): Promise<void> {
    const { bus, topic, host } = this.#options;
    let records = 0;
    this.#follower = await bus.follow({
      topics: [topic],
      from: 'beginning',
      onRecord: ({ partition, key, value }) => {
        records += 1;
        const entries = this.#entries.get(partition) ?? new Map<string, Buffer>();
        this.#entries.set(partition, entries);
        if (value === null) entries.delete(key);
        else entries.set(key, Buffer.from(value));
      },
    });
    await reportCatchUp({
      ...{ host, what: `changelog ${topic}`, topic, caughtUp: this.#follower.drained },
      records: () => records,
    });
  }

  async stop(): Promise<void> {
    await this.#follower?.stop();
  }

  /** State as of now; the writer of the partition must have been fenced before. */
  async restore(partition: number): Promise<Map<string, S>> {
    const { bus, topic } = this.#options;
    invariant(this.#follower !== undefined, 'changelog is started');
    const ends = await bus.endOffsets([topic]);
    await this.#follower.reach(ends.filter((end) => end.partition === partition));
    const state = new Map<string, S>();
    for (const [key, value] of this.#entries.get(partition) ?? []) {
      state.set(key, await this.#decode(key, value));
      if (state.size % ENTRIES_PER_TURN === 0) await nextTurn();
    }
    return state;
  }

  /** A changed key as a record on the partition of its task; undefined deletes it. */
  record(partition: number, key: string, value: S | undefined): OutgoingRecord {
    const { codecs, topic, serializer } = this.#options;
    const bytes = value === undefined ? null : codecs.encode(topic, serializer.encode(key, value));
    return { topic, key, value: bytes, partition };
  }

  async #decode(key: string, value: Buffer): Promise<S> {
    const { codecs, topic, serializer } = this.#options;
    let decoded = codecs.decode(topic, value);
    if (!decoded.ok) {
      const id = Codecs.schemaId(value);
      if (id !== undefined && (await codecs.learn(topic, id)))
        decoded = codecs.decode(topic, value);
    }
    if (!decoded.ok) throw unreadable(`${topic}: ${key}`, new CerberusError(decoded.error));
    try {
      return serializer.decode(key, decoded.value);
    } catch (error) {
      throw unreadable(`${topic}: ${key}`, error);
    }
  }
}

/** Working on without a part of the state would be wrong for ever after: not to be retried. */
function unreadable(path: string, cause: unknown): CerberusError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return busError(BUS_ERRORS.STATE_UNREADABLE, { path, message }, cause);
}
