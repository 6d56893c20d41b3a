import { BUS_ERRORS, busError } from '../errors.ts';
import type { Position, TopicPartition } from '../port.ts';
import type { TopicTable } from '../topic-table.ts';
import type { ClientFactory } from './client-factory.ts';
import { ClusterMap } from './cluster-map.ts';
import { Feed, type Tap } from './feed.ts';
import { type FetchLane, FetchLoop } from './fetch-loop.ts';
import type { FetchedPartition } from './fetch-protocol.ts';
import { refusalOf } from './refusals.ts';

const OFFSET_OUT_OF_RANGE = 1;
const TOPIC_AUTHORIZATION_FAILED = 29;
const RETRY_FIRST_MS = 50;
const RETRY_MAX_MS = 1000;
const CLOSE_LIMIT_MS = 6000;
/** Without an error for so long all is well again. Other brokers may do well meanwhile: they prove nothing. */
const QUIET_MS = 2 * RETRY_MAX_MS;

/** What is far behind is read apart from what is at its end, so that neither waits for the other. */
const RESTORING: FetchLane = {
  name: 'restoring',
  maxWaitMs: 5,
  restMs: 0,
  maxBytes: 2 * 1024 * 1024,
  partitionBytes: 512 * 1024,
  isSession: false,
};
const LIVE_LEDGERS: FetchLane = {
  name: 'ledgers',
  // Also how long a partition that comes from the other lane may wait for its first fetch.
  maxWaitMs: 250,
  restMs: 5,
  maxBytes: 2 * 1024 * 1024,
  partitionBytes: 256 * 1024,
  isSession: true,
};
/**
 * Apart, because a broker looks at every partition of a session for each answer, and these come often.
 * No transaction hides what was written at once, and their writers pace themselves.
 */
const LIVE_STREAMS: FetchLane = { ...LIVE_LEDGERS, name: 'streams', restMs: 1 };

export interface PartitionFetcherOptions {
  readonly clients: ClientFactory;
  /** All topics that may be followed. */
  readonly topics: TopicTable;
  /** Offset of the first record that is still there. */
  lowWatermark(at: TopicPartition): Promise<bigint>;
  onError(what: string, error: unknown): void;
}

/**
 * Reads all partitions that a process follows: one connection and one request under way per broker
 * and lane, no groups, no heartbeats. Followers at the same place of a partition share what is read.
 */
export class PartitionFetcher {
  readonly #options: PartitionFetcherOptions;
  readonly #map: ClusterMap;
  readonly #loops = new Map<string, FetchLoop>();
  readonly #laneOf = new Map<Feed, FetchLane>();
  readonly #live = new Map<string, Feed>();
  readonly #homeless = new Set<Feed>();
  readonly #stopped = new AbortController();
  #placing: Promise<void> | undefined;
  #isMapStale = true;
  /** Errors in a row, none of them long after the one before. */
  #failures = 0;
  #failedMs = Number.NEGATIVE_INFINITY;
  #failure: string | undefined;

  constructor(options: PartitionFetcherOptions) {
    this.#options = options;
    const { clients, topics, onError } = options;
    this.#map = new ClusterMap({ clients, topics: topics.names(), onError });
  }

  /** Why some partitions are not read at present. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Partitions that are read, with the records between the place and the end as last heard. */
  *lags(): IterableIterator<{ at: TopicPartition; records: number }> {
    for (const feed of this.#laneOf.keys()) {
      const { highWatermark, next } = feed;
      if (highWatermark === undefined) continue;
      yield { at: feed, records: Math.max(0, Number(highWatermark - next)) };
    }
  }

  follow(at: Position, tap: Tap, patienceMs?: number): void {
    const feed = new Feed(at, at.nextOffset, patienceMs);
    feed.add(tap);
    // Also at the end of the log: only a fetch tells how far it can be read.
    this.#laneOf.set(feed, RESTORING);
    this.#place([feed]);
  }

  unfollow(tap: Tap): void {
    const { feed } = tap;
    tap.feed = undefined;
    feed?.taps.delete(tap);
    if (feed !== undefined && feed.taps.size === 0) this.#drop(feed);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    const loops = [...this.#loops.values()];
    for (const loop of loops) loop.stop();
    const { clock } = this.#options.clients.connection;
    const ended = Promise.all(loops.map(({ done }) => done));
    await new Promise<void>((resolve) => {
      const timer = clock.after(CLOSE_LIMIT_MS, resolve);
      ended.finally(() => {
        timer.cancel();
        resolve();
      });
    });
    await this.#placing;
  }

  #drop(feed: Feed): void {
    for (const loop of this.#loops.values()) loop.remove(feed);
    this.#laneOf.delete(feed);
    this.#homeless.delete(feed);
    if (this.#live.get(nameOf(feed)) === feed) this.#live.delete(nameOf(feed));
  }

  #place(feeds: Iterable<Feed>): void {
    for (const feed of feeds) if (this.#laneOf.has(feed)) this.#homeless.add(feed);
    if (this.#homeless.size === 0 || this.#stopped.signal.aborted) return;
    this.#placing ??= this.#placeAll().finally(() => {
      this.#placing = undefined;
      this.#place([]);
    });
  }

