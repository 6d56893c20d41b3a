import type { Quote } from '@cerberus/schema';

/** Longer than a decision waits to be handled; beyond either the oldest quotes fall out. */
const KEPT_US = 5_000_000;
const QUOTES_MAX = 1024;

/** The quotes of the last seconds by instrument: a decision is handled some time after it was taken. */
export class QuoteTape {
  readonly #quotes = new Map<string, Quote[]>();

  add(quote: Quote): void {
    const { instrument_id: id, receive_time: timeUs } = quote;
    const quotes = this.#quotes.get(id) ?? [];
    this.#quotes.set(id, quotes);
    quotes.push(quote);
    // The oldest in force when the kept time begins is kept too.
    const isLate = quotes.length > 1 && quotes[1]!.receive_time < timeUs - KEPT_US;
    if (isLate || quotes.length > QUOTES_MAX) quotes.shift();
  }

  newest(instrumentId: string): Quote | undefined {
    return this.#quotes.get(instrumentId)?.at(-1);
  }

  /** The quote in force at a time; undefined where the tape does not reach back to it. */
  at(instrumentId: string, timeUs: number): Quote | undefined {
    return this.#quotes.get(instrumentId)?.findLast(({ receive_time }) => receive_time <= timeUs);
  }
}
