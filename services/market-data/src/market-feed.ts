import type { Clock, TimerHandle } from '@cerberus/core';
import type { HostContext } from '@cerberus/runtime';
import type { Bar, Instrument } from '@cerberus/schema';
import {
  type BinanceMarket,
  BinanceMarketConnection,
  BinanceRestClient,
  barsRequest,
  binanceEndpoints,
  exchangeInfoRequest,
  FUTURES_LIMITS,
  type MarketAnomaly,
  type MarketStatus,
  mapAnswer,
  RequestBudget,
  readBars,
  readExchangeInfo,
  SPOT_LIMITS,
  type VenueInstrument,
} from '@cerberus/venues';
import type { MarketDataConfig } from './config.ts';
import { FOLLOWED_STREAMS } from './followed-streams.ts';
import { historyBar } from './history-bar.ts';
import { InstrumentFeed } from './instrument-feed.ts';
import type { MarketPublisher } from './market-publisher.ts';
import { instrumentOf } from './venue-instruments.ts';

export interface MarketFeedOptions {
  readonly market: BinanceMarket;
  readonly config: MarketDataConfig;
  readonly host: HostContext;
  readonly publisher: MarketPublisher;
  /** Reference data must be in the log before the first event of an instrument. */
  readonly announce: (instruments: readonly Instrument[]) => Promise<void>;
}

const WATCH_EVERY_MS = 250;
const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 30_000;
/** A minute's bar is closed this long after the minute, when no later trade has closed it. */
const BAR_GRACE_MS = 2000;

/** One market of the venue: reference data, live feed, history and the trust state of each feed. */
export class MarketFeed {
  readonly market: BinanceMarket;
  readonly #options: MarketFeedOptions;
  readonly #clock: Clock;
  readonly #rest: BinanceRestClient;
  readonly #endpoints;
  readonly #bySymbol = new Map<string, InstrumentFeed>();
  /** Price history by instrument, as long as the service runs: the log forgets it. */
  readonly #daily = new Map<string, readonly Bar[]>();
  #connection: BinanceMarketConnection | undefined;
  #watch: TimerHandle | undefined;
  #stopped = false;

