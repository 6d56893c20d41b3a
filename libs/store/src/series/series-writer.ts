import { CerberusError, type Clock, faultOf, invariant, type TimerHandle } from '@cerberus/core';
import {
  type Logger,
  type Metrics,
  messageOf,
  notReady,
  READY,
  type Readiness,
} from '@cerberus/runtime';
import { STORE_ERRORS } from '../errors.ts';
import { storeFailure } from '../sql-failure.ts';
import { rowFault, type SeriesRow } from './batch.ts';
import type { SeriesDefinition } from './definition.ts';
import { AHEAD_US_MOST, isTooSlow, type RefusedRow, type RowWriter } from './row-writer.ts';

export interface SeriesWriterSettings {
  /** Rows held at once; whoever writes more waits, so that the log it reads from holds the rest. */
  readonly bufferRows: number;
  /** Most rows of one statement. */
  readonly batchRows: number;
  /** How long rows wait for others to be written with. */
  readonly lingerMs: number;
}

export interface WriteOutcome {
  readonly refused: readonly RefusedRow[];
}

/** Writes waiting for room; there is one per partition read, so more is a programmer error. */
const WAITING_WRITES_MOST = 10_000;
const RETRY_FIRST_MS = 250;
const RETRY_MOST_MS = 5000;
/** A stop with the database gone does not wait for it longer than this. */
const CLOSE_LIMIT_MS = 3000;

interface Write {
  readonly series: SeriesDefinition;
  readonly count: number;
  left: number;
  readonly refused: RefusedRow[];
  readonly resolve: (outcome: WriteOutcome) => void;
  readonly reject: (error: CerberusError) => void;
}

interface HeldRow extends SeriesRow {
  readonly write: Write;
  /** The row as it was given. */
  readonly given: SeriesRow;
}

/**
 * Collects rows of several series into batches and writes one batch at a time. While the database
 * cannot take them it holds what it has, takes no more than fits, tries again with growing delays and
 * is not ready; nothing is dropped.
 */
export class SeriesWriter {
  readonly #writers: ReadonlyMap<string, RowWriter>;
  readonly #settings: SeriesWriterSettings;
  readonly #clock: Clock;
  readonly #nowUs: () => number;
  readonly #log: Logger;
  readonly #count: (series: string, outcome: string, rows: number) => void;
  readonly #observe: (seconds: number, series: string) => void;
  /** Rows to be written, oldest first, by series. */
  readonly #held = new Map<string, HeldRow[]>();
  readonly #waiting: (() => void)[] = [];
  #rows = 0;
  #batchRows: number;
  #failure: string | undefined;
  #isFlushing = false;
  #isClosed = false;
  #linger: TimerHandle | undefined;
  readonly #abort = new AbortController();

  constructor(options: {
    readonly writers: ReadonlyMap<string, RowWriter>;
    readonly settings: SeriesWriterSettings;
    /** Real time: a database does not live in that of a replay. */
    readonly clock: Clock;
    /** The time of the rows. */
    readonly nowUs: () => number;
    readonly log: Logger;
    readonly metrics: Metrics;
  }) {
    const { metrics } = options;
    this.#writers = options.writers;
    this.#settings = options.settings;
    this.#batchRows = options.settings.batchRows;
    this.#clock = options.clock;
    this.#nowUs = options.nowUs;
    this.#log = options.log;
    const rows = metrics.counter('series_rows_total', 'Rows by what became of them', [
      'series',
      'outcome',
    ]);
    this.#count = (series, outcome, count) => {
      if (count > 0) rows.inc({ series, outcome }, count);
    };
    const seconds = metrics.histogram('series_write_seconds', 'Time to write one batch', {
      labelNames: ['series'],
    });
    this.#observe = (duration, series) => seconds.observe(duration, { series });
    metrics.gaugeOf('series_buffer_rows', 'Rows held until they are written', () => this.#rows);
  }

