import { type Cache, LatestQuotes, reached } from '@cerberus/cache';
import type { TimerHandle } from '@cerberus/core';
import type { HostContext } from '@cerberus/runtime';
import type { Quote } from '@cerberus/schema';

const COPY_EVERY_MS = 1000;
/** Everything is copied again so often: a cache that was lost and came back empty fills again. */
const COPY_ALL_EVERY_MS = 60_000;
/** Written at once; the next are written when these are. */
const WRITE_MAX = 100;

/**
 * Copies the newest quote of every instrument to the cache, at most once a second and beside the
 * feed: a tick costs an entry in a map, whatever the cache does.
 */
export class QuoteCopies {
  readonly #quotes: LatestQuotes;
  /** As many as there are instruments. */
  readonly #newest = new Map<string, Quote>();
  readonly #due = new Set<string>();
  readonly #host: Pick<HostContext, 'clock' | 'supervisor'>;
  readonly #timers: readonly TimerHandle[];
  #isCopying = false;

  constructor(cache: Cache, host: Pick<HostContext, 'clock' | 'supervisor'>) {
    this.#quotes = new LatestQuotes(cache);
    this.#host = host;
    this.#timers = [
      host.clock.every(COPY_EVERY_MS, () => this.#copy()),
      host.clock.every(COPY_ALL_EVERY_MS, () => {
        for (const id of this.#newest.keys()) this.#due.add(id);
      }),
    ];
  }

  note(quote: Quote): void {
    this.#newest.set(quote.instrument_id, quote);
    this.#due.add(quote.instrument_id);
  }

  stop(): void {
    for (const timer of this.#timers) timer.cancel();
  }

  #copy(): void {
    // A cache slower than the period is given what is newest when it is done.
    if (this.#isCopying || this.#due.size === 0) return;
    this.#isCopying = true;
    const copied = this.#copyDue().finally(() => {
      this.#isCopying = false;
    });
    this.#host.supervisor.watch('quote copies', copied);
  }

  async #copyDue(): Promise<void> {
    const ids = [...this.#due];
    this.#due.clear();
    for (let start = 0; start < ids.length; start += WRITE_MAX) {
      const part = ids.slice(start, start + WRITE_MAX);
      const written = await Promise.all(
        part.map((id) => reached(this.#quotes.write(this.#newest.get(id)!))),
      );
      if (written.every(({ isReached }) => isReached)) continue;
      // Lost: these and the rest are tried again, with what is newest then.
      for (const id of ids.slice(start)) this.#due.add(id);
      return;
    }
  }
}
