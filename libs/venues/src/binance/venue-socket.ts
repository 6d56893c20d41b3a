import type { Clock, EpochUs, Rng, TimerHandle } from '@cerberus/core';
import WebSocket, { type RawData } from 'ws';

/** Frames beyond this are no market data: the largest honest one (all tickers) is some 2 MB. */
const PAYLOAD_BYTES_MAX = 16 * 1024 * 1024;

export interface VenueSocketTimings {
  readonly connectDeadlineMs: number;
  /** No frame or pong for this long: the connection is dead, whatever TCP says. */
  readonly silenceMs: number;
  /** No message for this long, though pongs come: the stream behind the connection is dead. */
  readonly dataSilenceMs: number;
  /** How often we ping, so that a quiet but living connection is not taken for a dead one. */
  readonly pingEveryMs: number;
  readonly backoffFirstMs: number;
  readonly backoffMaxMs: number;
  /** The venue cuts every connection at 24 h; we leave before, at a time spread at random. */
  readonly lifetimeMs: number;
}

export const DEFAULT_SOCKET_TIMINGS: VenueSocketTimings = {
  connectDeadlineMs: 10_000,
  silenceMs: 15_000,
  // User streams say nothing for hours; market data connections set their own.
  dataSilenceMs: Number.POSITIVE_INFINITY,
  pingEveryMs: 5000,
  backoffFirstMs: 250,
  backoffMaxMs: 30_000,
  lifetimeMs: 23 * 3_600_000,
};

export type DownReason =
  | 'closed'
  | 'error'
  | 'silence'
  | 'data_silence'
  | 'lifetime'
  | 'connect_timeout'
  | 'asked';

export interface VenueSocketOptions {
  readonly clock: Clock;
  readonly rng: Rng;
  /** Asked before every attempt, so that a listen key can be renewed; a rejection is retried. */
  readonly url: () => string | Promise<string>;
  readonly timings?: Partial<VenueSocketTimings>;
  readonly onOpen: (send: (text: string) => void) => void;
  readonly onText: (text: string, receivedUs: EpochUs) => void;
  readonly onDown: (reason: DownReason, detail: string, retryInMs: number | undefined) => void;
}

/**
 * One WebSocket that stays up: heartbeat, silence timeout, reconnection with full-jitter exponential
 * back-off, and a planned change before the venue's 24 hours. It knows nothing of subscriptions.
 */
export class VenueSocket {
  readonly #options: VenueSocketOptions;
  readonly #timings: VenueSocketTimings;
  #socket: WebSocket | undefined;
  #timers: TimerHandle[] = [];
  #retry: TimerHandle | undefined;
  #attempt = 0;
  #generation = 0;
  #lastHeardMs = 0;
  #lastDataMs = 0;
  #stopped = true;

  constructor(options: VenueSocketOptions) {
    this.#options = options;
    this.#timings = { ...DEFAULT_SOCKET_TIMINGS, ...options.timings };
  }

  get open(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#connect();
  }

  stop(): void {
    this.#stopped = true;
    this.#retry?.cancel();
    this.#drop('asked', 'stopped');
  }

  /** Leaves the connection and makes a new one at once, e.g. where the session is out of step. */
  reconnect(detail: string): void {
    this.#drop('asked', detail);
  }

  send(text: string): boolean {
    if (!this.open) return false;
    this.#socket?.send(text);
    return true;
  }

  #connect(): void {
    this.#generation += 1;
    const generation = this.#generation;
    // A stop, or another attempt, while the address is being asked for makes this one void.
    const current = () => !this.#stopped && generation === this.#generation;
    Promise.resolve()
      .then(() => this.#options.url())
      .then((url) => {
        if (current()) this.#dial(url);
      })
      .catch((error: unknown) => {
        if (current()) this.#again('error', error instanceof Error ? error.message : String(error));
      });
  }