  /** Resolves when the rows are durable; rejects only when the writer closes before they are. */
  async write(series: SeriesDefinition, rows: readonly SeriesRow[]): Promise<WriteOutcome> {
    invariant(this.#writers.has(series.name), `the series ${series.name} is open`);
    const { good, refused } = this.#sort(series, rows);
    this.#count(series.name, 'refused', refused.length);
    if (good.length === 0) return { refused };
    await this.#room(good.length);
    return new Promise((resolve, reject) => {
      const count = good.length;
      const write: Write = { series, count, left: count, refused, resolve, reject };
      const held = this.#held.get(series.name) ?? [];
      this.#held.set(series.name, held);
      for (const row of good) held.push({ ...row, write, given: row });
      this.#schedule();
    });
  }

  ready(): Readiness {
    if (this.#isClosed) return notReady('closed');
    return this.#failure === undefined ? READY : notReady(this.#failure);
  }

  /** Writes what it has if the database takes it, and gives the rest back as not written. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const wake of this.#waiting.splice(0)) wake();
    const limit = this.#clock.after(CLOSE_LIMIT_MS, () => this.#abort.abort());
    this.#linger?.cancel();
    await this.#flush();
    while (this.#isFlushing) await this.#clock.sleep(10);
    limit.cancel();
    const error = closed();
    for (const { write } of [...this.#held.values()].flat()) write.reject(error);
    this.#held.clear();
    this.#rows = 0;
  }

  #sort(series: SeriesDefinition, rows: readonly SeriesRow[]) {
    const refused: RefusedRow[] = [];
    const latestUs = this.#nowUs() + AHEAD_US_MOST;
    const good = rows.filter((row) => {
      const fault = rowFault(series, row) ?? (row.timeUs > latestUs ? tooFar(series) : undefined);
      if (fault !== undefined) refused.push({ row, fault });
      return fault === undefined;
    });
    return { good, refused };
  }

  /** Takes room when there is some; a write larger than the buffer goes alone. */
  async #room(count: number): Promise<void> {
    invariant(this.#waiting.length < WAITING_WRITES_MOST, 'writes to the series are bounded');
    while (!this.#isClosed && this.#rows > 0 && this.#rows + count > this.#settings.bufferRows) {
      await new Promise<void>((wake) => this.#waiting.push(wake));
    }
    if (this.#isClosed) throw closed();
    this.#rows += count;
  }

  #schedule(): void {
    if (this.#isFlushing) return;
    if (this.#rows >= this.#batchRows) {
      this.#linger?.cancel();
      this.#linger = undefined;
      void this.#flush();
      return;
    }
    this.#linger ??= this.#clock.after(this.#settings.lingerMs, () => {
      this.#linger = undefined;
      void this.#flush();
    });
  }

  async #flush(): Promise<void> {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    try {
      while (!this.#abort.signal.aborted) {
        const next = [...this.#held].find(([, rows]) => rows.length > 0);
        if (next === undefined) break;
        await this.#flushOne(...next);
      }
    } finally {
      this.#isFlushing = false;
    }
  }

  /** The series whose rows wait longest comes first, and then waits behind the others. */
  async #flushOne(name: string, held: readonly HeldRow[]): Promise<void> {
    const batch = held.slice(0, this.#batchRows);
    const startedMs = this.#clock.monotonicMs();
    if (!(await this.#persist(name, batch))) return;
    this.#observe((this.#clock.monotonicMs() - startedMs) / 1000, name);
    this.#held.delete(name);
    const rest = held.slice(batch.length);
    if (rest.length > 0) this.#held.set(name, rest);
    this.#rows -= batch.length;
    for (const { write } of batch) {
      write.left -= 1;
      if (write.left === 0) write.resolve({ refused: write.refused });
    }
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** False where the writer closed first. */
  async #persist(name: string, batch: readonly HeldRow[]): Promise<boolean> {
    for (let delayMs = RETRY_FIRST_MS; ; delayMs = Math.min(delayMs * 2, RETRY_MOST_MS)) {
      try {
        const { written, expired, refused } = await this.#writers.get(name)!.write(batch);
        for (const { row, error } of refused)
          row.write.refused.push({ row: row.given, fault: error.fault });
        this.#count(name, 'written', written);
        this.#count(name, 'expired', expired);
        this.#count(name, 'refused', refused.length);
        this.#count(name, 'known', batch.length - written - expired - refused.length);
        this.#recovered();
        return true;
      } catch (error) {
        const failure = storeFailure(error);
        this.#failed(failure);
        // Fewer rows at once may be done in time; the batch in hand is the one to be cut.
        if (isTooSlow(failure) && batch.length > 1) {
          this.#batchRows = Math.ceil(batch.length / 2);
          return false;
        }
        if (this.#abort.signal.aborted) return false;
        await this.#clock.sleep(delayMs, this.#abort.signal).catch(() => undefined);
        if (this.#abort.signal.aborted) return false;
      }
    }
  }

  #failed(failure: CerberusError): void {
    if (this.#failure === undefined) {
      this.#log.warn({ code: failure.code }, `series wait to be written: ${messageOf(failure)}`);
    }
    this.#failure = `${this.#rows} rows wait to be written: ${failure.message}`;
  }

  #recovered(): void {
    if (this.#failure !== undefined) this.#log.info('series are written again');
    this.#failure = undefined;
    this.#batchRows = Math.min(this.#batchRows * 2, this.#settings.batchRows);
  }
}

function closed(): CerberusError {
  return new CerberusError(
    faultOf(STORE_ERRORS.UNAVAILABLE, {
      message: 'the series were closed before the rows were in',
    }),
  );
}

function tooFar({ name }: SeriesDefinition) {
  return faultOf(STORE_ERRORS.SERIES_ROW_INVALID, {
    message: `a row of ${name} is dated more than a day ahead of the clock`,
    path: `${name}.time`,
  });
}
