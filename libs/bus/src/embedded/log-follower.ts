import { BUS_ERRORS, busError } from '../errors.ts';
import type { Follower, IncomingRecord, Offsets } from '../port.ts';
import type { LogReader, PartitionLog } from './partition-log.ts';

/** Records delivered before other work of the process gets its turn. */
const RECORDS_PER_TURN = 2048;
const PAGE_RECORDS = 512;

class Cursor implements LogReader {
  readonly log: PartitionLog;
  position: number;
  readonly #wake: () => void;

  constructor(log: PartitionLog, position: number, wake: () => void) {
    this.log = log;
    this.position = position;
    this.#wake = wake;
  }

  onAppend(): void {
    this.#wake();
  }
}

interface Reach {
  readonly positions: { readonly cursor: Cursor; readonly offset: number }[];
  resolve(): void;
  reject(error: unknown): void;
}

export interface FollowerOptions {
  readonly starts: readonly { readonly log: PartitionLog; readonly position: number }[];
  onRecord(record: IncomingRecord): void;
  /** The record handler or the log failed: nothing more is delivered. */
  onFailure(error: unknown): void;
  onStopped(): void;
}

/** Delivers in the microtask after an append; a long backlog in turns. */
export class LogFollower implements Follower {
  readonly caughtUp: Promise<void>;
  /** Nothing is hidden here: a transaction is in the log as a whole or not at all. */
  readonly drained: Promise<void>;
  readonly #options: FollowerOptions;
  readonly #cursors = new Map<PartitionLog, Cursor>();
  #reaches: Reach[] = [];
  #scheduled = false;
  #stopped = false;

  constructor(options: FollowerOptions) {
    this.#options = options;
    for (const { log, position } of options.starts) {
      const cursor = new Cursor(log, position, () => this.#schedule());
      this.#cursors.set(log, cursor);
      log.attach(cursor);
    }
    this.caughtUp = this.#reach(
      [...this.#cursors.values()].map((cursor) => ({ cursor, offset: cursor.log.nextOffset })),
    );
    // Whoever does not wait for it is not to be told of the stop by an unhandled rejection.
    this.caughtUp.catch(() => undefined);
    this.drained = this.caughtUp;
    this.#schedule();
  }

  reach(offsets: Offsets): Promise<void> {
    const positions = offsets.flatMap(({ topic, partition, nextOffset }) => {
      const log = [...this.#cursors.keys()].find(
        (candidate) => candidate.topic === topic && candidate.partition === partition,
      );
      const cursor = log === undefined ? undefined : this.#cursors.get(log);
      return cursor === undefined ? [] : [{ cursor, offset: Number(nextOffset) }];
    });
    return this.#reach(positions);
  }

  stop(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    this.#stopped = true;
    for (const [log, cursor] of this.#cursors) log.detach(cursor);
    for (const reach of this.#reaches) reach.reject(busError(BUS_ERRORS.STOPPED));
    this.#reaches = [];
    this.#options.onStopped();
    return Promise.resolve();
  }

  #reach(positions: Reach['positions']): Promise<void> {
    if (this.#stopped) return Promise.reject(busError(BUS_ERRORS.STOPPED));
    return new Promise((resolve, reject) => {
      this.#reaches.push({ positions, resolve, reject });
      this.#settle();
    });
  }

  #schedule(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    queueMicrotask(() => this.#drain());
  }

  #drain(): void {
    let budget = RECORDS_PER_TURN;
    try {
      for (const cursor of this.#cursors.values()) {
        budget -= this.#drainPartition(cursor, budget);
        if (budget <= 0 || this.#stopped) break;
      }
    } catch (error) {
      this.#options.onFailure(error);
      void this.stop();
      return;
    }
    this.#settle();
    if (budget > 0 || this.#stopped) {
      this.#scheduled = false;
      return;
    }
    setImmediate(() => this.#drain());
  }

  #drainPartition(cursor: Cursor, budget: number): number {
    const { log } = cursor;
    let delivered = 0;
    while (cursor.position < log.nextOffset && delivered < budget && !this.#stopped) {
      const end = log.nextOffset;
      const records = log.read(cursor.position, PAGE_RECORDS);
      if (records.length === 0) cursor.position = end;
      for (const record of records) {
        this.#options.onRecord(record);
        cursor.position = Number(record.offset) + 1;
        if (this.#stopped) break;
      }
      delivered += records.length;
      log.progressed();
    }
    return delivered;
  }

  #settle(): void {
    if (this.#reaches.length === 0) return;
    const waiting: Reach[] = [];
    for (const reach of this.#reaches) {
      if (reach.positions.every(({ cursor, offset }) => cursor.position >= offset)) reach.resolve();
      else waiting.push(reach);
    }
    this.#reaches = waiting;
  }
}
