import type { Metrics } from '@cerberus/runtime';
import type { IncomingRecord } from '../port.ts';

/** Keys that may wait at once; beyond it the one waiting longest is dropped and counted. */
const WAITING_KEYS_MAX = 100_000;

export interface NewestRecordsOptions {
  /** For the count of what is skipped. */
  readonly reader: string;
  readonly metrics: Metrics;
  onRecord(record: IncomingRecord): void;
}

/**
 * Keeps only the newest record of each topic and key until the end of the turn of the event loop.
 * What is skipped is counted and never decoded.
 */
export class NewestRecords {
  readonly #options: NewestRecordsOptions;
  readonly #count;
  #waiting = new Map<string, Map<string, IncomingRecord>>();
  /** By topic, since the last drain: a labelled count for each would cost more than the skipping. */
  #skips = new Map<string, number>();
  #size = 0;
  #scheduled: NodeJS.Immediate | undefined;
  #isStopped = false;
  #skipped = 0;

  constructor(options: NewestRecordsOptions) {
    this.#options = options;
    this.#count = options.metrics.counter(
      'bus_records_conflated_total',
      'Stream records skipped because a newer one of the same key came',
      ['topic', 'reader'],
    );
  }

  /** So far. */
  get skipped(): number {
    return this.#skipped;
  }

  add(record: IncomingRecord): void {
    const { topic, key } = record;
    let keys = this.#waiting.get(topic);
    if (keys === undefined) {
      keys = new Map();
      this.#waiting.set(topic, keys);
    }
    // The newest takes the place of the one it replaces: no key starves behind busier ones.
    if (keys.has(key)) this.#skip(topic);
    else if (this.#size >= WAITING_KEYS_MAX) this.#dropOldest();
    else this.#size += 1;
    keys.set(key, record);
    if (!this.#isStopped) this.#scheduled ??= setImmediate(() => this.drain());
  }

  /** Hands over what waits. */
  drain(): void {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    const records = [...this.#waiting.values()].flatMap((keys) => [...keys.values()]);
    // New ones: V8's `clear` leaves the old table with its entries and with a reference to the next. Once one of them is old,
    // each keeps the next from being collected with the young, until everything is (docs/adr/018).
    this.#waiting = new Map();
    this.#size = 0;
    for (const [topic, skipped] of this.#skips) {
      this.#count.inc({ topic, reader: this.#options.reader }, skipped);
    }
    this.#skips = new Map();
    for (const record of records) {
      if (!this.#isStopped) this.#options.onRecord(record);
    }
  }

  stop(): void {
    this.#isStopped = true;
    clearImmediate(this.#scheduled);
    this.#waiting.clear();
  }

  #dropOldest(): void {
    for (const [topic, keys] of this.#waiting) {
      for (const key of keys.keys()) {
        keys.delete(key);
        this.#skip(topic);
        return;
      }
    }
  }

  #skip(topic: string): void {
    this.#skipped += 1;
    this.#skips.set(topic, (this.#skips.get(topic) ?? 0) + 1);
  }
}
