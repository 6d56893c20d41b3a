import type { EpochUs } from '@cerberus/core';
import type { GreeksReport, Position, TcaReport } from '@cerberus/schema';
import { ORDERS_MAX, type OrderEntry, type OrderHistory } from './order-history.ts';
import { type Marked, markOf } from './record-mark.ts';
import type { Tables } from './tables.ts';

/** Effects of an order's newest fill further down the way. */
export interface JourneyEffects {
  readonly fillUs: EpochUs;
  /** Account and underlying of the reports that show it; undefined where the instrument is unknown. */
  readonly greeksKey: string | undefined;
  position?: Marked<Position>;
  greeks?: Marked<GreeksReport>;
  tca?: Marked<TcaReport>;
}

/** An effect that comes later than this after the fill is not told as the fill's. */
const EFFECT_WITHIN_US = 60_000_000;
/** A row of a table does not say which record made it. */
const UNTRACED = { traceId: null, traceparent: null };
/** Orders waiting for the same position or underlying; beyond it the oldest is given up. */
const WAITING_MAX = 1_000;

/** Notes when the fills of an order reached its position, its Greeks and its execution report. */
export class JourneyMarks {
  readonly #tables: Tables;
  readonly #byOrder = new Map<string, JourneyEffects>();
  readonly #awaitingPosition = new Map<string, Set<JourneyEffects>>();
  readonly #awaitingGreeks = new Map<string, Set<JourneyEffects>>();

  constructor(orders: OrderHistory, tables: Tables) {
    this.#tables = tables;
    orders.onChange((change) => {
      if (change.kind === 'fill') this.#await(change.entry, change.fill.timeUs);
    });
    tables.position.onChange((key, position, record) => {
      if (position === undefined) return;
      const marked = { message: position, ...markOf(record) };
      settle(this.#awaitingPosition, key, marked.timeUs, (effects) =>
        this.#booked(effects, marked),
      );
    });
    tables['risk.greeks'].onChange((key, report, record) => {
      if (report === undefined) return;
      const marked = { message: report, ...markOf(record) };
      settle(this.#awaitingGreeks, key, marked.timeUs, (effects) => {
        effects.greeks = marked;
      });
    });
    tables['tca.report'].onChange((orderId, report, record) => {
      const effects = this.#byOrder.get(orderId);
      if (report === undefined || effects === undefined) return;
      effects.tca = { message: report, ...markOf(record) };
    });
  }

  get(orderId: string): JourneyEffects | undefined {
    return this.#byOrder.get(orderId);
  }

  #await(entry: OrderEntry, fillUs: EpochUs): void {
    const positionKey = `${entry.accountId}|${entry.instrumentId}`;
    const underlying = this.#tables['ref.instrument'].get(entry.instrumentId)?.underlying;
    const greeksKey = underlying === undefined ? undefined : `${entry.accountId}|${underlying}`;
    const effects: JourneyEffects = { fillUs, greeksKey };
    this.#byOrder.delete(entry.orderId);
    this.#byOrder.set(entry.orderId, effects);
    for (const [oldest] of this.#byOrder) {
      if (this.#byOrder.size <= ORDERS_MAX) break;
      this.#byOrder.delete(oldest);
    }
    this.#awaitPosition(positionKey, effects);
    this.#awaitTca(entry.orderId, effects);
  }

  /** Greeks from before the position do not show the fill. */
  #booked(effects: JourneyEffects, position: Marked<Position>): void {
    effects.position = position;
    if (effects.greeksKey !== undefined) wait(this.#awaitingGreeks, effects.greeksKey, effects);
  }

  /** The topics are followed side by side: the position may have been here before its fill. */
  #awaitPosition(key: string, effects: JourneyEffects): void {
    const row = this.#tables.position.entry(key);
    if (row !== undefined && isEffect(row.producedAtUs, effects)) {
      this.#booked(effects, { message: row.message, timeUs: row.producedAtUs, ...UNTRACED });
      return;
    }
    wait(this.#awaitingPosition, key, effects);
  }

  #awaitTca(orderId: string, effects: JourneyEffects): void {
    const row = this.#tables['tca.report'].entry(orderId);
    if (row === undefined || row.producedAtUs < effects.fillUs) return;
    effects.tca = { message: row.message, timeUs: row.producedAtUs, ...UNTRACED };
  }
}

function isEffect(timeUs: EpochUs, { fillUs }: JourneyEffects): boolean {
  return timeUs >= fillUs && timeUs - fillUs <= EFFECT_WITHIN_US;
}

function wait(
  awaiting: Map<string, Set<JourneyEffects>>,
  key: string,
  effects: JourneyEffects,
): void {
  const waiting = awaiting.get(key) ?? new Set();
  waiting.add(effects);
  if (waiting.size > WAITING_MAX) {
    const [oldest] = waiting;
    if (oldest !== undefined) waiting.delete(oldest);
  }
  awaiting.set(key, waiting);
}

function settle(
  awaiting: Map<string, Set<JourneyEffects>>,
  key: string,
  timeUs: EpochUs,
  mark: (effects: JourneyEffects) => void,
): void {
  const waiting = awaiting.get(key);
  if (waiting === undefined) return;
  for (const effects of waiting) {
    if (timeUs < (effects.position?.timeUs ?? effects.fillUs)) continue;
    waiting.delete(effects);
    if (isEffect(timeUs, effects)) mark(effects);
  }
  if (waiting.size === 0) awaiting.delete(key);
}
