import type { Clock, TimerHandle } from '@cerberus/core';
import { WEB_ERRORS } from '../errors.ts';
import type { KeyRing, Principal } from '../key-ring.ts';
import type { StreamChannel, StreamReader } from './stream-channel.ts';
import type { StreamHub } from './stream-hub.ts';

export interface SessionOptions {
  readonly hub: StreamHub;
  readonly keys: KeyRing;
  readonly clock: Clock;
  readonly stream: string;
  readonly principal: Principal;
  readonly reader: StreamReader;
  /** Sends a sign of life; false when the other side has given none since the last. */
  beat(): boolean;
}

const HEARTBEAT_MS = 15_000;
/** A subscription is due within this time of connecting. */
const SUBSCRIBE_WITHIN_MS = 10_000;

/**
 * One connection to one stream: subscribes, replaces the subscription, keeps it alive and ends it
 * when the other side is gone or its key is no longer valid.
 */
export class StreamSession {
  readonly #options: SessionOptions;
  readonly #heartbeat: TimerHandle;
  readonly #deadline: TimerHandle;
  #channel: StreamChannel | undefined;
  #ended = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    options.hub.attach(options.reader);
    this.#heartbeat = options.clock.every(HEARTBEAT_MS, () => this.#beat());
    this.#deadline = options.clock.after(SUBSCRIBE_WITHIN_MS, () => {
      if (this.#channel === undefined) {
        this.notify(WEB_ERRORS.STREAM_UNSUBSCRIBED.code, 'Send a subscription first.');
        options.reader.close('refused');
      }
    });
  }

  subscribe(subscription: unknown): void {
    const { hub, stream, reader } = this.#options;
    this.#channel?.leave(reader);
    this.#channel = undefined;
    const joined = hub.subscribe(stream, reader, subscription);
    switch (joined.state) {
      case 'joined':
        this.#channel = joined.channel;
        return;
      case 'invalid':
        this.notify(WEB_ERRORS.REQUEST_INVALID.code, 'The subscription is not valid.', {
          errors: joined.errors,
        });
        return;
      case 'full':
        this.notify(WEB_ERRORS.STREAMS_FULL.code, WEB_ERRORS.STREAMS_FULL.title);
        reader.close('slow');
    }
  }

  /** A message without seq: it concerns this connection, not the stream. */
  notify(code: string, message: string, members: Readonly<Record<string, unknown>> = {}): void {
    this.#options.reader.send(JSON.stringify({ type: 'error', code, message, ...members }));
  }

  /** After the connection is gone, however it went. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#heartbeat.cancel();
    this.#deadline.cancel();
    this.#channel?.leave(this.#options.reader);
    this.#options.hub.detach(this.#options.reader);
    this.#options.hub.dismiss(this.#options.principal);
  }

  #beat(): void {
    const { keys, principal, reader } = this.#options;
    if (!this.#options.beat()) {
      reader.close('expired');
      return;
    }
    keys.stands(principal).then(
      (stands) => {
        if (!stands && !this.#ended) reader.close('refused');
      },
      // The key store does not answer: the session goes on and is judged at the next beat.
      () => undefined,
    );
  }
}
