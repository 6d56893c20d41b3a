import type { Clock } from '@cerberus/core';
import type { RequestPriority, VenueRequest } from './venue-request.ts';

export interface BudgetLimits {
  readonly weightPerMinute: number;
  readonly ordersPer10Seconds: number;
}

/** Limits published in `exchangeInfo`, 2026; orders per day are far above what one account sends. */
export const SPOT_LIMITS: BudgetLimits = { weightPerMinute: 6000, ordersPer10Seconds: 100 };
export const FUTURES_LIMITS: BudgetLimits = { weightPerMinute: 2400, ordersPer10Seconds: 300 };

/** Share of the minute's weight that each priority may fill, so that snapshots never starve cancels. */
const SHARES: Readonly<Record<RequestPriority, number>> = {
  background: 0.7,
  query: 0.9,
  order: 1,
};

const MINUTE_MS = 60_000;
const ORDER_WINDOW_MS = 10_000;

export type BudgetVerdict =
  | { readonly granted: true }
  | { readonly granted: false; readonly retryAfterMs: number; readonly by: 'budget' | 'ban' };

/**
 * Counts what we sent against the venue's fixed windows (aligned to its clock), and takes over the
 * venue's own count where its answers carry one. A 429 or 418 closes the budget until its end.
 */
export class RequestBudget {
  readonly #clock: Clock;
  readonly #limits: BudgetLimits;
  #weightWindow = 0;
  #weightUsed = 0;
  #orderWindow = 0;
  #ordersUsed = 0;
  #closedUntilMonotonicMs = 0;

  constructor(clock: Clock, limits: BudgetLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  get weightUsed(): number {
    this.#roll();
    return this.#weightUsed;
  }

  take(request: Pick<VenueRequest, 'weight' | 'orders' | 'priority'>): BudgetVerdict {
    const closedMs = this.#closedUntilMonotonicMs - this.#clock.monotonicMs();
    if (closedMs > 0) return { granted: false, retryAfterMs: Math.ceil(closedMs), by: 'ban' };
    const nowMs = this.#roll();
    const weightMax = this.#limits.weightPerMinute * SHARES[request.priority];
    if (this.#weightUsed + request.weight > weightMax) {
      return { granted: false, retryAfterMs: untilNext(nowMs, MINUTE_MS), by: 'budget' };
    }
    if (this.#ordersUsed + request.orders > this.#limits.ordersPer10Seconds) {
      return { granted: false, retryAfterMs: untilNext(nowMs, ORDER_WINDOW_MS), by: 'budget' };
    }
    this.#weightUsed += request.weight;
    this.#ordersUsed += request.orders;
    return { granted: true };
  }

  /** The venue's count for this minute; other users of the same address are in it. */
  observeUsedWeight(weight: number): void {
    this.#roll();
    this.#weightUsed = Math.max(this.#weightUsed, weight);
  }

  closeFor(durationMs: number): void {
    const until = this.#clock.monotonicMs() + durationMs;
    this.#closedUntilMonotonicMs = Math.max(this.#closedUntilMonotonicMs, until);
  }

  #roll(): number {
    const nowMs = this.#clock.nowUs() / 1000;
    const weightWindow = Math.floor(nowMs / MINUTE_MS);
    const orderWindow = Math.floor(nowMs / ORDER_WINDOW_MS);
    if (weightWindow !== this.#weightWindow) {
      this.#weightWindow = weightWindow;
      this.#weightUsed = 0;
    }
    if (orderWindow !== this.#orderWindow) {
      this.#orderWindow = orderWindow;
      this.#ordersUsed = 0;
    }
    return nowMs;
  }
}

function untilNext(nowMs: number, windowMs: number): number {
  return Math.ceil(windowMs - (nowMs % windowMs));
}
