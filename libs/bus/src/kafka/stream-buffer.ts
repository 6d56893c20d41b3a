import { setImmediate as nextTurn } from 'node:timers/promises';
import { BUS_ERRORS, busError } from '../errors.ts';
import type { OutgoingRecord, StreamProducer } from '../port.ts';
import { checkRecordSize } from '../record-checks.ts';
import type { TopicTable } from '../topic-table.ts';
import type { ClientFactory } from './client-factory.ts';
import { ClusterMap } from './cluster-map.ts';
import {
  byPartition,
  type PartitionRecords,
  type PlacedRecord,
  recordBytes,
  requestLength,
} from './kafka-records.ts';
import { PartitionSender, type Unsent } from './partition-sender.ts';
import { refusalOf } from './refusals.ts';

/** Between the beginnings of two requests. */
const REQUEST_PERIOD_MS = 5;
const BUFFER_RECORDS_MAX = 20_000;
const BUFFER_BYTES_MAX = 16 * 1024 * 1024;
/** Keys of conflatable topics that may wait beyond the buffer; past it the oldest record goes. */
const CONFLATED_RECORDS_MAX = 100_000;
const RETRY_FIRST_MS = 50;
const RETRY_MAX_MS = 2000;
const FLUSH_ON_STOP_MS = 5000;

export interface StreamBufferOptions {
  readonly clients: ClientFactory;
  readonly topics: TopicTable;
  onError(what: string, error: unknown): void;
}

interface Waiting extends PlacedRecord {
  record: OutgoingRecord;
  partition: number;
  /** Topic and key, where a newer record of them may take its place. */
  readonly name: string | undefined;
}

/**
 * All stream records of a process, one request in flight per broker, so that order holds.
 * What comes after a quiet while goes with the rest of its turn, what comes then goes together some
 * milliseconds later.
 */
export class StreamBuffer {
  readonly #options: StreamBufferOptions;
  readonly #sender: PartitionSender;
  readonly #stopped = new AbortController();
  #waiting: Waiting[] = [];
  #bytes = 0;
  /** Newest waiting record of each key of conflatable topics. */
  readonly #newest = new Map<string, Waiting>();
  /** Sends that wait for room: later ones queue behind. */
  #blocked = 0;
  #room: PromiseWithResolvers<void> | undefined;
  #pump: Promise<void> | undefined;
  #sentMs = Number.NEGATIVE_INFINITY;
  #failure: string | undefined;
  readonly counts = { conflated: 0, dropped: 0 };

  constructor(options: StreamBufferOptions) {
    this.#options = options;
    const { clients, topics, onError } = options;
    const streams = topics.all().filter((spec) => spec.class === 'stream');
    const names = streams.map(({ name }) => name);
    const map = new ClusterMap({ clients, topics: names, onError });
    this.#sender = new PartitionSender({ map, clock: clients.connection.clock, onError });
  }

  /** Why nothing gets through at present. */
  get failure(): string | undefined {
    return this.#failure;
  }

