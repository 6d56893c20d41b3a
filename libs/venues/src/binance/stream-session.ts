import type { Clock, EpochUs, Rng, TimerHandle } from '@cerberus/core';
import type { FrameEvent } from './frame-events.ts';
import { type DownReason, VenueSocket, type VenueSocketTimings } from './venue-socket.ts';

/** The venue takes 5 (spot) to 10 (futures) requests a second and long lists in one request. */
const STREAMS_PER_REQUEST = 100;
const REQUEST_SPACING_MS = 250;
const ACK_DEADLINE_MS = 10_000;
/** A followed symbol that says nothing for so long is not followed any more. */
const DATA_SILENCE_MS = 30_000;

export interface StreamSessionOptions {
  readonly clock: Clock;
  readonly rng: Rng;
  /** Combined-stream URL without a query. */
  readonly url: string;
  readonly streams: readonly string[];
  readonly timings?: Partial<VenueSocketTimings>;
  /** Parses and delivers one frame. */
  readonly onText: (text: string, receivedUs: EpochUs) => FrameEvent;
  readonly onLive: () => void;
  readonly onRefused: (detail: string) => void;
  readonly onDown: (reason: DownReason, detail: string, retryInMs: number | undefined) => void;
}

/** One connection with its subscriptions: after every (re)connect all of them, each acknowledged. */
export class StreamSession {
  readonly #options: StreamSessionOptions;
  readonly #socket: VenueSocket;
  #waiting = new Set<number>();
  #timers: TimerHandle[] = [];
  #nextId = 1;
  #live = false;

  constructor(options: StreamSessionOptions) {
    this.#options = options;
    const { clock, rng, timings } = options;
    this.#socket = new VenueSocket({
      clock,
      rng,
      url: () => options.url,
      timings: { dataSilenceMs: DATA_SILENCE_MS, ...timings },
      onOpen: () => this.#subscribe(),
      onText: (text, receivedUs) => this.#onFrame(options.onText(text, receivedUs)),
      onDown: (reason, detail, retryInMs) => {
        this.#live = false;
        this.#cancelTimers();
        options.onDown(reason, detail, retryInMs);
      },
    });
  }

  /** True where the connection is open and every subscription acknowledged. */
  get live(): boolean {
    return this.#live;
  }

  start(): void {
    this.#socket.start();
  }

  stop(): void {
    this.#cancelTimers();
    this.#socket.stop();
  }

  #subscribe(): void {
    const { clock, streams } = this.#options;
    this.#waiting = new Set();
    for (let start = 0; start < streams.length; start += STREAMS_PER_REQUEST) {
      const id = this.#nextId++;
      this.#waiting.add(id);
      const params = streams.slice(start, start + STREAMS_PER_REQUEST);
      const text = JSON.stringify({ method: 'SUBSCRIBE', params, id });
      const delayMs = (start / STREAMS_PER_REQUEST) * REQUEST_SPACING_MS;
      this.#timers.push(clock.after(delayMs, () => this.#socket.send(text)));
    }
    const requests = this.#waiting.size;
    this.#timers.push(
      clock.after(ACK_DEADLINE_MS + requests * REQUEST_SPACING_MS, () => {
        if (this.#waiting.size > 0) this.#socket.reconnect('a subscription was not acknowledged');
      }),
    );
  }

  #onFrame(event: FrameEvent): void {
    if (event.kind === 'shutdown') {
      this.#socket.reconnect('the venue announced its shutdown');
    } else if (event.kind === 'error' && this.#waiting.has(Number(event.id))) {
      this.#options.onRefused(`${event.code} ${event.message}`);
    } else if (event.kind === 'ack' && this.#waiting.delete(Number(event.id))) {
      if (this.#waiting.size > 0) return;
      this.#live = true;
      this.#options.onLive();
    }
  }

  #cancelTimers(): void {
    for (const timer of this.#timers.splice(0)) timer.cancel();
  }
}
