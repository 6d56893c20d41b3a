import type { Clock } from '@cerberus/core';
import type { Quality, Quote } from '@cerberus/schema';

export interface Price {
  readonly value: number;
  readonly ageMs: number;
  readonly quality: Quality;
}

interface Seen {
  readonly mid: number;
  readonly quality: Quality;
  readonly receivedMs: number;
}

export interface SpotPricesOptions {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly references: Readonly<Record<string, string>>;
  readonly staleAfterMs: number;
}

/** Newest mid of every instrument, and which of them stands for an underlying. */
export class SpotPrices {
  readonly #options: SpotPricesOptions;
  readonly #seen = new Map<string, Seen>();
  readonly #underlyingOf: ReadonlyMap<string, string>;

  constructor(options: SpotPricesOptions) {
    this.#options = options;
    this.#underlyingOf = new Map(Object.entries(options.references).map(([u, id]) => [id, u]));
  }

  /** The underlying whose spot price this quote is, if it is one. `ageMs`: how long ago it came. */
  onQuote(quote: Quote, ageMs = 0): string | undefined {
    const { bid_price: bid, ask_price: ask } = quote;
    // The last good price stays, and ages: a broken quote is no newer knowledge.
    if (!(bid > 0 && ask >= bid && Number.isFinite(ask))) return undefined;
    const mid = (bid + ask) / 2;
    const receivedMs = this.#options.clock.monotonicMs() - ageMs;
    this.#seen.set(quote.instrument_id, { mid, quality: quote.quality, receivedMs });
    return this.#underlyingOf.get(quote.instrument_id);
  }

  referenceOf(underlying: string): string | undefined {
    return this.#options.references[underlying];
  }

  spot(underlying: string): Price | undefined {
    const reference = this.referenceOf(underlying);
    return reference === undefined ? undefined : this.price(reference);
  }

  price(instrumentId: string): Price | undefined {
    const seen = this.#seen.get(instrumentId);
    if (seen === undefined) return undefined;
    const ageMs = this.#options.clock.monotonicMs() - seen.receivedMs;
    const stale = ageMs > this.#options.staleAfterMs;
    return { value: seen.mid, ageMs, quality: stale ? 'UNTRUSTED' : seen.quality };
  }
}

const RANK: Readonly<Record<Quality, number>> = { OK: 0, DEGRADED: 1, UNTRUSTED: 2 };

/** A number is only as good as the worst of its inputs. */
export function worstQuality(qualities: Iterable<Quality>): Quality {
  let worst: Quality = 'OK';
  for (const quality of qualities) if (RANK[quality] > RANK[worst]) worst = quality;
  return worst;
}
