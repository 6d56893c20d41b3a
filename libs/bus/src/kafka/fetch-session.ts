import type { TopicPartition } from '../port.ts';
import type { Feed } from './feed.ts';
import type { FetchPlace, FetchResponse } from './fetch-protocol.ts';

const NEW_EPOCH = 0;
const NO_SESSION_EPOCH = -1;
const EPOCH_MAX = 0x7fff_ffff;

export interface SessionRequest {
  readonly sessionId: number;
  readonly sessionEpoch: number;
  readonly partitions: readonly FetchPlace[];
  readonly forgotten: readonly TopicPartition[];
}

interface Told {
  readonly feed: Feed;
  readonly offset: bigint;
}

/**
 * What the broker has been told to read for us. In a session (KIP-227) it remembers the partitions, so
 * that a request names only those that have moved and an answer only those with news; without one,
 * each request names all of them.
 */
export class FetchSession {
  readonly #isKept: boolean;
  readonly #feeds = new Set<Feed>();
  #changed = new Set<Feed>();
  #told = new Map<string, Told>();
  #forgotten = new Map<string, TopicPartition>();
  #id = 0;
  #epoch = NEW_EPOCH;

  /** A session knows each partition once: with `isKept` feeds are of different partitions. */
  constructor(isKept: boolean) {
    this.#isKept = isKept;
  }

  get feeds(): ReadonlySet<Feed> {
    return this.#feeds;
  }

  has(feed: Feed): boolean {
    return this.#feeds.has(feed);
  }

  add(feed: Feed): void {
    this.#feeds.add(feed);
    this.#changed.add(feed);
    this.#forgotten.delete(feed.name);
  }

  remove(feed: Feed): void {
    if (!this.#feeds.delete(feed)) return;
    this.#changed.delete(feed);
    if (!this.#told.delete(feed.name)) return;
    const { topic, partition } = feed;
    this.#forgotten.set(feed.name, { topic, partition });
  }

  /** It was read: the next request says where it is now, behind those that were not. */
  moved(feed: Feed): void {
    if (!this.#feeds.has(feed)) return;
    this.#changed.add(feed);
    if (this.#isKept) return;
    this.#feeds.delete(feed);
    this.#feeds.add(feed);
  }

  next(): SessionRequest {
    const isFull = !this.#isKept || this.#epoch === NEW_EPOCH;
    if (isFull) this.#told = new Map();
    const partitions: FetchPlace[] = [];
    for (const feed of isFull ? this.#feeds : this.#changed) {
      // Two that stand at different places of a partition take turns.
      if (isFull && this.#told.has(feed.name)) continue;
      const { topic, partition, next } = feed;
      partitions.push({ topic, partition, fetchOffset: next });
      this.#told.set(feed.name, { feed, offset: next });
    }
    const forgotten = isFull ? [] : [...this.#forgotten.values()];
    this.#changed = new Set();
    this.#forgotten = new Map();
    const sessionEpoch = this.#isKept ? this.#epoch : NO_SESSION_EPOCH;
    return { sessionId: this.#id, sessionEpoch, partitions, forgotten };
  }

  answered({ sessionId }: FetchResponse): void {
    if (!this.#isKept) return;
    // A broker with no room for another session gives none: all partitions are named again.
    if (sessionId === 0) this.#epoch = NEW_EPOCH;
    else this.#epoch = this.#epoch === EPOCH_MAX ? 1 : this.#epoch + 1;
    this.#id = sessionId;
  }

  /** The broker has forgotten the session or what it answered last is lost. */
  reset(): void {
    this.#epoch = NEW_EPOCH;
  }

  /** The feed that an answer is for; undefined where it has left or moved meanwhile. */
  feedOf(name: string): Feed | undefined {
    const told = this.#told.get(name);
    if (told === undefined || !this.#feeds.has(told.feed)) return undefined;
    return told.feed.next === told.offset ? told.feed : undefined;
  }
}
