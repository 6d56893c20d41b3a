import { type EpochUs, invariant } from '@cerberus/core';
import { type Codecs, type MessageByTopic, TOPICS, type TopicName } from '@cerberus/schema';
import type { OutgoingRecord } from '../port.ts';
import { checkRecordSize } from '../record-checks.ts';
import { type OutgoingOptions, outgoingRecord } from './message.ts';
import type { StateStore, TaskState } from './task-state.ts';

/**
 * All that a handler may use. It is synchronous and depends on nothing else, so that the same
 * records give the same outputs again.
 */
export interface HandlerContext<S> {
  readonly partition: number;
  /** Time of handling, one value per record. */
  readonly nowUs: EpochUs;
  /** Headers that continue the trace of the record; outputs carry them by themselves. */
  readonly traceHeaders: Readonly<Record<string, string>>;
  readonly state: StateStore<S>;
  /**
   * Outputs of ledger topics commit with the offsets and the state; those of stream topics are sent
   * after the commit. Key and partition are those declared for the topic unless given.
   */
  emit<T extends TopicName>(topic: T, message: MessageByTopic[T], options?: OutgoingOptions): void;
  /** Deletes a key of a compacted topic; says its partition as `emit` would. */
  emitTombstone(
    topic: TopicName,
    at: { readonly key: string; readonly partitionKey: string },
  ): void;
  /**
   * An object of this task derived from its state (an index, a cache): made when first asked for,
   * thrown away whenever the task is restored or the changes of a record were taken back.
   */
  memory<M>(create: (state: StateStore<S>) => M): M;
}

export interface RecordScope {
  readonly nowUs: EpochUs;
  readonly traceHeaders: Readonly<Record<string, string>>;
}

/** The one context of a task; `begin` and `end` frame each record. */
export class TaskContext<S> implements HandlerContext<S> {
  readonly partition: number;
  readonly state: TaskState<S>;
  readonly #codecs: Codecs;
  #scope: RecordScope | undefined;
  #outputs: OutgoingRecord[] = [];
  #memory: unknown;

  constructor(options: { partition: number; state: TaskState<S>; codecs: Codecs }) {
    this.partition = options.partition;
    this.state = options.state;
    this.#codecs = options.codecs;
  }

  get nowUs(): EpochUs {
    return this.#current().nowUs;
  }

  get traceHeaders(): Readonly<Record<string, string>> {
    return this.#current().traceHeaders;
  }

  emit<T extends TopicName>(
    topic: T,
    message: MessageByTopic[T],
    options: OutgoingOptions = {},
  ): void {
    const { traceHeaders } = this.#current();
    const headers = { ...traceHeaders, ...options.headers };
    const record = outgoingRecord(this.#codecs, { topic, value: message }, { ...options, headers });
    checkRecordSize(record); // Here it costs one input record, in the commit it would cost the task.
    this.#outputs.push(record);
  }

  emitTombstone(
    topic: TopicName,
    at: { readonly key: string; readonly partitionKey: string },
  ): void {
    const { traceHeaders } = this.#current();
    invariant(TOPICS[topic].cleanup === 'compact', `${topic} is compacted`);
    this.#outputs.push({ topic, ...at, value: null, headers: traceHeaders });
  }

  memory<M>(create: (state: StateStore<S>) => M): M {
    this.#memory ??= create(this.state);
    return this.#memory as M;
  }

  begin(scope: RecordScope): void {
    invariant(this.#scope === undefined, 'one record at a time');
    this.#scope = scope;
  }

  /** Gives the outputs of the record; `failed` takes back what it changed. */
  end(failed: boolean): OutgoingRecord[] {
    const outputs = failed ? [] : this.#outputs;
    this.#outputs = [];
    this.#scope = undefined;
    if (!failed) this.state.accept();
    else {
      this.state.undo();
      this.#memory = undefined;
    }
    return outputs;
  }

  #current(): RecordScope {
    invariant(this.#scope !== undefined, 'the context is used while its handler runs');
    return this.#scope;
  }
}
