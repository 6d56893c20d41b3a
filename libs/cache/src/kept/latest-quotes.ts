import type { Quote } from '@cerberus/schema';
import type { Cache } from '../port.ts';
import { hasNumbers, hasQuality, parsedFields } from './parsed-fields.ts';

/** Long enough for a price over a long weekend: how old it is travels with it. */
const TTL_MS = 4 * 86_400_000;
/** Read at once; more are read one part after another. */
const READ_MAX = 500;

const NUMBERS = [
  ...(['event_time', 'receive_time', 'sequence'] as const),
  ...(['bid_price', 'bid_quantity', 'ask_price', 'ask_quantity'] as const),
] satisfies (keyof Quote)[];

/** The newest quote of every instrument, for those who start after it came. */
export class LatestQuotes {
  readonly #cache: Cache;

  constructor(cache: Cache) {
    this.#cache = cache;
  }

  /** Venue time decides between writers: an older quote does not replace a newer. */
  async write(quote: Quote): Promise<void> {
    const options = { ttlMs: TTL_MS, version: quote.event_time };
    await this.#cache.set(keyOf(quote.instrument_id), JSON.stringify(quote), options);
  }

  /** Those that are there. */
  async read(instrumentIds: readonly string[]): Promise<Quote[]> {
    const quotes: Quote[] = [];
    for (let start = 0; start < instrumentIds.length; start += READ_MAX) {
      const ids = instrumentIds.slice(start, start + READ_MAX);
      const texts = await this.#cache.getMany(ids.map(keyOf));
      for (const [index, text] of texts.entries()) {
        const quote = text === undefined ? undefined : quoteOf(text, ids[index]!);
        if (quote !== undefined) quotes.push(quote);
      }
    }
    return quotes;
  }
}

function keyOf(instrumentId: string): string {
  return `quote:${instrumentId}`;
}

function quoteOf(text: string, instrumentId: string): Quote | undefined {
  const fields = parsedFields(text);
  const isQuote =
    fields?.['instrument_id'] === instrumentId &&
    typeof fields['venue'] === 'string' &&
    hasNumbers(fields, NUMBERS) &&
    hasQuality(fields);
  return isQuote ? (fields as unknown as Quote) : undefined;
}
