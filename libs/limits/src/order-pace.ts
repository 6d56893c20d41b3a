import type { OrderRequest } from '@cerberus/schema';

/** Approvals whose times are kept; a rate limit above it is held to it. */
export const PACE_ORDERS_MAX = 4096;
/** A power of two below it. */
const PACE_ORDERS_FIRST = 16;

/** What makes two orders the same to an eye that looks for doubles. */
export type OrderTerms = Pick<
  OrderRequest,
  'instrument_id' | 'side' | 'order_type' | 'quantity' | 'limit_price' | 'stop_price'
>;

/** How fast an account's approvals followed each other, and when each kind of order was last one. */
export class OrderPace {
  /** Ring of the newest times; grows to its full size with the account's first orders. */
  #timesUs = new Float64Array(PACE_ORDERS_FIRST);
  readonly #lastByTerms = new Map<string, number>();
  #count = 0;

  /** Times must not go back. */
  note(terms: string, timeUs: number): void {
    if (this.#count === this.#timesUs.length && this.#count < PACE_ORDERS_MAX) {
      const grown = new Float64Array(2 * this.#count);
      grown.set(this.#timesUs);
      this.#timesUs = grown;
    }
    this.#timesUs[this.#count % this.#timesUs.length] = timeUs;
    this.#count += 1;
    // Deleting first moves the terms to the end, so that the front is always the oldest.
    this.#lastByTerms.delete(terms);
    this.#lastByTerms.set(terms, timeUs);
    if (this.#lastByTerms.size <= PACE_ORDERS_MAX) return;
    const [oldest] = this.#lastByTerms.keys();
    if (oldest !== undefined) this.#lastByTerms.delete(oldest);
  }

  lastUs(terms: string): number | undefined {
    return this.#lastByTerms.get(terms);
  }

  /** Approvals after `sinceUs`, at most `PACE_ORDERS_MAX`. */
  countSince(sinceUs: number): number {
    const size = this.#timesUs.length;
    let low = Math.max(0, this.#count - size);
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#timesUs[middle % size]! > sinceUs) high = middle;
      else low = middle + 1;
    }
    return this.#count - low;
  }
}

export function orderTermsKey(order: OrderTerms): string {
  return `${order.instrument_id}|${order.side}|${order.order_type}|${order.quantity}|${order.limit_price}|${order.stop_price}`;
}
