import type { Clock } from '@cerberus/core';
import type { SimAccount } from '../exchange/account-book.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { MarketFeed } from './market-feed.ts';
import type { StreamHub } from './stream-hub.ts';

/** What the routes of one market work on. */
export interface MarketApi {
  readonly exchange: Exchange;
  readonly feed: MarketFeed;
  readonly hub: StreamHub;
  readonly clock: Clock;
  readonly listenKeys: ListenKeys;
  readonly weightLimit: number;
  readonly countdowns: Countdowns;
}

export interface ApiCall {
  readonly params: ReadonlyMap<string, string>;
  /** Present on routes that need a key. */
  readonly account: SimAccount | undefined;
  readonly nowMs: number;
}

export interface ApiRoute {
  readonly method: string;
  readonly path: string;
  readonly security: 'none' | 'key' | 'signed';
  readonly weight: (params: ReadonlyMap<string, string>) => number;
  readonly handle: (call: ApiCall) => unknown;
}

const LISTEN_KEY_LIFE_MS = 60 * 60_000;
const LISTEN_KEYS_MAX = 10_000;

/** User stream tokens: one per account, alive for an hour after each use. */
export class ListenKeys {
  readonly #byKey = new Map<string, { account: string; expiresMs: number }>();
  #issued = 0;

  create(account: string, nowMs: number): string {
    for (const [key, entry] of this.#byKey) {
      if (entry.account === account && entry.expiresMs > nowMs) {
        entry.expiresMs = nowMs + LISTEN_KEY_LIFE_MS;
        return key;
      }
      if (entry.expiresMs <= nowMs || this.#byKey.size >= LISTEN_KEYS_MAX) this.#byKey.delete(key);
    }
    this.#issued += 1;
    const key = `lk${nowMs.toString(36)}n${this.#issued.toString(36)}${account.slice(0, 16)}`;
    this.#byKey.set(key, { account, expiresMs: nowMs + LISTEN_KEY_LIFE_MS });
    return key;
  }

  extend(key: string, nowMs: number): boolean {
    const entry = this.#byKey.get(key);
    if (entry === undefined || entry.expiresMs <= nowMs) return false;
    entry.expiresMs = nowMs + LISTEN_KEY_LIFE_MS;
    return true;
  }

  remove(key: string): void {
    this.#byKey.delete(key);
  }

  keyOf(account: string): string | undefined {
    for (const [key, entry] of this.#byKey) if (entry.account === account) return key;
    return undefined;
  }

  accountOf(key: string, nowMs: number): string | undefined {
    const entry = this.#byKey.get(key);
    return entry !== undefined && entry.expiresMs > nowMs ? entry.account : undefined;
  }
}

/** Dead-man's switch: open orders of a symbol are cancelled unless it is set anew in time. */
export class Countdowns {
  readonly #clock: Clock;
  readonly #timers = new Map<string, { cancel(): void }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  set(key: string, countdownMs: number, expire: () => void): void {
    this.#timers.get(key)?.cancel();
    this.#timers.delete(key);
    if (countdownMs > 0) this.#timers.set(key, this.#clock.after(countdownMs, expire));
  }

  stop(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }
}
