import { type Clock, fail, ok, type Result } from '@cerberus/core';
import type { ApiCredentials } from './credentials.ts';
import type { BinanceEndpoints } from './endpoints.ts';
import { type ExchangeInfo, readExchangeInfo } from './exchange-info.ts';
import type { BinanceMarket } from './frame-events.ts';
import { isObject } from './frame-fields.ts';
import {
  readAccount,
  readOrder,
  readOrders,
  readTrades,
  type VenueAccount,
  type VenueOrder,
  type VenueTrade,
} from './orders.ts';
import { FUTURES_LIMITS, RequestBudget, SPOT_LIMITS } from './request-budget.ts';
import { BinanceRestClient, type SendOptions } from './rest-client.ts';
import { TimeOffset } from './time-offset.ts';
import { mapAnswer, type VenueAnswer } from './venue-answer.ts';
import {
  accountRequest,
  allOrdersRequest,
  cancelOrderRequest,
  exchangeInfoRequest,
  type NewVenueOrder,
  type OrderReference,
  type OrdersQuery,
  openOrdersRequest,
  placeOrderRequest,
  queryOrderRequest,
  serverTimeRequest,
  type TradesQuery,
  tradesRequest,
} from './venue-request.ts';

export interface TradingClientOptions {
  readonly market: BinanceMarket;
  readonly endpoints: BinanceEndpoints;
  readonly credentials: ApiCredentials;
  readonly clock: Clock;
  /** Shared with the market data connection of the same address, else one of its own. */
  readonly budget?: RequestBudget;
  readonly recvWindowMs?: number;
  readonly deadlineMs?: number;
}

/**
 * Orders and queries of one account on one Binance market. It sends once and says what the answer
 * means; deciding, retrying and remembering are the caller's. Nothing throws.
 */
export class BinanceTradingClient {
  readonly market: BinanceMarket;
  readonly rest: BinanceRestClient;
  readonly budget: RequestBudget;
  readonly timeOffset = new TimeOffset();
  readonly #clock: Clock;

  constructor(options: TradingClientOptions) {
    this.market = options.market;
    this.#clock = options.clock;
    const limits = options.market === 'spot' ? SPOT_LIMITS : FUTURES_LIMITS;
    this.budget = options.budget ?? new RequestBudget(options.clock, limits);
    this.rest = new BinanceRestClient({
      baseUrl: options.endpoints.rest,
      clock: options.clock,
      budget: this.budget,
      credentials: options.credentials,
      ...(options.recvWindowMs === undefined ? {} : { recvWindowMs: options.recvWindowMs }),
      ...(options.deadlineMs === undefined ? {} : { deadlineMs: options.deadlineMs }),
    });
  }

  /** Venue time now. A caller with a lease takes it before the lease check and passes it along. */
  timestampMs(): number {
    return Math.floor(this.#clock.nowUs() / 1000 + this.timeOffset.offsetMs);
  }

  /** The builder's fault where the order cannot be expressed; nothing was sent then. */
  async place(
    order: NewVenueOrder,
    options: SendOptions = {},
  ): Promise<Result<VenueAnswer<VenueOrder>>> {
    const request = placeOrderRequest(this.market, order);
    if (!request.ok) return fail(request.error);
    return ok(mapAnswer(await this.rest.send(request.value, this.#dated(options)), readOrder));
  }

  async cancel(order: OrderReference, options: SendOptions = {}): Promise<VenueAnswer<VenueOrder>> {
    const request = cancelOrderRequest(this.market, order);
    return mapAnswer(await this.rest.send(request, this.#dated(options)), readOrder);
  }

  async query(order: OrderReference, options: SendOptions = {}): Promise<VenueAnswer<VenueOrder>> {
    const request = queryOrderRequest(this.market, order);
    return mapAnswer(await this.rest.send(request, this.#dated(options)), readOrder);
  }

  async openOrders(
    symbol?: string,
    options: SendOptions = {},
  ): Promise<VenueAnswer<readonly VenueOrder[]>> {
    const request = openOrdersRequest(this.market, symbol);
    return mapAnswer(await this.rest.send(request, this.#dated(options)), readOrders);
  }

  /** Orders of one symbol in whatever state, oldest first. */
  async allOrders(
    query: OrdersQuery,
    options: SendOptions = {},
  ): Promise<VenueAnswer<readonly VenueOrder[]>> {
    const request = allOrdersRequest(this.market, query);
    return mapAnswer(await this.rest.send(request, this.#dated(options)), readOrders);
  }

  async myTrades(
    query: TradesQuery,
    options: SendOptions = {},
  ): Promise<VenueAnswer<readonly VenueTrade[]>> {
    const request = tradesRequest(this.market, query);
    return mapAnswer(await this.rest.send(request, this.#dated(options)), readTrades);
  }

  async account(options: SendOptions = {}): Promise<VenueAnswer<VenueAccount>> {
    const answer = await this.rest.send(accountRequest(this.market), this.#dated(options));
    return mapAnswer(answer, (value) => readAccount(this.market, value));
  }

  async exchangeInfo(options: SendOptions = {}): Promise<VenueAnswer<ExchangeInfo>> {
    const answer = await this.rest.send(exchangeInfoRequest(this.market), options);
    return mapAnswer(answer, (value) => readExchangeInfo(this.market, value));
  }

  /** One round trip for the time offset; call it a few times at start and then every minute. */
  async syncTime(): Promise<VenueAnswer<number>> {
    const sentMs = this.#clock.nowUs() / 1000;
    const answer = await this.rest.send(serverTimeRequest(this.market));
    const receivedMs = this.#clock.nowUs() / 1000;
    return mapAnswer(answer, (value) => {
      const serverMs = isObject(value) ? value['serverTime'] : undefined;
      if (typeof serverMs !== 'number') throw new Error('serverTime is missing');
      this.timeOffset.observe({ sentMs, receivedMs, serverMs });
      return serverMs;
    });
  }

  close(): void {
    this.rest.close();
  }

  #dated(options: SendOptions): SendOptions {
    return { ...options, timestampMs: options.timestampMs ?? this.timestampMs() };
  }
}
