import { type Clock, type EpochUs, invariant } from '@cerberus/core';
import { BUS_ERRORS, busError } from '../errors.ts';
import type { Commit, IncomingRecord, OutgoingRecord } from '../port.ts';
import type { TopicTable } from '../topic-table.ts';
import { type LogStore, NO_HEADERS } from './log-store.ts';
import type { PartitionLog } from './partition-log.ts';

/** Commits that may wait for the end of the turn. Every producer has one at most. */
const WAITING_COMMITS_MAX = 65_536;

/** Recorded stream records kept for the next write when one fails; the rest is missing in the file. */
const RECORDED_WAITING_MAX = 100_000;

interface Written {
  readonly write: Write;
  readonly entries: readonly Waiting[];
}

interface Waiting {
  readonly commit: Commit;
  /** Undefined for offsets of a timer and recorded streams, which nobody can fence. */
  readonly producer: { readonly id: string; readonly epoch: number } | undefined;
  resolve(): void;
  reject(error: unknown): void;
}

export interface CommitQueueOptions {
  readonly store: LogStore;
  readonly clock: Clock;
  readonly topics: TopicTable;
  log(topic: string, partition: number): PartitionLog;
  setGroupOffset(groupId: string, log: PartitionLog, nextOffset: number): void;
  /** A sync failed: the log of this process cannot be trusted any more. */
  onLost(error: Error): void;
}

/**
 * Group commit: everything asked for in one turn of the event loop is written in one SQLite
 * transaction; everything written while the disk was busy becomes durable with its next sync, and
 * visible then. Each commit stays atomic by itself: a fenced one is left out whole. The event loop
 * never waits for the disk.
 */
export class CommitQueue {
  readonly #options: CommitQueueOptions;
  readonly #epochs: Map<string, number>;
  #waiting: Waiting[] = [];
  #recorded: IncomingRecord[] = [];
  #scheduled = false;
  #closed = false;
  /** Written, not yet durable. */
  #written: Written[] = [];
  #syncing = false;
  #idleWaiters: (() => void)[] = [];
  /** Why the last write failed, undefined once one succeeds. */
  failure: string | undefined;

  constructor(options: CommitQueueOptions) {
    this.#options = options;
    this.#epochs = options.store.epochs();
  }

