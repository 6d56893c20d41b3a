import { type Clock, epochUsFromMs, invariant, type Rng, ZERO } from '@cerberus/core';
import type { Liquidity } from '@cerberus/schema';
import {
  ApiCredentials,
  type BinanceMarket,
  BinanceTradingClient,
  BinanceUserStream,
  type BudgetLimits,
  binanceEndpoints,
  type EndpointBase,
  type NewVenueOrder,
  RequestBudget,
  type UserEvent,
  type VenueAnswer,
  type VenueFill,
  type VenueOrder,
  type VenueTrade,
} from '@cerberus/venues';
import type { VenueTradeReport } from './order-step.ts';
import type {
  AccountTrade,
  ListOutcome,
  OrdersOutcome,
  TradesOutcome,
  VenueGateway,
  VenueListener,
  VenueOutcome,
  VenueReport,
} from './venue-gateway.ts';
import { VenueTime } from './venue-time.ts';
import type { WorkingOrder } from './working-order.ts';

export interface BinanceGatewayOptions {
  readonly market: Extract<BinanceMarket, 'spot' | 'usdm'>;
  readonly base: EndpointBase | undefined;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly recvWindowMs: number;
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly rng: Rng;
  /** What the venue allows this account. */
  readonly limits: BudgetLimits;
  /** The venue's name of an instrument: `BTCUSDT-PERP.BINANCE` is `BTCUSDT` there. */
  readonly venueSymbol: (instrumentId: string) => string;
}

const TIME_SYNC_EVERY_MS = 60_000;
/** Questions for the time at the start and after a refused date: the shortest round trip counts. */
const TIME_QUESTIONS = 3;
/** Most trades a venue gives for one order in one answer. */
const TRADES_MAX = 1000;
/** Answers read at a time; what is beyond is asked for again with the next query. */
const TRADE_PAGES_MAX = 20;

/** Most orders a venue gives in one answer, and answers read before the list counts as cut short. */
const ORDERS_MAX = 1000;
const ORDER_PAGES_MAX = 5;

const TRIGGERS: Readonly<Record<VenueOrder['status'], VenueReport['trigger']>> = {
  NEW: 'accepted',
  PARTIALLY_FILLED: 'accepted',
  FILLED: null,
  CANCELED: 'canceled',
  PENDING_CANCEL: null,
  REJECTED: 'rejected',
  EXPIRED: 'expired',
};

/** Trading on one Binance market: spot or USD-M. */
export class BinanceGateway implements VenueGateway {
  readonly #options: BinanceGatewayOptions;
  readonly #client: BinanceTradingClient;
  readonly #stream: BinanceUserStream;
  readonly #time = new VenueTime();
  #measuring: Promise<void> | undefined;
  #listener: VenueListener | undefined;
  #live: (() => void) | undefined;
  #timeSync: { cancel(): void } | undefined;
  #stopped = false;

