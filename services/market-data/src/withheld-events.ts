import type { Clock } from '@cerberus/core';
import type { Bar, Trade } from '@cerberus/schema';

/** Longer than the partitions of an instance that died stay without an owner. */
const KEPT_MS = 30_000;
/** Of one instrument; beyond it the oldest are dropped. */
const KEPT_MAX = 20_000;

export type Withheld =
  | { readonly topic: 'md.trade'; readonly value: Trade }
  | { readonly topic: 'md.bar'; readonly value: Bar };

/** How far the log tells of one instrument. */
export interface ToldMark {
  tradeId: number;
  tradeTime: number;
  barOpen: number;
  barRevision: number;
}

export const NOTHING_TOLD: Readonly<ToldMark> = {
  ...{ tradeId: -1, tradeTime: -1, barOpen: -1, barRevision: -1 },
};

interface Kept {
  readonly events: { readonly event: Withheld; readonly atMs: number }[];
}

/**
 * What may not be lost although another instance publishes it: trades and minute bars of the last
 * while. When that instance is gone, the next owner goes on where the log ends.
 */
export class WithheldEvents {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #byInstrument = new Map<string, Kept>();

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  add(event: Withheld): void {
    const { instrument_id: id } = event.value;
    const { events } = this.#byInstrument.get(id) ?? { events: [] };
    this.#byInstrument.set(id, { events });
    const nowMs = this.#clock.monotonicMs();
    events.push({ event, atMs: nowMs });
    // Some at a time, as taking one off the front moves all the others.
    const isDue = events.length > KEPT_MAX || events[0]!.atMs < nowMs - 2 * KEPT_MS;
    if (!isDue) return;
    const kept = events.filter(({ atMs }) => atMs >= nowMs - KEPT_MS).slice(-KEPT_MAX / 2);
    events.splice(0, events.length, ...kept);
  }

  /** What the log does not tell yet, in order; nothing is kept of it. */
  take(instrumentId: string, told: Readonly<ToldMark>): Withheld[] {
    const kept = this.#byInstrument.get(instrumentId)?.events ?? [];
    this.#byInstrument.delete(instrumentId);
    return kept.flatMap(({ event }) => (isNew(event, told) ? [event] : []));
  }
}

function isNew(event: Withheld, told: Readonly<ToldMark>): boolean {
  if (event.topic === 'md.trade') {
    const { trade_id: id, event_time: time } = event.value;
    // A venue that was set back, as a simulated one may be, counts from the start again.
    return Number(id) > told.tradeId || time > told.tradeTime;
  }
  const { open_time: open, revision } = event.value;
  return open > told.barOpen || (open === told.barOpen && revision > told.barRevision);
}

/** Moves the mark to what the log tells. */
export function note(mark: ToldMark, event: Withheld): void {
  if (event.topic === 'md.trade') {
    mark.tradeId = Number(event.value.trade_id);
    mark.tradeTime = event.value.event_time;
    return;
  }
  const { open_time: open, revision } = event.value;
  if (open < mark.barOpen || (open === mark.barOpen && revision < mark.barRevision)) return;
  mark.barOpen = open;
  mark.barRevision = revision;
}
