import type { Codecs, TopicName } from '@cerberus/schema';
import type { Bus, Follower, FollowOptions, IncomingRecord } from '../port.ts';
import type { DeadLetterReason, DeadLetterSink } from './dead-letter.ts';
import type { BusHost, InputOf } from './message.ts';
import { NewestRecords } from './newest-records.ts';
import { type ProcessorMetrics, processorMetrics } from './processor-metrics.ts';
import { RecordDecoder } from './record-decoder.ts';

export interface StreamReaderOptions<T extends TopicName> {
  /** For metrics and crash reports. */
  readonly name: string;
  readonly bus: Bus;
  readonly codecs: Codecs;
  readonly host: BusHost;
  readonly topics: readonly T[];
  /** `end` where absent. */
  readonly from?: FollowOptions['from'];
  /** Whether to keep only the newest record of each key (`NewestRecords`). */
  readonly conflate?: boolean;
  readonly patienceMs?: FollowOptions['patienceMs'];
  readonly deadLetters?: DeadLetterSink;
  handle(input: InputOf<T>): void;
}

/** Follows streams without a group: every instance sees everything, nothing is replayed. */
export class StreamReader<T extends TopicName> {
  readonly #options: StreamReaderOptions<T>;
  readonly #decoder: RecordDecoder<T>;
  readonly #metrics: ProcessorMetrics;
  readonly #newest: NewestRecords;
  #follower: Follower | undefined;

  constructor(options: StreamReaderOptions<T>) {
    this.#options = options;
    this.#metrics = processorMetrics(options.host.metrics);
    this.#newest = new NewestRecords({
      reader: options.name,
      metrics: options.host.metrics,
      onRecord: (record) => this.#decoder.accept(record),
    });
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
    return this.#newest.skipped;
  }

  async start(): Promise<void> {
    const { bus, topics, from = 'end', conflate = false, patienceMs } = this.#options;
    this.#follower = await bus.follow({
      topics,
      from,
      ...(patienceMs === undefined ? {} : { patienceMs }),
      onRecord: conflate ? (r) => this.#newest.add(r) : (r) => this.#decoder.accept(r),
    });
  }

  /** Resolves when what was there at the start has been handled. */
  caughtUp(): Promise<void> {
    return this.#handled(this.#follower?.caughtUp);
  }

  /** Resolves when what could be read has been handled; see `Follower.drained`. */
  drained(): Promise<void> {
    return this.#handled(this.#follower?.drained);
  }

  async #handled(delivered: Promise<void> | undefined): Promise<void> {
    await delivered;
    this.#newest.drain();
    await this.#decoder.settled();
  }

  async stop(): Promise<void> {
    this.#newest.stop();
    this.#decoder.stop();
    await this.#follower?.stop();
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
