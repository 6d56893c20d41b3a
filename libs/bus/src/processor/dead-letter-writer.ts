import type { Bus, IncomingRecord } from '../port.ts';
import { type DeadLetterReason, type DeadLetterSink, deadLetter } from './dead-letter.ts';
import { LedgerWriter, type WriterHost } from './ledger-writer.ts';

/** A stream gone bad must not flood the ledger: beyond this many a second letters are counted only. */
const LETTERS_PER_SECOND_MAX = 50;

/** Dead letters of readers that commit nothing themselves: tables and streams. */
export class DeadLetterWriter implements DeadLetterSink {
  readonly #service: string;
  readonly #host: WriterHost;
  readonly #writer: LedgerWriter;
  readonly #left: { second: number; letters: number } = { second: 0, letters: 0 };
  #suppressed = 0;

  constructor({ bus, host, service }: { bus: Bus; host: WriterHost; service: string }) {
    this.#service = service;
    this.#host = host;
    this.#writer = new LedgerWriter({ bus, host, id: `${service}-dlq` });
  }

  /** Letters not written because too many came at once. */
  get suppressed(): number {
    return this.#suppressed;
  }

  write(record: IncomingRecord, why: DeadLetterReason): void {
    const { topic, partition, offset } = record;
    if (!this.#admit()) {
      this.#suppressed += 1;
      return;
    }
    const log = { topic, partition, offset: `${offset}`, ...why };
    this.#host.log.warn(log, `${this.#service} set a record aside`);
    this.#writer.append([deadLetter(record, this.#service, why)]).catch((error: unknown) => {
      this.#host.log.error({ err: error, ...log }, `${this.#service} lost a dead letter`);
    });
  }

  close(): Promise<void> {
    return this.#writer.close();
  }

  #admit(): boolean {
    const second = Math.floor(this.#host.clock.monotonicMs() / 1000);
    if (second !== this.#left.second) Object.assign(this.#left, { second, letters: 0 });
    this.#left.letters += 1;
    return this.#left.letters <= LETTERS_PER_SECOND_MAX;
  }
}
