import type { Clock } from '@cerberus/core';
import type { WebSocket } from 'ws';
import type { FaultPlan } from '../control/faults.ts';
import type { SimMarket } from '../market/symbol-spec.ts';

/** A consumer further behind than this is cut off, as the venue does. */
const BACKLOG_BYTES_MAX = 16 * 1024 * 1024;
const STREAMS_PER_CONNECTION_MAX = 1024;

interface Subscriber {
  readonly socket: WebSocket;
  combined: boolean;
  readonly streams: Set<string>;
  /** User streams: how events are wrapped. */
  readonly account: string | undefined;
  readonly wrap: ((event: unknown) => unknown) | undefined;
}

/** Connections of one market and what each wants to hear. */
export class StreamHub {
  readonly #market: SimMarket;
  readonly #faults: FaultPlan;
  readonly #clock: Clock;
  readonly #subscribers = new Set<Subscriber>();
  readonly #wanted = new Map<string, Set<Subscriber>>();
  #silentUntilMs = 0;

  constructor(options: { market: SimMarket; faults: FaultPlan; clock: Clock }) {
    this.#market = options.market;
    this.#faults = options.faults;
    this.#clock = options.clock;
  }

  /** Names with at least one listener. */
  get streams(): IterableIterator<string> {
    return this.#wanted.keys();
  }

  has(stream: string): boolean {
    return this.#wanted.has(stream);
  }

  get connections(): number {
    return this.#subscribers.size;
  }

