import type { Readiness } from '@cerberus/runtime';

/** Longest value, in bytes of UTF-8; a larger one is refused with `CRB_CACHE_VALUE_TOO_LARGE`. */
export const LARGEST_VALUE_BYTES = 1_048_576;

export interface SetOptions {
  /** A positive whole number of milliseconds, counted from this call. */
  readonly ttlMs: number;
  /**
   * Orders writers that do not know of each other, e.g. the event time in microseconds: a write whose
   * version is not above the one held is dropped. Without it the last write wins.
   */
  readonly version?: number;
}

export interface AppendOptions {
  /** Newest entries that are kept. */
  readonly maxLength: number;
  /** Counted from the newest entry. */
  readonly ttlMs: number;
}

/**
 * Latest values and short recent series, shared by the instances of all services. A cache may forget
 * anything at any time: whoever reads must be able to do without, and nothing is kept here alone.
 * Values and series have name spaces of their own. The promises are those that Redis keeps with SET,
 * MGET, LPUSH, LTRIM and one small script for versions.
 */
export interface Cache {
  /** False when a newer version is held. */
  set(key: string, value: string, options: SetOptions): Promise<boolean>;
  get(key: string): Promise<string | undefined>;
  /** One answer per key, in order. */
  getMany(keys: readonly string[]): Promise<readonly (string | undefined)[]>;
  /** True when something was there. */
  delete(key: string): Promise<boolean>;
  append(series: string, entry: string, options: AppendOptions): Promise<void>;
  /** At most `count` entries, newest first. */
  recent(series: string, count: number): Promise<readonly string[]>;
  ready(): Readiness;
  close(): Promise<void>;
}
