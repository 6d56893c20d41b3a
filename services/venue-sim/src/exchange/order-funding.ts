import {
  absolute,
  add,
  type Decimal,
  decimal,
  divide,
  multiply,
  roundToStep,
  subtract,
  ZERO,
} from '@cerberus/core';
import type { SymbolSpec } from '../market/symbol-spec.ts';
import type { Side } from '../matching/engine-order.ts';
import type { MatchingEngine } from '../matching/matching-engine.ts';
import type { AccountBook, SimAccount } from './account-book.ts';
import { checkNotional, type OrderEntry } from './order-entry.ts';
import { insufficientBalance, insufficientMargin, VenueError } from './venue-error.ts';

export interface FundingOptions {
  readonly book: AccountBook;
  readonly engineOf: (symbol: string) => MatchingEngine;
  readonly specOf: (symbol: string) => SymbolSpec;
  readonly leverage: number;
}

/** What an order would cost, and whether its account can pay for it. */
export class OrderFunding {
  readonly #options: FundingOptions;

  constructor(options: FundingOptions) {
    this.#options = options;
  }

  /** Middle of the displayed book, in price; zero before there is one. */
  midPrice(symbol: string): Decimal {
    const engine = this.#options.engineOf(symbol);
    const bid = engine.bestTicks('BUY');
    const ask = engine.bestTicks('SELL');
    if (bid === undefined || ask === undefined) return ZERO;
    const { price } = this.#options.specOf(symbol).grid;
    return divide(add(price.decimal(bid), price.decimal(ask)), decimal(2));
  }

  /** Margin that positions and open orders tie up. */
  marginUsed(account: SimAccount): Decimal {
    let notional = ZERO;
    for (const [symbol, position] of account.futures.positions) {
      notional = add(notional, absolute(multiply(position.quantity, this.midPrice(symbol))));
    }
    for (const order of this.#options.book.openOrders(account.name)) {
      if (order.reduceOnly) continue;
      const left = subtract(order.quantity, order.filledQuantity);
      notional = add(notional, multiply(order.price, left));
    }
    return divide(notional, decimal(this.#options.leverage), 'up');
  }

  unrealized(account: SimAccount): Decimal {
    let profit = ZERO;
    for (const symbol of account.futures.positions.keys()) {
      profit = add(profit, account.futures.unrealized(symbol, this.midPrice(symbol)));
    }
    return profit;
  }

  /** Order quantity, worked out from the book for orders by value and cut for reduce-only ones. */
  quantityOf(spec: SymbolSpec, account: string, entry: OrderEntry): Decimal {
    if (entry.quoteQuantity > 0n) {
      const quantity = this.#quantityForValue(spec, entry);
      checkNotional(spec, entry.quoteQuantity, false);
      if (quantity === 0n) throw new VenueError(-1013, 'Filter failure: LOT_SIZE');
      return quantity;
    }
    if (!entry.reduceOnly) return entry.quantity;
    const held = this.#options.book.account(account).futures.of(spec.symbol).quantity;
    const reduces = entry.side === 'SELL' ? held > 0n : held < 0n;
    if (!reduces) throw new VenueError(-2022, 'ReduceOnly Order is rejected.');
    const most = absolute(held);
    return entry.quantity < most ? entry.quantity : most;
  }

  #quantityForValue(spec: SymbolSpec, entry: OrderEntry): Decimal {
    let left: Decimal = entry.quoteQuantity;
    let quantity = ZERO;
    const opposite: Side = entry.side === 'BUY' ? 'SELL' : 'BUY';
    for (const [ticks, units] of this.#options.engineOf(spec.symbol).levels(opposite)) {
      const price = spec.grid.price.decimal(ticks);
      const level = spec.grid.quantity.decimal(units);
      const affordable = divide(left, price, 'down');
      const taken = affordable < level ? affordable : level;
      quantity = add(quantity, taken);
      left = subtract(left, multiply(price, taken, 'up'));
      if (taken < level || left <= 0n) break;
    }
    return roundToStep(quantity, spec.lot, 'down');
  }

  refuseUnfunded(spec: SymbolSpec, name: string, entry: OrderEntry): void {
    const account = this.#options.book.account(name);
    const value =
      entry.type === 'MARKET'
        ? this.#marketValue(spec, entry)
        : multiply(entry.price, entry.quantity);
    if (entry.type === 'MARKET') checkNotional(spec, value, entry.reduceOnly);
    if (spec.market === 'spot') {
      const [asset, needed] =
        entry.side === 'BUY' ? [spec.quote, value] : [spec.base, entry.quantity];
      if (account.spot.of(asset).free < needed) throw insufficientBalance();
      return;
    }
    if (entry.reduceOnly) return;
    const equity = add(account.futures.walletBalance, this.unrealized(account));
    const opened = this.#openedBy(account, spec.symbol, entry);
    const share = divide(multiply(value, opened), entry.quantity, 'up');
    const required_ = divide(share, decimal(this.#options.leverage), 'up');
    if (subtract(equity, this.marginUsed(account)) < required_) throw insufficientMargin();
  }

  /** The part of an order beyond what closes an opposite position: only that needs margin. */
  #openedBy(account: SimAccount, symbol: string, entry: OrderEntry): Decimal {
    const held = account.futures.of(symbol).quantity;
    const opposite = entry.side === 'BUY' ? held < 0n : held > 0n;
    if (!opposite) return entry.quantity;
    const closing = absolute(held);
    return closing >= entry.quantity ? ZERO : subtract(entry.quantity, closing);
  }

  /** What a market order would cost now, to the last unit that it can get. */
  #marketValue(spec: SymbolSpec, entry: OrderEntry): Decimal {
    let left = entry.quantity;
    let value = ZERO;
    const opposite: Side = entry.side === 'BUY' ? 'SELL' : 'BUY';
    for (const [ticks, units] of this.#options.engineOf(spec.symbol).levels(opposite)) {
      const level = spec.grid.quantity.decimal(units);
      const taken = left < level ? left : level;
      value = add(value, multiply(spec.grid.price.decimal(ticks), taken));
      left = subtract(left, taken);
      if (left === 0n) break;
    }
    return value;
  }
}
