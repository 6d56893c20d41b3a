import type { EpochUs } from '@cerberus/core';
import type { OrderTrigger } from '@cerberus/orders';
import type { VenueTradeReport } from './order-step.ts';
import type { WorkingOrder } from './working-order.ts';

/** What a venue says of an order: cumulative, in the order's own units. */
export interface VenueReport {
  readonly clientOrderId: string;
  readonly venueOrderId: string;
  /** What the status means as a trigger; fills arrive as trades. */
  readonly trigger: Extract<OrderTrigger, 'accepted' | 'canceled' | 'expired' | 'rejected'> | null;
  readonly filledQuantity: WorkingOrder['quantity'];
  /** Trades told with the report; not all venues and messages tell them. */
  readonly trades: readonly VenueTradeReport[];
  readonly eventTime: EpochUs;
  readonly reason?: string | undefined;
}

export type VenueOutcome =
  | { readonly kind: 'report'; readonly report: VenueReport }
  /** Definitive: nothing happened. `absent`: the venue does not know the order. */
  | {
      readonly kind: 'rejected';
      readonly reason: string;
      readonly absent: boolean;
      readonly duplicate: boolean;
    }
  | { readonly kind: 'throttled'; readonly retryAfterMs: number }
  /** Definitive: nothing happened, because the request was dated outside the receive window. */
  | { readonly kind: 'misdated'; readonly reason: string }
  /** It may have happened, or not. Only a query tells. */
  | { readonly kind: 'unknown'; readonly reason: string };

export type TradesOutcome =
  | { readonly kind: 'trades'; readonly trades: readonly VenueTradeReport[] }
  | { readonly kind: 'failed'; readonly reason: string };

/** A trade of the account, with the venue's name of the order it belongs to. */
export interface AccountTrade {
  readonly venueOrderId: string;
  readonly trade: VenueTradeReport;
}

export type ListOutcome<T> =
  | { readonly kind: 'list'; readonly items: readonly T[] }
  | { readonly kind: 'failed'; readonly reason: string };

export type OrdersOutcome =
  | {
      readonly kind: 'list';
      readonly items: readonly VenueReport[];
      /** Nothing was left out: what is not listed was not there when the venue was asked. */
      readonly isComplete: boolean;
    }
  | { readonly kind: 'failed'; readonly reason: string };

export interface VenueListener {
  onReport(report: VenueReport): void;
  /** The stream was interrupted: reports may be missing. */
  onGap(reason: string): void;
}

/** One connection that trades: a venue's market under one set of credentials. */
export interface VenueGateway {
  /** Connects the user stream; resolves once reports flow. */
  start(listener: VenueListener): Promise<void>;
  stop(): Promise<void>;
  ready(): { readonly ready: boolean; readonly detail?: string };
  /** The earliest that venue time can be now; taken before the lease check and passed to `place`. */
  timestampMs(): number;
  /** Asks the venue for its time anew; whatever was known before is forgotten. */
  measureTime(): Promise<void>;
  /**
   * `timestampMs` was taken before the lease check, so that the venue's receive window covers a pause
   * between the check and the wire.
   */
  place(order: WorkingOrder, timestampMs: number): Promise<VenueOutcome>;
  cancel(order: WorkingOrder): Promise<VenueOutcome>;
  query(order: WorkingOrder): Promise<VenueOutcome>;
  trades(order: WorkingOrder): Promise<TradesOutcome>;
  /** All that is open under these credentials, orders of other systems included. */
  openOrders(): Promise<ListOutcome<VenueReport>>;
  /** Orders of one instrument created since a moment, whatever became of them; bounded. */
  ordersSince(instrumentId: string, sinceMs: number): Promise<OrdersOutcome>;
  /** All trades of one instrument since a moment, oldest first. */
  tradesSince(instrumentId: string, sinceMs: number): Promise<ListOutcome<AccountTrade>>;
}