  addMarket(socket: WebSocket, streams: readonly string[], combined: boolean): void {
    const subscriber: Subscriber = {
      socket,
      combined,
      streams: new Set(),
      account: undefined,
      wrap: undefined,
    };
    this.#subscribers.add(subscriber);
    for (const stream of streams) this.#subscribe(subscriber, stream);
    socket.on('message', (data) => this.#onRequest(subscriber, String(data)));
    socket.on('close', () => this.#remove(subscriber));
    socket.on('error', () => socket.terminate());
  }

  addUser(socket: WebSocket, account: string, wrap?: (event: unknown) => unknown): void {
    const subscriber: Subscriber = {
      socket,
      combined: false,
      streams: new Set(),
      account,
      wrap,
    };
    this.#subscribers.add(subscriber);
    socket.on('close', () => this.#remove(subscriber));
    socket.on('error', () => socket.terminate());
  }

  /** `payload` is only built where somebody listens. */
  publish(streams: readonly string[], symbol: string, payload: () => unknown): void {
    const listened = streams.filter((stream) => this.#wanted.has(stream));
    if (listened.length === 0) return;
    const depth = listened.some((stream) => stream.includes('@depth'));
    const fault = depth ? this.#strike('stream', symbol) : undefined;
    if (this.#silent || fault === 'gap' || fault === 'disconnect') return;
    let text = JSON.stringify(payload());
    if (fault === 'malformed') text = text.slice(0, Math.floor(text.length / 2));
    for (const stream of listened) {
      for (const subscriber of this.#wanted.get(stream) ?? []) {
        const frame = subscriber.combined ? `{"stream":"${stream}","data":${text}}` : text;
        this.#send(subscriber, frame);
        if (fault === 'duplicate') this.#send(subscriber, frame);
      }
    }
  }

  publishUser(account: string, event: unknown): void {
    const listeners = [...this.#subscribers].filter((one) => one.account === account);
    if (listeners.length === 0) return;
    const fault = this.#strike('user', undefined);
    if (this.#silent || fault === 'gap' || fault === 'disconnect') return;
    for (const subscriber of listeners) {
      let text = JSON.stringify(subscriber.wrap?.(event) ?? event);
      if (fault === 'malformed') text = text.slice(0, Math.floor(text.length / 2));
      this.#send(subscriber, text);
      if (fault === 'duplicate') this.#send(subscriber, text);
    }
  }

  disconnect(who: 'stream' | 'user' | 'all'): number {
    let count = 0;
    for (const subscriber of this.#subscribers) {
      const user = subscriber.account !== undefined;
      if (who !== 'all' && user !== (who === 'user')) continue;
      subscriber.socket.terminate();
      count += 1;
    }
    return count;
  }

  get #silent(): boolean {
    return this.#clock.monotonicMs() < this.#silentUntilMs;
  }

  #strike(target: 'stream' | 'user', symbol: string | undefined): string | undefined {
    if (this.#faults.pending.length === 0) return undefined;
    const fault = this.#faults.strike({ market: this.#market, target, symbol });
    if (fault === undefined) return undefined;
    if (fault.action === 'silence') {
      this.#silentUntilMs = this.#clock.monotonicMs() + (fault.delay_ms ?? 5000);
    }
    if (fault.action === 'disconnect') this.disconnect(target);
    return fault.action;
  }

  #send(subscriber: Subscriber, text: string): void {
    if (subscriber.socket.readyState !== subscriber.socket.OPEN) return;
    if (subscriber.socket.bufferedAmount > BACKLOG_BYTES_MAX) subscriber.socket.terminate();
    else subscriber.socket.send(text);
  }

  #onRequest(subscriber: Subscriber, text: string): void {
    let request: { method?: unknown; params?: unknown; id?: unknown };
    try {
      request = JSON.parse(text);
    } catch {
      this.#refuse(subscriber, null, 3, 'Invalid JSON: expected value at line 1 column 1');
      return;
    }
    const id = typeof request.id === 'number' || typeof request.id === 'string' ? request.id : null;
    const params = Array.isArray(request.params) ? request.params : [];
    switch (request.method) {
      case 'SUBSCRIBE':
      case 'UNSUBSCRIBE':
        if (!params.every((stream) => typeof stream === 'string' && STREAM_NAME.test(stream))) {
          this.#refuse(subscriber, id, 2, 'Invalid request: invalid stream');
          return;
        }
        for (const stream of params as string[]) {
          if (request.method === 'SUBSCRIBE') this.#subscribe(subscriber, stream);
          else this.#unsubscribe(subscriber, stream);
        }
        this.#answer(subscriber, id, null);
        break;
      case 'LIST_SUBSCRIPTIONS':
        this.#answer(subscriber, id, [...subscriber.streams]);
        break;
      case 'SET_PROPERTY':
        if (params[0] === 'combined' && typeof params[1] === 'boolean') {
          subscriber.combined = params[1];
          this.#answer(subscriber, id, null);
        } else this.#refuse(subscriber, id, 0, 'Unknown property');
        break;
      case 'GET_PROPERTY':
        this.#answer(subscriber, id, subscriber.combined);
        break;
      default:
        this.#refuse(subscriber, id, 2, 'Invalid request: unknown variant');
    }
  }

  #answer(subscriber: Subscriber, id: number | string | null, result: unknown): void {
    this.#send(subscriber, JSON.stringify({ result, id }));
  }

  #refuse(subscriber: Subscriber, id: number | string | null, code: number, msg: string): void {
    this.#send(subscriber, JSON.stringify({ error: { code, msg }, id }));
  }

  #subscribe(subscriber: Subscriber, stream: string): void {
    if (subscriber.streams.size >= STREAMS_PER_CONNECTION_MAX) return;
    subscriber.streams.add(stream);
    const listeners = this.#wanted.get(stream);
    if (listeners === undefined) this.#wanted.set(stream, new Set([subscriber]));
    else listeners.add(subscriber);
  }

  #unsubscribe(subscriber: Subscriber, stream: string): void {
    subscriber.streams.delete(stream);
    const listeners = this.#wanted.get(stream);
    listeners?.delete(subscriber);
    if (listeners?.size === 0) this.#wanted.delete(stream);
  }

  #remove(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
    for (const stream of [...subscriber.streams]) this.#unsubscribe(subscriber, stream);
  }
}

const STREAM_NAME = /^[!\w]+@?[\w@]*$/;
