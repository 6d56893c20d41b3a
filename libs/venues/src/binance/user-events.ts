import { type Decimal, multiply, ZERO } from '@cerberus/core';
import { parseExactJson } from './exact-json.ts';
import { type RefusedFrame, refused } from './frame-events.ts';
import {
  booleanField,
  decimalField,
  FieldRefusal,
  integerField,
  isObject,
  type JsonObject,
  objectField,
  optionalDecimal,
  textField,
} from './frame-fields.ts';
import {
  idField,
  listOf,
  objectOf,
  positionSideField,
  sideField,
  statusField,
  type VenueOrder,
  type VenuePosition,
  type VenueTrade,
} from './orders.ts';

export type UserEvent =
  | {
      readonly kind: 'order';
      /** NEW, TRADE, CANCELED, EXPIRED, REJECTED, AMENDMENT, CALCULATED… as the venue says. */
      readonly execution: string;
      readonly order: VenueOrder;
      readonly trade: VenueTrade | undefined;
      readonly rejectReason: string | undefined;
      readonly eventTimeMs: number;
    }
  | {
      readonly kind: 'balances';
      /** Spot tells free and locked, futures the wallet as free. */
      readonly balances: readonly {
        readonly asset: string;
        readonly free: Decimal;
        readonly locked: Decimal;
      }[];
      readonly positions: readonly VenuePosition[];
      readonly eventTimeMs: number;
    }
  /** The stream ends and must be opened anew. */
  | { readonly kind: 'terminated'; readonly reason: string }
  | {
      readonly kind: 'answer';
      readonly id: string;
      readonly status: number;
      readonly result: unknown;
      readonly error: string | undefined;
    }
  | { readonly kind: 'ignored'; readonly type: string }
  | RefusedFrame;

const IGNORED: ReadonlySet<string> = new Set([
  'balanceUpdate',
  'listStatus',
  'externalLockUpdate',
  'ACCOUNT_CONFIG_UPDATE',
  'MARGIN_CALL',
  'TRADE_LITE',
  'STRATEGY_UPDATE',
  'GRID_UPDATE',
  'CONDITIONAL_ORDER_TRIGGER_REJECT',
  'ALGO_UPDATE',
]);

/** One frame of a user stream: bare, in a combined envelope, or of the WebSocket API. */
export function readUserFrame(text: string): UserEvent {
  let json: unknown;
  try {
    json = parseExactJson(text);
  } catch (error) {
    return refused('malformed_json', error instanceof Error ? error.message : 'unparsable');
  }
  if (!isObject(json)) return refused('not_an_object', typeof json);
  const inner = json['event'] ?? json['data'];
  try {
    return userEvent(isObject(inner) ? inner : json);
  } catch (error) {
    if (error instanceof FieldRefusal) return error.refusal;
    throw error;
  }
}

function userEvent(frame: JsonObject): UserEvent {
  const type = frame['e'];
  if (type === undefined && frame['id'] !== undefined) return requestAnswer(frame);
  switch (type) {
    case 'executionReport':
      return spotOrder(frame);
    case 'ORDER_TRADE_UPDATE':
      return futuresOrder(frame);
    case 'outboundAccountPosition':
      return spotBalances(frame);
    case 'ACCOUNT_UPDATE':
      return futuresBalances(frame);
    case 'listenKeyExpired':
    case 'eventStreamTerminated':
    case 'serverShutdown':
      return { kind: 'terminated', reason: type };
    default:
      if (typeof type === 'string' && IGNORED.has(type)) return { kind: 'ignored', type };
      return refused('unknown_type', String(type ?? Object.keys(frame).slice(0, 8)).slice(0, 40));
  }
}

function requestAnswer(frame: JsonObject): UserEvent {
  const error = frame['error'];
  const status = frame['status'];
  return {
    kind: 'answer',
    id: String(frame['id']),
    status: typeof status === 'number' ? status : error === undefined ? 200 : 400,
    result: frame['result'],
    error: isObject(error) ? `${error['code']} ${error['msg']}` : undefined,
  };
}

