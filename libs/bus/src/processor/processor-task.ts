import { invariant, type Result } from '@cerberus/core';
import {
  Codecs,
  type MessageByTopic,
  SCHEMA_ERRORS,
  TOPICS,
  type TopicName,
} from '@cerberus/schema';
import { isHopeless } from '../errors.ts';
import type {
  Batch,
  Bus,
  IncomingRecord,
  OutgoingRecord,
  Position,
  StreamProducer,
  TransactionalProducer,
} from '../port.ts';
import type { Changelog } from './changelog.ts';
import { deadLetter, reasonOf } from './dead-letter.ts';
import { type HandlerContext, TaskContext } from './handler-context.ts';
import type { BusHost, InputOf } from './message.ts';
import type { ProcessorMetrics } from './processor-metrics.ts';
import { TaskState } from './task-state.ts';

export interface TaskOptions<T extends TopicName, S> {
  readonly service: string;
  readonly partition: number;
  readonly inputs: readonly T[];
  readonly bus: Bus;
  readonly codecs: Codecs;
  readonly host: BusHost;
  readonly metrics: ProcessorMetrics;
  readonly streams: StreamProducer;
  readonly changelog: Changelog<S> | undefined;
  /** How long records of a topic may wait for others. */
  waitMs(topic: T): number;
  handle(input: InputOf<T>, context: HandlerContext<S>): void;
  /** The supervisor has begun to stop the process. */
  onStop(): void;
}

/** The process is being stopped: nothing of the batch in hand may be committed. */
export class ProcessorStopped extends Error {}

interface Opened<S> {
  readonly producer: TransactionalProducer;
  readonly context: TaskContext<S>;
  /** Offset to handle next, by input topic. */
  readonly next: Map<string, bigint>;
}

/**
 * One partition number of a processor: its producer, its state and its place in the inputs, which
 * only ever change together. After any error all three are thrown away and taken from the last
 * commit again.
 */
