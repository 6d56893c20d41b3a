import { CerberusError, type Clock, faultOf, type Result } from '@cerberus/core';
import { Codecs, type MessageByTopic, SCHEMA_ERRORS, type TopicName } from '@cerberus/schema';
import { BUS_ERRORS } from '../errors.ts';
import type { IncomingRecord } from '../port.ts';
import { type DeadLetterReason, reasonOf } from './dead-letter.ts';

/** Records held while a schema is fetched; beyond it they are set aside. */
const HELD_RECORDS_MAX = 10_000;
const LEARN_RETRY_MS = 500;
const LEARN_ATTEMPTS_MAX = 20;

export interface RecordDecoderOptions<T extends TopicName> {
  readonly codecs: Codecs;
  readonly clock: Clock;
  onMessage(topic: T, message: MessageByTopic[T] | undefined, record: IncomingRecord): void;
  onDeadLetter(record: IncomingRecord, why: DeadLetterReason): void;
}

/**
 * Decodes for readers that may not wait: in the same turn where the schema is known, otherwise the
 * record and all behind it are held, in order, while the schema is fetched.
 */
export class RecordDecoder<T extends TopicName> {
  readonly #options: RecordDecoderOptions<T>;
  #held: IncomingRecord[] = [];
  #learning: Promise<void> | undefined;

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

  async #fetch(topic: T, id: number): Promise<boolean> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#options.codecs.learn(topic, id);
      } catch (error) {
        if (attempt >= LEARN_ATTEMPTS_MAX) return false;
        if (error instanceof CerberusError && error.code === SCHEMA_ERRORS.INCOMPATIBLE.code) {
          return false;
        }
        await this.#options.clock.sleep(LEARN_RETRY_MS);
      }
    }
  }
}
