import type { Clock } from '@cerberus/core';
import { type ApiKeyRecord, apiKeyId, matchesApiKey } from './api-key.ts';
import { RateLimit } from './rate-limit.ts';

/** Who asks. */
export interface Principal {
  readonly keyId: string;
  readonly owner: string;
  readonly rights: ReadonlySet<string>;
}

/** Where key records are kept. */
export interface ApiKeySource {
  find(keyId: string): Promise<ApiKeyRecord | undefined>;
}

export interface KeyRingOptions {
  readonly source: ApiKeySource;
  readonly clock: Pick<Clock, 'monotonicMs' | 'nowUs'>;
  /** How long a record, or its absence, is believed before the source is asked again. */
  readonly ttlMs?: number;
  readonly entries?: number;
  /** Look-ups of keys not in the cache, per address: guessing must not load the source. */
  readonly lookups?: RateLimit;
}

interface Entry {
  /** undefined: no such key. */
  readonly record: ApiKeyRecord | undefined;
  readonly principal: Principal | undefined;
  readonly untilMs: number;
}

/** A revoked key stops working within this time. */
const TTL_MS = 15_000;
const ENTRIES_MAX = 10_000;
const LOOKUPS_PER_SECOND = 20;
const LOOKUP_BURST = 100;

/**
 * Verifies keys against records that are cached by their public id. The hash of the secret is
 * compared on every request (about 1 µs), so the cache holds nothing that opens a door.
 */
export class KeyRing {
  readonly #source: ApiKeySource;
  readonly #clock: Pick<Clock, 'monotonicMs' | 'nowUs'>;
  readonly #ttlMs: number;
  readonly #entriesMax: number;
  readonly #lookups: RateLimit;
  readonly #entries = new Map<string, Entry>();
  readonly #loading = new Map<string, Promise<Entry>>();

  constructor(options: KeyRingOptions) {
    this.#source = options.source;
    this.#clock = options.clock;
    this.#ttlMs = options.ttlMs ?? TTL_MS;
    this.#entriesMax = options.entries ?? ENTRIES_MAX;
    const { clock } = options;
    this.#lookups =
      options.lookups ??
      new RateLimit({ perSecond: LOOKUPS_PER_SECOND, burst: LOOKUP_BURST, clock });
  }

  /**
   * Answers at once for a cached key; undefined when the key is not valid. Rejects with a 429 where
   * `address` has asked for too many keys that had to be looked up.
   */
  verify(text: string, address: string): Principal | undefined | Promise<Principal | undefined> {
    const keyId = apiKeyId(text);
    if (keyId === undefined) return undefined;
    const entry = this.#entries.get(keyId);
    if (entry !== undefined && entry.untilMs > this.#clock.monotonicMs()) {
      return this.#judge(text, entry);
    }
    // Many requests at the moment that a busy key's record lapses ask the source once.
    if (!this.#loading.has(keyId)) {
      const refusal = this.#lookups.refusal(address);
      if (refusal !== undefined) return Promise.reject(refusal);
    }
    return this.#load(keyId).then((loaded) => this.#judge(text, loaded));
  }

  /** Whether the key of a long session still stands. */
  async stands(principal: Principal): Promise<boolean> {
    const entry = this.#entries.get(principal.keyId);
    const fresh = entry !== undefined && entry.untilMs > this.#clock.monotonicMs();
    const { record } = fresh ? entry : await this.#load(principal.keyId);
    return record !== undefined && this.#isUsable(record);
  }

  /** After a change of keys in this process. */
  forget(keyId: string): void {
    this.#entries.delete(keyId);
  }

  #judge(text: string, { record, principal }: Entry): Principal | undefined {
    if (record === undefined || !matchesApiKey(text, record)) return undefined;
    return this.#isUsable(record) ? principal : undefined;
  }

  #isUsable(record: ApiKeyRecord): boolean {
    if (record.revoked) return false;
    return record.expiresAtUs === null || record.expiresAtUs > this.#clock.nowUs();
  }

  #load(keyId: string): Promise<Entry> {
    const running = this.#loading.get(keyId);
    if (running !== undefined) return running;
    const task = this.#source
      .find(keyId)
      .then((record) => this.#store(keyId, record))
      .finally(() => this.#loading.delete(keyId));
    this.#loading.set(keyId, task);
    return task;
  }

  #store(keyId: string, record: ApiKeyRecord | undefined): Entry {
    const principal =
      record === undefined
        ? undefined
        : { keyId, owner: record.owner, rights: new Set(record.rights) };
    const entry = { record, principal, untilMs: this.#clock.monotonicMs() + this.#ttlMs };
    this.#entries.delete(keyId);
    this.#entries.set(keyId, entry);
    for (const [oldest] of this.#entries) {
      if (this.#entries.size <= this.#entriesMax) break;
      this.#entries.delete(oldest);
    }
    return entry;
  }
}
