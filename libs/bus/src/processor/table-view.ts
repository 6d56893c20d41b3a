import type { EpochUs } from '@cerberus/core';
import { notReady, READY, type Readiness } from '@cerberus/runtime';
import type { Codecs, MessageByTopic, TopicName } from '@cerberus/schema';
import type { Bus, Follower, FollowOptions, IncomingRecord } from '../port.ts';
import { reportCatchUp } from './catch-up-report.ts';
import type { DeadLetterSink } from './dead-letter.ts';
import type { BusHost } from './message.ts';
import { NewestRecords } from './newest-records.ts';
import { processorMetrics } from './processor-metrics.ts';
import { RecordDecoder } from './record-decoder.ts';

export interface TableViewOptions<T extends TopicName> {
  readonly bus: Bus;
  readonly codecs: Codecs;
  readonly host: BusHost;
  readonly topic: T;
  /** Where records that cannot be decoded go, beside the log and the count. */
  readonly deadLetters?: DeadLetterSink;
  readonly patienceMs?: FollowOptions['patienceMs'];
  /** Whether what a newer record of its key follows in the same turn may be passed over, undecoded. */
  readonly conflate?: boolean;
}

export interface TableEntry<M> {
  readonly key: string;
  readonly message: M;
  readonly producedAtUs: EpochUs;
}

interface Row<M> extends TableEntry<M> {
  readonly receivedMs: number;
}

/** Called with `undefined` where the key was deleted. */
export type TableListener<M> = (
  key: string,
  message: M | undefined,
  record: IncomingRecord,
) => void;

/** The newest message of every key of a topic, in every instance that asks. */
export class TableView<T extends TopicName> {
  readonly topic: T;
  /** Resolves when everything that was in the topic at the start is in the view. */
  readonly caughtUp: Promise<void>;
  /**
   * Resolves when all that could be read is in the view: as much as one knows that has run for long.
   * `caughtUp` waits for open transactions too, also for those whose writer has died.
   */
  readonly drained: Promise<void>;
  readonly #options: TableViewOptions<T>;
  readonly #rows = new Map<string, Row<MessageByTopic[T]>>();
  readonly #listeners = new Set<TableListener<MessageByTopic[T]>>();
  readonly #decoder: RecordDecoder<T>;
  readonly #newest: NewestRecords;
  #follower: Follower | undefined;
  #isDrained = false;
  #records = 0;
  readonly #catchUp = Promise.withResolvers<void>();
  readonly #drain = Promise.withResolvers<void>();

  constructor(options: TableViewOptions<T>) {
    this.#options = options;
    this.topic = options.topic;
    this.caughtUp = this.#catchUp.promise;
    this.drained = this.#drain.promise;
    // Only those who wait for them are to hear of a failure.
    for (const end of [this.caughtUp, this.drained]) end.catch(() => undefined);
    const metrics = processorMetrics(options.host.metrics);
    this.#decoder = new RecordDecoder({
      codecs: options.codecs,
      clock: options.host.clock,
      onMessage: (_topic, message, record) => this.#apply(message, record),
      onDeadLetter: (record, why) => {
        metrics.deadLettered(record.topic, why.reason);
        options.deadLetters?.write(record, why);
      },
      onWaiting: (topic, error) =>
        options.host.log.warn({ err: error }, `table ${topic} waits for a schema`),
    });
    this.#newest = new NewestRecords({
      reader: `table ${options.topic}`,
      metrics: options.host.metrics,
      onRecord: (record) => this.#decoder.accept(record),
    });
  }

  /** Resolves when the view follows; `drained` and `caughtUp` say when it is complete. */
  async start(): Promise<void> {
    const { bus, topic, patienceMs, conflate = false } = this.#options;
    try {
      this.#follower = await bus.follow({
        topics: [topic],
        from: 'beginning',
        ...(patienceMs === undefined ? {} : { patienceMs }),
        onRecord: (record) => {
          this.#records += 1;
          if (conflate) this.#newest.add(record);
          else this.#decoder.accept(record);
        },
      });
    } catch (error) {
      for (const { reject } of [this.#drain, this.#catchUp]) reject(error);
      throw error;
    }
    const { host } = this.#options;
    const { drained, caughtUp } = this.#follower;
    const reported = reportCatchUp({
      ...{ host, what: `table ${topic}`, topic, caughtUp: drained },
      records: () => this.#records,
    });
    void this.#end(reported, this.#drain);
    void this.#end(caughtUp, this.#catchUp);
  }

  /** When what has been delivered is in the view. */
  async #end(delivered: Promise<void>, told: PromiseWithResolvers<void>): Promise<void> {
    try {
      await delivered;
      this.#newest.drain();
      await this.#decoder.settled();
      this.#isDrained = true;
      told.resolve();
    } catch (error) {
      told.reject(error);
    }
  }

  async stop(): Promise<void> {
    this.#newest.stop();
    this.#decoder.stop();
    await this.#follower?.stop();
  }

  ready(): Readiness {
    const { waitsFor } = this.#decoder;
    if (waitsFor !== undefined) return notReady(`waiting for ${waitsFor}`);
    return this.#isDrained ? READY : notReady(`reading ${this.topic}`);
  }

  get size(): number {
    return this.#rows.size;
  }

  get(key: string): MessageByTopic[T] | undefined {
    return this.#rows.get(key)?.message;
  }

  entry(key: string): TableEntry<MessageByTopic[T]> | undefined {
    return this.#rows.get(key);
  }

  /** Milliseconds since the newest message of the key arrived here, on the monotonic clock. */
  ageMs(key: string): number | undefined {
    const row = this.#rows.get(key);
    return row === undefined ? undefined : this.#options.host.clock.monotonicMs() - row.receivedMs;
  }

  *entries(): IterableIterator<[string, MessageByTopic[T]]> {
    for (const [key, row] of this.#rows) yield [key, row.message];
  }

  *values(): IterableIterator<MessageByTopic[T]> {
    for (const row of this.#rows.values()) yield row.message;
  }

  /** Changes from now on, also those of catching up. Gives the way to stop listening. */
  onChange(listener: TableListener<MessageByTopic[T]>): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #apply(message: MessageByTopic[T] | undefined, record: IncomingRecord): void {
    const { key } = record;
    if (message === undefined) {
      if (!this.#rows.delete(key)) return;
    } else {
      const receivedMs = this.#options.host.clock.monotonicMs();
      this.#rows.set(key, { key, message, producedAtUs: record.timestampUs, receivedMs });
    }
    for (const listener of this.#listeners) this.#notify(listener, message, record);
  }

  #notify(
    listener: TableListener<MessageByTopic[T]>,
    message: MessageByTopic[T] | undefined,
    record: IncomingRecord,
  ): void {
    try {
      listener(record.key, message, record);
    } catch (error) {
      const { topic, partition, offset } = record;
      const site = { component: `table ${this.topic}`, topic, partition, offset };
      const verdict = this.#options.host.supervisor.judge(error, site);
      if (verdict.action === 'stop') throw error;
      this.#options.deadLetters?.write(record, { reason: verdict.reason, detail: verdict.message });
    }
  }
}
