import { type Clock, faultOf, type Result } from '@cerberus/core';
import { Codecs, type MessageByTopic, SCHEMA_ERRORS, type TopicName } from '@cerberus/schema';
import { BUS_ERRORS } from '../errors.ts';
import type { IncomingRecord } from '../port.ts';
import { type DeadLetterReason, reasonOf } from './dead-letter.ts';

/** Records held while a schema is fetched; beyond it they are set aside. */
const HELD_RECORDS_MAX = 10_000;
const LEARN_RETRY_FIRST_MS = 100;
const LEARN_RETRY_MAX_MS = 2000;

export interface RecordDecoderOptions<T extends TopicName> {
  readonly codecs: Codecs;
  readonly clock: Clock;
  onMessage(topic: T, message: MessageByTopic[T] | undefined, record: IncomingRecord): void;
  onDeadLetter(record: IncomingRecord, why: DeadLetterReason): void;
  /** The registry does not answer; it is asked again until it does. */
  onWaiting(topic: T, error: unknown): void;
}

/**
 * Decodes for readers that may not wait: in the same turn where the schema is known, otherwise the
 * record and all behind it are held, in order, while the schema is fetched.
 */
export class RecordDecoder<T extends TopicName> {
  readonly #options: RecordDecoderOptions<T>;
  #held: IncomingRecord[] = [];
  readonly #stopped = new AbortController();
  #learning: Promise<void> | undefined;
  #waitsFor: string | undefined;

  constructor(options: RecordDecoderOptions<T>) {
    this.#options = options;
  }

  accept(record: IncomingRecord): void {
    if (this.#learning === undefined) this.#decode(record);
    else if (this.#held.length < HELD_RECORDS_MAX) this.#held.push(record);
    else this.#overflow(record);
  }

  #overflow(record: IncomingRecord): void {
    const detail = `${HELD_RECORDS_MAX} records wait for a schema`;
    this.#options.onDeadLetter(record, { reason: BUS_ERRORS.BUFFER_FULL.code, detail });
  }

  /** What nothing can be decoded without at present. */
  get waitsFor(): string | undefined {
    return this.#waitsFor;
  }

  /** What is held is given up: nobody asks for it any more. */
  stop(): void {
    this.#stopped.abort();
    this.#held = [];
  }

  /** Resolves when nothing is held. */
  async settled(): Promise<void> {
    while (this.#learning !== undefined) await this.#learning;
  }

  #decode(record: IncomingRecord): void {
    const topic = record.topic as T;
    if (record.value === null) {
      this.#options.onMessage(topic, undefined, record);
      return;
    }
    const decoded = this.#options.codecs.decode(topic, record.value);
    if (!decoded.ok && decoded.error.code === SCHEMA_ERRORS.ID_UNKNOWN.code) {
      this.#held.push(record);
      this.#learning = this.#learn(topic, Codecs.schemaId(record.value) ?? 0);
      return;
    }
    this.#deliver(record, decoded);
  }

  #deliver(record: IncomingRecord, decoded: Result<MessageByTopic[T]>): void {
    if (decoded.ok) this.#options.onMessage(record.topic as T, decoded.value, record);
    else this.#options.onDeadLetter(record, reasonOf(decoded.error));
  }

  async #learn(topic: T, id: number): Promise<void> {
    const known = await this.#fetch(topic, id);
    this.#learning = undefined;
    this.#waitsFor = undefined;
    if (known === undefined) return;
    const held = this.#held;
    this.#held = [];
    const first = held.shift();
    if (first?.value != null) {
      const decoded = this.#options.codecs.decode(topic, first.value);
      const fault = faultOf(SCHEMA_ERRORS.ID_UNKNOWN, {
        received: String(id),
        expected: 'a known schema id',
      });
      this.#deliver(first, known ? decoded : { ok: false, error: fault });
    }
    // A further unknown schema holds the rest again.
    for (const record of held) this.accept(record);
  }

  /** Good records are not set aside for want of a registry; undefined when nobody waits any more. */
  async #fetch(topic: T, id: number): Promise<boolean | undefined> {
    const { codecs, clock, onWaiting } = this.#options;
    const { signal } = this.#stopped;
    let retryMs = LEARN_RETRY_FIRST_MS;
    while (!signal.aborted) {
      try {
        return await codecs.learn(topic, id);
      } catch (error) {
        this.#waitsFor = `schema ${id} of ${topic}`;
        onWaiting(topic, error);
        await clock.sleep(retryMs, signal).catch(() => undefined);
        retryMs = Math.min(2 * retryMs, LEARN_RETRY_MAX_MS);
      }
    }
    return undefined;
  }
}
