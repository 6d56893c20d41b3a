import { epochUsFromMs } from '@cerberus/core';
import type { Bar } from '@cerberus/schema';

const MINUTE_MS = 60_000;

export interface BarTrade {
  readonly price: number;
  readonly quantity: number;
  readonly timeMs: number;
}

interface OpenBar {
  readonly openMs: number;
  /** Times of the trades that set open and close: a late trade may be older than either. */
  firstMs: number;
  lastMs: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  quoteVolume: number;
  count: number;
  revision: number;
}

/**
 * One-minute bars of one instrument from its trades. A bar is given once its minute is over; a trade
 * that comes later gives the bar again with a higher revision, never silently.
 */
export class MinuteBars {
  readonly #instrument: { readonly instrument_id: string; readonly venue: string };
  readonly #lateBars: number;
  #current: OpenBar | undefined;
  readonly #closed: OpenBar[] = [];
  #closedUntilMs = Number.NEGATIVE_INFINITY;
  /** Trades older than every bar still held. */
  tooLate = 0;

  constructor(
    instrument: { readonly instrument_id: string; readonly venue: string },
    lateBars: number,
  ) {
    this.#instrument = instrument;
    this.#lateBars = lateBars;
  }

  /** The bars that this trade closes or amends. */
  add(trade: BarTrade): Bar[] {
    const openMs = Math.floor(trade.timeMs / MINUTE_MS) * MINUTE_MS;
    if (openMs < this.#nextOpenMs()) return this.#amend(openMs, trade);
    const closed = this.closeUntil(trade.timeMs);
    if (this.#current === undefined) this.#current = opened(openMs, trade);
    else extend(this.#current, trade);
    return closed;
  }

  /** The bar whose minute is over at this time, if one is open. */
  closeUntil(nowMs: number): Bar[] {
    const current = this.#current;
    if (current === undefined || nowMs < current.openMs + MINUTE_MS) return [];
    this.#current = undefined;
    this.#closedUntilMs = current.openMs + MINUTE_MS;
    this.#keep(current);
    return [this.#bar(current)];
  }

  /** Minutes before this one are over, whether or not anything was traded in them. */
  #nextOpenMs(): number {
    return this.#current?.openMs ?? this.#closedUntilMs;
  }

  #amend(openMs: number, trade: BarTrade): Bar[] {
    const bar = this.#closed.find((candidate) => candidate.openMs === openMs);
    if (bar === undefined) {
      if (openMs >= this.#nextOpenMs() - this.#lateBars * MINUTE_MS) {
        // A minute that had none so far: its first bar, though a late one.
        const late = opened(openMs, trade);
        this.#keep(late);
        return [this.#bar(late)];
      }
      this.tooLate += 1;
      return [];
    }
    extend(bar, trade);
    bar.revision += 1;
    return [this.#bar(bar)];
  }

  #keep(bar: OpenBar): void {
    this.#closed.push(bar);
    this.#closed.sort((a, b) => a.openMs - b.openMs);
    if (this.#closed.length > this.#lateBars) this.#closed.shift();
  }

  #bar(bar: OpenBar): Bar {
    return {
      ...this.#instrument,
      interval: '1m',
      open_time: epochUsFromMs(bar.openMs),
      close_time: epochUsFromMs(bar.openMs + MINUTE_MS - 1),
      open: bar.open,
      high: bar.high,
      low: bar.low,
      close: bar.close,
      volume: bar.volume,
      quote_volume: bar.quoteVolume,
      trade_count: bar.count,
      revision: bar.revision,
      complete: true,
      source: 'TRADES',
    };
  }
}

function opened(openMs: number, { price, quantity, timeMs }: BarTrade): OpenBar {
  return {
    openMs,
    firstMs: timeMs,
    lastMs: timeMs,
    ...{ open: price, high: price, low: price, close: price },
    volume: quantity,
    quoteVolume: price * quantity,
    count: 1,
    revision: 0,
  };
}

function extend(bar: OpenBar, { price, quantity, timeMs }: BarTrade): void {
  if (timeMs < bar.firstMs) {
    bar.firstMs = timeMs;
    bar.open = price;
  }
  if (timeMs >= bar.lastMs) {
    bar.lastMs = timeMs;
    bar.close = price;
  }
  bar.high = Math.max(bar.high, price);
  bar.low = Math.min(bar.low, price);
  bar.volume += quantity;
  bar.quoteVolume += price * quantity;
  bar.count += 1;
}
