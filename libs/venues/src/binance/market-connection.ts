import type { Clock, EpochUs, Rng, TimerHandle } from '@cerberus/core';
import {
  BINANCE_FUTURES_RULE,
  BINANCE_SPOT_RULE,
  DepthSynchroniser,
  type SyncOutcome,
} from '../book/depth-sync.ts';
import type { GridLookup, InstrumentGrid } from '../grid.ts';
import type { BinanceEndpoints } from './endpoints.ts';
import { FrameCounts } from './frame-counts.ts';
import type { BinanceMarket, FrameEvent, MarketDataEvent } from './frame-events.ts';
import { isObject } from './frame-fields.ts';
import { FrameParser } from './frames.ts';
import type { BinanceRestClient } from './rest-client.ts';
import { StreamSession } from './stream-session.ts';
import { TimeOffset } from './time-offset.ts';
import { type DepthLimit, depthRequest, serverTimeRequest } from './venue-request.ts';
import type { DownReason, VenueSocketTimings } from './venue-socket.ts';

export interface BookUpdate {
  readonly symbol: string;
  readonly sync: DepthSynchroniser;
  /** The delta applied, or undefined after a snapshot. */
  readonly delta: Extract<MarketDataEvent, { kind: 'depth' }> | undefined;
}

/** What went wrong with the data of one symbol or of the connection. Closed set of kinds. */
export interface MarketAnomaly {
  readonly kind:
    | 'gap'
    | 'crossed'
    | 'duplicate'
    | 'buffer_overflow'
    | 'stale_snapshot'
    | 'snapshot_failed'
    | 'refused_frame'
    | 'venue_error'
    | 'subscribe_refused';
  readonly symbol: string | undefined;
  readonly detail: string;
}

export type MarketStatus =
  | { readonly state: 'live'; readonly connection: string }
  | {
      readonly state: 'down';
      readonly connection: string;
      readonly reason: DownReason;
      readonly detail: string;
      readonly retryInMs: number | undefined;
    };

export interface MarketHandlers {
  /** Every usable frame, depth deltas included, in the order received. */
  readonly onEvent: (event: MarketDataEvent, receivedUs: EpochUs) => void;
  /** After each snapshot and delta that left the book in step with the venue. */
  readonly onBook?: (update: BookUpdate, receivedUs: EpochUs) => void;
  readonly onAnomaly?: (anomaly: MarketAnomaly, receivedUs: EpochUs) => void;
  readonly onStatus?: (status: MarketStatus) => void;
  /** Exact text as received, for captures. */
  readonly onRaw?: (text: string, receivedUs: EpochUs) => void;
}

export interface MarketConnectionOptions extends MarketHandlers {
  readonly market: BinanceMarket;
  readonly endpoints: BinanceEndpoints;
  readonly grids: readonly InstrumentGrid[];
  /** Stream suffixes per symbol, e.g. `depth@100ms`, `bookTicker`, `trade`, `kline_1m`, `markPrice@1s`. */
  readonly streams: readonly string[];
  readonly rest: BinanceRestClient;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly snapshotLevels?: DepthLimit;
  readonly timings?: Partial<VenueSocketTimings>;
}

const BOOK_CHANNELS = /^(depth|bookTicker$|trade$)/;
const SNAPSHOT_RETRY_FIRST_MS = 200;
const SNAPSHOT_RETRY_MAX_MS = 10_000;
const TIME_SYNC_EVERY_MS = 60_000;

interface SymbolBook {
  readonly sync: DepthSynchroniser;
  fetching: boolean;
  failures: number;
  retry: TimerHandle | undefined;
}

/** Live market data of one Binance market: subscribed streams, books in step, and their anomalies. */
export class BinanceMarketConnection {
  readonly counts = new FrameCounts();
  readonly timeOffset = new TimeOffset();
  readonly #options: MarketConnectionOptions;
  readonly #parser: FrameParser;
  readonly #books = new Map<string, SymbolBook>();
  readonly #sessions: StreamSession[];
  #timeSync: TimerHandle | undefined;
  #stopped = true;

