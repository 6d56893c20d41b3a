import { type EpochUs, epochUs, epochUsFromMs, toNumber } from '@cerberus/core';
import type { Book, FeedState, Instrument, Quality } from '@cerberus/schema';
import type {
  BookUpdate,
  InstrumentGrid,
  MarkEvent,
  MarketDataEvent,
  QuoteEvent,
  TradeEvent,
} from '@cerberus/venues';
import { FeedHealth } from './feed-health.ts';
import type { MarketPublisher } from './market-publisher.ts';
import { MinuteBars } from './minute-bars.ts';

export interface InstrumentFeedOptions {
  readonly instrument: Instrument;
  readonly grid: InstrumentGrid;
  readonly publisher: MarketPublisher;
  readonly bookLevels: number;
  readonly bookSnapshotUs: number;
  readonly lateTradeBars: number;
  readonly startedAt: EpochUs;
}

/** Turns the venue's events of one instrument into normalised ones. */
export class InstrumentFeed {
  readonly health: FeedHealth;
  readonly instrument: Instrument;
  readonly #options: InstrumentFeedOptions;
  readonly #identity: { readonly instrument_id: string; readonly venue: string };
  readonly #bars: MinuteBars;
  #lastSnapshotUs = 0;

  constructor(options: InstrumentFeedOptions) {
    this.#options = options;
    this.instrument = options.instrument;
    const { instrument_id, venue } = options.instrument;
    this.#identity = { instrument_id, venue };
    this.health = new FeedHealth(this.#identity, options.startedAt);
    this.#bars = new MinuteBars(this.#identity, options.lateTradeBars);
  }

  onEvent(event: MarketDataEvent, receivedUs: EpochUs): void {
    switch (event.kind) {
      case 'quote':
        this.#quote(event, receivedUs);
        break;
      case 'trade':
        this.#trade(event, receivedUs);
        break;
      case 'mark':
        this.#mark(event, receivedUs);
        break;
      // Depth arrives through onBook, in step; the others are not subscribed.
      case 'depth':
      case 'snapshot':
      case 'agg-trade':
      case 'bar':
        break;
    }
  }

  onBook({ sync, delta }: BookUpdate, receivedUs: EpochUs): void {
    const { publisher, bookLevels, bookSnapshotUs, grid } = this.#options;
    const due = receivedUs - this.#lastSnapshotUs >= bookSnapshotUs;
    const last_sequence = sync.lastUpdateId;
    const event_time = delta === undefined ? receivedUs : epochUsFromMs(delta.eventTimeMs);
    const book = (kind: Book['kind'], first: number, bids: number[], asks: number[]): Book => ({
      ...this.#identity,
      ...{ kind, event_time, receive_time: receivedUs, first_sequence: first, last_sequence },
      bid_prices: prices(bids, grid),
      bid_quantities: quantities(bids, grid),
      ask_prices: prices(asks, grid),
      ask_quantities: quantities(asks, grid),
      quality: this.#quality(),
    });
    if (delta === undefined || due) {
      const { bids, asks } = sync.book.top(bookLevels);
      publisher.publish('md.book', book('SNAPSHOT', last_sequence, bids, asks));
      this.#lastSnapshotUs = receivedUs;
      return;
    }
    const { bids, asks, firstUpdateId } = delta;
    publisher.publish('md.book', book('DELTA', firstUpdateId, [...bids], [...asks]));
  }

  /** Closes the bar whose minute is over although no trade came after it. */
  closeBars(nowMs: number): void {
    for (const bar of this.#bars.closeUntil(nowMs)) this.#options.publisher.publish('md.bar', bar);
  }

  /** The first book that this instance tells is a whole one: deltas are of no use without theirs. */
  takeOver(): void {
    this.#lastSnapshotUs = 0;
  }

  move(state: FeedState, reason: string, at: EpochUs): boolean {
    return this.health.move(state, reason, at);
  }

  #quote(event: QuoteEvent, receivedUs: EpochUs): void {
    const { publisher, grid } = this.#options;
    const eventTime = eventTimeOf(event.eventTimeMs, receivedUs);
    if (event.bidTicks >= event.askTicks) {
      const detail = `bid ${grid.price.text(event.bidTicks)} at or above ask ${grid.price.text(event.askTicks)}`;
      this.anomaly({ rule: 'crossed', action: 'quarantined', detail }, eventTime, receivedUs);
      return;
    }
    publisher.publish('md.quote', {
      ...this.#identity,
      event_time: eventTime,
      receive_time: receivedUs,
      sequence: event.updateId,
      bid_price: grid.price.number(event.bidTicks),
      bid_quantity: grid.quantity.number(event.bidUnits),
      ask_price: grid.price.number(event.askTicks),
      ask_quantity: grid.quantity.number(event.askUnits),
      quality: this.#quality(),
    });
  }

  anomaly(
    found: { readonly rule: string; readonly action: string; readonly detail: string },
    eventTime: EpochUs,
    receivedUs: EpochUs,
  ): void {
    this.#options.publisher.publish('md.anomaly', {
      ...this.#identity,
      ...found,
      value: null,
      raw: '',
      event_time: eventTime,
      receive_time: receivedUs,
    });
  }

  #trade(event: TradeEvent, receivedUs: EpochUs): void {
    const { publisher, grid } = this.#options;
    const price = grid.price.number(event.priceTicks);
    const quantity = grid.quantity.number(event.quantityUnits);
    publisher.publish('md.trade', {
      ...this.#identity,
      event_time: epochUsFromMs(event.tradeTimeMs),
      receive_time: receivedUs,
      trade_id: String(event.tradeId),
      price,
      quantity,
      aggressor: event.aggressor === 'buy' ? 'BUY' : 'SELL',
    });
    const tooLate = this.#bars.tooLate;
    for (const bar of this.#bars.add({ price, quantity, timeMs: event.tradeTimeMs })) {
      publisher.publish('md.bar', bar);
    }
    if (this.#bars.tooLate > tooLate) {
      const detail = `trade ${event.tradeId} is older than every bar that can be amended`;
      const found = { rule: 'late_trade', action: 'left out of its bar', detail };
      this.anomaly(found, epochUsFromMs(event.tradeTimeMs), receivedUs);
    }
  }

  #mark(event: MarkEvent, receivedUs: EpochUs): void {
    const { indexPrice, fundingRate, nextFundingTimeMs } = event;
    this.#options.publisher.publish('md.mark', {
      ...this.#identity,
      event_time: epochUsFromMs(event.eventTimeMs),
      receive_time: receivedUs,
      mark_price: toNumber(event.markPrice),
      index_price: indexPrice === undefined ? null : toNumber(indexPrice),
      funding_rate: fundingRate === undefined ? null : toNumber(fundingRate),
      next_funding_time: nextFundingTimeMs === undefined ? null : epochUsFromMs(nextFundingTimeMs),
      open_interest: null,
    });
  }

  /** A quote is only as good as the book it belongs to. */
  #quality(): Quality {
    if (this.health.state === 'LIVE') return this.#options.publisher.overloaded ? 'DEGRADED' : 'OK';
    return this.health.state === 'SYNCING' ? 'DEGRADED' : 'UNTRUSTED';
  }
}

/** Spot quotes carry no venue time; then the time of receipt stands in for it. */
function eventTimeOf(eventTimeMs: number | undefined, receivedUs: EpochUs): EpochUs {
  return eventTimeMs === undefined ? epochUs(receivedUs) : epochUsFromMs(eventTimeMs);
}

/** Levels are flat pairs of ticks and units. */
function prices(levels: readonly number[], grid: InstrumentGrid): number[] {
  return every(levels, 0).map((ticks) => grid.price.number(ticks));
}

function quantities(levels: readonly number[], grid: InstrumentGrid): number[] {
  return every(levels, 1).map((units) => grid.quantity.number(units));
}

function every(levels: readonly number[], offset: 0 | 1): number[] {
  const values: number[] = [];
  for (let index = offset; index < levels.length; index += 2) values.push(levels[index]!);
  return values;
}
