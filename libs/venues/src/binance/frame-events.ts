import type { Decimal } from '@cerberus/core';
import type { DepthDelta, DepthSnapshot } from '../book/depth-sync.ts';

export type BinanceMarket = 'spot' | 'usdm' | 'coinm';

/** Why a frame cannot be used. Closed: metrics and dead letters are labelled with it. */
export type RefusalCode =
  | 'malformed_json'
  | 'not_an_object'
  | 'unknown_type'
  | 'unknown_symbol'
  | 'missing_field'
  | 'bad_field'
  | 'off_grid'
  | 'out_of_range';

/** Why a good frame carries nothing for us. */
export type IgnoreRule =
  | 'ticker_statistics'
  | 'liquidation'
  | 'composite_or_reference'
  | 'symbol_not_followed'
  | 'not_a_market_trade';

export interface DepthEvent extends DepthDelta {
  readonly kind: 'depth';
  readonly symbol: string;
  readonly eventTimeMs: number;
  /** Matching engine time; futures only. */
  readonly transactionTimeMs: number | undefined;
}

export interface SnapshotEvent extends DepthSnapshot {
  readonly kind: 'snapshot';
  readonly symbol: string;
  readonly eventTimeMs: number | undefined;
}

export interface QuoteEvent {
  readonly kind: 'quote';
  readonly symbol: string;
  readonly updateId: number;
  readonly bidTicks: number;
  readonly bidUnits: number;
  readonly askTicks: number;
  readonly askUnits: number;
  /** Spot sends no time with a quote. */
  readonly eventTimeMs: number | undefined;
}

export interface TradeEvent {
  readonly kind: 'trade' | 'agg-trade';
  readonly symbol: string;
  readonly tradeId: number;
  readonly priceTicks: number;
  readonly quantityUnits: number;
  readonly aggressor: 'buy' | 'sell';
  readonly tradeTimeMs: number;
  readonly eventTimeMs: number;
}

export interface BarEvent {
  readonly kind: 'bar';
  readonly symbol: string;
  readonly interval: string;
  readonly openTimeMs: number;
  readonly closeTimeMs: number;
  readonly open: Decimal;
  readonly high: Decimal;
  readonly low: Decimal;
  readonly close: Decimal;
  readonly volume: Decimal;
  readonly quoteVolume: Decimal;
  readonly tradeCount: number;
  readonly closed: boolean;
  readonly eventTimeMs: number;
}

/** Mark and index prices are averages: they are not on the tick grid. */
export interface MarkEvent {
  readonly kind: 'mark';
  readonly symbol: string;
  readonly markPrice: Decimal;
  readonly indexPrice: Decimal | undefined;
  readonly settlePrice: Decimal | undefined;
  readonly fundingRate: Decimal | undefined;
  readonly nextFundingTimeMs: number | undefined;
  readonly eventTimeMs: number;
}

export type MarketDataEvent =
  | DepthEvent
  | SnapshotEvent
  | QuoteEvent
  | TradeEvent
  | BarEvent
  | MarkEvent;

export interface RefusedFrame {
  readonly kind: 'refused';
  readonly code: RefusalCode;
  readonly detail: string;
}

export type FrameEvent =
  | MarketDataEvent
  | { readonly kind: 'batch'; readonly events: readonly FrameEvent[] }
  | { readonly kind: 'ack'; readonly id: number | string | null; readonly result: unknown }
  | {
      readonly kind: 'error';
      readonly id: number | string | null;
      readonly code: number;
      readonly message: string;
    }
  /** The venue announces that it will close this connection. */
  | { readonly kind: 'shutdown' }
  | { readonly kind: 'ignored'; readonly rule: IgnoreRule }
  | RefusedFrame;

export function refused(code: RefusalCode, detail: string): RefusedFrame {
  return { kind: 'refused', code, detail };
}
