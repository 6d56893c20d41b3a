import { add, type Decimal, decimal, multiply, subtract, ZERO } from '@cerberus/core';
import type { SimMarket, SymbolSpec } from '../market/symbol-spec.ts';
import { FuturesWallet } from './futures-wallet.ts';
import type { LedgerRecord } from './ledger.ts';
import { isOpen, type SimOrder, type SimTrade } from './sim-order.ts';
import { SpotWallet } from './spot-wallet.ts';

/**
 * Closed orders and trades answer queries up to these counts (trades: per account and symbol);
 * the ledger keeps all.
 */
const CLOSED_ORDERS_KEPT = 200_000;
const TRADES_KEPT = 100_000;

export interface SimAccount {
  readonly name: string;
  readonly spot: SpotWallet;
  readonly futures: FuturesWallet;
}

/**
 * Orders, trades and balances of one market as the sum of its ledger records. Whatever changes here
 * changes through `apply`, live or on restart, so a restored venue is the same venue.
 */
export class AccountBook {
  readonly #market: SimMarket;
  readonly #specs: ReadonlyMap<string, SymbolSpec>;
  readonly accounts: Map<string, SimAccount>;
  readonly #orders = new Map<number, SimOrder>();
  readonly #open = new Map<number, SimOrder>();
  readonly #newestByClientId = new Map<string, SimOrder>();
  /** By account and symbol, oldest first. */
  readonly #trades = new Map<string, SimTrade[]>();
  #lastOrderId = 0;
  #lastTradeId = 0;

  constructor(
    market: SimMarket,
    specs: ReadonlyMap<string, SymbolSpec>,
    accounts: Map<string, SimAccount>,
  ) {
    this.#market = market;
    this.#specs = specs;
    this.accounts = accounts;
  }

  get lastOrderId(): number {
    return this.#lastOrderId;
  }

  get lastTradeId(): number {
    return this.#lastTradeId;
  }

  account(name: string): SimAccount {
    let account = this.accounts.get(name);
    if (account === undefined) {
      account = { name, spot: new SpotWallet(), futures: new FuturesWallet() };
      this.accounts.set(name, account);
    }
    return account;
  }

  order(orderId: number): SimOrder | undefined {
    return this.#orders.get(orderId);
  }

  /** The newest order of that client id: ids may be used again once an order is closed. */
  orderByClientId(account: string, symbol: string, clientOrderId: string): SimOrder | undefined {
    return this.#newestByClientId.get(`${account} ${symbol} ${clientOrderId}`);
  }

  *openOrders(account?: string, symbol?: string): Generator<SimOrder> {
    for (const order of this.#open.values()) {
      if (account !== undefined && order.account !== account) continue;
      if (symbol === undefined || order.symbol === symbol) yield order;
    }
  }

  orders(account: string, symbol: string): SimOrder[] {
    return [...this.#orders.values()].filter(
      (order) => order.account === account && order.symbol === symbol,
    );
  }

  trades(account: string, symbol: string): readonly SimTrade[] {
    return this.#trades.get(`${account} ${symbol}`) ?? [];
  }

  apply(record: LedgerRecord): void {
    if (record.market !== this.#market) return;
    switch (record.kind) {
      case 'deposit':
        this.#deposit(record.account, record.asset, decimal(record.amount));
        break;
      case 'accept':
        this.#accept(record);
        break;
      case 'fill':
        this.#fill(record);
        break;
      case 'end':
        this.#end(record);
        break;
    }
  }

  #deposit(name: string, asset: string, amount: Decimal): void {
    const account = this.account(name);
    if (this.#market === 'spot') account.spot.deposit(asset, amount);
    else account.futures.walletBalance = add(account.futures.walletBalance, amount);
  }

  #accept(record: Extract<LedgerRecord, { kind: 'accept' }>): void {
    const order: SimOrder = {
      account: record.account,
      symbol: record.symbol,
      orderId: record.order_id,
      clientOrderId: record.client_order_id,
      side: record.side,
      type: record.type,
      timeInForce: record.time_in_force,
      price: decimal(record.price),
      quantity: decimal(record.quantity),
      quoteQuantity: decimal(record.quote_quantity),
      reduceOnly: record.reduce_only,
      createdMs: record.time_ms,
      updatedMs: record.time_ms,
      status: 'NEW',
      filledQuantity: ZERO,
      filledValue: ZERO,
      trades: [],
      engine: undefined,
    };
    this.#lastOrderId = Math.max(this.#lastOrderId, order.orderId);
    this.#orders.set(order.orderId, order);
    this.#open.set(order.orderId, order);
    this.#newestByClientId.set(`${order.account} ${order.symbol} ${order.clientOrderId}`, order);
    this.#lock(order, order.quantity, 'lock');
    this.#forgetOldest();
  }

