import { type Clock, formatEpochUs, type TimerHandle } from '@cerberus/core';
import { WEB_ERRORS } from '../errors.ts';
import { ReplayBuffer } from './replay-buffer.ts';
import type { StreamFeed, StreamSource, StreamUpdate } from './stream-source.ts';

/** One reader's connection, WebSocket or Server-Sent Events. */
export interface StreamReader {
  /** Bytes taken but not yet on the wire. */
  bufferedBytes(): number;
  /** `seq` is that of the message, absent on notices. */
  send(text: string, seq?: number): void;
  close(reason: StreamEnd): void;
}

export type StreamEnd = 'slow' | 'refused' | 'expired' | 'stopping';

/** A reader that has more than this waiting is slow. */
export const SLOW_BYTES = 256 * 1024;
/** A conflated reader gets its snapshot once this little is left. */
const CAUGHT_UP_BYTES = 16 * 1024;

export interface ChannelOptions {
  readonly source: StreamSource;
  readonly selection: object;
  readonly throttleMs: number;
  readonly clock: Clock;
  readonly onConflated: (messages: number) => void;
  readonly onSlow: () => void;
}

interface Subscriber {
  readonly reader: StreamReader;
  /** Messages not sent because the reader was slow; 0 while it keeps up. */
  skipped: number;
}

/**
 * Everybody who asked for the same selection at the same pace: each message is made and serialised
 * once, and all see one gapless sequence. It starts at the current time in microseconds, so that it
 * also grows from one life of the process to the next and an old `last_seq` is recognised as such.
 */
export class StreamChannel {
  readonly #options: ChannelOptions;
  readonly #feed: StreamFeed;
  readonly #replay = new ReplayBuffer();
  readonly #subscribers = new Map<StreamReader, Subscriber>();
  readonly #timer: TimerHandle | undefined;
  #seq: number;
  /** Monotonic time since which nobody listens. */
  #idleSinceMs: number;

  constructor(options: ChannelOptions) {
    const { source, selection, clock, throttleMs } = options;
    this.#options = options;
    this.#seq = clock.nowUs();
    this.#idleSinceMs = clock.monotonicMs();
    this.#feed = source.open(selection, (update) => this.#publish(update));
    if (source.delivery === 'conflate') {
      this.#timer = clock.every(throttleMs, () => this.tick());
    }
  }

  get size(): number {
    return this.#subscribers.size;
  }

  idleMs(): number {
    return this.size > 0 ? 0 : this.#options.clock.monotonicMs() - this.#idleSinceMs;
  }

  /** Resumes after `lastSeq` where everything since is still here, otherwise sends a snapshot. */
  join(reader: StreamReader, lastSeq?: number): void {
    const missed = lastSeq === undefined ? undefined : this.#replay.after(lastSeq);
    this.#subscribers.set(reader, { reader, skipped: 0 });
    // With nothing missed the snapshot tells the reader that it is up to date.
    if (missed === undefined || missed.length === 0) this.#sendSnapshot(reader, 0);
    else for (const message of missed) reader.send(message.text, message.seq);
  }

  leave(reader: StreamReader): void {
    if (!this.#subscribers.delete(reader)) return;
    if (this.size === 0) this.#idleSinceMs = this.#options.clock.monotonicMs();
  }

  /** Publishes what changed and serves readers that have caught up. */
  tick(): void {
    for (const update of this.#feed.drain()) this.#publish(update);
    for (const subscriber of this.#subscribers.values()) this.#recover(subscriber);
  }

  close(): void {
    this.#timer?.cancel();
    this.#feed.close();
    this.#subscribers.clear();
  }

  #publish(update: StreamUpdate): void {
    this.#seq += 1;
    const text = JSON.stringify({
      type: update.type,
      seq: this.#seq,
      timestamp: formatEpochUs(this.#options.clock.nowUs()),
      ...update.members,
      data: update.data,
    });
    this.#replay.push({ seq: this.#seq, text });
    for (const subscriber of this.#subscribers.values()) this.#deliver(subscriber, text);
  }

  #deliver(subscriber: Subscriber, text: string): void {
    const { reader } = subscriber;
    if (subscriber.skipped === 0 && reader.bufferedBytes() <= SLOW_BYTES) {
      reader.send(text, this.#seq);
      return;
    }
    if (this.#options.source.delivery === 'conflate') {
      subscriber.skipped += 1;
      return;
    }
    this.#options.onSlow();
    this.leave(reader);
    reader.send(
      JSON.stringify({
        type: 'error',
        code: WEB_ERRORS.STREAM_SLOW.code,
        message: `More than ${SLOW_BYTES} bytes wait for this reader; come back with last_seq.`,
      }),
    );
    reader.close('slow');
  }

  #recover(subscriber: Subscriber): void {
    if (subscriber.skipped === 0) return;
    if (subscriber.reader.bufferedBytes() > CAUGHT_UP_BYTES) return;
    this.#options.onConflated(subscriber.skipped);
    this.#sendSnapshot(subscriber.reader, subscriber.skipped);
    subscriber.skipped = 0;
  }

  #sendSnapshot(reader: StreamReader, conflated: number): void {
    const text = JSON.stringify({
      type: 'snapshot',
      seq: this.#seq,
      timestamp: formatEpochUs(this.#options.clock.nowUs()),
      ...(conflated === 0 ? {} : { conflated }),
      data: this.#feed.snapshot(),
    });
    reader.send(text, this.#seq);
  }
}
