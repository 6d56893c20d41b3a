import type { IncomingRecord, TopicSpec } from '../port.ts';
import type { LogStore, StoredPartition } from './log-store.ts';
import { RecordTail } from './record-tail.ts';

/** Records of a ledger partition kept in memory for readers that keep up. */
const LEDGER_TAIL_RECORDS = 2048;
const LEDGER_TAIL_BYTES = 4 * 1024 * 1024;
/** What a stream keeps of records that every reader has seen. */
const STREAM_RECENT_RECORDS = 256;
/** First size at which a stream looks for something to drop; grows with what must be kept. */
const STREAM_TRIM_RECORDS = 1024;
const STREAM_TRIM_BYTES = 2 * 1024 * 1024;
/** Most that an unread stream partition holds: then conflation, back-pressure, or loss (counted). */
const STREAM_RECORDS_MAX = 65_536;
const STREAM_BYTES_MAX = 32 * 1024 * 1024;
const HOUR_US = 3_600_000_000;

/** A cursor on a partition; what it has not read is not dropped without being counted. */
export interface LogReader {
  position: number;
  /** Called after records became visible. */
  onAppend(): void;
}

export interface PartitionCounts {
  /** Unread records of a conflatable topic replaced by a newer one of the same key. */
  conflated: number;
  /** Unread records lost because a partition of conflatable keys was full. */
  dropped: number;
}

/** One partition as readers see it: a tail in memory, older records in the file where there is one. */
export class PartitionLog {
  readonly spec: TopicSpec;
  readonly stored: StoredPartition;
  readonly counts: PartitionCounts = { conflated: 0, dropped: 0 };
  /** Behind the last visible record. */
  nextOffset: number;
  /** Behind the last record written to the file; it becomes visible when it is durable. */
  writtenOffset: number;
  /** Records of a recorded stream below this offset are in the file; others stay in memory. */
  recordedTo: number;
  readonly #store: LogStore;
  /** Whether older records can be read back from the file. */
  readonly #durable: boolean;
  readonly #tail = new RecordTail();
  readonly #readers = new Set<LogReader>();
  /** Every record at or beyond this offset is in the tail. */
  #tailStart: number;
  #trimRecords = STREAM_TRIM_RECORDS;
  #trimBytes = STREAM_TRIM_BYTES;
  #roomWaiters: (() => void)[] = [];

  constructor(options: {
    spec: TopicSpec;
    stored: StoredPartition;
    store: LogStore;
    durable: boolean;
    nextOffset: number;
  }) {
    this.spec = options.spec;
    this.stored = options.stored;
    this.#store = options.store;
    this.#durable = options.durable;
    this.nextOffset = options.nextOffset;
    this.writtenOffset = options.nextOffset;
    this.recordedTo = options.nextOffset;
    this.#tailStart = options.nextOffset;
  }

  get topic(): string {
    return this.spec.name;
  }

  get partition(): number {
    return this.stored.partition;
  }

  attach(reader: LogReader): void {
    this.#readers.add(reader);
  }

  detach(reader: LogReader): void {
    this.#readers.delete(reader);
    this.progressed();
  }

