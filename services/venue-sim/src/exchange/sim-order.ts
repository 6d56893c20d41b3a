import type { Decimal } from '@cerberus/core';
import type { EngineOrder, Side } from '../matching/engine-order.ts';

export type OrderStatus = 'NEW' | 'PARTIALLY_FILLED' | 'FILLED' | 'CANCELED' | 'EXPIRED';

/** One client order as the venue keeps it. */
export interface SimOrder {
  readonly account: string;
  readonly symbol: string;
  readonly orderId: number;
  readonly clientOrderId: string;
  readonly side: Side;
  readonly type: 'LIMIT' | 'MARKET' | 'LIMIT_MAKER';
  readonly timeInForce: 'GTC' | 'IOC' | 'FOK' | 'GTX';
  /** Zero for market orders. */
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly quoteQuantity: Decimal;
  readonly reduceOnly: boolean;
  readonly createdMs: number;
  updatedMs: number;
  status: OrderStatus;
  filledQuantity: Decimal;
  filledValue: Decimal;
  readonly trades: SimTrade[];
  /** Only while the order is open. */
  engine: EngineOrder | undefined;
}

export interface SimTrade {
  readonly account: string;
  readonly symbol: string;
  readonly tradeId: number;
  readonly orderId: number;
  readonly side: Side;
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly fee: Decimal;
  readonly feeAsset: string;
  readonly realizedPnl: Decimal;
  readonly maker: boolean;
  readonly timeMs: number;
}

export function isOpen(order: SimOrder): boolean {
  return order.status === 'NEW' || order.status === 'PARTIALLY_FILLED';
}