  /** Until each has a broker that leads it. */
  async #placeAll(): Promise<void> {
    const { signal } = this.#stopped;
    const { clock } = this.#options.clients.connection;
    while (this.#homeless.size > 0 && !signal.aborted) {
      try {
        const retryMs = this.#isQuiet ? 0 : this.#retryMs();
        if (retryMs > 0) await clock.sleep(retryMs, signal);
        if (this.#isMapStale) await this.#map.refresh();
        this.#isMapStale = false;
        this.#toLeaders();
        if (this.#homeless.size === 0) break;
        const [first] = this.#homeless;
        throw busError(BUS_ERRORS.BROKER_UNREACHABLE, {
          message: `${this.#homeless.size} partitions have no leader, ${first!.name} among them`,
        });
      } catch (error) {
        if (signal.aborted) return;
        this.#failed('finding the leaders of partitions', error);
      }
    }
  }

  get #isQuiet(): boolean {
    return this.#options.clients.connection.clock.monotonicMs() - this.#failedMs > QUIET_MS;
  }

  /** None after a first error: most often a leader has moved, and has one already. */
  #retryMs(): number {
    if (this.#failures <= 1) return 0;
    return Math.min(RETRY_FIRST_MS * 2 ** Math.min(this.#failures - 1, 10), RETRY_MAX_MS);
  }

  #failed(what: string, error: unknown): void {
    this.#failures = this.#isQuiet ? 1 : this.#failures + 1;
    this.#failedMs = this.#options.clients.connection.clock.monotonicMs();
    this.#isMapStale = true;
    const failure = refusalOf(error, this.#options.clients.connection) ?? error;
    this.#failure = `${what}: ${failure instanceof Error ? failure.message : String(failure)}`;
    this.#options.onError(what, failure);
  }

  #toLeaders(): void {
    for (const feed of this.#homeless) {
      const nodeId = this.#map.leader(feed);
      const lane = this.#laneOf.get(feed);
      if (nodeId === undefined || lane === undefined) continue;
      this.#homeless.delete(feed);
      this.#loop(nodeId, lane).add(feed);
    }
  }

  #loop(nodeId: number, lane: FetchLane): FetchLoop {
    const name = `${lane.name} ${nodeId}`;
    const known = this.#loops.get(name);
    if (known !== undefined) return known;
    const loop = new FetchLoop({
      nodeId,
      lane,
      clock: this.#options.clients.connection.clock,
      connect: () => this.#map.connect(nodeId),
      onFetched: (at, feed, fetched) => this.#fetched(at, feed, fetched),
      onRefused: (_at, feed, errorCode) => this.#refused(feed, errorCode),
      onRound: () => this.#wentWell(),
      onEnded: (ended, error) => this.#ended(name, ended, error),
      onError: this.#options.onError,
    });
    this.#loops.set(name, loop);
    return loop;
  }

  #wentWell(): void {
    if (this.#failure === undefined) return;
    if (this.#homeless.size === 0 && this.#isQuiet) this.#failure = undefined;
  }

  #ended(name: string, loop: FetchLoop, error: unknown): void {
    this.#loops.delete(name);
    if (error !== undefined) this.#failed(`fetching from broker ${loop.nodeId}`, error);
    this.#place(loop.feeds);
  }

  #fetched(loop: FetchLoop, feed: Feed, fetched: FetchedPartition): void {
    if (loop.lane !== RESTORING || feed.next < fetched.lastStableOffset) return;
    for (const tap of feed.taps) tap.onDrained();
    const live = this.#live.get(nameOf(feed));
    if (live === undefined) {
      loop.remove(feed);
      this.#live.set(nameOf(feed), feed);
      const isStream = this.#options.topics.get(feed.topic).class === 'stream';
      const lane = liveLane(isStream ? LIVE_STREAMS : LIVE_LEDGERS, feed);
      this.#laneOf.set(feed, lane);
      this.#loop(loop.nodeId, lane).add(feed);
    } else if (live.next <= feed.next) {
      // What the other has in hand lies below the places of these taps.
      this.#drop(feed);
      for (const tap of feed.taps) live.add(tap);
    }
  }

  #refused(feed: Feed, errorCode: number): void {
    if (errorCode === OFFSET_OUT_OF_RANGE) void this.#startOver(feed);
    else {
      this.#failed('fetching', this.#errorOf(feed, errorCode));
      this.#place([feed]);
    }
  }

  #errorOf({ name, topic }: Feed, errorCode: number): Error {
    const { connection } = this.#options.clients;
    const type = errorCode === TOPIC_AUTHORIZATION_FAILED ? 'TOPIC_AUTHORIZATION_FAILED' : '';
    return (
      refusalOf({ type }, connection, { read: [topic] }) ??
      new Error(`broker answers error ${errorCode} for ${name}`)
    );
  }

  /** Records are gone, or were never there: the followers see what there is, from its beginning. */
  async #startOver(feed: Feed): Promise<void> {
    const { onError, lowWatermark, clients } = this.#options;
    const { clock } = clients.connection;
    const message = `${feed.name} has no offset ${feed.next} any more; reading from its beginning`;
    onError('following', busError(BUS_ERRORS.OFFSET_OUT_OF_RANGE, { message }));
    while (this.#laneOf.has(feed) && !this.#stopped.signal.aborted) {
      try {
        feed.next = await lowWatermark(feed);
        for (const tap of feed.taps) tap.next = feed.next;
        this.#place([feed]);
        return;
      } catch (error) {
        onError(`finding the beginning of ${feed.name}`, error);
        await clock.sleep(RETRY_MAX_MS, this.#stopped.signal).catch(() => undefined);
      }
    }
  }
}

/** Each patience has a lane and feeds of its own: what readers in a hurry fetch often, others fetch seldom. */
function liveLane(lane: FetchLane, { patienceMs }: Feed): FetchLane {
  if (patienceMs === undefined || patienceMs <= lane.restMs) return lane;
  return { ...lane, name: `${lane.name} ${patienceMs}`, restMs: patienceMs };
}

function nameOf({ name, patienceMs }: Feed): string {
  return patienceMs === undefined ? name : `${name} ${patienceMs}`;
}
