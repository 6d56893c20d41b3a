import type { Trade } from '@cerberus/schema';

interface Mark {
  readonly timeUs: number;
  /** Sums over all trades up to and including this one. */
  readonly notional: number;
  readonly volume: number;
}

/** Trades kept per instrument; older ones fall out, and an interval that begins before has no VWAP. */
const MARKS_MAX = 50_000;

/** Running sums of public trades, from which the volume-weighted price of any interval is read. */
export class TradeTape {
  readonly #marks = new Map<string, Mark[]>();

  add({ instrument_id: id, event_time: timeUs, price, quantity }: Trade): void {
    const marks = this.#marks.get(id) ?? [];
    this.#marks.set(id, marks);
    const last = marks.at(-1);
    marks.push({
      timeUs: Math.max(timeUs, last?.timeUs ?? 0),
      notional: (last?.notional ?? 0) + price * quantity,
      volume: (last?.volume ?? 0) + quantity,
    });
    // Halved rather than shifted one by one, so that keeping the bound costs nothing per trade.
    if (marks.length > MARKS_MAX) marks.splice(0, MARKS_MAX / 2);
  }

  /** Null where no trade happened, or where the tape does not reach back to the start. */
  vwap(instrumentId: string, fromUs: number, toUs: number): number | null {
    const marks = this.#marks.get(instrumentId) ?? [];
    const before = lastAt(marks, fromUs);
    const end = lastAt(marks, toUs);
    if (before === undefined || end === undefined) return null;
    const volume = end.volume - before.volume;
    return volume > 0 ? (end.notional - before.notional) / volume : null;
  }
}

/** The last mark at or before the time, by bisection. */
function lastAt(marks: readonly Mark[], timeUs: number): Mark | undefined {
  let low = 0;
  let high = marks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (marks[middle]!.timeUs <= timeUs) low = middle + 1;
    else high = middle;
  }
  return marks[low - 1];
}
