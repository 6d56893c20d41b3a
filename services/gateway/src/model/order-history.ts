import type { EpochUs } from '@cerberus/core';
import type { Fill, OrderDecision, OrderEvent, OrderRequest, OrderStatus } from '@cerberus/schema';
import type { Marked, RecordMark } from './record-mark.ts';

/** Orders kept in memory, newest; older ones are read from the log. */
export const ORDERS_MAX = 20_000;
export const FILLS_MAX = 50_000;
/** Of one order; a further event replaces the newest but one, so first and last stay. */
const EVENTS_PER_ORDER_MAX = 200;
const FILLS_PER_ORDER_MAX = 1_000;
/** Before the history is settled it may hold so many times its bounds, so that it seldom sorts. */
const UNSETTLED_FACTOR = 1.5;

/** All that the ledger says of one order. */
export interface OrderEntry {
  readonly orderId: string;
  readonly accountId: string;
  readonly instrumentId: string;
  /** Of its first record; the order of the list. */
  createdUs: EpochUs;
  updatedUs: EpochUs;
  traceId: string | null;
  request: Marked<OrderRequest> | undefined;
  decision: Marked<OrderDecision> | undefined;
  /** Cancels and replaces, with what became of them. */
  readonly changes: (Marked<OrderRequest> | Marked<OrderDecision>)[];
  readonly events: Marked<OrderEvent>[];
  readonly fills: Marked<Fill>[];
}

export type OrderChange =
  | { readonly kind: 'request' | 'decision' | 'event'; readonly entry: OrderEntry }
  | { readonly kind: 'fill'; readonly entry: OrderEntry; readonly fill: Marked<Fill> };

export type OrderListener = (change: OrderChange) => void;

export interface HistoryBounds {
  readonly orders: number;
  readonly fills: number;
}

/** Orders and fills as the ledger tells them, in any interleaving of its topics. */
export class OrderHistory {
  readonly #bounds: HistoryBounds;
  readonly #orders = new Map<string, OrderEntry>();
  readonly #fills = new Map<string, Marked<Fill>>();
  readonly #listeners = new Set<OrderListener>();
  #hasForgotten = false;
  #isSettled = false;

  constructor(bounds: HistoryBounds = { orders: ORDERS_MAX, fills: FILLS_MAX }) {
    this.#bounds = bounds;
  }

  /** Whether older orders than those here exist. */
  get hasForgotten(): boolean {
    return this.#hasForgotten;
  }

  /** Older records were left out when the log was read from its tail. */
  noteOmission(): void {
    this.#hasForgotten = true;
  }

  /**
   * What was in the log is here. Until now its topics and partitions came one after another, and what
   * had the oldest records was forgotten first; from now on it is what came first, which no clock that
   * is put back can mislead.
   */
  settle(): void {
    this.#keepNewest(this.#orders, this.#bounds.orders, ({ updatedUs }) => updatedUs);
    this.#keepNewest(this.#fills, this.#bounds.fills, ({ timeUs }) => timeUs);
    this.#isSettled = true;
  }

  get(orderId: string): OrderEntry | undefined {
    return this.#orders.get(orderId);
  }