  /** Makes records visible; their offsets continue at `nextOffset`. */
  append(records: readonly IncomingRecord[]): void {
    for (const record of records) this.#tail.push(record, Number(record.offset));
    const last = records.at(-1);
    if (last === undefined) return;
    this.nextOffset = Number(last.offset) + 1;
    this.#trim(last.timestampUs);
    for (const reader of this.#readers) reader.onAppend();
  }

  /** The next records of a reader, ascending, none when it has read all. */
  read(from: number, limit: number): IncomingRecord[] {
    if (from >= this.nextOffset) return [];
    if (from < this.#tailStart && this.#durable) {
      const page = this.#store.page(this.stored, { from, below: this.#tailStart, limit });
      if (page.length > 0) return page;
    }
    return this.#tail.slice(from, limit);
  }

  /** Where `beginning` is. */
  firstOffset(): number {
    const stored = this.#durable ? this.#store.firstOffset(this.stored) : undefined;
    return stored ?? this.#tail.firstOffset ?? this.nextOffset;
  }

  /** A writer of a stream that may not be dropped must wait for its readers. */
  get full(): boolean {
    return (
      this.spec.class === 'stream' &&
      !this.#mayConflate() &&
      (this.#tail.length >= STREAM_RECORDS_MAX || this.#tail.bytes >= STREAM_BYTES_MAX)
    );
  }

  room(): Promise<void> {
    return new Promise((resolve) => this.#roomWaiters.push(resolve));
  }

  /** A reader has moved on: a waiting writer may have room now. */
  progressed(): void {
    if (this.#roomWaiters.length === 0) return;
    this.#dropRead();
    if (this.full) return;
    this.releaseWriters();
  }

  releaseWriters(): void {
    const waiters = this.#roomWaiters;
    this.#roomWaiters = [];
    for (const resolve of waiters) resolve();
  }

  #trim(nowUs: number): void {
    if (this.spec.class === 'ledger') {
      if (this.#tail.length <= LEDGER_TAIL_RECORDS && this.#tail.bytes <= LEDGER_TAIL_BYTES) return;
      // A quarter is dropped at a time; it is in the file.
      this.#tail.dropFront((LEDGER_TAIL_RECORDS * 3) / 4, () => true);
      if (this.#tail.bytes > LEDGER_TAIL_BYTES) {
        this.#tail.dropFront(1, () => this.#tail.bytes > LEDGER_TAIL_BYTES / 2);
      }
      this.#tailStart = this.#tail.firstOffset ?? this.nextOffset;
      return;
    }
    if (this.#tail.length < this.#trimRecords && this.#tail.bytes < this.#trimBytes) return;
    if (this.spec.cleanup === 'compact') this.#conflate(nowUs);
    else {
      this.#dropRead();
      const crowded = this.#tail.length >= this.#trimRecords || this.#tail.bytes >= this.#trimBytes;
      if (crowded && this.spec.conflate) this.#conflate(nowUs);
    }
    this.#dropOverflow();
    this.#trimRecords = Math.max(STREAM_TRIM_RECORDS, 2 * this.#tail.length);
    this.#trimBytes = Math.max(STREAM_TRIM_BYTES, 2 * this.#tail.bytes);
  }

  #mayConflate(): boolean {
    return this.spec.conflate || this.spec.cleanup === 'compact';
  }

  #slowestReader(): number {
    let slowest = this.nextOffset;
    for (const reader of this.#readers) slowest = Math.min(slowest, reader.position);
    return slowest;
  }

  #dropRead(): void {
    const read = this.#slowestReader();
    const below = this.#durable ? Math.min(read, this.recordedTo) : read;
    this.#tail.dropFront(STREAM_RECENT_RECORDS, (offset) => offset < below);
    if (this.#durable) this.#tailStart = this.#tail.firstOffset ?? this.nextOffset;
  }

  #conflate(nowUs: number): void {
    const read = this.#slowestReader();
    const hours = this.spec.retentionHours;
    const oldestUs = hours === 0 ? 0 : nowUs - hours * HOUR_US;
    const dropped = this.#tail.keepNewestOfKeys(
      (record) =>
        Number(record.offset) < read && (record.value === null || record.timestampUs < oldestUs),
    );
    for (const offset of dropped) if (offset >= read) this.counts.conflated += 1;
  }

  /** Last resort for keys without end on a conflatable topic; other topics wait instead. */
  #dropOverflow(): void {
    if (!this.#mayConflate()) return;
    const read = this.#slowestReader();
    const { length } = this.#tail;
    if (length < STREAM_RECORDS_MAX && this.#tail.bytes < STREAM_BYTES_MAX) return;
    this.#tail.dropFront(STREAM_RECENT_RECORDS, (offset) => {
      const over =
        this.#tail.length > STREAM_RECORDS_MAX / 2 || this.#tail.bytes > STREAM_BYTES_MAX / 2;
      if (over && offset >= read) this.counts.dropped += 1;
      return over;
    });
    if (this.#durable) this.#tailStart = this.#tail.firstOffset ?? this.nextOffset;
  }
}