  /** Fences older producers of the id at once; resolves when that is durable. */
  async open(id: string): Promise<number> {
    const epoch = (this.#epochs.get(id) ?? 0) + 1;
    this.#epochs.set(id, epoch);
    await this.commit({ records: [] }, { id, epoch });
    return epoch;
  }

  commit(commit: Commit, producer?: { id: string; epoch: number }): Promise<void> {
    if (this.#closed) return Promise.reject(busError(BUS_ERRORS.STOPPED));
    if (this.#waiting.length >= WAITING_COMMITS_MAX) {
      return Promise.reject(busError(BUS_ERRORS.BUFFER_FULL));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ commit, producer, resolve, reject });
      this.#schedule();
    });
  }

  /** Writes a stream record to the file with the next transaction; it is visible already. */
  record(record: IncomingRecord): void {
    this.#recorded.push(record);
    this.#schedule();
  }

  /** After a failed write: tries a small one, so that readiness returns without traffic. */
  probe(): void {
    if (this.failure === undefined || this.#closed) return;
    try {
      this.#options.store.nextCount('probes');
      this.failure = undefined;
    } catch (error) {
      this.failure = messageOf(error);
    }
  }

  /** Resolves when everything asked for is answered; takes nothing more. */
  async close(): Promise<void> {
    this.flush();
    this.#closed = true;
    if (this.#syncing) await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.flush());
  }

  flush(): void {
    this.#scheduled = false;
    if (this.#waiting.length === 0 && this.#recorded.length === 0) return;
    const waiting = this.#waiting;
    const recorded = this.#recorded;
    this.#waiting = [];
    this.#recorded = [];
    const accepted = waiting.filter((entry) => this.#admit(entry));
    if (accepted.length === 0 && recorded.length === 0) return;
    const write = new Write(this.#options);
    try {
      this.#options.store.transaction(() => {
        for (const entry of accepted) write.add(entry);
        write.finish(recorded);
      });
    } catch (error) {
      this.failure = messageOf(error);
      const failed = busError(BUS_ERRORS.COMMIT_FAILED, { message: this.failure }, error);
      for (const entry of accepted) entry.reject(failed);
      this.#recorded = [...recorded, ...this.#recorded].slice(0, RECORDED_WAITING_MAX);
      return;
    }
    this.failure = undefined;
    write.advance();
    for (const { topic, partition, offset } of recorded) {
      this.#options.log(topic, partition).recordedTo = Number(offset) + 1;
    }
    if (accepted.length === 0) return;
    this.#written.push({ write, entries: accepted });
    this.#sync();
  }

  #sync(): void {
    if (this.#syncing) return;
    const written = this.#written;
    this.#written = [];
    if (written.length === 0) {
      for (const resolve of this.#idleWaiters.splice(0)) resolve();
      return;
    }
    this.#syncing = true;
    this.#options.store.sync((error) => {
      this.#syncing = false;
      if (error === null) {
        for (const { write, entries } of written) {
          write.publish();
          for (const entry of entries) entry.resolve();
        }
      } else this.#lose([...written, ...this.#written.splice(0)], error);
      this.#sync();
    });
  }

  /**
   * The disk refused a sync: what was written may or may not be there after a restart, and the
   * operating system may have dropped it already. Nothing more is taken; the process is to end.
   */
  #lose(written: readonly Written[], error: Error): void {
    this.#closed = true;
    this.failure = messageOf(error);
    const failed = busError(BUS_ERRORS.COMMIT_FAILED, { message: this.failure }, error);
    for (const { entries } of written) for (const entry of entries) entry.reject(failed);
    this.#options.onLost(failed);
  }

  #admit(entry: Waiting): boolean {
    const { producer } = entry;
    if (producer === undefined || this.#epochs.get(producer.id) === producer.epoch) return true;
    entry.reject(busError(BUS_ERRORS.FENCED, { path: producer.id }));
    return false;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** One SQLite transaction; nothing of it is visible before `publish`. */
class Write {
  readonly #options: CommitQueueOptions;
  readonly #appended = new Map<PartitionLog, IncomingRecord[]>();
  readonly #offsets: { groupId: string; log: PartitionLog; nextOffset: number }[] = [];

  constructor(options: CommitQueueOptions) {
    this.#options = options;
  }

  add({ commit, producer }: Waiting): void {
    const { store, topics, clock } = this.#options;
    const timestampUs = clock.nowUs();
    if (producer !== undefined && commit.records.length === 0 && commit.offsets === undefined) {
      store.setEpoch(producer.id, producer.epoch);
    }
    for (const record of commit.records) {
      const log = this.#options.log(record.topic, topics.partition(record));
      const appended = this.#appended.get(log) ?? [];
      if (appended.length === 0) this.#appended.set(log, appended);
      const incoming = incomingRecord(record, {
        partition: log.partition,
        offset: log.writtenOffset + appended.length,
        timestampUs,
      });
      appended.push(incoming);
      store.append(log.stored, incoming);
    }
    for (const { topic, partition, nextOffset } of commit.offsets?.offsets ?? []) {
      const log = this.#options.log(topic, partition);
      const groupId = commit.offsets!.groupId;
      store.setGroupOffset(groupId, log.stored, Number(nextOffset));
      this.#offsets.push({ groupId, log, nextOffset: Number(nextOffset) });
    }
  }

  finish(recorded: readonly IncomingRecord[]): void {
    const { store } = this.#options;
    for (const [log, records] of this.#appended) {
      store.setNextOffset(log.stored, log.writtenOffset + records.length);
    }
    for (const record of recorded) {
      const log = this.#options.log(record.topic, record.partition);
      store.append(log.stored, record);
    }
  }

  /** The transaction is in the file: the offsets it used are used. */
  advance(): void {
    for (const [log, records] of this.#appended) log.writtenOffset += records.length;
  }

  /** It is durable: readers may see it. */
  publish(): void {
    for (const { groupId, log, nextOffset } of this.#offsets) {
      this.#options.setGroupOffset(groupId, log, nextOffset);
    }
    for (const [log, records] of this.#appended) {
      invariant(Number(records[0]!.offset) === log.nextOffset, 'offsets continue the partition');
      log.append(records);
    }
  }
}

export function incomingRecord(
  record: OutgoingRecord,
  at: { partition: number; offset: number; timestampUs: EpochUs },
): IncomingRecord {
  return {
    topic: record.topic,
    partition: at.partition,
    offset: BigInt(at.offset),
    key: record.key,
    value: record.value,
    headers: record.headers ?? NO_HEADERS,
    timestampUs: at.timestampUs,
  };
}
