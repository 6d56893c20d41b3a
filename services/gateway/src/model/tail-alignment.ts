import type { IncomingRecord, Offsets } from '@cerberus/bus';

/** Decisions and events are stamped by the clocks of their writers, which may differ by so much. */
const CLOCKS_APART_US = 250_000;

type OrderRecord = Pick<IncomingRecord, 'topic' | 'partition' | 'offset' | 'timestampUs'>;

/**
 * Tells which records of the start may open an order that memory does not know. Tails of equal
 * length do not reach back equally far: an order has one decision and several events. One that was
 * decided before the events begin would be open for good, since what became of it is not read. The
 * events are read first, and tell per partition where that is.
 */
export class TailAlignment {
  readonly #ends: ReadonlyMap<string, bigint>;
  /** By partition: what is older may have events that were not read. */
  readonly #horizonsUs = new Map<number, number>();
  /** Orders with events here: as many at most as the tails have events. */
  readonly #told = new Set<string>();

  /** `ends` of the topics to judge, from before they are read. */
  constructor(ends: Offsets) {
    this.#ends = new Map(ends.map((end) => [placeName(end), end.nextOffset]));
  }

  noteEvent({ partition, offset, timestampUs }: OrderRecord, orderId: string): void {
    this.#told.add(orderId);
    if (this.#horizonsUs.has(partition)) return;
    // Cut off by the tail or by retention: either way there were events before it.
    const isCut = offset > 0n;
    this.#horizonsUs.set(partition, isCut ? timestampUs + CLOCKS_APART_US : -Infinity);
  }

  mayOpen(record: OrderRecord, orderId: string): boolean {
    // Its events were here: where memory does not know it any more, it has been forgotten.
    if (this.#told.has(orderId)) return false;
    // Whatever their clocks say: what comes after the start is new.
    if (record.offset >= (this.#ends.get(placeName(record)) ?? 0n)) return true;
    return record.timestampUs >= (this.#horizonsUs.get(record.partition) ?? -Infinity);
  }
}

function placeName({ topic, partition }: Pick<OrderRecord, 'topic' | 'partition'>): string {
  return `${topic}/${partition}`;
}
