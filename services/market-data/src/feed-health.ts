import type { EpochUs } from '@cerberus/core';
import type { FeedState, FeedStatus } from '@cerberus/schema';

interface Identity {
  readonly instrument_id: string;
  readonly venue: string;
}

/** The trust state of one instrument's feed, and what it went through. */
export class FeedHealth {
  readonly #identity: Identity;
  #state: FeedState = 'CONNECTING';
  #reason = 'not connected yet';
  #since: EpochUs;
  #lastEvent: EpochUs | null = null;
  #lastEventMs = 0;
  #heard = false;
  gaps = 0;
  resyncs = 0;
  duplicates = 0;
  refused = 0;
  conflated = 0;

  constructor(identity: Identity, since: EpochUs) {
    this.#identity = identity;
    this.#since = since;
  }

  get state(): FeedState {
    return this.#state;
  }

  event(atUs: EpochUs, monotonicMs: number): void {
    this.#lastEvent = atUs;
    this.#lastEventMs = monotonicMs;
    this.#heard = true;
  }

  /** Whether anything came since the feed was last down. */
  get heard(): boolean {
    return this.#heard;
  }

  silentMs(monotonicMs: number): number {
    return monotonicMs - this.#lastEventMs;
  }

  /** True where the state changed. */
  move(state: FeedState, reason: string, at: EpochUs): boolean {
    if (state === this.#state) return false;
    this.#state = state;
    this.#reason = reason;
    this.#since = at;
    if (state === 'DOWN') this.#heard = false;
    return true;
  }

  status(clockOffsetMs: number | null): FeedStatus {
    return {
      ...this.#identity,
      state: this.#state,
      reason: this.#reason,
      since: this.#since,
      last_event_time: this.#lastEvent,
      gaps: this.gaps,
      resyncs: this.resyncs,
      duplicates: this.duplicates,
      refused: this.refused,
      conflated: this.conflated,
      clock_offset_ms: clockOffsetMs,
    };
  }
}
