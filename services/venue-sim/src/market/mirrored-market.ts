import type { Clock, Rng } from '@cerberus/core';
import {
  BinanceMarketConnection,
  BinanceRestClient,
  binanceEndpoints,
  FUTURES_LIMITS,
  RequestBudget,
  SPOT_LIMITS,
} from '@cerberus/venues';
import type { MarketTarget } from './market-source.ts';
import { showBook, showLevels, showTrade } from './shown-levels.ts';
import type { SimMarket } from './symbol-spec.ts';

export interface MirrorOptions {
  readonly market: SimMarket;
  readonly targets: ReadonlyMap<string, MarketTarget>;
  /** Base addresses of the venue that is mirrored; its own where absent. */
  readonly base: { readonly rest: string; readonly ws: string } | undefined;
  readonly clock: Clock;
  readonly rng: Rng;
}

const STREAMS = ['depth@100ms', 'trade'];
const NOTHING = { bids: [], asks: [] };

/**
 * Shows the books and trades of another venue, as paper trading needs them: orders here meet that
 * market and move nothing in it. While a book of that venue is not in step, none is shown here.
 */
export class MirroredMarket {
  readonly #options: MirrorOptions;
  readonly #connection: BinanceMarketConnection;
  readonly #rest: BinanceRestClient;

  constructor(options: MirrorOptions) {
    this.#options = options;
    const { market, targets, base, clock, rng } = options;
    const endpoints = binanceEndpoints(market, base);
    const limits = market === 'spot' ? SPOT_LIMITS : FUTURES_LIMITS;
    this.#rest = new BinanceRestClient({
      baseUrl: endpoints.rest,
      clock,
      budget: new RequestBudget(clock, limits),
    });
    this.#connection = new BinanceMarketConnection({
      ...{ market, endpoints, clock, rng, streams: STREAMS, rest: this.#rest },
      grids: [...targets.values()].map(({ spec }) => spec.grid),
      onEvent: (event) => {
        const target = targets.get(event.symbol);
        if (event.kind === 'trade' && target !== undefined) {
          showTrade(target, event, this.#nowMs());
        }
      },
      onBook: ({ symbol, sync, delta }) => {
        const target = targets.get(symbol);
        if (target === undefined) return;
        if (delta === undefined) showBook(target, sync.book.top(Infinity), this.#nowMs());
        else showLevels(target, delta, this.#nowMs());
      },
      onAnomaly: () => this.#hideBroken(),
      onStatus: ({ state }) => {
        if (state === 'down') this.#hideBroken();
      },
    });
  }

  get live(): boolean {
    return this.#connection.live;
  }

  start(): void {
    this.#connection.start();
  }

  stop(): void {
    this.#connection.stop();
    this.#rest.close();
  }

  #hideBroken(): void {
    for (const [symbol, target] of this.#options.targets) {
      if (this.#connection.book(symbol)?.synced !== true) {
        showBook(target, NOTHING, this.#nowMs());
      }
    }
  }

  #nowMs(): number {
    return Math.floor(this.#options.clock.nowUs() / 1000);
  }
}