  constructor(options: MarketConnectionOptions) {
    this.#options = options;
    const grids = new Map(options.grids.map((grid) => [grid.symbol, grid]));
    const gridOf: GridLookup = (symbol) => grids.get(symbol);
    this.#parser = new FrameParser({ market: options.market, gridOf });
    if (options.streams.some((stream) => stream.startsWith('depth'))) {
      const rule = options.market === 'spot' ? BINANCE_SPOT_RULE : BINANCE_FUTURES_RULE;
      for (const grid of options.grids) {
        const sync = new DepthSynchroniser(grid, rule);
        this.#books.set(grid.symbol, { sync, fetching: false, failures: 0, retry: undefined });
      }
    }
    this.#sessions = this.#makeSessions();
  }

  /** The synchronised book of a symbol, where depth is subscribed. */
  book(symbol: string): DepthSynchroniser | undefined {
    return this.#books.get(symbol)?.sync;
  }

  /** True where every connection is open with its streams acknowledged and every book is in step. */
  get live(): boolean {
    return (
      this.#sessions.every((session) => session.live) &&
      [...this.#books.values()].every((book) => book.sync.synced)
    );
  }

  start(): void {
    this.#stopped = false;
    for (const session of this.#sessions) session.start();
    this.#syncTime();
    this.#timeSync = this.#options.clock.every(TIME_SYNC_EVERY_MS, () => this.#syncTime());
  }

  stop(): void {
    this.#stopped = true;
    this.#timeSync?.cancel();
    for (const session of this.#sessions) session.stop();
    for (const book of this.#books.values()) book.retry?.cancel();
  }

  /** One session per server: the venue splits USD-M streams between two. */
  #makeSessions(): StreamSession[] {
    const { endpoints, streams, grids } = this.#options;
    const byUrl = new Map<string, string[]>();
    for (const stream of streams) {
      const url = BOOK_CHANNELS.test(stream) ? endpoints.bookStreams : endpoints.marketStreams;
      const names = grids.map((grid) => `${grid.symbol.toLowerCase()}@${stream}`);
      byUrl.set(url, [...(byUrl.get(url) ?? []), ...names]);
    }
    return [...byUrl].map(([url, names]) => this.#makeSession(url, names));
  }

  #makeSession(url: string, streams: readonly string[]): StreamSession {
    const { clock, rng, timings } = this.#options;
    const holdsBooks = streams.some((stream) => stream.includes('@depth'));
    return new StreamSession({
      clock,
      rng,
      url,
      streams,
      ...(timings === undefined ? {} : { timings }),
      onText: (text, receivedUs) => this.#onText(text, receivedUs),
      onLive: () => {
        this.#options.onStatus?.({ state: 'live', connection: url });
        // A quiet symbol may send no delta for long, and its book is wanted all the same.
        if (holdsBooks) this.#fetchMissingSnapshots();
      },
      onRefused: (detail) => this.#anomaly('subscribe_refused', undefined, detail),
      onDown: (reason, detail, retryInMs) => {
        if (holdsBooks) for (const book of this.#books.values()) book.sync.reset();
        this.#options.onStatus?.({ state: 'down', connection: url, reason, detail, retryInMs });
      },
    });
  }

  #fetchMissingSnapshots(): void {
    for (const [symbol, book] of this.#books) {
      if (book.sync.needsSnapshot) this.#fetchSnapshot(symbol, book);
    }
  }

  /** The event, so that the session can take its acknowledgements from it. */
  #onText(text: string, receivedUs: EpochUs): FrameEvent {
    this.#options.onRaw?.(text, receivedUs);
    const event = this.#parser.parse(text);
    this.counts.count(event);
    this.#onFrame(event, receivedUs);
    return event;
  }

  #onFrame(event: FrameEvent, receivedUs: EpochUs): void {
    switch (event.kind) {
      case 'depth':
        this.#options.onEvent(event, receivedUs);
        this.#onDepth(event, receivedUs);
        break;
      case 'snapshot':
      case 'quote':
      case 'trade':
      case 'agg-trade':
      case 'bar':
      case 'mark':
        this.#options.onEvent(event, receivedUs);
        break;
      case 'batch':
        for (const element of event.events) this.#onFrame(element, receivedUs);
        break;
      case 'refused':
        this.#anomaly('refused_frame', undefined, `${event.code}: ${event.detail}`);
        break;
      case 'error':
        this.#anomaly('venue_error', undefined, `${event.code} ${event.message}`);
        break;
      case 'ack':
      case 'shutdown':
      case 'ignored':
        break;
    }
  }

  #onDepth(delta: Extract<MarketDataEvent, { kind: 'depth' }>, receivedUs: EpochUs): void {
    const book = this.#books.get(delta.symbol);
    if (book === undefined) return;
    const outcome = book.sync.onDelta(delta);
    this.#report(delta.symbol, outcome);
    if (outcome.kind === 'applied') {
      this.#options.onBook?.({ symbol: delta.symbol, sync: book.sync, delta }, receivedUs);
    }
    if (book.sync.needsSnapshot) this.#fetchSnapshot(delta.symbol, book);
  }