  producer(): StreamProducer {
    let isClosed = false;
    const flush = () => this.flush();
    return {
      send: (record) => {
        if (isClosed || this.#stopped.signal.aborted) throw busError(BUS_ERRORS.PRODUCER_CLOSED);
        return this.#send(record);
      },
      flush,
      async close() {
        await flush();
        isClosed = true;
      },
    };
  }

  async flush(): Promise<void> {
    while (this.#pump !== undefined && !this.#stopped.signal.aborted) await this.#pump;
  }

  /** What cannot be sent in time is lost: streams are newest-wins, and readers see the gap. */
  async stop(): Promise<void> {
    const { clock } = this.#options.clients.connection;
    const timer = clock.after(FLUSH_ON_STOP_MS, () => this.#stopped.abort());
    await this.flush();
    timer.cancel();
    this.#stopped.abort();
    this.#room?.reject(busError(BUS_ERRORS.STOPPED));
    await this.#sender.close();
  }

  #send(record: OutgoingRecord): Promise<void> | undefined {
    const { topics } = this.#options;
    const spec = topics.get(record.topic);
    if (spec.class !== 'stream') {
      throw busError(BUS_ERRORS.TOPIC_CLASS, { path: record.topic, expected: 'a stream topic' });
    }
    checkRecordSize(record);
    const name = spec.conflate ? `${record.topic}\n${record.key}` : undefined;
    const waiting = { record, partition: topics.partition(record), name };
    const mustQueue = name === undefined && this.#blocked > 0;
    if (!this.#isFull && !mustQueue) {
      this.#append(waiting);
      return undefined;
    }
    if (name === undefined) return this.#sendWithRoom(waiting);
    const older = this.#newest.get(name);
    if (older === undefined) {
      this.#append(waiting);
      return undefined;
    }
    this.#bytes += recordBytes(record) - recordBytes(older.record);
    older.record = record;
    older.partition = waiting.partition;
    this.counts.conflated += 1;
    return undefined;
  }

  get #isFull(): boolean {
    return this.#waiting.length >= BUFFER_RECORDS_MAX || this.#bytes >= BUFFER_BYTES_MAX;
  }

  async #sendWithRoom(waiting: Waiting): Promise<void> {
    this.#blocked += 1;
    try {
      do {
        this.#room ??= Promise.withResolvers();
        await this.#room.promise;
      } while (this.#isFull);
      this.#append(waiting);
    } finally {
      this.#blocked -= 1;
    }
  }

  #append(waiting: Waiting): void {
    if (this.#waiting.length >= CONFLATED_RECORDS_MAX) this.#dropOldestConflatable();
    this.#waiting.push(waiting);
    this.#bytes += recordBytes(waiting.record);
    if (waiting.name !== undefined) this.#newest.set(waiting.name, waiting);
    this.#pump ??= this.#run();
  }

  #dropOldestConflatable(): void {
    const index = this.#waiting.findIndex(({ name }) => name !== undefined);
    const [dropped] = index < 0 ? [] : this.#waiting.splice(index, 1);
    if (dropped === undefined) return;
    this.#forget(dropped);
    this.counts.dropped += 1;
  }

  #forget(sent: Waiting): void {
    this.#bytes -= recordBytes(sent.record);
    if (sent.name !== undefined && this.#newest.get(sent.name) === sent) {
      this.#newest.delete(sent.name);
    }
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#stopped.signal.aborted) {
      await this.#pace();
      const taken = this.#waiting.splice(0, requestLength(recordsOf(this.#waiting)));
      // What is on its way can no longer be replaced.
      for (const sent of taken) this.#forget(sent);
      const delivered = this.#deliver(byPartition(taken));
      this.#giveRoom();
      await delivered;
    }
    this.#pump = undefined;
  }

  async #pace(): Promise<void> {
    const { clock } = this.#options.clients.connection;
    const leftMs = this.#sentMs + REQUEST_PERIOD_MS - clock.monotonicMs();
    // A timer takes a millisecond at least, which would be added to what comes at just this pace.
    if (leftMs >= 1) await clock.sleep(leftMs);
    else await nextTurn();
    this.#sentMs = clock.monotonicMs();
  }

  #giveRoom(): void {
    if (this.#isFull) return;
    this.#room?.resolve();
    this.#room = undefined;
  }

  /** Until it is there: after an error the same records may be there twice. */
  async #deliver(groups: readonly PartitionRecords[]): Promise<void> {
    const { clock } = this.#options.clients.connection;
    let left = groups;
    let retryMs = RETRY_FIRST_MS;
    while (!this.#stopped.signal.aborted) {
      const unsent = await this.#sender.send(left);
      if (unsent.length === 0) {
        this.#failure = undefined;
        return;
      }
      this.#failed(unsent);
      left = unsent.map(({ group }) => group);
      await clock.sleep(retryMs);
      retryMs = Math.min(2 * retryMs, RETRY_MAX_MS);
    }
  }

  /** Tells one of several errors: rather one that will not pass by itself. */
  #failed(unsent: readonly Unsent[]): void {
    const { clients, onError } = this.#options;
    const { connection } = clients;
    const refused = unsent.filter(({ error }) => refusalOf(error, connection) !== undefined);
    const write = refused.map(({ group }) => group.topic);
    const error = refused[0]?.error ?? unsent[0]?.error;
    const failure = refusalOf(error, connection, { write }) ?? error;
    this.#failure = failure instanceof Error ? failure.message : String(failure);
    onError('sending streams', failure);
  }
}

function* recordsOf(waiting: Iterable<Waiting>): Generator<OutgoingRecord> {
  for (const { record } of waiting) yield record;
}