export class ProcessorTask<T extends TopicName, S> {
  readonly #options: TaskOptions<T, S>;
  #opened: Opened<S> | undefined;
  #serial: Promise<unknown> = Promise.resolve();
  #closed = false;
  /** One batch of a topic at a time, so never more than there are inputs. */
  readonly #waiting: {
    readonly batch: Batch;
    resolve(): void;
    reject(error: unknown): void;
  }[] = [];
  #patience: { cancel(): void } | undefined;
  #isDue = false;

  constructor(options: TaskOptions<T, S>) {
    this.#options = options;
  }

  get ready(): boolean {
    return this.#opened !== undefined;
  }

  /** Offset to handle next, where one has been committed. */
  nextOffset(topic: string): bigint | undefined {
    return this.#opened?.next.get(topic);
  }

  open(): Promise<void> {
    return this.#exclusively(async () => {
      await this.#open();
    });
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#due();
    return this.#exclusively(() => this.#discard());
  }

  /** Batches that come while a commit is on its way, or while all there are may wait, go together. */
  process(batch: Batch): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ batch, resolve, reject });
      const waitMs = this.#closed ? 0 : this.#options.waitMs(batch.topic as T);
      if (waitMs === 0) this.#due();
      else this.#patience ??= this.#options.host.clock.after(waitMs, () => this.#due());
    });
  }

  /** What waits is handled as soon as the work in hand is done. */
  #due(): void {
    this.#patience?.cancel();
    this.#patience = undefined;
    if (this.#isDue || this.#waiting.length === 0) return;
    this.#isDue = true;
    // Those that wait are told of an error where they are handled.
    this.#exclusively(() => this.#processWaiting()).catch(() => undefined);
  }

  async #processWaiting(): Promise<void> {
    this.#isDue = false;
    this.#patience?.cancel();
    this.#patience = undefined;
    const taken = this.#waiting.splice(0);
    try {
      await this.#processTogether(taken.map(({ batch }) => batch));
    } catch (error) {
      for (const { reject } of taken) reject(error);
      throw error;
    }
    for (const { resolve } of taken) resolve();
  }

  async #processTogether(batches: readonly Batch[]): Promise<void> {
    const opened = await this.#open();
    const outputs: OutgoingRecord[] = [];
    const positions: Position[] = [];
    const handled: [topic: string, records: number][] = [];
    for (const { topic, partition, records: given } of batches) {
      const from = opened.next.get(topic) ?? 0n;
      const records = given.filter(({ offset }) => offset >= from);
      const last = records.at(-1);
      if (last === undefined) continue;
      for (const record of records) outputs.push(...(await this.#handle(opened, record)));
      positions.push({ topic, partition, nextOffset: last.offset + 1n });
      handled.push([topic, records.length]);
    }
    if (positions.length === 0) return;
    await this.#commit(opened, outputs, positions);
    for (const [topic, records] of handled) this.#options.metrics.handled(topic, records);
  }

  /** Runs work that no record caused, with the same commit. */
  tick(name: string, run: (context: HandlerContext<S>) => void): Promise<void> {
    return this.#exclusively(async () => {
      const opened = await this.#open();
      const { context } = opened;
      const result = this.#run(context, {}, () => run(context));
      if (!result.ok) this.#judge(result.error, { component: `${this.#options.service} ${name}` });
      else if (result.outputs.length > 0 || context.state.changed) {
        await this.#commit(opened, result.outputs, []);
      }
    });
  }

  async #open(): Promise<Opened<S>> {
    if (this.#closed) throw new ProcessorStopped();
    if (this.#opened !== undefined) return this.#opened;
    const { service, partition, bus, inputs, codecs, changelog, host, metrics } = this.#options;
    const startMs = host.clock.monotonicMs();
    // Fence first: the offsets and the state read afterwards are then final.
    const producer = await bus.openTransactional(`${service}-${partition}`);
    const committed = await bus.committedOffsets(service, inputs);
    const next = new Map<string, bigint>();
    for (const at of committed) if (at.partition === partition) next.set(at.topic, at.nextOffset);
    const values = (await changelog?.restore(partition)) ?? new Map<string, S>();
    const context = new TaskContext<S>({ partition, state: new TaskState(values), codecs });
    this.#opened = { producer, context, next };
    const tookMs = host.clock.monotonicMs() - startMs;
    metrics.restored(tookMs);
    host.log.info({ partition, entries: values.size, tookMs }, `${service} restored a partition`);
    return this.#opened;
  }

  async #handle(opened: Opened<S>, record: IncomingRecord): Promise<OutgoingRecord[]> {
    if (record.value === null) return []; // A deletion is for those who read the topic as a table.
    const { service, host } = this.#options;
    const decoded = await this.#decode(record, record.value);
    if (!decoded.ok) return [this.#setAside(record, reasonOf(decoded.error))];
    const input = { topic: record.topic, message: decoded.value, record } as InputOf<T>;
    const span = host.tracing.startSpan(`${service} ${record.topic}`, { parent: record.headers });
    const result = this.#run(opened.context, span.headers(), () =>
      this.#options.handle(input, opened.context),
    );
    span.end(result.ok ? undefined : result.error);
    if (result.ok) return result.outputs;
    const { topic, partition, offset } = record;
    const site = { component: service, topic, partition, offset };
    return [this.#setAside(record, this.#judge(result.error, site))];
  }

  #run(
    context: TaskContext<S>,
    traceHeaders: Readonly<Record<string, string>>,
    handler: () => void,
  ): { ok: true; outputs: OutgoingRecord[] } | { ok: false; error: unknown } {
    context.begin({ nowUs: this.#options.host.clock.nowUs(), traceHeaders });
    try {
      handler();
    } catch (error) {
      context.end(true);
      return { ok: false, error };
    }
    return { ok: true, outputs: context.end(false) };
  }

  /** What to do about a crash; throws where the process is to stop. */
  #judge(
    error: unknown,
    site: Parameters<BusHost['supervisor']['judge']>[1],
  ): { reason: string; detail: string } {
    const verdict = this.#options.host.supervisor.judge(error, site);
    if (verdict.action === 'dead-letter') {
      return { reason: verdict.reason, detail: verdict.message };
    }
    this.#options.onStop();
    throw new ProcessorStopped();
  }

  /** A commit that no retry can save must not be retried for ever in silence. */
  #stopProcess(error: unknown): never {
    const { host, service } = this.#options;
    host.supervisor.stop(error, { component: service });
    this.#options.onStop();
    throw new ProcessorStopped();
  }

  #setAside(record: IncomingRecord, why: { reason: string; detail: string }): OutgoingRecord {
    const { service, host, metrics } = this.#options;
    const { topic, partition, offset } = record;
    metrics.deadLettered(topic, why.reason);
    host.log.warn(
      { topic, partition, offset: `${offset}`, ...why },
      `${service} set a record aside`,
    );
    return deadLetter(record, service, why);
  }

  async #decode(record: IncomingRecord, value: Buffer): Promise<Result<MessageByTopic[T]>> {
    const { codecs } = this.#options;
    const topic = record.topic as T;
    const decoded = codecs.decode(topic, value);
    if (decoded.ok || decoded.error.code !== SCHEMA_ERRORS.ID_UNKNOWN.code) return decoded;
    const id = Codecs.schemaId(value);
    if (id === undefined || !(await codecs.learn(topic, id))) return decoded;
    return codecs.decode(topic, value);
  }

  async #commit(
    opened: Opened<S>,
    outputs: readonly OutgoingRecord[],
    positions: readonly Position[],
  ): Promise<void> {
    const { service, partition, changelog, host, metrics } = this.#options;
    const changes = opened.context.state.takeChanges();
    invariant(changelog !== undefined || changes.length === 0, `${service} has a state topic`);
    const ledger = outputs.filter(({ topic }) => isLedger(topic));
    const stream = outputs.filter(({ topic }) => !isLedger(topic));
    const recorded = changes.map(([key, value]) => changelog!.record(partition, key, value));
    const startMs = host.clock.monotonicMs();
    try {
      await opened.producer.commit({
        records: [...ledger, ...recorded],
        ...(positions.length === 0 ? {} : { offsets: { groupId: service, offsets: positions } }),
      });
    } catch (error) {
      if (isHopeless(error)) this.#stopProcess(error);
      throw error;
    }
    metrics.committed(host.clock.monotonicMs() - startMs);
    for (const { topic, nextOffset } of positions) opened.next.set(topic, nextOffset);
    for (const record of stream) await this.#options.streams.send(record);
  }

  async #discard(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    await opened?.producer.close();
  }

  /** One piece of work at a time; a failed one leaves nothing that the next could build on. */
  #exclusively<R>(work: () => Promise<R>): Promise<R> {
    const run = this.#serial.then(async () => {
      try {
        return await work();
      } catch (error) {
        await this.#discard();
        throw error;
      }
    });
    this.#serial = run.catch(() => undefined);
    return run;
  }
}

/** Dead letters of any topic are ledgers and not in the table of messages. */
function isLedger(topic: string): boolean {
  return TOPICS[topic as TopicName]?.class !== 'stream';
}