  constructor(options: MarketFeedOptions) {
    this.#options = options;
    this.market = options.market;
    this.#clock = options.host.clock;
    const { rest, ws } = options.config[options.market];
    const base = rest === '' || ws === '' ? undefined : { rest, ws };
    this.#endpoints = binanceEndpoints(options.market, base);
    const limits = options.market === 'spot' ? SPOT_LIMITS : FUTURES_LIMITS;
    this.#rest = new BinanceRestClient({
      baseUrl: this.#endpoints.rest,
      clock: this.#clock,
      budget: new RequestBudget(this.#clock, limits),
    });
  }

  get name(): string {
    return this.market;
  }

  get feeds(): readonly InstrumentFeed[] {
    return [...this.#bySymbol.values()];
  }

  get live(): boolean {
    return this.#connection?.live === true;
  }

  /** Where every frame went, and the books as they stand. */
  describe() {
    const connection = this.#connection;
    return {
      market: this.market,
      frames: connection?.counts.frames ?? 0,
      parsed: connection?.counts.parsed ?? {},
      ignored: connection?.counts.ignored ?? {},
      refused: connection?.counts.refused ?? {},
      books: [...this.#bySymbol].map(([symbol, feed]) => {
        const sync = connection?.book(symbol);
        return {
          instrument_id: feed.instrument.instrument_id,
          state: feed.health.state,
          synced: sync?.synced ?? false,
          last_update_id: sync?.lastUpdateId ?? null,
          counts: sync?.counts ?? null,
          best_bid: sync?.book.bestBid ?? null,
          best_ask: sync?.book.bestAsk ?? null,
        };
      }),
    };
  }

  /** Retries until the venue answers: a venue that is down must not keep the others from starting. */
  async start(): Promise<void> {
    const listed = await this.#listed();
    if (listed === undefined) return;
    const { config, host, publisher, announce } = this.#options;
    const startedAt = this.#clock.nowUs();
    for (const instrument of listed) {
      const feed = new InstrumentFeed({
        instrument: instrumentOf(instrument, startedAt),
        grid: instrument.grid,
        publisher,
        bookLevels: config.bookLevels,
        bookSnapshotUs: config.bookSnapshotMs * 1000,
        lateTradeBars: config.lateTradeBars,
        startedAt,
      });
      this.#bySymbol.set(instrument.symbol, feed);
    }
    await announce(this.feeds.map(({ instrument }) => instrument));
    if (this.#stopped) return;
    this.#connection = new BinanceMarketConnection({
      market: this.market,
      endpoints: this.#endpoints,
      grids: listed.map(({ grid }) => grid),
      streams: FOLLOWED_STREAMS[this.market],
      rest: this.#rest,
      clock: this.#clock,
      rng: host.rng,
      onEvent: (event, receivedUs) => {
        const feed = this.#bySymbol.get(event.symbol);
        if (feed === undefined) return;
        feed.health.event(receivedUs, this.#clock.monotonicMs());
        feed.onEvent(event, receivedUs);
      },
      onBook: (update, receivedUs) => {
        this.#bySymbol.get(update.symbol)?.onBook(update, receivedUs);
      },
      onAnomaly: (anomaly, receivedUs) => this.#anomaly(anomaly, receivedUs),
      onStatus: (status) => this.#status(status),
    });
    this.#connection.start();
    this.#watch = this.#clock.every(WATCH_EVERY_MS, () => this.#check());
    host.supervisor.watch('price history', this.#history());
  }

  /** What others last heard of an instrument from another instance. */
  takeOver(feed: InstrumentFeed): void {
    feed.takeOver();
    this.publishStatus(feed);
    for (const bar of this.#daily.get(feed.instrument.instrument_id) ?? []) {
      this.#options.publisher.publish('md.bar', bar);
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#watch?.cancel();
    this.#connection?.stop();
    this.#rest.close();
  }

  async #listed(): Promise<readonly VenueInstrument[] | undefined> {
    const { host, config } = this.#options;
    const wanted = new Set(config[this.market].symbols);
    let waitMs = RETRY_FIRST_MS;
    while (!host.signal.aborted && !this.#stopped) {
      const request = exchangeInfoRequest(this.market);
      const answer = mapAnswer(await this.#rest.send(request), (value) =>
        readExchangeInfo(this.market, value),
      );
      if (answer.outcome === 'ok') {
        const listed = answer.value.instruments.filter(({ symbol }) => wanted.has(symbol));
        for (const { symbol } of listed) wanted.delete(symbol);
        if (wanted.size > 0) {
          const missing = [...wanted].join(', ');
          host.log.error({ market: this.market }, `the venue does not list ${missing}`);
        }
        return listed;
      }
      host.log.warn({ market: this.market, answer, retry_in_ms: waitMs }, 'no reference data yet');
      await host.clock.sleep(waitMs, host.signal).catch(() => undefined);
      waitMs = Math.min(waitMs * 2, RETRY_MAX_MS);
    }
    return undefined;
  }

  /** Daily bars as price history; what cannot be had is missing, and the risk engine says so. */
  async #history(): Promise<void> {
    const { config, host, publisher } = this.#options;
    if (config.historyBars === 0) return;
    for (const [symbol, { instrument }] of this.#bySymbol) {
      const request = barsRequest(this.market, {
        symbol,
        interval: '1d',
        limit: config.historyBars,
      });
      const nowMs = this.#clock.nowUs() / 1000;
      const answer = mapAnswer(await this.#rest.send(request), (value) =>
        readBars(value, { symbol, interval: '1d', nowMs }),
      );
      if (this.#stopped) return;
      if (answer.outcome !== 'ok') {
        host.log.warn({ symbol, answer }, 'no daily price history');
        continue;
      }
      const closed = answer.value.filter((bar) => bar.closed);
      const bars = closed.map((bar) => historyBar(bar, instrument));
      this.#daily.set(instrument.instrument_id, bars);
      for (const bar of bars) publisher.publish('md.bar', bar);
    }
  }

  #anomaly(anomaly: MarketAnomaly, receivedUs: ReturnType<Clock['nowUs']>): void {
    const { kind, symbol, detail } = anomaly;
    this.#options.host.log.warn({ market: this.market, symbol, kind, detail }, 'feed anomaly');
    const feeds = symbol === undefined ? this.feeds : this.#feedsOf(symbol);
    for (const feed of feeds) {
      const { health } = feed;
      if (kind === 'gap' || kind === 'crossed') health.gaps += 1;
      if (kind === 'duplicate') health.duplicates += 1;
      if (kind === 'refused_frame') health.refused += 1;
      if (kind === 'gap' || kind === 'crossed' || kind === 'buffer_overflow') health.resyncs += 1;
      feed.anomaly({ rule: kind, action: 'flagged', detail }, receivedUs, receivedUs);
    }
    this.#check();
  }

  #feedsOf(symbol: string): readonly InstrumentFeed[] {
    const feed = this.#bySymbol.get(symbol);
    return feed === undefined ? [] : [feed];
  }

  #status(status: MarketStatus): void {
    const { host } = this.#options;
    host.log.info({ market: this.market, ...status }, `feed ${status.state}`);
    if (status.state === 'down') {
      for (const feed of this.feeds) this.#move(feed, 'DOWN', `${status.reason}: ${status.detail}`);
    } else this.#check();
  }

  /** State of every feed from what it shows: connection, book, silence. */
  #check(): void {
    const { config } = this.#options;
    const nowMs = this.#clock.monotonicMs();
    for (const [symbol, feed] of this.#bySymbol) {
      const silentMs = feed.health.silentMs(nowMs);
      if (!feed.health.heard) {
        // Not connected: what came before it broke says nothing of the connection to come.
      } else if (this.#connection?.book(symbol)?.synced !== true) {
        this.#move(feed, 'SYNCING', 'the book is being joined');
      } else if (silentMs > config.staleAfterMs) {
        this.#move(feed, 'STALE', `silent for ${Math.round(silentMs)} ms`);
      } else this.#move(feed, 'LIVE', 'in step with the venue');
      feed.closeBars(this.#clock.nowUs() / 1000 - BAR_GRACE_MS);
    }
  }

  #move(feed: InstrumentFeed, state: Parameters<InstrumentFeed['move']>[0], reason: string): void {
    if (!feed.move(state, reason, this.#clock.nowUs())) return;
    this.publishStatus(feed);
  }

  publishStatus(feed: InstrumentFeed): void {
    const offset = this.#connection?.timeOffset.offsetMs ?? null;
    this.#options.publisher.publish('md.status', feed.health.status(offset));
  }
}
