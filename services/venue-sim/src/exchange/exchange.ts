import {
  type Decimal,
  decimal,
  formatDecimal,
  invariant,
  multiply,
  roundToStep,
  ZERO,
} from '@cerberus/core';
import type { MarketTarget } from '../market/market-source.ts';
import type { SimMarket, SymbolSpec } from '../market/symbol-spec.ts';
import type { EngineOrder, Execution, Lifetime, Side } from '../matching/engine-order.ts';
import { MatchingEngine } from '../matching/matching-engine.ts';
import { AccountBook, type SimAccount } from './account-book.ts';
import type { LedgerRecord, NumberedRecord, VenueLedger } from './ledger.ts';
import { type OrderEntry, type Params, readOrderEntry, required } from './order-entry.ts';
import { OrderFunding } from './order-funding.ts';
import { PendingPositions } from './pending-positions.ts';
import { isOpen, type SimOrder } from './sim-order.ts';
import { invalidSymbol, orderNotFound, unknownOrder, VenueError } from './venue-error.ts';

export interface FeeRates {
  readonly maker: Decimal;
  readonly taker: Decimal;
}

/** A trade on the public tape. */
export interface PublicTrade {
  readonly symbol: string;
  readonly tradeId: number;
  readonly priceTicks: number;
  readonly units: number;
  readonly takerSide: Side;
  readonly timeMs: number;
}

export interface ExchangeListener {
  onTrade(trade: PublicTrade): void;
  onBookChanged(symbol: string, timeMs: number): void;
  /** After the record was applied; `order` is in its new state. */
  onOrderRecord(order: SimOrder, record: NumberedRecord): void;
}

export interface ExchangeOptions {
  readonly market: SimMarket;
  readonly symbols: readonly SymbolSpec[];
  readonly accounts: Map<string, SimAccount>;
  readonly ledger: VenueLedger;
  readonly fees: FeeRates;
  readonly nowMs: () => number;
  readonly listener: ExchangeListener;
  /** Futures: notional that one unit of margin carries. */
  readonly leverage: number;
}

type NumberedExecution = Execution & { readonly tradeId: number };

const FEE_STEP = decimal('0.00000001');
const FIRST_ORDER_ID = 1_000_000;

/** One simulated market: engines per symbol, one account book, one voice to the ledger. */
export class Exchange {
  readonly market: SimMarket;
  readonly book: AccountBook;
  readonly specs: ReadonlyMap<string, SymbolSpec>;
  readonly funding: OrderFunding;
  readonly #options: ExchangeOptions;
  readonly #engines = new Map<string, MatchingEngine>();
  #nextOrderId: number;
  #nextTradeId: number;
  #generatedIds = 0;

  constructor(options: ExchangeOptions) {
    this.market = options.market;
    this.#options = options;
    this.specs = new Map(options.symbols.map((spec) => [spec.symbol, spec]));
    this.book = new AccountBook(options.market, this.specs, options.accounts);
    for (const spec of options.symbols) this.#engines.set(spec.symbol, new MatchingEngine());
    this.funding = new OrderFunding({
      book: this.book,
      engineOf: (symbol) => this.engine(symbol),
      specOf: (symbol) => this.spec(symbol),
      leverage: options.leverage,
    });
    for (const record of options.ledger.read()) this.book.apply(record);
    for (const order of this.book.openOrders()) this.#restore(order);
    this.#nextOrderId = Math.max(FIRST_ORDER_ID, this.book.lastOrderId) + 1;
    // Trades between others are not in the ledger, so ids start from the clock to stay unique.
    this.#nextTradeId = Math.max(Math.floor(options.nowMs()), this.book.lastTradeId) + 1;
  }

  spec(symbol: string): SymbolSpec {
    const spec = this.specs.get(symbol);
    if (spec === undefined) throw invalidSymbol();
    return spec;
  }

  engine(symbol: string): MatchingEngine {
    const engine = this.#engines.get(symbol);
    if (engine === undefined) throw invalidSymbol();
    return engine;
  }

  /** What a market source needs to drive one symbol. */
  target(symbol: string): MarketTarget {
    const spec = this.spec(symbol);
    return {
      spec,
      engine: this.engine(symbol),
      onExecutions: (executions, timeMs) => {
        this.#book(spec, executions, timeMs);
      },
      onTape: (print, executions, timeMs) => {
        const numbered = this.#number(executions);
        this.#commit(this.#fillRecords(spec, numbered, timeMs));
        const [trade] = this.#number([{ ...print, taker: undefined, maker: undefined }]);
        if (trade !== undefined) this.#publish(spec, trade, timeMs);
      },
      onBookChanged: (timeMs) => this.#options.listener.onBookChanged(symbol, timeMs),
    };
  }

