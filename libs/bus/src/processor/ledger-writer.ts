import { BUS_ERRORS, busError, isExpired, isFenced, isHopeless } from '../errors.ts';
import type { Bus, OutgoingRecord, TransactionalProducer } from '../port.ts';
import type { BusHost } from './message.ts';

const COMMIT_RECORDS_MAX = 500;
const QUEUED_RECORDS_MAX = 20_000;
const ATTEMPTS_MAX = 6;
const RETRY_FIRST_MS = 50;
const RETRY_MAX_MS = 2000;

/** The context of a service; a process that is none has no instances to tell apart. */
export type WriterHost = Pick<BusHost, 'clock' | 'log'> & { readonly instance?: string };

export interface LedgerWriterOptions {
  readonly bus: Bus;
  readonly host: WriterHost;
  /** Purpose of the writer. Instances of a service add their name to it, so that none fences another. */
  readonly id: string;
  /** `platform`: one writer at most, whatever instance opens it last; the id is taken as it stands. */
  readonly scope?: 'instance' | 'platform';
  /**
   * `each`: outside transactions, several times quicker: what is asked for together need not become
   * visible together, and a writer that was thought dead may still write.
   */
  readonly commit?: 'together' | 'each';
}

interface Waiting {
  readonly records: readonly OutgoingRecord[];
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * For services that only append. What is asked for while a commit runs goes into the next one.
 *
 * After an error of unknown outcome the records are written again, so a record may be there twice;
 * ledger readers know records by their business ids. A fenced writer never writes again.
 */
export class LedgerWriter {
  readonly #options: LedgerWriterOptions;
  /** The transactional id: stable over restarts, so that a successor ends what this one left open. */
  readonly id: string;
  #producer: TransactionalProducer | undefined;
  #waiting: Waiting[] = [];
  #queuedRecords = 0;
  #pump: Promise<void> | undefined;
  #ended: unknown;

  constructor(options: LedgerWriterOptions) {
    this.#options = options;
    const { id, host, scope = 'instance' } = options;
    const isAlone = scope === 'platform' || host.instance === undefined;
    this.id = isAlone ? id : `${id}-${host.instance}`;
  }

  /** Fences a former writer of the id now rather than with the first append. */
  async open(): Promise<void> {
    if (this.#options.commit === 'each') return;
    this.#producer ??= await this.#options.bus.openTransactional(this.id);
  }

  /** Resolves when all the records are durable and visible; they become so together, unless told otherwise. */
  append(records: readonly OutgoingRecord[]): Promise<void> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (this.#queuedRecords + records.length > QUEUED_RECORDS_MAX) {
      return Promise.reject(busError(BUS_ERRORS.BUFFER_FULL, { path: this.id }));
    }
    return new Promise((resolve, reject) => {
      this.#queuedRecords += records.length;
      this.#waiting.push({ records, resolve, reject });
      this.#pump ??= this.#run();
    });
  }

  /** Writes what is waiting, then ends. */
  async close(): Promise<void> {
    await this.#pump;
    this.#ended ??= busError(BUS_ERRORS.PRODUCER_CLOSED, { path: this.id });
    await this.#producer?.close();
  }

  async #run(): Promise<void> {
    // The first append of a turn waits for the others of it.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#take();
      const records = batch.flatMap((entry) => entry.records);
      try {
        await this.#commit(records);
        for (const entry of batch) entry.resolve();
      } catch (error) {
        for (const entry of batch) entry.reject(error);
        if (isFenced(error) && !this.#mayReopen(error)) this.#end(error);
      }
    }
    this.#pump = undefined;
  }

  /** Whole appends, at least one. */
  #take(): Waiting[] {
    let size = 0;
    let count = 0;
    for (const { records } of this.#waiting) {
      if (count > 0 && size + records.length > COMMIT_RECORDS_MAX) break;
      size += records.length;
      count += 1;
    }
    this.#queuedRecords -= size;
    return this.#waiting.splice(0, count);
  }

  async #commit(records: readonly OutgoingRecord[]): Promise<void> {
    let retryMs = RETRY_FIRST_MS;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.open();
        if (this.#producer === undefined) await this.#options.bus.append(records);
        else await this.#producer.commit({ records });
        return;
      } catch (error) {
        await this.#producer?.close();
        this.#producer = undefined;
        if (attempt >= ATTEMPTS_MAX || !this.#mayPass(error)) throw error;
        const { host } = this.#options;
        host.log.warn({ err: error, attempt }, `ledger writer ${this.id} tries again`);
        await host.clock.sleep(retryMs);
        retryMs = Math.min(2 * retryMs, RETRY_MAX_MS);
      }
    }
  }

  #end(error: unknown): void {
    this.#ended = error;
    for (const entry of this.#waiting) entry.reject(error);
    this.#waiting = [];
    this.#queuedRecords = 0;
  }

  #mayPass(error: unknown): boolean {
    const stopped = (error as { code?: string }).code === BUS_ERRORS.STOPPED.code;
    if (isFenced(error)) return this.#mayReopen(error);
    return !stopped && !isHopeless(error);
  }

  /** Nobody else has an id that is this instance's own: a transaction that expired just came to nothing. */
  #mayReopen(error: unknown): boolean {
    const { scope = 'instance', host } = this.#options;
    return scope === 'instance' && host.instance !== undefined && isExpired(error);
  }
}