function spotOrder(frame: JsonObject): UserEvent {
  const execution = textField(frame, 'x');
  const original = frame['C'];
  // On a cancellation `c` is the id of the cancel request and `C` that of the order.
  const clientKey = typeof original === 'string' && original !== '' ? 'C' : 'c';
  const order: VenueOrder = {
    symbol: textField(frame, 's'),
    venueOrderId: idField(frame, 'i'),
    clientOrderId: frame[clientKey] === '' ? '' : textField(frame, clientKey),
    side: sideField(frame, 'S'),
    type: textField(frame, 'o'),
    timeInForce: textField(frame, 'f'),
    status: statusField(frame, 'X'),
    price: decimalField(frame, 'p'),
    quantity: decimalField(frame, 'q'),
    filledQuantity: decimalField(frame, 'z'),
    filledValue: optionalDecimal(frame, 'Z'),
    updateTimeMs: integerField(frame, 'T'),
    fills: [],
  };
  const reason = frame['r'];
  return {
    kind: 'order',
    execution,
    order,
    // The venue also dates mere state changes as TRADE, with a last quantity of zero.
    trade:
      execution === 'TRADE' && decimalField(frame, 'l') > 0n ? tradeOf(frame, order) : undefined,
    rejectReason: typeof reason === 'string' && reason !== 'NONE' ? reason : undefined,
    eventTimeMs: integerField(frame, 'E'),
  };
}

function futuresOrder(frame: JsonObject): UserEvent {
  const data = objectField(frame, 'o');
  const execution = textField(data, 'x');
  const filledQuantity = decimalField(data, 'z');
  const averagePrice = optionalDecimal(data, 'ap');
  const order: VenueOrder = {
    symbol: textField(data, 's'),
    venueOrderId: idField(data, 'i'),
    clientOrderId: textField(data, 'c'),
    side: sideField(data, 'S'),
    type: textField(data, 'o'),
    timeInForce: textField(data, 'f'),
    status: futuresStatus(data),
    price: decimalField(data, 'p'),
    quantity: decimalField(data, 'q'),
    filledQuantity,
    filledValue: averagePrice === undefined ? undefined : multiply(averagePrice, filledQuantity),
    updateTimeMs: integerField(data, 'T'),
    fills: [],
  };
  const traded = execution === 'TRADE' || execution === 'CALCULATED';
  return {
    kind: 'order',
    execution,
    order,
    trade: traded && decimalField(data, 'l') > 0n ? tradeOf(data, order) : undefined,
    rejectReason: undefined,
    eventTimeMs: integerField(frame, 'E'),
  };
}

/** Liquidation orders start in states of their own that mean a working order. */
function futuresStatus(data: JsonObject): VenueOrder['status'] {
  const status = data['X'];
  return status === 'NEW_INSURANCE' || status === 'NEW_ADL' ? 'NEW' : statusField(data, 'X');
}

function tradeOf(frame: JsonObject, order: VenueOrder): VenueTrade {
  const feeAsset = frame['N'];
  return {
    symbol: order.symbol,
    venueOrderId: order.venueOrderId,
    side: order.side,
    tradeId: idField(frame, 't'),
    price: decimalField(frame, 'L'),
    quantity: decimalField(frame, 'l'),
    fee: optionalDecimal(frame, 'n') ?? ZERO,
    feeAsset: typeof feeAsset === 'string' ? feeAsset : '',
    maker: booleanField(frame, 'm'),
    timeMs: integerField(frame, 'T'),
  };
}

function spotBalances(frame: JsonObject): UserEvent {
  return {
    kind: 'balances',
    eventTimeMs: integerField(frame, 'E'),
    positions: [],
    balances: listOf(frame['B'], (item) => {
      const balance = objectOf(item);
      return {
        asset: textField(balance, 'a'),
        free: decimalField(balance, 'f'),
        locked: decimalField(balance, 'l'),
      };
    }),
  };
}

function futuresBalances(frame: JsonObject): UserEvent {
  const update = objectField(frame, 'a');
  return {
    kind: 'balances',
    eventTimeMs: integerField(frame, 'E'),
    balances: listOf(update['B'] ?? [], (item) => {
      const balance = objectOf(item);
      return {
        asset: textField(balance, 'a'),
        free: decimalField(balance, 'wb'),
        locked: ZERO,
      };
    }),
    positions: listOf(update['P'] ?? [], (item) => {
      const position = objectOf(item);
      return {
        symbol: textField(position, 's'),
        quantity: decimalField(position, 'pa'),
        entryPrice: decimalField(position, 'ep'),
        side: positionSideField(position, 'ps'),
      };
    }),
  };
}
