import {
  type Batch,
  type Bus,
  type BusHost,
  type DeadLetterReason,
  type DeadLetterSink,
  type IncomingRecord,
  reasonOf,
  type Subscription,
  type TopicPartition,
} from '@cerberus/bus';
import type { Result, TimerHandle } from '@cerberus/core';
import { messageOf, notReady, type Readiness } from '@cerberus/runtime';
import { Codecs, type MessageByTopic, SCHEMA_ERRORS } from '@cerberus/schema';
import type { SeriesRow, SeriesStore } from '@cerberus/store';
import { HISTORY_TOPICS, type HistoryTopic, historyRows } from './history-rows.ts';

export interface HistoryReaderOptions {
  readonly bus: Bus;
  readonly codecs: Codecs;
  readonly host: BusHost;
  readonly series: SeriesStore;
  readonly deadLetters: DeadLetterSink;
}

/** Records of a partition in one batch: waiting together costs less than waiting often. */
const BATCH_RECORDS = 1000;
const LAG_EVERY_MS = 5000;
const GROUP = 'reporting';

/** Rows of a batch by series, and the record that each came from. */
class BatchRows {
  readonly bySeries = new Map<string, SeriesRow[]>();
  readonly origin = new Map<SeriesRow, IncomingRecord>();

  add(series: string, rows: readonly SeriesRow[], record: IncomingRecord): void {
    const known = this.bySeries.get(series) ?? [];
    this.bySeries.set(series, known);
    for (const row of rows) {
      known.push(row);
      this.origin.set(row, record);
    }
  }
}

/**
 * Topics to series. A batch is done when its rows are durable, and only then does the group's position
 * move past it: a crash in between reads it again, and the same rows change nothing.
 */
export class HistoryReader {
  readonly #options: HistoryReaderOptions;
  readonly #count: (topic: string, outcome: string, records?: number) => void;
  readonly #next = new Map<string, bigint>();
  #subscription: Subscription | undefined;
  #lagTimer: TimerHandle | undefined;

  constructor(options: HistoryReaderOptions) {
    this.#options = options;
    const records = options.host.metrics.counter(
      'reporting_records_total',
      'Records by what became of them',
      ['topic', 'outcome'],
    );
    this.#count = (topic, outcome, count = 1) => records.inc({ topic, outcome }, count);
  }

  async start(): Promise<void> {
    const { bus, host } = this.#options;
    this.#subscription = await bus.subscribeGroup({
      ...{ groupId: GROUP, topics: HISTORY_TOPICS, start: 'beginning', commit: 'timer' },
      batchRecords: BATCH_RECORDS,
      onAssigned: () => undefined,
      onRevoked: (partitions) => this.#revoked(partitions),
      eachBatch: (batch) => this.#handle(batch),
    });
    this.#lagTimer = host.clock.every(LAG_EVERY_MS, () => void this.#measureLag());
  }

  ready(): Readiness {
    return this.#subscription?.ready() ?? notReady('not yet subscribed');
  }

  async stop(): Promise<void> {
    this.#lagTimer?.cancel();
    await this.#subscription?.stop();
  }

  async #handle({ topic, partition, records }: Batch): Promise<void> {
    const rows = new BatchRows();
    for (const record of records) await this.#read(record, rows);
    await Promise.all(
      [...rows.bySeries].map(async ([series, given]) => {
        const { refused } = await this.#options.series.write(series, given);
        for (const { row, fault } of refused) {
          const record = rows.origin.get(row);
          if (record !== undefined) this.#setAside(record, reasonOf(fault));
        }
      }),
    );
    this.#count(topic, 'handled', records.length);
    this.#next.set(`${topic}/${partition}`, records.at(-1)!.offset + 1n);
  }

  async #read(record: IncomingRecord, rows: BatchRows): Promise<void> {
    // A tombstone ends what is, not what was.
    if (record.value === null) return;
    const topic = record.topic as HistoryTopic;
    const decoded = await this.#decode(topic, record.value);
    if (!decoded.ok) return this.#setAside(record, reasonOf(decoded.error));
    const { series, rows: given } = historyRows(topic, decoded.value);
    rows.add(series, given, record);
  }

  async #decode<T extends HistoryTopic>(
    topic: T,
    value: Buffer,
  ): Promise<Result<MessageByTopic[T]>> {
    const { codecs } = this.#options;
    const decoded = codecs.decode(topic, value);
    if (decoded.ok || decoded.error.code !== SCHEMA_ERRORS.ID_UNKNOWN.code) return decoded;
    const id = Codecs.schemaId(value);
    // A registry that is down throws: the batch then comes again.
    if (id === undefined || !(await codecs.learn(topic, id))) return decoded;
    return codecs.decode(topic, value);
  }

  #setAside(record: IncomingRecord, why: DeadLetterReason): void {
    this.#count(record.topic, 'refused');
    this.#options.deadLetters.write(record, why);
  }

  #revoked(partitions: readonly TopicPartition[]): void {
    const lag = this.#options.host.metrics.consumerLag();
    for (const { topic, partition } of partitions) {
      this.#next.delete(`${topic}/${partition}`);
      lag.remove({ topic, partition });
    }
  }

  async #measureLag(): Promise<void> {
    const { bus, host } = this.#options;
    try {
      const lag = host.metrics.consumerLag();
      for (const { topic, partition, nextOffset } of await bus.endOffsets(HISTORY_TOPICS)) {
        const next = this.#next.get(`${topic}/${partition}`);
        if (next !== undefined)
          lag.set(Math.max(0, Number(nextOffset - next)), { topic, partition });
      }
    } catch (error) {
      host.log.warn(`reporting cannot measure its lag: ${messageOf(error)}`);
    }
  }
}
