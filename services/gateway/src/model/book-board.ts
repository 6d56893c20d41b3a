import type { Book } from '@cerberus/schema';

/** Levels of each side shown. */
const LEVELS = 20;

export type Level = readonly [price: number, quantity: number];

export interface Ladder {
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

/**
 * Newest snapshot of every book. Market data repeats snapshots several times a second, as often as a
 * screen is worth redrawing, so the deltas between them are left to those who trade on them.
 */
export class BookBoard {
  readonly #ladders = new Map<string, Ladder>();
  readonly #listeners = new Set<(instrumentId: string) => void>();

  apply(book: Book): void {
    if (book.kind !== 'SNAPSHOT') return;
    this.#ladders.set(book.instrument_id, {
      bids: levels(book.bid_prices, book.bid_quantities),
      asks: levels(book.ask_prices, book.ask_quantities),
    });
    for (const listener of this.#listeners) listener(book.instrument_id);
  }

  get(instrumentId: string): Ladder | undefined {
    return this.#ladders.get(instrumentId);
  }

  ids(): string[] {
    return [...this.#ladders.keys()];
  }

  onChange(listener: (instrumentId: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

function levels(prices: readonly number[], quantities: readonly number[]): Level[] {
  return prices.slice(0, LEVELS).map((price, index) => [price, quantities[index] ?? 0]);
}