  constructor(options: BinanceGatewayOptions) {
    this.#options = options;
    const { market, base, clock, rng, recvWindowMs, deadlineMs, limits } = options;
    const endpoints = binanceEndpoints(market, base);
    const credentials = new ApiCredentials(options.apiKey, options.apiSecret);
    this.#client = new BinanceTradingClient({
      ...{ market, endpoints, credentials, clock, recvWindowMs, deadlineMs },
      budget: new RequestBudget(clock, limits),
    });
    this.#stream = new BinanceUserStream({
      ...{ market, endpoints, credentials, clock, rng },
      rest: this.#client.rest,
      timestampMs: () => this.timestampMs(),
      onEvent: (event) => this.#onEvent(event),
      onLive: () => {
        this.#live?.();
        this.#listener?.onGap('the user stream has (re)connected');
      },
      onDown: () => undefined, // What was missed is queried once the stream is live again.
    });
  }

  async start(listener: VenueListener): Promise<void> {
    await this.measureTime();
    if (this.#stopped) return;
    this.#timeSync = this.#options.clock.every(TIME_SYNC_EVERY_MS, () => {
      // Until it succeeds the known error grows, which `ready` tells.
      void this.#askTime();
    });
    await new Promise<void>((resolve) => {
      this.#live = resolve;
      this.#listener = listener;
      this.#stream.start();
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timeSync?.cancel();
    this.#stream.stop();
    this.#client.close();
    this.#live?.(); // Whoever still waits for the start must not wait for ever.
  }

  ready(): { readonly ready: boolean; readonly detail?: string } {
    const { market, clock, recvWindowMs } = this.#options;
    if (!this.#stream.live) return { ready: false, detail: `the ${market} user stream is down` };
    const errorMs = this.#time.errorMs(clock.monotonicMs());
    if (2 * errorMs < recvWindowMs) return { ready: true };
    const known = `the time of ${market} is known to ±${Math.ceil(errorMs)} ms only`;
    return { ready: false, detail: `${known}, the receive window is ${recvWindowMs} ms` };
  }

  timestampMs(): number {
    const earliest = this.#time.earliestMs(this.#options.clock.monotonicMs());
    // Not known while it is asked for anew: by our own clock, for the venue to refuse if it is wrong.
    return earliest ?? this.#client.timestampMs();
  }

  measureTime(): Promise<void> {
    this.#measuring ??= this.#measureTime().finally(() => {
      this.#measuring = undefined;
    });
    return this.#measuring;
  }

  async place(order: WorkingOrder, timestampMs: number): Promise<VenueOutcome> {
    const answer = await this.#client.place(this.#newOrder(order), { timestampMs });
    if (!answer.ok) {
      return { kind: 'rejected', reason: answer.error.message, absent: false, duplicate: false };
    }
    return this.#outcome(answer.value);
  }

  async cancel(order: WorkingOrder): Promise<VenueOutcome> {
    return this.#outcome(await this.#client.cancel(this.#reference(order), this.#dated()));
  }

  async query(order: WorkingOrder): Promise<VenueOutcome> {
    return this.#outcome(await this.#client.query(this.#reference(order), this.#dated()));
  }

  async openOrders(): Promise<ListOutcome<VenueReport>> {
    const answer = await this.#client.openOrders(undefined, this.#dated());
    if (answer.outcome === 'ok') return { kind: 'list', items: answer.value.map(orderReport) };
    return this.#failed(answer);
  }

  async ordersSince(instrumentId: string, sinceMs: number): Promise<OrdersOutcome> {
    const symbol = this.#options.venueSymbol(instrumentId);
    const items: VenueReport[] = [];
    let lastId: bigint | undefined;
    for (let page = 0; page < ORDER_PAGES_MAX; page += 1) {
      const from =
        lastId === undefined
          ? { startTimeMs: Math.floor(sinceMs) }
          : { fromId: String(lastId + 1n) };
      const query = { symbol, limit: ORDERS_MAX, ...from };
      const answer = await this.#client.allOrders(query, this.#dated());
      if (answer.outcome !== 'ok') return this.#failed(answer);
      for (const order of answer.value) items.push(orderReport(order));
      if (answer.value.length < ORDERS_MAX) return { kind: 'list', items, isComplete: true };
      const newestId = BigInt(answer.value.at(-1)!.venueOrderId);
      // A venue that gives the same orders again has no more for us.
      if (lastId !== undefined && newestId <= lastId) break;
      lastId = newestId;
    }
    return { kind: 'list', items, isComplete: false };
  }

  async tradesSince(instrumentId: string, sinceMs: number): Promise<ListOutcome<AccountTrade>> {
    const symbol = this.#options.venueSymbol(instrumentId);
    const items: AccountTrade[] = [];
    for (let page = 0; page < TRADE_PAGES_MAX; page += 1) {
      const last = items.at(-1);
      const from =
        last === undefined
          ? { startTimeMs: Math.floor(sinceMs) }
          : { fromId: String(BigInt(last.trade.tradeId) + 1n) };
      const query = { symbol, limit: TRADES_MAX, ...from };
      const answer = await this.#client.myTrades(query, this.#dated());
      if (answer.outcome !== 'ok') return this.#failed(answer);
      for (const trade of answer.value) {
        items.push({ venueOrderId: trade.venueOrderId, trade: tradeReport(trade) });
      }
      if (answer.value.length < TRADES_MAX) break;
    }
    return { kind: 'list', items };
  }

  async trades(order: WorkingOrder): Promise<TradesOutcome> {
    if (order.venueOrderId === null) return { kind: 'failed', reason: 'no venue order id' };
    const symbol = this.#options.venueSymbol(order.instrumentId);
    const { venueOrderId } = order;
    const trades: VenueTradeReport[] = [];
    for (let page = 0; page < TRADE_PAGES_MAX; page += 1) {
      const last = trades.at(-1);
      const fromId = last === undefined ? {} : { fromId: String(BigInt(last.tradeId) + 1n) };
      const query = { symbol, venueOrderId, limit: TRADES_MAX, ...fromId };
      const answer = await this.#client.myTrades(query, this.#dated());
      if (answer.outcome !== 'ok') return this.#failed(answer);
      trades.push(...answer.value.map(tradeReport));
      if (answer.value.length < TRADES_MAX) break;
    }
    return { kind: 'trades', trades };
  }

  async #measureTime(): Promise<void> {
    this.#time.forget();
    let failure = '';
    for (let question = 0; question < TIME_QUESTIONS && !this.#stopped; question += 1) {
      failure = (await this.#askTime()) ?? failure;
    }
    const isKnown = Number.isFinite(this.#time.errorMs(this.#options.clock.monotonicMs()));
    if (!isKnown && !this.#stopped) throw new Error(`venue time is not known: ${failure}`);
  }

  /** Why it is not known, where it is not. */
  async #askTime(): Promise<string | undefined> {
    const { clock } = this.#options;
    const sentMs = clock.monotonicMs();
    const answer = await this.#client.syncTime();
    if (answer.outcome !== 'ok') return answer.outcome;
    this.#time.observe({ sentMs, receivedMs: clock.monotonicMs(), serverMs: answer.value });
    return undefined;
  }

  #dated() {
    return { timestampMs: this.timestampMs() };
  }

  #failed(answer: Exclude<VenueAnswer<unknown>, { outcome: 'ok' }>): {
    readonly kind: 'failed';
    readonly reason: string;
  } {
    const outcome = this.#outcome(answer);
    const reason = 'reason' in outcome ? `: ${outcome.reason}` : '';
    return { kind: 'failed', reason: `${answer.outcome}${reason}` };
  }

  #reference(order: WorkingOrder) {
    const symbol = this.#options.venueSymbol(order.instrumentId);
    return { symbol, clientOrderId: order.clientOrderId };
  }

  #newOrder(order: WorkingOrder): NewVenueOrder {
    const { quantity, side, clientOrderId, reduceOnly, limitPrice: price } = order;
    const symbol = this.#options.venueSymbol(order.instrumentId);
    const base = { symbol, side, clientOrderId, ...(reduceOnly ? { reduceOnly } : {}) };
    if (order.orderType === 'MARKET') return { ...base, type: 'market', quantity };
    invariant(price !== null, 'a limit order without a price is refused before it comes here');
    if (order.postOnly) return { ...base, type: 'post-only', quantity, price };
    const { timeInForce } = order;
    invariant(
      timeInForce !== 'GTD' && timeInForce !== 'DAY',
      'the gate lets GTC, IOC and FOK pass',
    );
    return { ...base, type: 'limit', quantity, price, timeInForce };
  }

  #outcome(
    answer: VenueAnswer<VenueOrder> | Exclude<VenueAnswer<unknown>, { outcome: 'ok' }>,
  ): VenueOutcome {
    switch (answer.outcome) {
      case 'ok':
        return { kind: 'report', report: orderReport(answer.value) };
      case 'rejected':
        if (answer.reason === 'bad_timestamp') {
          // Its failure is told by `ready`, and the next refused date asks again.
          this.measureTime().catch(() => undefined);
          return { kind: 'misdated', reason: `${answer.code} ${answer.message}` };
        }
        return {
          kind: 'rejected',
          reason: `${answer.code} ${answer.message}`,
          absent: answer.reason === 'unknown_order',
          duplicate: answer.reason === 'duplicate_client_order_id',
        };
      case 'rate-limited':
        return { kind: 'throttled', retryAfterMs: answer.retryAfterMs };
      case 'unknown':
        return { kind: 'unknown', reason: `${answer.reason}: ${answer.detail}` };
    }
  }

  #onEvent(event: UserEvent): void {
    if (event.kind !== 'order') return;
    const report = orderReport(event.order);
    this.#listener?.onReport({
      ...report,
      trades: event.trade === undefined ? [] : [tradeReport(event.trade)],
      eventTime: epochUsFromMs(event.eventTimeMs),
      reason: event.rejectReason,
    });
  }
}

function orderReport(order: VenueOrder): VenueReport {
  return {
    clientOrderId: order.clientOrderId,
    venueOrderId: order.venueOrderId,
    trigger: TRIGGERS[order.status],
    filledQuantity: order.filledQuantity,
    // Only an order that takes at once is answered with its fills.
    trades: order.fills.map((fill) => ({ ...fillReport(fill), liquidity: 'TAKER' as const })),
    eventTime: epochUsFromMs(order.updateTimeMs),
  };
}

function tradeReport(trade: VenueTrade): VenueTradeReport {
  const liquidity: Liquidity = trade.maker ? 'MAKER' : 'TAKER';
  return { ...fillReport(trade), liquidity, eventTime: epochUsFromMs(trade.timeMs) };
}

function fillReport(fill: VenueFill) {
  return {
    tradeId: fill.tradeId,
    price: fill.price,
    quantity: fill.quantity,
    fee: fill.fee ?? ZERO,
    feeCurrency: fill.feeAsset,
  };
}
