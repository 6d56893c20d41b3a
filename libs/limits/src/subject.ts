import type { EpochUs } from '@cerberus/core';
import type { Instrument, OrderRequest, RequestKind } from '@cerberus/schema';
import { UNIT } from './fixed-point.ts';
import type { Exposure, GateAccount, WorkingOrder } from './gate-account.ts';
import type { GateView } from './gate-book.ts';
import type { MarketPrice } from './gate-market.ts';
import type { LimitTarget, ResolvedLimit, ResolvedLimits } from './limit-book.ts';
import type { RiskImpactReport } from './risk-impact.ts';
import { orderNotional } from './valuation.ts';

/** The part of a request that checks look at. */
export type GateOrder = Pick<
  OrderRequest,
  | 'order_id'
  | 'account_id'
  | 'strategy_id'
  | 'instrument_id'
  | 'side'
  | 'order_type'
  | 'quantity'
  | 'limit_price'
  | 'stop_price'
> &
  Partial<Pick<OrderRequest, 'request_time' | 'expire_time'>> & {
    readonly kind: Exclude<RequestKind, 'CANCEL'>;
  };

export const COLLAR_LIMIT = 'price_collar';
const BPS = 10_000n;
const NO_EXPOSURE: Exposure = { position: 0n, openBuy: 0n, openSell: 0n };

/** An order under examination with all that checks share, each worked out once. */
export class Subject {
  readonly order: GateOrder;
  readonly view: GateView;
  readonly nowUs: EpochUs;
  /** Why the gate cannot judge yet; undefined when it can. */
  readonly notReady: string | undefined;
  readonly account: GateAccount | undefined;
  readonly instrument: Instrument | undefined;
  readonly price: MarketPrice | undefined;
  readonly target: LimitTarget;
  readonly limits: ResolvedLimits;
  #valuationPrice: bigint | null | undefined;
  #notionalUsd: bigint | null | undefined;
  #riskImpact: RiskImpactReport | undefined;

  constructor(
    view: GateView,
    order: GateOrder,
    options: { readonly nowUs: EpochUs; readonly notReady?: string | undefined },
  ) {
    this.view = view;
    this.order = order;
    this.nowUs = options.nowUs;
    this.notReady = options.notReady;
    this.account = view.account(order.account_id);
    this.instrument = view.market.instrument(order.instrument_id);
    this.price = view.market.price(order.instrument_id);
    this.target = {
      accountId: order.account_id,
      strategyId: order.strategy_id,
      instrumentId: order.instrument_id,
      underlying: this.instrument?.underlying ?? '',
      symbol: this.instrument?.symbol ?? '',
    };
    this.limits = view.market.limits.resolve(this.target, options.nowUs);
  }

  get isBuy(): boolean {
    return this.order.side === 'BUY';
  }

  /** Mid price in units. */
  get reference(): bigint | undefined {
    return this.price?.midUnits;
  }

  get collar(): ResolvedLimit | undefined {
    return this.limits.get(COLLAR_LIMIT, 'bps');
  }

  get exposure(): Exposure {
    return this.account?.exposure(this.order.instrument_id) ?? NO_EXPOSURE;
  }

  /** The order that a change is of. */
  get changed(): WorkingOrder | undefined {
    return this.order.kind === 'REPLACE' ? this.account?.order(this.order.order_id) : undefined;
  }

  /**
   * Price the order is valued at: the worst the collar lets it trade at where it names no price,
   * never below the market. Undefined without a market price or, where needed, a collar.
   */
  get valuationPrice(): bigint | undefined {
    if (this.#valuationPrice === undefined) this.#valuationPrice = this.#worstPrice() ?? null;
    return this.#valuationPrice ?? undefined;
  }

  /** Order value in dollars; undefined where it cannot be told. */
  get notionalUsd(): bigint | undefined {
    if (this.#notionalUsd === undefined) {
      this.#notionalUsd = this.usdOf(this.order.quantity) ?? null;
    }
    return this.#notionalUsd ?? undefined;
  }

  /** What the order would do to the risk of its account. */
  get riskImpact(): RiskImpactReport {
    this.#riskImpact ??= this.view.risk.measure(this.view, this.order);
    return this.#riskImpact;
  }

  /** Dollars of a quantity of the instrument at the valuation price. */
  usdOf(quantity: bigint): bigint | undefined {
    const { instrument, valuationPrice: price } = this;
    if (instrument === undefined || price === undefined) return undefined;
    const rate = this.view.market.dollarRate(instrument.quote_currency);
    return rate === undefined ? undefined : orderNotional(instrument, { quantity, price, rate });
  }

  #worstPrice(): bigint | undefined {
    const { order, reference } = this;
    if (reference === undefined) return undefined;
    if (order.order_type === 'LIMIT' || order.order_type === 'STOP_LIMIT') {
      const limit = order.limit_price;
      if (limit === null) return undefined;
      return this.isBuy || limit > reference ? limit : reference;
    }
    const bps = this.collar?.hard?.units;
    if (bps === undefined) return undefined;
    const stop = order.stop_price ?? 0n;
    const base = stop > reference ? stop : reference;
    return base + (base * bps) / (BPS * UNIT);
  }
}
