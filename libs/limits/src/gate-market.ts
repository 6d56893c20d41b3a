import type { EpochUs } from '@cerberus/core';
import type {
  Bar,
  FeedState,
  FeedStatus,
  Instrument,
  Quote,
  ScenarioVector,
} from '@cerberus/schema';
import { UNIT, unitsOf } from './fixed-point.ts';
import { KillSwitches } from './kill-switches.ts';
import { LimitBook, type LimitDeclaration } from './limit-book.ts';

/** Newest best bid and offer of an instrument; decimals are made when somebody asks. */
export class MarketPrice {
  readonly bid: number;
  readonly ask: number;
  readonly receiveTimeUs: EpochUs;
  #mid: bigint | null | undefined;
  readonly #usable: boolean;

  constructor(quote: Quote) {
    this.bid = quote.bid_price;
    this.ask = quote.ask_price;
    this.receiveTimeUs = quote.receive_time;
    this.#usable =
      quote.quality !== 'UNTRUSTED' &&
      this.bid > 0 &&
      this.ask >= this.bid &&
      Number.isFinite(this.ask);
  }

  /** Mid price in units; undefined where the quote cannot be trusted: crossed, empty, not finite. */
  get midUnits(): bigint | undefined {
    if (this.#mid === undefined) this.#mid = this.#usable ? middle(this.bid, this.ask) : null;
    return this.#mid ?? undefined;
  }

  get mid(): number | undefined {
    return this.#usable ? (this.bid + this.ask) / 2 : undefined;
  }
}

/** Currencies that the gate takes at par with the US dollar. */
export const DOLLAR_CURRENCIES: ReadonlySet<string> = new Set([
  'USD',
  'USDT',
  'USDC',
  'FDUSD',
  'TUSD',
  'DAI',
]);

const AVERAGE_TRADE_INTERVAL = '1m';
/** Weight of the newest bar in the recent average trade, about the last half hour of minutes. */
const AVERAGE_TRADE_WEIGHT = 1 / 16;

/**
 * What the gate knows of the world outside accounts: instruments, prices and their trust, limits,
 * kill switches, scenario vectors. One per process, shared by all partitions of accounts.
 */
export class GateMarket {
  readonly limits: LimitBook;
  readonly kills = new KillSwitches();
  readonly #instruments = new Map<string, Instrument>();
  readonly #prices = new Map<string, MarketPrice>();
  readonly #feeds = new Map<string, FeedStatus>();
  readonly #averageTrades = new Map<string, number>();
  readonly #scenarios = new Map<string, ScenarioVector>();
  /** Spot instruments quoted in dollars, by base currency, to convert other currencies with. */
  readonly #dollarPairs = new Map<string, Set<string>>();

  constructor(declarations: readonly LimitDeclaration[]) {
    this.limits = new LimitBook(declarations);
  }

  setInstrument(instrument: Instrument): void {
    this.#instruments.set(instrument.instrument_id, instrument);
    this.limits.retarget();
    if (instrument.kind === 'SPOT' && DOLLAR_CURRENCIES.has(instrument.quote_currency)) {
      const pairs = this.#dollarPairs.get(instrument.base_currency) ?? new Set<string>();
      pairs.add(instrument.instrument_id);
      this.#dollarPairs.set(instrument.base_currency, pairs);
    }
  }

  deleteInstrument(instrumentId: string): void {
    const instrument = this.#instruments.get(instrumentId);
    if (instrument !== undefined) {
      this.#dollarPairs.get(instrument.base_currency)?.delete(instrumentId);
    }
    this.#instruments.delete(instrumentId);
    this.limits.retarget();
  }

  /** Keeps the newer of two quotes, whatever order they come in. */
  setQuote(quote: Quote): void {
    const known = this.#prices.get(quote.instrument_id);
    if (known !== undefined && known.receiveTimeUs > quote.receive_time) return;
    this.#prices.set(quote.instrument_id, new MarketPrice(quote));
  }

  setFeed(status: FeedStatus): void {
    this.#feeds.set(status.instrument_id, status);
  }

  deleteFeed(instrumentId: string): void {
    this.#feeds.delete(instrumentId);
  }

  /** Takes the average trade of a completed bar into the recent average. */
  setBar(bar: Bar): void {
    const average = bar.volume / bar.trade_count;
    if (
      bar.interval !== AVERAGE_TRADE_INTERVAL ||
      !bar.complete ||
      bar.revision > 0 ||
      !(average > 0) ||
      !Number.isFinite(average)
    )
      return;
    const known = this.#averageTrades.get(bar.instrument_id);
    this.#averageTrades.set(
      bar.instrument_id,
      known === undefined ? average : known + (average - known) * AVERAGE_TRADE_WEIGHT,
    );
  }

  setScenarios(vector: ScenarioVector): void {
    this.#scenarios.set(vector.instrument_id, vector);
  }

  deleteScenarios(instrumentId: string): void {
    this.#scenarios.delete(instrumentId);
  }

  instrument(instrumentId: string): Instrument | undefined {
    return this.#instruments.get(instrumentId);
  }

  instruments(): IterableIterator<Instrument> {
    return this.#instruments.values();
  }

  price(instrumentId: string): MarketPrice | undefined {
    return this.#prices.get(instrumentId);
  }

  feedState(instrumentId: string): FeedState | undefined {
    return this.#feeds.get(instrumentId)?.state;
  }

  /** Whether any feed is live: without one the gate has nothing to judge by. */
  get hasLiveFeed(): boolean {
    for (const feed of this.#feeds.values()) if (feed.state === 'LIVE') return true;
    return false;
  }

  averageTrade(instrumentId: string): number | undefined {
    return this.#averageTrades.get(instrumentId);
  }

  scenarios(instrumentId: string): ScenarioVector | undefined {
    return this.#scenarios.get(instrumentId);
  }

  /** Dollars per unit of a currency, in units of decimals; undefined where no live spot pair tells. */
  dollarRate(currency: string): bigint | undefined {
    if (DOLLAR_CURRENCIES.has(currency)) return UNIT;
    let best: bigint | undefined;
    for (const id of this.#dollarPairs.get(currency) ?? []) {
      const mid = this.feedState(id) === 'LIVE' ? this.#prices.get(id)?.midUnits : undefined;
      // The highest of several, so that the answer neither depends on order nor understates.
      if (mid !== undefined && (best === undefined || mid > best)) best = mid;
    }
    return best;
  }
}

function middle(bid: number, ask: number): bigint | null {
  const bidUnits = unitsOf(bid);
  const askUnits = unitsOf(ask);
  if (bidUnits === undefined || askUnits === undefined) return null;
  const mid = (bidUnits + askUnits) / 2n;
  return mid > 0n ? mid : null;
}
