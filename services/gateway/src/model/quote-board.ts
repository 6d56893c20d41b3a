import type { Clock } from '@cerberus/core';
import type { Quote } from '@cerberus/schema';

export interface BoardQuote {
  readonly quote: Quote;
  readonly receivedMs: number;
}

/** Newest quote of every instrument. */
export class QuoteBoard {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #quotes = new Map<string, BoardQuote>();
  /** Those that came before this process did. */
  readonly #seeded = new Set<string>();
  readonly #listeners = new Set<(instrumentId: string) => void>();

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  apply(quote: Quote): void {
    const id = quote.instrument_id;
    const known = this.#seeded.delete(id) ? undefined : this.#quotes.get(id)?.quote;
    if (known !== undefined && known.receive_time > quote.receive_time) return;
    this.#put(quote, 0);
  }

  /** A quote from before, never in place of one that came since. */
  seed(quote: Quote, ageMs: number): void {
    const id = quote.instrument_id;
    if (this.#quotes.has(id)) return;
    this.#seeded.add(id);
    this.#put(quote, ageMs);
  }

  get(instrumentId: string): BoardQuote | undefined {
    return this.#quotes.get(instrumentId);
  }

  ids(): string[] {
    return [...this.#quotes.keys()].sort();
  }

  ageMs(quote: BoardQuote): number {
    return this.#clock.monotonicMs() - quote.receivedMs;
  }

  onChange(listener: (instrumentId: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #put(quote: Quote, ageMs: number): void {
    const id = quote.instrument_id;
    this.#quotes.set(id, { quote, receivedMs: this.#clock.monotonicMs() - ageMs });
    for (const listener of this.#listeners) listener(id);
  }
}
