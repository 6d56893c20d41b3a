/** One message as it went out. */
export interface SentMessage {
  readonly seq: number;
  readonly text: string;
}

export interface ReplayBounds {
  readonly messages: number;
  readonly bytes: number;
}

export const REPLAY_BOUNDS: ReplayBounds = { messages: 1024, bytes: 1024 * 1024 };

/** The newest messages of a channel, oldest dropped first, for readers that come back. */
export class ReplayBuffer {
  readonly #bounds: ReplayBounds;
  #messages: SentMessage[] = [];
  #start = 0;
  #bytes = 0;

  constructor(bounds: ReplayBounds = REPLAY_BOUNDS) {
    this.#bounds = bounds;
  }

  push(message: SentMessage): void {
    this.#messages.push(message);
    this.#bytes += message.text.length;
    while (
      this.#messages.length - this.#start > this.#bounds.messages ||
      (this.#bytes > this.#bounds.bytes && this.#start < this.#messages.length)
    ) {
      this.#bytes -= this.#messages[this.#start]!.text.length;
      this.#start += 1;
    }
    if (this.#start > this.#bounds.messages) {
      this.#messages = this.#messages.slice(this.#start);
      this.#start = 0;
    }
  }

  /** Everything after `seq`; undefined where some of it is no longer here. */
  after(seq: number): readonly SentMessage[] | undefined {
    const oldest = this.#messages[this.#start];
    if (oldest === undefined || seq < oldest.seq - 1) return undefined;
    const newest = this.#messages.at(-1)!;
    if (seq > newest.seq) return undefined;
    return this.#messages.slice(this.#start + (seq - oldest.seq + 1));
  }
}
