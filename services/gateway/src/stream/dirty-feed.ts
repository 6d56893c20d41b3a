import type { StreamFeed, StreamUpdate } from '@cerberus/web';

/** Keys that changed since the last drain; the feed of a conflated stream. */
export class DirtyFeed implements StreamFeed {
  readonly #dirty = new Set<string>();
  readonly #options: DirtyFeedOptions;
  readonly #stop: () => void;

  constructor(options: DirtyFeedOptions) {
    this.#options = options;
    this.#stop = options.listen((key) => this.#dirty.add(key));
  }

  snapshot(): unknown {
    return this.#options.snapshot();
  }

  drain(): readonly StreamUpdate[] {
    if (this.#dirty.size === 0) return [];
    const keys = [...this.#dirty];
    this.#dirty.clear();
    return this.#options.updates(keys);
  }

  close(): void {
    this.#stop();
  }
}

export interface DirtyFeedOptions {
  /** Tells of changed keys until the function it gives is called. */
  listen(changed: (key: string) => void): () => void;
  snapshot(): unknown;
  updates(keys: readonly string[]): readonly StreamUpdate[];
}