  #report(symbol: string, outcome: SyncOutcome): void {
    switch (outcome.kind) {
      case 'gap':
        this.#anomaly('gap', symbol, `expected ${outcome.expected}, got ${outcome.received}`);
        break;
      case 'crossed':
        this.#anomaly('crossed', symbol, 'best bid reached best ask');
        break;
      case 'duplicate':
        this.#anomaly('duplicate', symbol, 'delta seen before');
        break;
      case 'stale-snapshot':
        this.#anomaly('stale_snapshot', symbol, 'older than the oldest delta held');
        break;
      case 'buffered':
        if (outcome.overflow) this.#anomaly('buffer_overflow', symbol, 'oldest delta dropped');
        break;
      case 'applied':
      case 'synced':
        break;
    }
  }

  #fetchSnapshot(symbol: string, book: SymbolBook): void {
    if (book.fetching || book.retry !== undefined || this.#stopped) return;
    book.fetching = true;
    const { market, rest, snapshotLevels = 1000 } = this.#options;
    rest.send(depthRequest(market, symbol, snapshotLevels)).then((answer) => {
      book.fetching = false;
      if (this.#stopped) return;
      if (answer.outcome !== 'ok') {
        const detail = answer.outcome === 'rate-limited' ? answer.by : JSON.stringify(answer);
        this.#anomaly('snapshot_failed', symbol, detail);
        this.#retrySnapshot(symbol, book, answer);
        return;
      }
      const event = this.#parser.parse(JSON.stringify(answer.value), symbol);
      this.counts.count(event);
      const receivedUs = this.#options.clock.nowUs();
      if (event.kind !== 'snapshot') {
        this.#anomaly('snapshot_failed', symbol, JSON.stringify(event));
        this.#retrySnapshot(symbol, book, answer);
        return;
      }
      this.#options.onRaw?.(JSON.stringify(answer.value), receivedUs);
      this.#options.onEvent(event, receivedUs);
      const outcome = book.sync.onSnapshot(event);
      this.#report(symbol, outcome);
      if (outcome.kind === 'synced') {
        book.failures = 0;
        this.#options.onBook?.({ symbol, sync: book.sync, delta: undefined }, receivedUs);
      } else this.#retrySnapshot(symbol, book, answer);
    });
  }

  #retrySnapshot(
    symbol: string,
    book: SymbolBook,
    answer: { readonly retryAfterMs?: number; readonly outcome: string },
  ): void {
    const { clock, rng } = this.#options;
    const ceiling = SNAPSHOT_RETRY_FIRST_MS * 2 ** Math.min(book.failures, 20);
    book.failures += 1;
    const jittered = Math.min(SNAPSHOT_RETRY_MAX_MS, ceiling) * (0.5 + rng.nextDouble() / 2);
    book.retry = clock.after(Math.max(answer.retryAfterMs ?? 0, jittered), () => {
      book.retry = undefined;
      if (book.sync.needsSnapshot) this.#fetchSnapshot(symbol, book);
    });
  }

  #syncTime(): void {
    const { clock, rest, market } = this.#options;
    const sentMs = clock.nowUs() / 1000;
    rest.send(serverTimeRequest(market)).then((answer) => {
      if (answer.outcome !== 'ok' || !isObject(answer.value)) return;
      const serverMs = answer.value['serverTime'];
      if (typeof serverMs !== 'number') return;
      this.timeOffset.observe({ sentMs, receivedMs: clock.nowUs() / 1000, serverMs });
    });
  }

  #anomaly(kind: MarketAnomaly['kind'], symbol: string | undefined, detail: string): void {
    this.#options.onAnomaly?.({ kind, symbol, detail }, this.#options.clock.nowUs());
  }
}
