import type { Exchange, PublicTrade } from '../exchange/exchange.ts';
import { barAt, barOpenTime, INTERVALS_MS } from '../market/bars.ts';
import type { PriceModel } from '../market/price-model.ts';
import type { SymbolSpec } from '../market/symbol-spec.ts';
import type { Side } from '../matching/engine-order.ts';
import { fixed, fixed8 } from './number-text.ts';
import type { StreamHub } from './stream-hub.ts';

const TRADES_KEPT = 1000;
const FUNDING_EVERY_MS = 8 * 3_600_000;

interface SymbolFeed {
  readonly spec: SymbolSpec;
  readonly model: PriceModel;
  lastUpdateId: number;
  /** Last id that a depth update has carried; best quotes use ids in between. */
  flushedUpdateId: number;
  readonly changed: Record<Side, Set<number>>;
  bestKey: string;
  trades: PublicTrade[];
}

/** Turns what happens in the exchange into the venue's public streams and depth answers. */
export class MarketFeed {
  readonly #exchange: Exchange;
  readonly #hub: StreamHub;
  readonly #feeds = new Map<string, SymbolFeed>();
  readonly #futures: boolean;

  constructor(options: {
    readonly exchange: Exchange;
    readonly hub: StreamHub;
    readonly models: ReadonlyMap<string, PriceModel>;
    readonly nowMs: number;
  }) {
    this.#exchange = options.exchange;
    this.#hub = options.hub;
    this.#futures = options.exchange.market === 'usdm';
    for (const spec of options.exchange.specs.values()) {
      const model = options.models.get(spec.symbol);
      if (model === undefined) continue;
      this.#feeds.set(spec.symbol, {
        spec,
        model,
        // From the clock, so that ids never go back over a restart.
        lastUpdateId: options.nowMs * 100,
        flushedUpdateId: options.nowMs * 100,
        changed: { BUY: new Set(), SELL: new Set() },
        bestKey: '',
        trades: [],
      });
    }
  }

  trades(symbol: string): readonly PublicTrade[] {
    return this.#feeds.get(symbol)?.trades ?? [];
  }

  priceText(spec: SymbolSpec, ticks: number): string {
    return this.#futures
      ? fixed(spec.grid.price.decimal(ticks), 2)
      : fixed8(spec.grid.price.decimal(ticks));
  }

  quantityText(spec: SymbolSpec, units: number): string {
    return this.#futures
      ? fixed(spec.grid.quantity.decimal(units), 3)
      : fixed8(spec.grid.quantity.decimal(units));
  }

  onTrade(trade: PublicTrade): void {
    const feed = this.#feeds.get(trade.symbol);
    if (feed === undefined) return;
    feed.trades.push(trade);
    if (feed.trades.length > 2 * TRADES_KEPT) feed.trades = feed.trades.slice(-TRADES_KEPT);
    const name = trade.symbol.toLowerCase();
    const common = {
      E: trade.timeMs,
      T: trade.timeMs,
      s: trade.symbol,
      p: this.priceText(feed.spec, trade.priceTicks),
      q: this.quantityText(feed.spec, trade.units),
      m: trade.takerSide === 'SELL',
    };
    const mark = this.#futures ? { X: 'MARKET' } : { M: true };
    this.#hub.publish([`${name}@trade`], trade.symbol, () => ({
      e: 'trade',
      t: trade.tradeId,
      ...common,
      ...mark,
    }));
    this.#hub.publish([`${name}@aggTrade`], trade.symbol, () => ({
      e: 'aggTrade',
      a: trade.tradeId,
      f: trade.tradeId,
      l: trade.tradeId,
      ...common,
    }));
  }

  /** Best quotes go out at once, depth with the next flush. */
  onBookChanged(symbol: string, timeMs: number): void {
    const feed = this.#feeds.get(symbol);
    if (feed === undefined) return;
    const engine = this.#exchange.engine(symbol);
    for (const side of ['BUY', 'SELL'] as const) {
      for (const ticks of engine.drainChanged(side)) feed.changed[side].add(ticks);
    }
    const bid = engine.bestTicks('BUY');
    const ask = engine.bestTicks('SELL');
    if (bid === undefined || ask === undefined) return;
    const bidUnits = engine.displayedUnits('BUY', bid);
    const askUnits = engine.displayedUnits('SELL', ask);
    const key = `${bid} ${bidUnits} ${ask} ${askUnits}`;
    if (key === feed.bestKey) return;
    feed.bestKey = key;
    feed.lastUpdateId += 1;
    this.#hub.publish([`${symbol.toLowerCase()}@bookTicker`], symbol, () => ({
      ...(this.#futures ? { e: 'bookTicker', T: timeMs, E: timeMs } : {}),
      u: feed.lastUpdateId,
      s: symbol,
      b: this.priceText(feed.spec, bid),
      B: this.quantityText(feed.spec, bidUnits),
      a: this.priceText(feed.spec, ask),
      A: this.quantityText(feed.spec, askUnits),
    }));
  }

  /** Sends the depth changes collected since the last call. */
  flushDepth(timeMs: number): void {
    for (const feed of this.#feeds.values()) this.#flush(feed, timeMs);
  }

  /** State of the book and the id that the next update continues. */
  depth(symbol: string, levels: number, timeMs: number): Record<string, unknown> {
    const feed = this.#feeds.get(symbol);
    const spec = this.#exchange.spec(symbol);
    return {
      lastUpdateId: feed?.flushedUpdateId ?? 0,
      ...(this.#futures ? { E: timeMs, T: timeMs } : {}),
      bids: this.#top(spec, 'BUY', levels),
      asks: this.#top(spec, 'SELL', levels),
    };
  }

  /** Streams that tick with the clock: bars, marks, tickers. */
  onSecond(timeMs: number): void {
    for (const stream of this.#hub.streams) {
      const at = stream.indexOf('@');
      const feed = this.#feeds.get(stream.slice(0, at).toUpperCase());
      if (feed === undefined) continue;
      const channel = stream.slice(at + 1);
      const symbol = feed.spec.symbol;
      if (channel.startsWith('kline_')) {
        const interval = channel.slice('kline_'.length);
        const intervalMs = INTERVALS_MS.get(interval);
        if (intervalMs === undefined) continue;
        this.#publishBar(stream, feed, { interval, intervalMs, timeMs });
      } else if (this.#futures && (channel === 'markPrice@1s' || channel === 'markPrice')) {
        this.#hub.publish([stream], symbol, () => this.markPrice(symbol, timeMs));
      } else if (channel === 'ticker' || channel === 'miniTicker') {
        const e = channel === 'ticker' ? '24hrTicker' : '24hrMiniTicker';
        this.#hub.publish([stream], symbol, () => this.#tickerEvent(feed, e, timeMs));
      }
    }
  }

  markPrice(symbol: string, timeMs: number): Record<string, unknown> {
    const feed = this.#feeds.get(symbol);
    const index = feed?.model.indexAt(timeMs) ?? 0;
    const basis = feed?.model.basisAt(timeMs) ?? 0;
    const mark = index * (1 + basis);
    return {
      e: 'markPriceUpdate',
      E: timeMs,
      s: symbol,
      p: mark.toFixed(8),
      i: index.toFixed(8),
      P: mark.toFixed(8),
      r: fundingRate(basis).toFixed(8),
      T: (Math.floor(timeMs / FUNDING_EVERY_MS) + 1) * FUNDING_EVERY_MS,
    };
  }

  /** Statistics of the last 24 hours, from the price path. */
  ticker(symbol: string, timeMs: number): Record<string, unknown> {
    const feed = this.#feeds.get(symbol);
    const spec = this.#exchange.spec(symbol);
    if (feed === undefined) return { symbol };
    const dayMs = 86_400_000;
    const bar = barAt(feed.model, spec, {
      openTimeMs: timeMs - dayMs,
      intervalMs: dayMs,
      nowMs: timeMs,
    });
    const engine = this.#exchange.engine(symbol);
    const last = feed.trades.at(-1)?.priceTicks ?? engine.bestTicks('BUY') ?? 0;
    const best = (side: Side) => engine.bestTicks(side) ?? 0;
    const round = (price: number) => this.priceText(spec, toTicks(spec, price));
    return {
      symbol,
      priceChange: (bar.close - bar.open).toFixed(2),
      priceChangePercent: (((bar.close - bar.open) / bar.open) * 100).toFixed(3),
      weightedAvgPrice: round((bar.open + bar.close) / 2),
      prevClosePrice: round(bar.open),
      lastPrice: this.priceText(spec, last),
      lastQty: this.quantityText(spec, feed.trades.at(-1)?.units ?? 0),
      bidPrice: this.priceText(spec, best('BUY')),
      bidQty: this.quantityText(spec, engine.displayedUnits('BUY', best('BUY'))),
      askPrice: this.priceText(spec, best('SELL')),
      askQty: this.quantityText(spec, engine.displayedUnits('SELL', best('SELL'))),
      openPrice: round(bar.open),
      highPrice: round(bar.high),
      lowPrice: round(bar.low),
      volume: bar.quantity.toFixed(8),
      quoteVolume: (bar.quantity * bar.close).toFixed(8),
      openTime: timeMs - dayMs,
      closeTime: timeMs,
      firstId: 1,
      lastId: bar.trades,
      count: bar.trades,
    };
  }

  /** Rows of `/klines`, oldest first, the last one still open. */
  bars(
    symbol: string,
    query: {
      readonly intervalMs: number;
      readonly startTimeMs: number | undefined;
      readonly endTimeMs: number | undefined;
      readonly limit: number;
      readonly nowMs: number;
    },
  ): unknown[][] {
    const feed = this.#feeds.get(symbol);
    if (feed === undefined) return [];
    const { intervalMs, limit, nowMs } = query;
    const lastOpen = barOpenTime(Math.min(query.endTimeMs ?? nowMs, nowMs), intervalMs);
    const wanted =
      query.startTimeMs === undefined
        ? lastOpen - (limit - 1) * intervalMs
        : barOpenTime(query.startTimeMs + intervalMs - 1, intervalMs);
    const rows: unknown[][] = [];
    for (let open = wanted; open <= lastOpen && rows.length < limit; open += intervalMs) {
      rows.push(this.#barRow(feed, open, { intervalMs, nowMs }));
    }
    return rows;
  }

  fundingRates(symbol: string, limit: number, nowMs: number): Record<string, unknown>[] {
    const feed = this.#feeds.get(symbol);
    if (feed === undefined) return [];
    const last = Math.floor(nowMs / FUNDING_EVERY_MS);
    return Array.from({ length: limit }, (_, i) => {
      const timeMs = (last - (limit - 1 - i)) * FUNDING_EVERY_MS;
      return {
        symbol,
        fundingTime: timeMs,
        fundingRate: fundingRate(feed.model.basisAt(timeMs)).toFixed(8),
        markPrice: feed.model.midAt(timeMs).toFixed(8),
      };
    });
  }

  #flush(feed: SymbolFeed, timeMs: number): void {
    const { BUY, SELL } = feed.changed;
    if (BUY.size + SELL.size === 0) return;
    const symbol = feed.spec.symbol;
    const previous = feed.flushedUpdateId;
    const first = previous + 1;
    feed.lastUpdateId = Math.max(feed.lastUpdateId, previous + BUY.size + SELL.size);
    feed.flushedUpdateId = feed.lastUpdateId;
    const bids = this.#levels(feed.spec, 'BUY', [...BUY]);
    const asks = this.#levels(feed.spec, 'SELL', [...SELL]);
    BUY.clear();
    SELL.clear();
    const name = symbol.toLowerCase();
    this.#hub.publish(
      DEPTH_SPEEDS.map((speed) => `${name}@depth${speed}`),
      symbol,
      () => ({
        e: 'depthUpdate',
        E: timeMs,
        ...(this.#futures ? { T: timeMs } : {}),
        s: symbol,
        U: first,
        u: feed.lastUpdateId,
        ...(this.#futures ? { pu: previous } : {}),
        b: bids,
        a: asks,
      }),
    );
    for (const levels of [5, 10, 20]) {
      const names = DEPTH_SPEEDS.map((speed) => `${name}@depth${levels}${speed}`);
      this.#hub.publish(names, symbol, () => this.#partial(feed, levels, timeMs));
    }
  }

  #partial(feed: SymbolFeed, levels: number, timeMs: number): Record<string, unknown> {
    const bids = this.#top(feed.spec, 'BUY', levels);
    const asks = this.#top(feed.spec, 'SELL', levels);
    if (!this.#futures) return { lastUpdateId: feed.lastUpdateId, bids, asks };
    return {
      e: 'depthUpdate',
      E: timeMs,
      T: timeMs,
      s: feed.spec.symbol,
      U: feed.lastUpdateId,
      u: feed.lastUpdateId,
      pu: feed.lastUpdateId - 1,
      b: bids,
      a: asks,
    };
  }

  #levels(spec: SymbolSpec, side: Side, prices: number[]): string[][] {
    const engine = this.#exchange.engine(spec.symbol);
    const sign = side === 'BUY' ? -1 : 1;
    prices.sort((a, b) => sign * (a - b));
    return prices.map((ticks) => [
      this.priceText(spec, ticks),
      this.quantityText(spec, engine.displayedUnits(side, ticks)),
    ]);
  }

  #top(spec: SymbolSpec, side: Side, levels: number): string[][] {
    const rows: string[][] = [];
    for (const [ticks, units] of this.#exchange.engine(spec.symbol).levels(side)) {
      if (rows.length >= levels) break;
      rows.push([this.priceText(spec, ticks), this.quantityText(spec, units)]);
    }
    return rows;
  }

  #barRow(
    feed: SymbolFeed,
    openTimeMs: number,
    of: { readonly intervalMs: number; readonly nowMs: number },
  ): unknown[] {
    const bar = barAt(feed.model, feed.spec, { openTimeMs, ...of });
    const price = (value: number) => this.priceText(feed.spec, toTicks(feed.spec, value));
    const quote = bar.quantity * bar.close;
    return [
      bar.openTimeMs,
      price(bar.open),
      price(bar.high),
      price(bar.low),
      price(bar.close),
      bar.quantity.toFixed(8),
      bar.closeTimeMs,
      quote.toFixed(8),
      bar.trades,
      (bar.quantity * bar.takerBuyShare).toFixed(8),
      (quote * bar.takerBuyShare).toFixed(8),
      '0',
    ];
  }

  #publishBar(
    stream: string,
    feed: SymbolFeed,
    of: { readonly interval: string; readonly intervalMs: number; readonly timeMs: number },
  ): void {
    // In the second after its end a bar goes out once more, closed.
    const current = barOpenTime(of.timeMs, of.intervalMs);
    const opens = of.timeMs - current < 1000 ? [current - of.intervalMs, current] : [current];
    for (const open of opens) {
      this.#hub.publish([stream], feed.spec.symbol, () => {
        const [t, o, h, l, c, v, T, q, n, V, Q] = this.#barRow(feed, open, {
          intervalMs: of.intervalMs,
          nowMs: of.timeMs,
        });
        const k = { t, T, s: feed.spec.symbol, i: of.interval, f: 1, L: n, o, c, h, l, v, n };
        const closed = open !== current;
        return {
          e: 'kline',
          E: of.timeMs,
          s: feed.spec.symbol,
          k: { ...k, x: closed, q, V, Q, B: '0' },
        };
      });
    }
  }

  #tickerEvent(feed: SymbolFeed, e: string, timeMs: number): Record<string, unknown> {
    const day = this.ticker(feed.spec.symbol, timeMs);
    return {
      e,
      E: timeMs,
      s: feed.spec.symbol,
      p: day['priceChange'],
      P: day['priceChangePercent'],
      w: day['weightedAvgPrice'],
      x: day['prevClosePrice'],
      c: day['lastPrice'],
      Q: day['lastQty'],
      b: day['bidPrice'],
      B: day['bidQty'],
      a: day['askPrice'],
      A: day['askQty'],
      o: day['openPrice'],
      h: day['highPrice'],
      l: day['lowPrice'],
      v: day['volume'],
      q: day['quoteVolume'],
      O: day['openTime'],
      C: day['closeTime'],
      F: day['firstId'],
      L: day['lastId'],
      n: day['count'],
    };
  }
}

const DEPTH_SPEEDS = ['', '@100ms', '@250ms', '@500ms', '@1000ms', '@0ms'];

function toTicks(spec: SymbolSpec, price: number): number {
  const tick = spec.grid.price.number(1);
  return Math.max(1, Math.round(price / tick));
}

/** Premium over eight hours within the venue's usual clamp. */
function fundingRate(basis: number): number {
  return Math.min(0.003, Math.max(-0.003, basis / 3));
}
