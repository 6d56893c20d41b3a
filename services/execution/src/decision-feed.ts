import {
  type DeadLetterReason,
  type IncomingRecord,
  type Offsets,
  type Position,
  StreamReader,
} from '@cerberus/bus';
import type { OrderDecision } from '@cerberus/schema';
import type { ExecutionContext } from './ports.ts';

export const DECISIONS = 'order.decision';
/** Under this name all candidates keep how far the decisions have been acted on. */
export const PROGRESS_GROUP = 'execution';

/** Decisions kept that nobody has acted on; beyond it the oldest are read again at take-over. */
const KEPT_MAX = 20_000;
const TRIM_EVERY_MS = 2000;

export type FedDecision = { readonly record: IncomingRecord } & (
  | { readonly kind: 'decision'; readonly decision: OrderDecision }
  | { readonly kind: 'unreadable'; readonly why: DeadLetterReason }
);

/**
 * Follows the decisions in every candidate and keeps those that no leader has taken note of, so that
 * whoever is elected acts on them without reading first.
 */
export class DecisionFeed {
  readonly #context: ExecutionContext;
  #kept = new Map<number, FedDecision[]>();
  /** Below this, decisions of a partition are not kept here. */
  #floors = new Map<number, bigint>();
  #count = 0;
  #reader: StreamReader<typeof DECISIONS> | undefined;
  #generation = 0;
  #deliver: ((fed: FedDecision) => void) | undefined;
  #timer: { cancel(): void } | undefined;
  #isTrimming = false;
  #stopped = false;

  constructor(context: ExecutionContext) {
    this.#context = context;
    context.metrics.gaugeOf(
      'decisions_kept',
      'Decisions kept that no leader has taken note of',
      () => this.#count,
    );
  }

  /** Resolves when everything that was there at the start is known. */
  async start(): Promise<void> {
    await this.#readFrom(await this.progress());
    await this.#reader?.caughtUp();
    this.#timer = this.#context.clock.every(TRIM_EVERY_MS, () => void this.#trim());
  }

  /** How far the decisions have been acted on; final once the former leader is shut out. */
  progress(): Promise<Offsets> {
    return this.#context.bus.committedOffsets(PROGRESS_GROUP, [DECISIONS]);
  }

  /** Hands over what is kept from these positions on, then everything as it comes, until closed. */
  async open(from: Offsets, deliver: (fed: FedDecision) => void): Promise<() => void> {
    const wanted = new Map(from.map(({ partition, nextOffset }) => [partition, nextOffset]));
    const isKept = [...this.#floors].every(
      ([partition, floor]) => floor <= (wanted.get(partition) ?? 0n),
    );
    if (!isKept) await this.#readFrom(from);
    this.#drop(from);
    this.#deliver = deliver;
    for (const kept of [...this.#kept.values()]) for (const fed of [...kept]) deliver(fed);
    return () => {
      if (this.#deliver === deliver) this.#deliver = undefined;
    };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#deliver = undefined;
    this.#timer?.cancel();
    await this.#reader?.stop();
  }

  async #readFrom(from: Offsets): Promise<void> {
    const { bus, codecs } = this.#context;
    const former = this.#reader;
    this.#generation += 1;
    const generation = this.#generation;
    this.#kept = new Map();
    this.#count = 0;
    const starts = new Map(from.map(({ partition, nextOffset }) => [partition, nextOffset]));
    this.#floors = new Map(
      Array.from({ length: bus.partitions(DECISIONS) }, (_, partition) => [
        partition,
        starts.get(partition) ?? 0n,
      ]),
    );
    const take = (fed: FedDecision) => {
      if (generation === this.#generation) this.#take(fed);
    };
    this.#reader = new StreamReader({
      ...{ name: 'execution intake', bus, codecs, host: this.#context },
      topics: [DECISIONS],
      from,
      handle: ({ message, record }) => take({ kind: 'decision', decision: message, record }),
      // Written by whoever leads when its turn comes, not by every candidate.
      deadLetters: { write: (record, why) => take({ kind: 'unreadable', why, record }) },
    });
    const reader = this.#reader;
    await Promise.all([former?.stop(), reader.start()]);
    // Stopped while it was starting: nobody else stops it.
    if (this.#stopped) await reader.stop();
  }

  #take(fed: FedDecision): void {
    const { partition, offset } = fed.record;
    // Acted on already: the reader was behind whoever led.
    if (offset < (this.#floors.get(partition) ?? 0n)) return;
    const kept = this.#kept.get(partition) ?? [];
    this.#kept.set(partition, kept);
    kept.push({ ...fed, record: apart(fed.record) });
    this.#count += 1;
    if (this.#count > KEPT_MAX) this.#overflow();
    this.#deliver?.(fed);
  }

  #overflow(): void {
    const longest = [...this.#kept.values()].reduce((a, b) => (b.length > a.length ? b : a));
    const oldest = longest.shift();
    if (oldest === undefined) return;
    this.#count -= 1;
    this.#floors.set(oldest.record.partition, oldest.record.offset + 1n);
  }

  async #trim(): Promise<void> {
    if (this.#isTrimming || this.#count === 0) return;
    this.#isTrimming = true;
    try {
      this.#drop(await this.progress());
    } catch (error) {
      this.#context.log.warn({ err: error }, 'the progress of the decisions could not be read');
    } finally {
      this.#isTrimming = false;
    }
  }

  #drop(passed: readonly Position[]): void {
    for (const { partition, nextOffset } of passed) {
      const kept = this.#kept.get(partition) ?? [];
      const left = kept.filter(({ record }) => record.offset >= nextOffset);
      this.#kept.set(partition, left);
      this.#count -= kept.length - left.length;
      const floor = this.#floors.get(partition) ?? 0n;
      if (nextOffset > floor) this.#floors.set(partition, nextOffset);
    }
  }
}

/** The record without the answer that it is a small part of. */
function apart(record: IncomingRecord): IncomingRecord {
  return { ...record, value: record.value === null ? null : Buffer.from(record.value) };
}
