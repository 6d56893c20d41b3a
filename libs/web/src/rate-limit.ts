import type { Clock } from '@cerberus/core';
import { WEB_ERRORS } from './errors.ts';
import { HttpProblem } from './problem.ts';

export interface RateLimitOptions {
  /** Sustained requests per second of one key. */
  readonly perSecond: number;
  /** Requests that may come at once after a pause. */
  readonly burst: number;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Keys remembered; beyond it the oldest is forgotten, which gives that key a full bucket. */
  readonly entries?: number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

const ENTRIES_MAX = 10_000;

/** One token bucket per key. */
export class RateLimit {
  readonly #options: RateLimitOptions;
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: RateLimitOptions) {
    this.#options = options;
  }

  /** Takes a token; undefined when there was one, otherwise the milliseconds until there is. */
  take(key: string): number | undefined {
    const { perSecond, burst, clock } = this.#options;
    const nowMs = clock.monotonicMs();
    const bucket = this.#buckets.get(key) ?? this.#admit(key, nowMs);
    const earned = ((nowMs - bucket.atMs) * perSecond) / 1000;
    bucket.tokens = Math.min(burst, bucket.tokens + earned);
    bucket.atMs = nowMs;
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return undefined;
    }
    return Math.ceil(((1 - bucket.tokens) * 1000) / perSecond);
  }

  /** The 429 of a key that has used its tokens up, undefined while it has some. */
  refusal(key: string): HttpProblem | undefined {
    const waitMs = this.take(key);
    if (waitMs === undefined) return undefined;
    return new HttpProblem(WEB_ERRORS.RATE_LIMITED, {
      detail: `At most ${this.#options.perSecond} requests per second, ${this.#options.burst} at once; try again in ${waitMs} ms.`,
      headers: { 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1000))) },
    });
  }

  #admit(key: string, nowMs: number): Bucket {
    const bucket = { tokens: this.#options.burst, atMs: nowMs };
    this.#buckets.set(key, bucket);
    for (const [oldest] of this.#buckets) {
      if (this.#buckets.size <= (this.#options.entries ?? ENTRIES_MAX)) break;
      this.#buckets.delete(oldest);
    }
    return bucket;
  }
}
