import type { Clock, TimerHandle } from '@cerberus/core';
import type { Metrics } from '@cerberus/runtime';
import { type TObject, type TSchema, Type } from 'typebox';
import type { Principal } from '../key-ring.ts';
import type { FieldError } from '../problem.ts';
import { fieldErrorsOf } from '../request-validation.ts';
import { StreamChannel, type StreamReader } from './stream-channel.ts';
import type { StreamSource } from './stream-source.ts';

export const THROTTLE_MS_MIN = 100;
const THROTTLE_MS_DEFAULT = 250;
const THROTTLE_MS_MAX = 60_000;
/** Channels that nobody reads are kept this long, so that a reader can resume. */
const IDLE_CHANNEL_MS = 60_000;
const SWEEP_MS = 5_000;

export interface StreamBounds {
  readonly connections: number;
  readonly connectionsPerKey: number;
  readonly channels: number;
}

export const STREAM_BOUNDS: StreamBounds = {
  connections: 512,
  connectionsPerKey: 64,
  channels: 256,
};

export interface StreamHubOptions {
  readonly sources: readonly StreamSource<never>[];
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly bounds?: StreamBounds;
}

export type Joined =
  | { readonly state: 'joined'; readonly channel: StreamChannel }
  | { readonly state: 'invalid'; readonly errors: readonly FieldError[] }
  | { readonly state: 'full' };

/** All streams of a server: finds or opens the channel of a subscription and bounds them all. */
export class StreamHub {
  readonly #options: StreamHubOptions;
  readonly #bounds: StreamBounds;
  readonly #sources: ReadonlyMap<string, StreamSource>;
  readonly #schemas = new Map<string, TObject>();
  readonly #channels = new Map<string, StreamChannel>();
  readonly #connections = new Map<string, number>();
  readonly #sweep: TimerHandle;
  readonly #count: (stream: string, event: 'conflated' | 'slow', by: number) => void;
  readonly #readers = new Set<StreamReader>();
  #connectionCount = 0;

  constructor(options: StreamHubOptions) {
    this.#options = options;
    this.#bounds = options.bounds ?? STREAM_BOUNDS;
    this.#sources = new Map(
      options.sources.map((source) => [source.name, source as unknown as StreamSource]),
    );
    this.#sweep = options.clock.every(SWEEP_MS, () => this.#dropIdle(IDLE_CHANNEL_MS));
    const skipped = options.metrics.counter(
      'stream_messages_skipped_total',
      'Messages that slow readers did not get',
      ['stream', 'event'],
    );
    this.#count = (stream, event, by) => skipped.inc({ stream, event }, by);
    options.metrics.gaugeOf('stream_connections', 'Open streams', () => this.#connectionCount);
    options.metrics.gaugeOf('stream_channels', 'Distinct subscriptions', () => this.#channels.size);
  }

  get names(): string[] {
    return [...this.#sources.keys()];
  }

  /** Schema of what a subscriber may send. */
  subscriptionSchema(stream: string): TObject {
    const known = this.#schemas.get(stream);
    if (known !== undefined) return known;
    const schema = subscriptionSchemaOf(this.#source(stream));
    this.#schemas.set(stream, schema);
    return schema;
  }

  /** Counts a connection in; false when there are too many, in all or of this key. */
  admit(principal: Principal): boolean {
    const own = this.#connections.get(principal.keyId) ?? 0;
    if (this.#connectionCount >= this.#bounds.connections) return false;
    if (own >= this.#bounds.connectionsPerKey) return false;
    this.#connections.set(principal.keyId, own + 1);
    this.#connectionCount += 1;
    return true;
  }

  dismiss(principal: Principal): void {
    const own = (this.#connections.get(principal.keyId) ?? 1) - 1;
    if (own === 0) this.#connections.delete(principal.keyId);
    else this.#connections.set(principal.keyId, own);
    this.#connectionCount -= 1;
  }

  /** Readers are told when the server stops, subscribed or not. */
  attach(reader: StreamReader): void {
    this.#readers.add(reader);
  }

  detach(reader: StreamReader): void {
    this.#readers.delete(reader);
  }

  subscribe(stream: string, reader: StreamReader, subscription: unknown): Joined {
    const errors = fieldErrorsOf(this.subscriptionSchema(stream), subscription);
    if (errors.length > 0) return { state: 'invalid', errors };
    const { throttle, last_seq, ...selection } = subscription as {
      throttle?: number;
      last_seq?: number;
    };
    const channel = this.#channel(stream, selection, throttle ?? THROTTLE_MS_DEFAULT);
    if (channel === undefined) return { state: 'full' };
    channel.join(reader, last_seq);
    return { state: 'joined', channel };
  }

  stop(): void {
    this.#sweep.cancel();
    for (const channel of this.#channels.values()) channel.close();
    this.#channels.clear();
    for (const reader of [...this.#readers]) reader.close('stopping');
  }

  #source(stream: string): StreamSource {
    const source = this.#sources.get(stream);
    if (source === undefined) throw new RangeError(`no stream ${stream}`);
    return source;
  }

  #channel(stream: string, selection: object, throttleMs: number): StreamChannel | undefined {
    const source = this.#source(stream);
    const pace = source.delivery === 'conflate' ? throttleMs : 0;
    const key = `${stream} ${pace} ${source.channelKey(selection)}`;
    const known = this.#channels.get(key);
    if (known !== undefined) return known;
    if (this.#channels.size >= this.#bounds.channels) this.#dropIdle(0);
    if (this.#channels.size >= this.#bounds.channels) return undefined;
    const channel = new StreamChannel({
      source,
      selection,
      throttleMs,
      clock: this.#options.clock,
      onConflated: (messages) => this.#count(stream, 'conflated', messages),
      onSlow: () => this.#count(stream, 'slow', 1),
    });
    this.#channels.set(key, channel);
    return channel;
  }

  #dropIdle(idleMs: number): void {
    for (const [key, channel] of this.#channels) {
      if (channel.size > 0 || channel.idleMs() < idleMs) continue;
      channel.close();
      this.#channels.delete(key);
    }
  }
}

function subscriptionSchemaOf(source: StreamSource): TObject {
  const pace = { minimum: THROTTLE_MS_MIN, maximum: THROTTLE_MS_MAX, default: THROTTLE_MS_DEFAULT };
  const properties: Record<string, TSchema> = {
    ...(source.selection as TObject).properties,
    throttle: Type.Optional(
      Type.Integer({
        ...pace,
        description: `milliseconds between updates, at least ${THROTTLE_MS_MIN}`,
      }),
    ),
    last_seq: Type.Optional(
      Type.Integer({ minimum: 0, description: 'seq of the last message seen, to resume after it' }),
    ),
  };
  return Type.Object(properties, { additionalProperties: false });
}
