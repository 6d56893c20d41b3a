import type { Clock } from '@cerberus/core';
import type { BrokerConnection } from './broker-connection.ts';
import { placeName } from './cluster-map.ts';
import { type Feed, WorkTurn } from './feed.ts';
import type { FetchedPartition, FetchResponse } from './fetch-protocol.ts';
import { FetchSession } from './fetch-session.ts';

const SESSION_UNKNOWN = 70;
const SESSION_EPOCH_INVALID = 71;
/** Longest stretch of handing over before the rest of the process has its turn. */
const TURN_MS = 2;
/** A loop that has nothing to read gives its connection back after this time. */
const LINGER_MS = 5000;

export interface FetchLane {
  readonly name: string;
  /** How long the broker holds a fetch that finds nothing. */
  readonly maxWaitMs: number;
  /**
   * Least time between an answer with records and the next question. A transaction shows itself
   * partition by partition: what is asked for at once comes in as many answers.
   */
  readonly restMs: number;
  /** Of one answer; it is handed over before the next is asked for. */
  readonly maxBytes: number;
  readonly partitionBytes: number;
  /** Whether the broker is to remember the partitions between fetches. */
  readonly isSession: boolean;
}

export interface FetchLoopOptions {
  readonly nodeId: number;
  readonly lane: FetchLane;
  readonly clock: Clock;
  connect(): Promise<BrokerConnection>;
  /** After an answer for the feed has been handed over. */
  onFetched(loop: FetchLoop, feed: Feed, fetched: FetchedPartition): void;
  /** The broker refuses the feed, which has been taken out. */
  onRefused(loop: FetchLoop, feed: Feed, errorCode: number): void;
  /** After each answer; for all partitions of it. */
  onRound(loop: FetchLoop): void;
  /** It has ended: without an error for want of feeds. */
  onEnded(loop: FetchLoop, error?: unknown): void;
  onError(what: string, error: unknown): void;
}

/** Reads its feeds from one broker: ask, hand over, ask again. One request is under way at most. */
export class FetchLoop {
  readonly nodeId: number;
  readonly lane: FetchLane;
  readonly #options: FetchLoopOptions;
  readonly #session: FetchSession;
  readonly #turn: WorkTurn;
  #stopped = false;
  #wake: (() => void) | undefined;
  readonly done: Promise<void>;

  constructor(options: FetchLoopOptions) {
    this.nodeId = options.nodeId;
    this.lane = options.lane;
    this.#options = options;
    this.#session = new FetchSession(options.lane.isSession);
    this.#turn = new WorkTurn(options.clock, TURN_MS);
    this.done = this.#run();
  }

  get feeds(): ReadonlySet<Feed> {
    return this.#session.feeds;
  }

  add(feed: Feed): void {
    this.#session.add(feed);
    this.#wake?.();
  }

  remove(feed: Feed): void {
    this.#session.remove(feed);
  }

  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  async #run(): Promise<void> {
    let broker: BrokerConnection | undefined;
    let failure: { error: unknown } | undefined;
    try {
      broker = await this.#options.connect();
      while (await this.#hasFeeds()) await this.#fetch(broker);
    } catch (error) {
      failure = { error };
    }
    const isStopped = this.#stopped;
    this.#stopped = true;
    if (!isStopped) this.#options.onEnded(this, ...(failure === undefined ? [] : [failure.error]));
    try {
      await broker?.close();
    } catch (error) {
      this.#options.onError(`closing the connection to broker ${this.nodeId}`, error);
    }
  }

  /** False when it is to end. */
  async #hasFeeds(): Promise<boolean> {
    if (!this.#stopped && this.feeds.size === 0) await this.#added();
    return !this.#stopped && this.feeds.size > 0;
  }

  #added(): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#options.clock.after(LINGER_MS, () => this.#wake?.());
      this.#wake = () => {
        this.#wake = undefined;
        timer.cancel();
        resolve();
      };
    });
  }

  async #fetch(broker: BrokerConnection): Promise<void> {
    const { maxWaitMs, maxBytes, partitionBytes } = this.lane;
    const request = this.#session.next();
    const response = await broker.fetch({ ...request, maxWaitMs, maxBytes, partitionBytes });
    if (this.#stopped) return;
    const { errorCode } = response;
    if (errorCode === SESSION_UNKNOWN || errorCode === SESSION_EPOCH_INVALID) {
      this.#session.reset();
      return;
    }
    if (errorCode !== 0) throw new Error(`fetch is refused with error ${errorCode}`);
    this.#session.answered(response);
    this.#turn.begin();
    const answeredMs = this.#options.clock.monotonicMs();
    await this.#handOver(response);
    this.#options.onRound(this);
    await this.#rest(response, answeredMs);
  }

  async #rest({ partitions }: FetchResponse, answeredMs: number): Promise<void> {
    const { clock } = this.#options;
    const restMs = this.lane.restMs - (clock.monotonicMs() - answeredMs);
    if (restMs >= 1 && partitions.length > 0 && !this.#stopped) await clock.sleep(restMs);
  }

  async #handOver({ partitions, throttleMs }: FetchResponse): Promise<void> {
    const isEmpty = throttleMs === 0 && partitions.every(({ records }) => records.length === 0);
    for (const fetched of partitions) {
      const feed = this.#session.feedOf(placeName(fetched));
      if (feed === undefined) continue;
      if (fetched.errorCode !== 0) {
        this.#session.remove(feed);
        this.#options.onRefused(this, feed, fetched.errorCode);
        continue;
      }
      const before = feed.next;
      await feed.deliver(fetched, this.#turn);
      if (this.#stopped) return;
      // Nothing at all is left below the end that could be read: compacted away, to the last record.
      if (isEmpty && !this.lane.isSession) feed.pass(fetched.lastStableOffset);
      if (feed.next !== before) this.#session.moved(feed);
      if (this.#session.has(feed)) this.#options.onFetched(this, feed, fetched);
    }
  }
}
