import type { Codecs, TopicName } from '@cerberus/schema';
import type { Bus, Follower, FollowOptions, IncomingRecord } from '../port.ts';
import type { DeadLetterReason, DeadLetterSink } from './dead-letter.ts';
import type { BusHost, InputOf } from './message.ts';
import { type ProcessorMetrics, processorMetrics } from './processor-metrics.ts';
import { RecordDecoder } from './record-decoder.ts';

/** Keys that may wait at once; beyond it the one waiting longest is dropped and counted. */
const WAITING_KEYS_MAX = 100_000;

export interface StreamReaderOptions<T extends TopicName> {
  /** For metrics and crash reports. */
  readonly name: string;
  readonly bus: Bus;
  readonly codecs: Codecs;
  readonly host: BusHost;
  readonly topics: readonly T[];
  /** `end` where absent. */
  readonly from?: FollowOptions['from'];
  /**
   * Keep only the newest record of each key until the handler's turn comes: at the end of the turn of
   * the event loop, or every `drainEveryMs`. What is skipped is counted and never decoded.
   */
  readonly conflate?: boolean | { readonly drainEveryMs: number };
  readonly patienceMs?: FollowOptions['patienceMs'];
  readonly deadLetters?: DeadLetterSink;
  handle(input: InputOf<T>): void;
}

/** Follows streams without a group: every instance sees everything, nothing is replayed. */
export class StreamReader<T extends TopicName> {
  readonly #options: StreamReaderOptions<T>;
  readonly #decoder: RecordDecoder<T>;
  readonly #metrics: ProcessorMetrics;
  readonly #countConflated: (topic: string, records: number) => void;
  /** By topic, since the last drain: a labelled count for each would cost more than the skipping. */
  readonly #skips = new Map<string, number>();
  readonly #waiting = new Map<string, IncomingRecord>();
  #follower: Follower | undefined;
  #scheduled: { cancel(): void } | undefined;
  #stopped = false;
  #conflated = 0;

  constructor(options: StreamReaderOptions<T>) {
    this.#options = options;
    this.#metrics = processorMetrics(options.host.metrics);
    const counter = options.host.metrics.counter(
      'bus_records_conflated_total',
      'Stream records skipped because a newer one of the same key came',
      ['topic', 'reader'],
    );
    this.#countConflated = (topic, records) =>
      counter.inc({ topic, reader: options.name }, records);
    this.#decoder = new RecordDecoder({
      codecs: options.codecs,
      clock: options.host.clock,
      onMessage: (topic, message, record) => {
        if (message !== undefined) this.#handle({ topic, message, record } as InputOf<T>);
      },
      onDeadLetter: (record, why) => this.#setAside(record, why),
      onWaiting: (topic, error) =>
        options.host.log.warn({ err: error, topic }, `${options.name} waits for a schema`),
    });
  }

  /** Records skipped so far. */
  get conflated(): number {
    return this.#conflated;
  }

  async start(): Promise<void> {
    const { bus, topics, from = 'end', conflate = false, patienceMs } = this.#options;
    this.#follower = await bus.follow({
      topics,
      from,
      ...(patienceMs === undefined ? {} : { patienceMs }),
      onRecord: conflate === false ? (r) => this.#decoder.accept(r) : (r) => this.#wait(r),
    });
  }

  /** Resolves when what was there at the start has been handled (with conflation: is waiting). */
  async caughtUp(): Promise<void> {
    await this.#follower?.caughtUp;
    await this.#decoder.settled();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#scheduled?.cancel();
    this.#waiting.clear();
    this.#decoder.stop();
    await this.#follower?.stop();
  }

  #wait(record: IncomingRecord): void {
    const name = this.#options.topics.length === 1 ? record.key : `${record.topic}\n${record.key}`;
    // The newest takes the place of the one it replaces: no key starves behind busier ones.
    if (this.#waiting.has(name)) this.#skipped(record.topic);
    else if (this.#waiting.size >= WAITING_KEYS_MAX) this.#dropOldest();
    this.#waiting.set(name, record);
    this.#schedule();
  }

  #dropOldest(): void {
    for (const [name, record] of this.#waiting) {
      this.#waiting.delete(name);
      this.#skipped(record.topic);
      return;
    }
  }

  #skipped(topic: string): void {
    this.#conflated += 1;
    this.#skips.set(topic, (this.#skips.get(topic) ?? 0) + 1);
  }

  #schedule(): void {
    if (this.#scheduled !== undefined || this.#stopped) return;
    const { conflate, host } = this.#options;
    if (typeof conflate === 'object') {
      this.#scheduled = host.clock.after(conflate.drainEveryMs, () => this.#drain());
      return;
    }
    const immediate = setImmediate(() => this.#drain());
    this.#scheduled = { cancel: () => clearImmediate(immediate) };
  }

  #drain(): void {
    this.#scheduled = undefined;
    const records = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const [topic, skipped] of this.#skips) this.#countConflated(topic, skipped);
    this.#skips.clear();
    for (const record of records) {
      if (!this.#stopped) this.#decoder.accept(record);
    }
  }

  #handle(input: InputOf<T>): void {
    const { name, host, handle } = this.#options;
    try {
      handle(input);
    } catch (error) {
      const { topic, partition, offset } = input.record;
      const verdict = host.supervisor.judge(error, { component: name, topic, partition, offset });
      if (verdict.action === 'stop') {
        void this.stop();
        return;
      }
      this.#setAside(input.record, { reason: verdict.reason, detail: verdict.message });
    }
  }

  #setAside(record: IncomingRecord, why: DeadLetterReason): void {
    this.#metrics.deadLettered(record.topic, why.reason);
    this.#options.deadLetters?.write(record, why);
  }
}