  /** Newest first. */
  newest(): OrderEntry[] {
    return [...this.#orders.values()].sort(newestFirst);
  }

  /** Newest first. */
  newestFills(): Marked<Fill>[] {
    return [...this.#fills.values()].sort(
      (a, b) =>
        b.message.event_time - a.message.event_time ||
        (a.message.fill_id < b.message.fill_id ? 1 : -1),
    );
  }

  onChange(listener: OrderListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  applyRequest(request: OrderRequest, mark: RecordMark): void {
    const entry = this.#entry(request, mark);
    const marked = { message: request, ...mark };
    if (request.kind === 'NEW') {
      if (entry.request !== undefined) return;
      entry.request = marked;
      entry.traceId = mark.traceId ?? entry.traceId;
    } else {
      entry.changes.push(marked);
    }
    this.#tell({ kind: 'request', entry }, mark);
  }

  applyDecision(decision: OrderDecision, mark: RecordMark): void {
    const entry = this.#entry(decision, mark);
    const marked = { message: decision, ...mark };
    if (decision.kind === 'NEW') {
      if (entry.decision !== undefined) return;
      entry.decision = marked;
    } else {
      entry.changes.push(marked);
    }
    this.#tell({ kind: 'decision', entry }, mark);
  }

  applyEvent(event: OrderEvent, mark: RecordMark): void {
    const entry = this.#entry(event, mark);
    const { events } = entry;
    if (events.some(({ message }) => message.sequence === event.sequence)) return;
    events.push({ message: event, ...mark });
    events.sort((a, b) => a.message.sequence - b.message.sequence);
    if (events.length > EVENTS_PER_ORDER_MAX) events.splice(-2, 1);
    this.#tell({ kind: 'event', entry }, mark);
  }

  applyFill(fill: Fill, mark: RecordMark): void {
    if (this.#fills.has(fill.fill_id)) return;
    const marked = { message: fill, ...mark };
    this.#fills.set(fill.fill_id, marked);
    this.#makeRoom(this.#fills, this.#bounds.fills, ({ timeUs }) => timeUs);
    const entry = this.#entry(fill, mark);
    if (entry.fills.length < FILLS_PER_ORDER_MAX) entry.fills.push(marked);
    this.#tell({ kind: 'fill', entry, fill: marked }, mark);
  }

  #entry(
    about: {
      readonly order_id: string;
      readonly account_id: string;
      readonly instrument_id: string;
    },
    mark: RecordMark,
  ): OrderEntry {
    const known = this.#orders.get(about.order_id);
    if (known !== undefined) {
      known.traceId ??= mark.traceId;
      return known;
    }
    const entry: OrderEntry = {
      orderId: about.order_id,
      accountId: about.account_id,
      instrumentId: about.instrument_id,
      createdUs: mark.timeUs,
      updatedUs: mark.timeUs,
      traceId: mark.traceId,
      request: undefined,
      decision: undefined,
      changes: [],
      events: [],
      fills: [],
    };
    this.#orders.set(entry.orderId, entry);
    this.#makeRoom(this.#orders, this.#bounds.orders, ({ updatedUs }) => updatedUs);
    return entry;
  }

  #makeRoom<Row>(rows: Map<string, Row>, bound: number, timeOf: (row: Row) => EpochUs): void {
    if (!this.#isSettled) {
      if (rows.size > bound * UNSETTLED_FACTOR) this.#keepNewest(rows, bound, timeOf);
      return;
    }
    for (const [oldest] of rows) {
      if (rows.size <= bound) break;
      rows.delete(oldest);
      this.#hasForgotten = true;
    }
  }

  /** Leaves them in the order of time. */
  #keepNewest<Row>(rows: Map<string, Row>, bound: number, timeOf: (row: Row) => EpochUs): void {
    const sorted = [...rows].sort(([, a], [, b]) => timeOf(a) - timeOf(b));
    if (sorted.length > bound) this.#hasForgotten = true;
    rows.clear();
    for (const [id, row] of sorted.slice(Math.max(0, sorted.length - bound))) rows.set(id, row);
  }

  #tell(change: OrderChange, mark: RecordMark): void {
    const { entry } = change;
    if (mark.timeUs > entry.updatedUs) entry.updatedUs = mark.timeUs;
    if (mark.timeUs < entry.createdUs) entry.createdUs = mark.timeUs;
    for (const listener of this.#listeners) listener(change);
  }
}

export function newestFirst(a: OrderEntry, b: OrderEntry): number {
  return b.createdUs - a.createdUs || (a.orderId < b.orderId ? 1 : -1);
}

export function latestEvent(entry: OrderEntry): OrderEvent | undefined {
  return entry.events.at(-1)?.message;
}

/** What the venue or, before it, the gate says the order is. */
export function statusOf(entry: OrderEntry): OrderStatus {
  const event = latestEvent(entry);
  if (event !== undefined) return event.status;
  return entry.decision?.message.outcome === 'BLOCKED' ? 'REJECTED' : 'PENDING_NEW';
}
