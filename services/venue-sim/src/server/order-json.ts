import { type Decimal, decimal, divide, roundToStep, subtract, ZERO } from '@cerberus/core';
import type { NumberedRecord } from '../exchange/ledger.ts';
import type { SimOrder, SimTrade } from '../exchange/sim-order.ts';
import { fixed, fixed8 } from './number-text.ts';

type Fill = Extract<NumberedRecord, { kind: 'fill' }>;

export function averagePrice(order: SimOrder): Decimal {
  if (order.filledQuantity === 0n) return ZERO;
  return roundToStep(divide(order.filledValue, order.filledQuantity), AVERAGE_STEP, 'half-even');
}

const AVERAGE_STEP = decimal('0.00000001');

export function spotOrder(order: SimOrder): Record<string, unknown> {
  return {
    symbol: order.symbol,
    orderId: order.orderId,
    orderListId: -1,
    clientOrderId: order.clientOrderId,
    price: fixed8(order.price),
    origQty: fixed8(order.quantity),
    executedQty: fixed8(order.filledQuantity),
    origQuoteOrderQty: fixed8(order.quoteQuantity),
    cummulativeQuoteQty: fixed8(order.filledValue),
    status: order.status,
    timeInForce: spotLifetime(order),
    type: order.type,
    side: order.side,
    stopPrice: '0.00000000',
    icebergQty: '0.00000000',
    time: order.createdMs,
    updateTime: order.updatedMs,
    isWorking: true,
    workingTime: order.createdMs,
    selfTradePreventionMode: 'NONE',
  };
}

/** Answer to a placement in its three sizes. */
export function spotPlacement(
  order: SimOrder,
  size: string,
  fills: readonly SimTrade[],
): Record<string, unknown> {
  const ack = {
    symbol: order.symbol,
    orderId: order.orderId,
    orderListId: -1,
    clientOrderId: order.clientOrderId,
    transactTime: order.updatedMs,
  };
  if (size === 'ACK') return ack;
  const result = {
    ...ack,
    price: fixed8(order.price),
    origQty: fixed8(order.quantity),
    executedQty: fixed8(order.filledQuantity),
    origQuoteOrderQty: fixed8(order.quoteQuantity),
    cummulativeQuoteQty: fixed8(order.filledValue),
    status: order.status,
    timeInForce: spotLifetime(order),
    type: order.type,
    side: order.side,
    workingTime: order.createdMs,
    selfTradePreventionMode: 'NONE',
  };
  if (size === 'RESULT') return result;
  return {
    ...result,
    fills: fills.map((trade) => ({
      price: fixed8(trade.price),
      qty: fixed8(trade.quantity),
      commission: fixed8(trade.fee),
      commissionAsset: trade.feeAsset,
      tradeId: trade.tradeId,
    })),
  };
}

export function spotCancellation(order: SimOrder, cancelId: string): Record<string, unknown> {
  const { stopPrice, icebergQty, time, updateTime, isWorking, workingTime, ...kept } =
    spotOrder(order);
  return {
    ...kept,
    origClientOrderId: order.clientOrderId,
    clientOrderId: cancelId,
    transactTime: order.updatedMs,
  };
}

/** LIMIT_MAKER orders show GTC on spot. */
function spotLifetime(order: SimOrder): string {
  return order.timeInForce === 'GTX' ? 'GTC' : order.timeInForce;
}

export function futuresOrder(order: SimOrder): Record<string, unknown> {
  return {
    orderId: order.orderId,
    symbol: order.symbol,
    status: order.status,
    clientOrderId: order.clientOrderId,
    price: fixed(order.price, 2),
    avgPrice: fixed(averagePrice(order), 2),
    origQty: fixed(order.quantity, 3),
    executedQty: fixed(order.filledQuantity, 3),
    cumQty: fixed(order.filledQuantity, 3),
    cumQuote: fixed(order.filledValue, 2),
    timeInForce: order.timeInForce,
    type: order.type,
    reduceOnly: order.reduceOnly,
    closePosition: false,
    side: order.side,
    positionSide: 'BOTH',
    stopPrice: '0.00',
    workingType: 'CONTRACT_PRICE',
    priceProtect: false,
    origType: order.type,
    priceMatch: 'NONE',
    selfTradePreventionMode: 'NONE',
    goodTillDate: 0,
    time: order.createdMs,
    updateTime: order.updatedMs,
  };
}

export function spotTrade(trade: SimTrade, value: Decimal): Record<string, unknown> {
  return {
    symbol: trade.symbol,
    id: trade.tradeId,
    orderId: trade.orderId,
    orderListId: -1,
    price: fixed8(trade.price),
    qty: fixed8(trade.quantity),
    quoteQty: fixed8(value),
    commission: fixed8(trade.fee),
    commissionAsset: trade.feeAsset,
    time: trade.timeMs,
    isBuyer: trade.side === 'BUY',
    isMaker: trade.maker,
    isBestMatch: true,
  };
}

