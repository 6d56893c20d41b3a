import { type Clock, epochUsFromMs, invariant, type Rng, ZERO } from '@cerberus/core';
import type { Liquidity } from '@cerberus/schema';
import {
  ApiCredentials,
  type BinanceMarket,
  BinanceTradingClient,
  BinanceUserStream,
  binanceEndpoints,
  type EndpointBase,
  type NewVenueOrder,
  type UserEvent,
  type VenueAnswer,
  type VenueFill,
  type VenueOrder,
  type VenueTrade,
} from '@cerberus/venues';
import type { VenueTradeReport } from './order-step.ts';
import type {
  TradesOutcome,
  VenueGateway,
  VenueListener,
  VenueOutcome,
  VenueReport,
} from './venue-gateway.ts';
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
  /** The venue's name of an instrument: `BTCUSDT-PERP.BINANCE` is `BTCUSDT` there. */
  readonly venueSymbol: (instrumentId: string) => string;
}

const TIME_SYNC_EVERY_MS = 60_000;
/** Most trades a venue gives for one order in one answer. */
const TRADES_MAX = 1000;
/** Answers read for one order; what is beyond is asked for again with the next query. */
const TRADE_PAGES_MAX = 20;

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
  #listener: VenueListener | undefined;
  #live: (() => void) | undefined;
  #timeSync: { cancel(): void } | undefined;
  #stopped = false;

  constructor(options: BinanceGatewayOptions) {
    this.#options = options;
    const { market, base, clock, rng, recvWindowMs, deadlineMs } = options;
    const endpoints = binanceEndpoints(market, base);
    const credentials = new ApiCredentials(options.apiKey, options.apiSecret);
    this.#client = new BinanceTradingClient({
      ...{ market, endpoints, credentials, clock, recvWindowMs, deadlineMs },
    });
    this.#stream = new BinanceUserStream({
      ...{ market, endpoints, credentials, clock, rng },
      rest: this.#client.rest,
      timestampMs: () => this.#client.timestampMs(),
      onEvent: (event) => this.#onEvent(event),
      onLive: () => {
        this.#live?.();
        this.#listener?.onGap('the user stream has (re)connected');
      },
      onDown: () => undefined, // What was missed is queried once the stream is live again.
    });
  }

  async start(listener: VenueListener): Promise<void> {
    const synced = await this.#client.syncTime();
    if (this.#stopped) return;
    if (synced.outcome !== 'ok') throw new Error(`venue time is not known: ${synced.outcome}`);
    this.#timeSync = this.#options.clock.every(TIME_SYNC_EVERY_MS, () => {
      void this.#client.syncTime();
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
    return this.#stream.live
      ? { ready: true }
      : { ready: false, detail: `the ${this.#options.market} user stream is down` };
  }

  timestampMs(): number {
    return this.#client.timestampMs();
  }

  async place(order: WorkingOrder, timestampMs: number): Promise<VenueOutcome> {
    const answer = await this.#client.place(this.#newOrder(order), { timestampMs });
    if (!answer.ok) {
      return { kind: 'rejected', reason: answer.error.message, absent: false, duplicate: false };
    }
    return this.#outcome(answer.value);
  }

  async cancel(order: WorkingOrder): Promise<VenueOutcome> {
    return this.#outcome(await this.#client.cancel(this.#reference(order)));
  }

  async query(order: WorkingOrder): Promise<VenueOutcome> {
    return this.#outcome(await this.#client.query(this.#reference(order)));
  }

  async trades(order: WorkingOrder): Promise<TradesOutcome> {
    if (order.venueOrderId === null) return { kind: 'failed', reason: 'no venue order id' };
    const symbol = this.#options.venueSymbol(order.instrumentId);
    const { venueOrderId } = order;
    const trades: VenueTradeReport[] = [];
    for (let page = 0; page < TRADE_PAGES_MAX; page += 1) {
      const last = trades.at(-1);
      const fromId = last === undefined ? {} : { fromId: String(BigInt(last.tradeId) + 1n) };
      const answer = await this.#client.myTrades({
        ...{ symbol, venueOrderId, limit: TRADES_MAX },
        ...fromId,
      });
      if (answer.outcome !== 'ok') return { kind: 'failed', reason: answer.outcome };
      trades.push(...answer.value.map(tradeReport));
      if (answer.value.length < TRADES_MAX) break;
    }
    return { kind: 'trades', trades };
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

  #outcome(answer: VenueAnswer<VenueOrder>): VenueOutcome {
    switch (answer.outcome) {
      case 'ok':
        return { kind: 'report', report: orderReport(answer.value) };
      case 'rejected':
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