  /** Brings the first balances in, unless the ledger already knows the account. */
  openAccount(account: string, deposits: Readonly<Record<string, string>>): void {
    const known = this.#options.ledger
      .read()
      .some((record) => record.market === this.market && record.account === account);
    if (known) return;
    this.#commit(
      Object.entries(deposits).map(([asset, amount]) => ({
        kind: 'deposit' as const,
        market: this.market,
        account,
        asset,
        amount,
        time_ms: this.#options.nowMs(),
      })),
    );
  }

  /** The checks of form alone, as `/order/test` makes them. */
  check(params: Params): void {
    readOrderEntry(this.spec(required(params, 'symbol')), params);
  }

  place(account: string, params: Params): SimOrder {
    const spec = this.spec(required(params, 'symbol'));
    const entry = readOrderEntry(spec, params);
    this.#refuseDuplicate(account, spec.symbol, entry.clientOrderId);
    const quantity = this.funding.quantityOf(spec, account, entry);
    this.funding.refuseUnfunded(spec, account, { ...entry, quantity });
    const timeMs = this.#options.nowMs();
    const engineOrder = this.#engineOrder(spec, this.#nextOrderId, { ...entry, quantity });
    const placement = this.engine(spec.symbol).place(engineOrder);
    if (placement.result === 'would-take') {
      throw this.market === 'spot'
        ? new VenueError(-2010, 'Order would immediately match and take.')
        : new VenueError(
            -5022,
            'Due to the order could not be executed as maker, the Post Only order will be rejected.',
          );
    }
    this.#nextOrderId += 1;
    const clientOrderId = entry.clientOrderId ?? this.#clientOrderId();
    const base = {
      market: this.market,
      account,
      symbol: spec.symbol,
      order_id: engineOrder.orderId,
      client_order_id: clientOrderId,
      time_ms: timeMs,
    };
    const accept: LedgerRecord = {
      kind: 'accept',
      ...base,
      side: entry.side,
      type: entry.type,
      time_in_force: entry.timeInForce,
      price: formatDecimal(entry.price),
      quantity: formatDecimal(quantity),
      quote_quantity: formatDecimal(entry.quoteQuantity),
      reduce_only: entry.reduceOnly,
      request_timestamp_ms: Number(params.get('timestamp') ?? 0),
    };
    const executions = this.#number(placement.result === 'done' ? placement.executions : []);
    const rests = placement.result === 'done' && placement.resting;
    const filled = engineOrder.filledUnits === engineOrder.units;
    const end: LedgerRecord[] =
      rests || filled ? [] : [{ kind: 'end', ...base, status: 'EXPIRED', reason: 'lifetime' }];
    const fills = this.#fillRecords(spec, executions, timeMs, { account, accept });
    this.#commit([accept, ...fills, ...end]);
    const order = this.book.order(engineOrder.orderId);
    invariant(order !== undefined, 'an accepted order is in the book');
    if (isOpen(order)) order.engine = engineOrder;
    for (const execution of executions) this.#publish(spec, execution, timeMs);
    this.#options.listener.onBookChanged(spec.symbol, timeMs);
    return order;
  }

  cancel(account: string, params: Params): SimOrder {
    const spec = this.spec(required(params, 'symbol'));
    const order = this.#find(account, spec.symbol, params);
    if (order === undefined || !isOpen(order)) throw unknownOrder();
    this.#cancel(order, 'client');
    this.#options.listener.onBookChanged(spec.symbol, this.#options.nowMs());
    return order;
  }

  cancelAll(account: string, symbol: string, reason: 'client' | 'countdown'): SimOrder[] {
    this.spec(symbol);
    const orders = [...this.book.openOrders(account, symbol)];
    for (const order of orders) this.#cancel(order, reason);
    this.#options.listener.onBookChanged(symbol, this.#options.nowMs());
    return orders;
  }

  query(account: string, params: Params): SimOrder {
    const spec = this.spec(required(params, 'symbol'));
    const order = this.#find(account, spec.symbol, params);
    if (order === undefined) throw orderNotFound();
    return order;
  }

  midPrice(symbol: string): Decimal {
    return this.funding.midPrice(symbol);
  }

  get leverage(): number {
    return this.#options.leverage;
  }

  get fees(): FeeRates {
    return this.#options.fees;
  }

  #find(account: string, symbol: string, params: Params): SimOrder | undefined {
    const orderId = params.get('orderId');
    const clientOrderId = params.get('origClientOrderId');
    if (orderId === undefined && clientOrderId === undefined) {
      throw new VenueError(
        -1102,
        "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!",
      );
    }
    const order =
      orderId === undefined
        ? this.book.orderByClientId(account, symbol, clientOrderId as string)
        : this.book.order(Number(orderId));
    return order?.account === account && order.symbol === symbol ? order : undefined;
  }

  #cancel(order: SimOrder, reason: 'client' | 'countdown'): void {
    invariant(order.engine !== undefined, 'an open order is in the engine');
    const removed = this.engine(order.symbol).cancel(order.engine);
    invariant(removed, 'an open order rests in the book');
    this.#commit([
      {
        kind: 'end',
        market: this.market,
        account: order.account,
        symbol: order.symbol,
        order_id: order.orderId,
        client_order_id: order.clientOrderId,
        time_ms: this.#options.nowMs(),
        status: 'CANCELED',
        reason,
      },
    ]);
  }

  #refuseDuplicate(account: string, symbol: string, clientOrderId: string | undefined): void {
    if (clientOrderId === undefined) return;
    const known = this.book.orderByClientId(account, symbol, clientOrderId);
    if (known === undefined || !isOpen(known)) return;
    throw this.market === 'spot'
      ? new VenueError(-2010, 'Duplicate order sent.')
      : new VenueError(-4116, 'ClientOrderId is duplicated.');
  }

  #engineOrder(spec: SymbolSpec, orderId: number, entry: OrderEntry): EngineOrder {
    return {
      orderId,
      side: entry.side,
      limitTicks: entry.type === 'MARKET' ? undefined : Number(entry.price / spec.tick),
      units: Number(entry.quantity / spec.grid.quantity.step),
      lifetime: lifetimeOf(entry),
      filledUnits: 0,
      queueAheadUnits: 0,
    };
  }

  #restore(order: SimOrder): void {
    const spec = this.specs.get(order.symbol);
    if (spec === undefined) return;
    const engineOrder = this.#engineOrder(spec, order.orderId, order);
    engineOrder.filledUnits = Number(order.filledQuantity / spec.grid.quantity.step);
    this.engine(order.symbol).rest(engineOrder);
    order.engine = engineOrder;
  }

  /** Books executions that the market caused, and shows them on the tape. */
  #book(spec: SymbolSpec, executions: readonly Execution[], timeMs: number): void {
    if (executions.length === 0) return;
    const numbered = this.#number(executions);
    this.#commit(this.#fillRecords(spec, numbered, timeMs));
    for (const execution of numbered) this.#publish(spec, execution, timeMs);
  }

  #number(executions: readonly Execution[]): NumberedExecution[] {
    return executions.map((execution) => {
      const tradeId = this.#nextTradeId;
      this.#nextTradeId += 1;
      return { ...execution, tradeId };
    });
  }

  #fillRecords(
    spec: SymbolSpec,
    executions: readonly NumberedExecution[],
    timeMs: number,
    taker?: {
      readonly account: string;
      readonly accept: Extract<LedgerRecord, { kind: 'accept' }>;
    },
  ): LedgerRecord[] {
    const records: LedgerRecord[] = [];
    // Profit depends on the position, which the fills of this same group move.
    const positions = new PendingPositions(this.book);
    for (const execution of executions) {
      for (const [engineOrder, maker] of [
        [execution.taker, false],
        [execution.maker, true],
      ] as const) {
        if (engineOrder === undefined) continue;
        const known = this.book.order(engineOrder.orderId);
        const account = known?.account ?? taker?.account;
        const clientOrderId = known?.clientOrderId ?? taker?.accept.client_order_id;
        invariant(account !== undefined && clientOrderId !== undefined, 'a filled order is known');
        const price = spec.grid.price.decimal(execution.priceTicks);
        const quantity = spec.grid.quantity.decimal(execution.units);
        const side = engineOrder.side;
        const realized =
          this.market === 'usdm'
            ? positions.realize(account, spec.symbol, { side, price, quantity })
            : ZERO;
        records.push({
          kind: 'fill',
          market: this.market,
          account,
          symbol: spec.symbol,
          order_id: engineOrder.orderId,
          client_order_id: clientOrderId,
          trade_id: execution.tradeId,
          side,
          price: formatDecimal(price),
          quantity: formatDecimal(quantity),
          fee: formatDecimal(this.#fee(side, { price, quantity, maker })),
          fee_asset: this.market === 'spot' && side === 'BUY' ? spec.base : spec.quote,
          realized_pnl: formatDecimal(realized),
          maker,
          time_ms: timeMs,
        });
      }
    }
    return records;
  }

  /** Spot fees come out of what is received, futures fees out of the wallet. */
  #fee(side: Side, fill: { price: Decimal; quantity: Decimal; maker: boolean }): Decimal {
    const rate = fill.maker ? this.#options.fees.maker : this.#options.fees.taker;
    const received =
      this.market === 'spot' && side === 'BUY'
        ? fill.quantity
        : multiply(fill.price, fill.quantity);
    return roundToStep(multiply(received, rate, 'up'), FEE_STEP, 'up');
  }

  #commit(records: readonly LedgerRecord[]): void {
    for (const record of this.#options.ledger.append(records)) {
      this.book.apply(record);
      if (record.kind === 'deposit') continue;
      const order = this.book.order(record.order_id);
      if (order !== undefined) this.#options.listener.onOrderRecord(order, record);
    }
  }

  #publish(spec: SymbolSpec, execution: NumberedExecution, timeMs: number): void {
    this.#options.listener.onTrade({
      symbol: spec.symbol,
      tradeId: execution.tradeId,
      priceTicks: execution.priceTicks,
      units: execution.units,
      takerSide: execution.takerSide,
      timeMs,
    });
  }

  #clientOrderId(): string {
    this.#generatedIds += 1;
    return `sim-${this.#options.nowMs().toString(36)}-${this.#generatedIds.toString(36)}`;
  }
}

function lifetimeOf(entry: Pick<OrderEntry, 'type' | 'timeInForce'>): Lifetime {
  if (entry.type === 'MARKET') return 'IOC';
  return entry.timeInForce === 'GTX' ? 'POST' : entry.timeInForce;
}
