import { CerberusError, type Clock, faultOf, invariant, type TimerHandle } from '@cerberus/core';
import {
  type CounterMetric,
  type Metrics,
  notReady,
  READY,
  type Readiness,
} from '@cerberus/runtime';
import { checkEntry, checkValue } from './entry-bounds.ts';
import { CACHE_ERRORS } from './errors.ts';
import type { AppendOptions, Cache, SetOptions } from './port.ts';

const SWEEP_PERIOD_MS = 1000;
/** Entries looked at per sweep, so that none holds the event loop. */
const SWEEP_ENTRIES = 10_000;

export interface MemoryCacheOptions {
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Values and series together; beyond it the one used longest ago is dropped, and counted. */
  readonly maxEntries: number;
}

interface Value {
  readonly text: string;
  readonly version: number | undefined;
  readonly expiresMs: number;
}

interface Series {
  /** Oldest first. */
  readonly entries: string[];
  expiresMs: number;
}

/** The cache inside one process. */
export class MemoryCache implements Cache {
  readonly #clock: Clock;
  readonly #maxEntries: number;
  /** Both in order of use: a map remembers in which order its keys came. */
  readonly #values = new Map<string, Value>();
  readonly #series = new Map<string, Series>();
  readonly #evictions: CounterMetric;
  readonly #sweeper: TimerHandle;
  #isClosed = false;

  constructor({ clock, metrics, maxEntries }: MemoryCacheOptions) {
    invariant(
      Number.isSafeInteger(maxEntries) && maxEntries > 0,
      'a cache has room for at least one entry',
    );
    this.#clock = clock;
    this.#maxEntries = maxEntries;
    this.#evictions = metrics.counter(
      'cache_evictions_total',
      'Entries dropped before their time for want of room',
    );
    metrics.gaugeOf('cache_entries', 'Values and series held', () => this.size);
    this.#sweeper = clock.every(SWEEP_PERIOD_MS, () => this.#sweep());
  }

  /** Values and series held, those not yet swept included. */
  get size(): number {
    return this.#values.size + this.#series.size;
  }

  async set(key: string, value: string, options: SetOptions): Promise<boolean> {
    this.#refuseWhenClosed();
    checkValue(key, value, options);
    const { ttlMs, version } = options;
    const held = this.#live(this.#values, key);
    const isOlder = version !== undefined && held?.version !== undefined && version <= held.version;
    if (isOlder) return false;
    // Deleted first, so that it comes last in the order of use.
    this.#values.delete(key);
    this.#values.set(key, { text: value, version, expiresMs: this.#clock.monotonicMs() + ttlMs });
    this.#makeRoom();
    return true;
  }

  async get(key: string): Promise<string | undefined> {
    this.#refuseWhenClosed();
    return this.#use(this.#values, key)?.text;
  }

  async getMany(keys: readonly string[]): Promise<readonly (string | undefined)[]> {
    this.#refuseWhenClosed();
    return keys.map((key) => this.#use(this.#values, key)?.text);
  }

  async delete(key: string): Promise<boolean> {
    this.#refuseWhenClosed();
    const isThere = this.#live(this.#values, key) !== undefined;
    this.#values.delete(key);
    return isThere;
  }

  async append(name: string, entry: string, options: AppendOptions): Promise<void> {
    this.#refuseWhenClosed();
    checkEntry(name, entry, options);
    const { maxLength, ttlMs } = options;
    const series = this.#use(this.#series, name) ?? { entries: [], expiresMs: 0 };
    series.entries.push(entry);
    if (series.entries.length > maxLength)
      series.entries.splice(0, series.entries.length - maxLength);
    series.expiresMs = this.#clock.monotonicMs() + ttlMs;
    this.#series.set(name, series);
    this.#makeRoom();
  }

  async recent(name: string, count: number): Promise<readonly string[]> {
    this.#refuseWhenClosed();
    if (count <= 0) return [];
    const series = this.#use(this.#series, name);
    return series === undefined ? [] : series.entries.slice(-count).reverse();
  }

  ready(): Readiness {
    return this.#isClosed ? notReady('closed') : READY;
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#sweeper.cancel();
    this.#values.clear();
    this.#series.clear();
    return Promise.resolve();
  }

  #live<E extends { readonly expiresMs: number }>(
    entries: Map<string, E>,
    key: string,
  ): E | undefined {
    const entry = entries.get(key);
    if (entry === undefined || entry.expiresMs > this.#clock.monotonicMs()) return entry;
    entries.delete(key);
    return undefined;
  }

  #use<E extends { readonly expiresMs: number }>(
    entries: Map<string, E>,
    key: string,
  ): E | undefined {
    const entry = this.#live(entries, key);
    if (entry === undefined) return undefined;
    entries.delete(key);
    entries.set(key, entry);
    return entry;
  }

  #makeRoom(): void {
    while (this.size > this.#maxEntries) {
      // Series are few and costly to build up again: values go first.
      const entries: Map<string, unknown> = this.#values.size > 1 ? this.#values : this.#series;
      const [oldest] = entries.keys();
      if (oldest === undefined) return;
      entries.delete(oldest);
      this.#evictions.inc();
    }
  }

  #sweep(): void {
    const nowMs = this.#clock.monotonicMs();
    let looked = 0;
    for (const entries of [this.#values, this.#series] as const) {
      for (const [key, { expiresMs }] of entries) {
        if (looked >= SWEEP_ENTRIES) return;
        looked += 1;
        if (expiresMs <= nowMs) entries.delete(key);
      }
    }
  }

  #refuseWhenClosed(): void {
    if (!this.#isClosed) return;
    throw new CerberusError(faultOf(CACHE_ERRORS.UNAVAILABLE, { message: 'the cache is closed' }));
  }
}
