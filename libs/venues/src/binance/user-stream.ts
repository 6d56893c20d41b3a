import type { Clock, EpochUs, Rng, TimerHandle } from '@cerberus/core';
import type { ApiCredentials } from './credentials.ts';
import type { BinanceEndpoints } from './endpoints.ts';
import type { BinanceMarket } from './frame-events.ts';
import { isObject } from './frame-fields.ts';
import type { BinanceRestClient } from './rest-client.ts';
import { readUserFrame, type UserEvent } from './user-events.ts';
import { listenKeyRequest } from './venue-request.ts';
import { type DownReason, VenueSocket, type VenueSocketTimings } from './venue-socket.ts';

/** Listen keys live 60 minutes. */
const KEEP_ALIVE_EVERY_MS = 30 * 60_000;
const SUBSCRIBE_DEADLINE_MS = 10_000;

export interface UserStreamOptions {
  readonly market: BinanceMarket;
  readonly endpoints: BinanceEndpoints;
  readonly credentials: ApiCredentials;
  readonly rest: BinanceRestClient;
  readonly clock: Clock;
  readonly rng: Rng;
  /** Venue time for the signed subscription, e.g. `client.timestampMs`. */
  readonly timestampMs: () => number;
  readonly onEvent: (event: UserEvent, receivedUs: EpochUs) => void;
  /** Events flow from here on; what happened before must be queried. */
  readonly onLive: () => void;
  readonly onDown: (reason: DownReason, detail: string, retryInMs: number | undefined) => void;
  readonly timings?: Partial<VenueSocketTimings>;
}

/** Order and balance events of one account: signed subscription on spot, listen key on futures. */
export class BinanceUserStream {
  readonly #options: UserStreamOptions;
  readonly #socket: VenueSocket;
  #listenKey: string | undefined;
  #keepAlive: TimerHandle | undefined;
  #deadline: TimerHandle | undefined;
  #live = false;

  constructor(options: UserStreamOptions) {
    this.#options = options;
    this.#socket = new VenueSocket({
      clock: options.clock,
      rng: options.rng,
      url: () => this.#url(),
      ...(options.timings === undefined ? {} : { timings: options.timings }),
      onOpen: (send) => this.#opened(send),
      onText: (text, receivedUs) => this.#onText(text, receivedUs),
      onDown: (reason, detail, retryInMs) => {
        this.#live = false;
        this.#deadline?.cancel();
        options.onDown(reason, detail, retryInMs);
      },
    });
  }

  get live(): boolean {
    return this.#live;
  }

  start(): void {
    this.#socket.start();
    if (this.#options.market === 'spot') return;
    this.#keepAlive = this.#options.clock.every(KEEP_ALIVE_EVERY_MS, () => this.#extend());
  }

  stop(): void {
    this.#keepAlive?.cancel();
    this.#deadline?.cancel();
    this.#socket.stop();
  }

  async #url(): Promise<string> {
    const { market, endpoints, rest } = this.#options;
    if (market === 'spot') return endpoints.webSocketApi;
    const answer = await rest.send(listenKeyRequest(market, 'POST'));
    const key =
      answer.outcome === 'ok' && isObject(answer.value) ? answer.value['listenKey'] : undefined;
    if (typeof key !== 'string') throw new Error(`no listen key: ${answer.outcome}`);
    this.#listenKey = key;
    return `${endpoints.userStreams}${key}`;
  }

  #opened(send: (text: string) => void): void {
    if (this.#options.market !== 'spot') {
      this.#becomeLive();
      return;
    }
    const { credentials, clock, timestampMs } = this.#options;
    const params = { apiKey: credentials.apiKey, timestamp: timestampMs() };
    // The WebSocket API signs the parameters in alphabetical order.
    const payload = `apiKey=${params.apiKey}&timestamp=${params.timestamp}`;
    send(
      JSON.stringify({
        id: 'user-stream',
        method: 'userDataStream.subscribe.signature',
        params: { ...params, signature: credentials.sign(payload) },
      }),
    );
    this.#deadline = clock.after(SUBSCRIBE_DEADLINE_MS, () => {
      if (!this.#live) this.#socket.reconnect('the subscription was not acknowledged');
    });
  }

  #becomeLive(): void {
    this.#live = true;
    this.#deadline?.cancel();
    this.#options.onLive();
  }

  #onText(text: string, receivedUs: EpochUs): void {
    const event = readUserFrame(text);
    if (event.kind === 'answer') {
      if (event.id === 'user-stream' && event.error === undefined) this.#becomeLive();
      else this.#options.onEvent(event, receivedUs);
      return;
    }
    this.#options.onEvent(event, receivedUs);
    if (event.kind === 'terminated') this.#socket.reconnect(event.reason);
  }

  #extend(): void {
    const { market, rest } = this.#options;
    if (this.#listenKey === undefined) return;
    rest.send(listenKeyRequest(market, 'PUT', this.#listenKey)).then((answer) => {
      // The key is gone (-1125): only a new one and a new connection help.
      if (answer.outcome === 'rejected') this.#socket.reconnect('the listen key was refused');
    });
  }
}