  #fill(record: Extract<LedgerRecord, { kind: 'fill' }>): void {
    const order = this.#known(record.order_id);
    const price = decimal(record.price);
    const quantity = decimal(record.quantity);
    const fee = decimal(record.fee);
    const realized = decimal(record.realized_pnl);
    this.#lock(order, quantity, 'release');
    this.#move(order, { price, quantity, fee, realized });
    order.filledQuantity = add(order.filledQuantity, quantity);
    order.filledValue = add(order.filledValue, multiply(price, quantity));
    order.updatedMs = record.time_ms;
    order.status = order.filledQuantity === order.quantity ? 'FILLED' : 'PARTIALLY_FILLED';
    if (order.status === 'FILLED') this.#close(order);
    this.#lastTradeId = Math.max(this.#lastTradeId, record.trade_id);
    this.#remember(order, {
      account: order.account,
      symbol: order.symbol,
      tradeId: record.trade_id,
      orderId: order.orderId,
      side: order.side,
      price,
      quantity,
      fee,
      feeAsset: record.fee_asset,
      realizedPnl: realized,
      maker: record.maker,
      timeMs: record.time_ms,
    });
  }

  #remember(order: SimOrder, trade: SimTrade): void {
    order.trades.push(trade);
    const key = `${order.account} ${order.symbol}`;
    const kept = this.#trades.get(key) ?? [];
    this.#trades.set(key, kept.length < TRADES_KEPT ? kept : kept.slice(TRADES_KEPT / 4));
    this.#trades.get(key)?.push(trade);
  }

  #end(record: Extract<LedgerRecord, { kind: 'end' }>): void {
    const order = this.#known(record.order_id);
    this.#lock(order, subtract(order.quantity, order.filledQuantity), 'release');
    order.status = record.status;
    order.updatedMs = record.time_ms;
    this.#close(order);
  }

  #close(order: SimOrder): void {
    order.engine = undefined;
    this.#open.delete(order.orderId);
  }

  #known(orderId: number): SimOrder {
    const order = this.#orders.get(orderId);
    if (order === undefined) throw new Error(`ledger speaks of unknown order ${orderId}`);
    return order;
  }

  #lock(order: SimOrder, quantity: Decimal, way: 'lock' | 'release'): void {
    const spec = this.#specs.get(order.symbol);
    if (this.#market !== 'spot' || spec === undefined) return;
    const { asset, amount } = SpotWallet.lockOf(order, quantity, spec);
    const wallet = this.account(order.account).spot;
    if (way === 'lock') wallet.lock(asset, amount);
    else wallet.release(asset, amount);
  }

  #move(
    order: SimOrder,
    fill: { price: Decimal; quantity: Decimal; fee: Decimal; realized: Decimal },
  ): void {
    const account = this.account(order.account);
    const spec = this.#specs.get(order.symbol);
    if (this.#market === 'usdm') {
      account.futures.apply(order.symbol, { ...fill, side: order.side });
      return;
    }
    if (spec === undefined) return;
    const base = { asset: spec.base, amount: fill.quantity };
    const quote = { asset: spec.quote, amount: multiply(fill.price, fill.quantity) };
    const [give, get] = order.side === 'BUY' ? [quote, base] : [base, quote];
    account.spot.exchange(give, { asset: get.asset, amount: subtract(get.amount, fill.fee) });
  }

  #forgetOldest(): void {
    if (this.#orders.size - this.#open.size <= CLOSED_ORDERS_KEPT) return;
    for (const [orderId, order] of this.#orders) {
      if (isOpen(order)) continue;
      this.#orders.delete(orderId);
      const key = `${order.account} ${order.symbol} ${order.clientOrderId}`;
      if (this.#newestByClientId.get(key) === order) this.#newestByClientId.delete(key);
      return;
    }
  }
}