  #dial(url: string): void {
    const { clock } = this.#options;
    const socket = new WebSocket(url, {
      maxPayload: PAYLOAD_BYTES_MAX,
      perMessageDeflate: false,
      skipUTF8Validation: false,
    });
    this.#socket = socket;
    this.#lastHeardMs = clock.monotonicMs();
    this.#lastDataMs = this.#lastHeardMs;
    this.#timers.push(
      clock.after(this.#timings.connectDeadlineMs, () => {
        if (socket.readyState !== WebSocket.OPEN) this.#drop('connect_timeout', 'no handshake');
      }),
    );
    socket.on('open', () => {
      if (socket !== this.#socket) return;
      this.#heard();
      this.#supervise(socket);
      this.#options.onOpen((text) => socket.send(text));
    });
    socket.on('message', (data: RawData) => {
      if (socket !== this.#socket) return;
      this.#attempt = 0;
      this.#heard();
      this.#lastDataMs = this.#lastHeardMs;
      this.#options.onText(textOf(data), clock.nowUs());
    });
    // The ws library answers pings itself; here they only prove that the venue lives.
    socket.on('ping', () => this.#heard());
    socket.on('pong', () => this.#heard());
    socket.on('error', (error) => {
      if (socket === this.#socket) this.#drop('error', error.message);
    });
    socket.on('close', (code, reason) => {
      if (socket === this.#socket)
        this.#drop('closed', `${code} ${reason.toString('utf8')}`.trim());
    });
  }

  #supervise(socket: WebSocket): void {
    const { clock, rng } = this.#options;
    const { pingEveryMs, silenceMs, dataSilenceMs, lifetimeMs } = this.#timings;
    this.#timers.push(
      clock.every(pingEveryMs, () => {
        if (clock.monotonicMs() - this.#lastHeardMs > silenceMs) {
          this.#drop('silence', `nothing for ${silenceMs} ms`);
        } else if (clock.monotonicMs() - this.#lastDataMs > dataSilenceMs) {
          this.#drop('data_silence', `no message for ${dataSilenceMs} ms`);
        } else if (socket.readyState === WebSocket.OPEN) socket.ping();
      }),
      clock.after(lifetimeMs * (1 - 0.05 * rng.nextDouble()), () =>
        this.#drop('lifetime', 'planned change of connection'),
      ),
    );
  }

  #heard(): void {
    this.#lastHeardMs = this.#options.clock.monotonicMs();
  }

  #drop(reason: DownReason, detail: string): void {
    const socket = this.#socket;
    this.#socket = undefined;
    for (const timer of this.#timers.splice(0)) timer.cancel();
    socket?.removeAllListeners();
    // An abort of a connection attempt emits an error that nobody needs any more.
    socket?.on('error', () => undefined);
    socket?.terminate();
    if (this.#stopped) {
      if (socket !== undefined) this.#options.onDown(reason, detail, undefined);
      return;
    }
    if (socket !== undefined) this.#again(reason, detail);
  }

  #again(reason: DownReason, detail: string): void {
    const { clock, rng } = this.#options;
    const { backoffFirstMs, backoffMaxMs } = this.#timings;
    const planned = reason === 'lifetime' || reason === 'asked';
    const ceilingMs = Math.min(backoffMaxMs, backoffFirstMs * 2 ** Math.min(this.#attempt, 30));
    // Full jitter (Brooker 2015): many clients of a venue that restarts must not return together.
    const delayMs = planned ? 0 : Math.max(1, ceilingMs * rng.nextDouble());
    this.#attempt += 1;
    this.#options.onDown(reason, detail, delayMs);
    this.#retry?.cancel();
    this.#retry = clock.after(delayMs, () => {
      if (!this.#stopped) this.#connect();
    });
  }
}

function textOf(data: RawData): string {
  if (Buffer.isBuffer(data)) return data.toString('utf8');
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.from(data).toString('utf8');
}