export function futuresTrade(trade: SimTrade, value: Decimal): Record<string, unknown> {
  return {
    symbol: trade.symbol,
    id: trade.tradeId,
    orderId: trade.orderId,
    side: trade.side,
    price: fixed(trade.price, 2),
    qty: fixed(trade.quantity, 3),
    realizedPnl: fixed8(trade.realizedPnl),
    quoteQty: fixed(value, 2),
    commission: fixed8(trade.fee),
    commissionAsset: trade.feeAsset,
    time: trade.timeMs,
    positionSide: 'BOTH',
    buyer: trade.side === 'BUY',
    maker: trade.maker,
  };
}

interface Moment {
  readonly execution: string;
  readonly fill: Fill | undefined;
  readonly timeMs: number;
  /** State of the order right after this record, before later ones of the same group. */
  readonly filledQuantity: Decimal;
  readonly filledValue: Decimal;
  readonly status: string;
}

export function spotExecutionReport(order: SimOrder, moment: Moment): Record<string, unknown> {
  const { fill } = moment;
  return {
    e: 'executionReport',
    E: moment.timeMs,
    s: order.symbol,
    c: order.clientOrderId,
    S: order.side,
    o: order.type,
    f: spotLifetime(order),
    q: fixed8(order.quantity),
    p: fixed8(order.price),
    P: '0.00000000',
    F: '0.00000000',
    g: -1,
    C: '',
    x: moment.execution,
    X: moment.status,
    r: 'NONE',
    i: order.orderId,
    l: fill === undefined ? '0.00000000' : fixed8(decimal(fill.quantity)),
    z: fixed8(moment.filledQuantity),
    L: fill === undefined ? '0.00000000' : fixed8(decimal(fill.price)),
    n: fill === undefined ? '0' : fixed8(decimal(fill.fee)),
    N: fill === undefined ? null : fill.fee_asset,
    T: moment.timeMs,
    t: fill?.trade_id ?? -1,
    I: order.orderId * 2,
    w: moment.execution === 'NEW',
    m: fill?.maker ?? false,
    M: false,
    O: order.createdMs,
    Z: fixed8(moment.filledValue),
    Y: '0.00000000',
    Q: fixed8(order.quoteQuantity),
    W: order.createdMs,
    V: 'NONE',
  };
}

export function futuresOrderUpdate(order: SimOrder, moment: Moment): Record<string, unknown> {
  const { fill } = moment;
  const average =
    moment.filledQuantity === 0n
      ? ZERO
      : roundToStep(divide(moment.filledValue, moment.filledQuantity), AVERAGE_STEP, 'half-even');
  return {
    e: 'ORDER_TRADE_UPDATE',
    E: moment.timeMs,
    T: moment.timeMs,
    o: {
      s: order.symbol,
      c: order.clientOrderId,
      S: order.side,
      o: order.type,
      f: order.timeInForce,
      q: fixed(order.quantity, 3),
      p: fixed(order.price, 2),
      ap: fixed(average, 2),
      sp: '0',
      x: moment.execution,
      X: moment.status,
      i: order.orderId,
      l: fill === undefined ? '0' : fixed(decimal(fill.quantity), 3),
      z: fixed(moment.filledQuantity, 3),
      L: fill === undefined ? '0' : fixed(decimal(fill.price), 2),
      ...(fill === undefined ? {} : { N: fill.fee_asset, n: fixed8(decimal(fill.fee)) }),
      T: moment.timeMs,
      t: fill?.trade_id ?? 0,
      b: '0',
      a: '0',
      m: fill?.maker ?? false,
      R: order.reduceOnly,
      wt: 'CONTRACT_PRICE',
      ot: order.type,
      ps: 'BOTH',
      cp: false,
      rp: fill === undefined ? '0' : fill.realized_pnl,
      pP: false,
      si: 0,
      ss: 0,
      V: 'NONE',
      pm: 'NONE',
      gtd: 0,
    },
  };
}

/** The moments of one order record: an acceptance, a fill or an end. */
export function momentOf(order: SimOrder, record: NumberedRecord): Moment | undefined {
  const base = {
    timeMs: record.time_ms,
    filledQuantity: order.filledQuantity,
    filledValue: order.filledValue,
  };
  switch (record.kind) {
    case 'accept':
      return {
        ...base,
        execution: 'NEW',
        fill: undefined,
        status: 'NEW',
        filledQuantity: ZERO,
        filledValue: ZERO,
      };
    case 'fill': {
      const left = subtract(order.quantity, order.filledQuantity);
      return {
        ...base,
        execution: 'TRADE',
        fill: record,
        status: left === 0n ? 'FILLED' : 'PARTIALLY_FILLED',
      };
    }
    case 'end':
      return { ...base, execution: record.status, fill: undefined, status: record.status };
    case 'deposit':
      return undefined;
  }
}
