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
  readonly #listeners = new Set<(instrumentId: string) => void>();

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  apply(quote: Quote): void {
    const id = quote.instrument_id;
    const known = this.#quotes.get(id)?.quote;
    if (known !== undefined && known.receive_time > quote.receive_time) return;
    this.#quotes.set(id, { quote, receivedMs: this.#clock.monotonicMs() });
    for (const listener of this.#listeners) listener(id);
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
}
