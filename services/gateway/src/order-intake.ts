import { type Decimal, type EpochUs, parseDecimal, type Result } from '@cerberus/core';
import type { GateOrder } from '@cerberus/limits';
import type { InstrumentBook } from '@cerberus/model';
import type { Instrument, OrderType, Side, TimeInForce } from '@cerberus/schema';
import { type FieldError, HttpProblem, type ProblemCatalogue } from '@cerberus/web';
import { type Static, Type } from 'typebox';
import { GATEWAY_ERRORS } from './errors.ts';

const AmountInput = Type.Unsafe<string | number>({
  type: ['string', 'number'],
  description: 'a positive decimal number, as text or JSON number',
});

export const ORDER_INPUT_SCHEMA = Type.Object(
  {
    account_id: Type.String({ minLength: 1, maxLength: 64 }),
    strategy_id: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    symbol: Type.String({ minLength: 1, maxLength: 96 }),
    venue: Type.Optional(Type.String({ minLength: 1, maxLength: 24 })),
    side: Type.Enum(['BUY', 'SELL']),
    quantity: AmountInput,
    order_type: Type.Enum(['MARKET', 'LIMIT', 'STOP', 'STOP_LIMIT']),
    limit_price: Type.Optional(AmountInput),
    stop_price: Type.Optional(AmountInput),
    time_in_force: Type.Optional(Type.Enum(['GTC', 'IOC', 'FOK', 'GTD', 'DAY'])),
    expire_time: Type.Optional(
      Type.String({ maxLength: 40, description: 'ISO 8601 time, for GTD' }),
    ),
    post_only: Type.Optional(Type.Boolean()),
    reduce_only: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
export type OrderInput = Static<typeof ORDER_INPUT_SCHEMA>;

/** An order that is well-formed; whether it may be sent is the gate's to say. */
export interface OrderTerms extends Omit<GateOrder, 'order_id' | 'kind'> {
  readonly instrument: Instrument;
  readonly side: Side;
  readonly order_type: OrderType;
  readonly time_in_force: TimeInForce;
  readonly expire_time: EpochUs | null;
  readonly post_only: boolean;
  readonly reduce_only: boolean;
}

export interface IntakeContext {
  readonly instruments: InstrumentBook;
  readonly catalogue: ProblemCatalogue;
  knowsAccount(accountId: string): boolean;
  accountIds(): string[];
}

/** Reads an order that fits the schema; the first thing wrong with it is thrown as a problem. */
export function readOrder(input: OrderInput, context: IntakeContext): OrderTerms {
  if (!context.knowsAccount(input.account_id)) throw unknownAccount(input.account_id, context);
  const instrument = known(
    context.instruments.resolve(input.symbol, input.venue),
    'order.symbol',
    context,
  );
  const orderType = input.order_type as OrderType;
  const timeInForce = (input.time_in_force ?? defaultTimeInForce(orderType)) as TimeInForce;
  const wantsLimit = orderType === 'LIMIT' || orderType === 'STOP_LIMIT';
  const wantsStop = orderType === 'STOP' || orderType === 'STOP_LIMIT';
  return {
    account_id: input.account_id,
    strategy_id: input.strategy_id ?? null,
    instrument,
    instrument_id: instrument.instrument_id,
    side: input.side as Side,
    order_type: orderType,
    quantity: positive(input.quantity, 'order.quantity', context),
    limit_price: price(
      input.limit_price,
      'order.limit_price',
      { orderType, wants: wantsLimit },
      context,
    ),
    stop_price: price(
      input.stop_price,
      'order.stop_price',
      { orderType, wants: wantsStop },
      context,
    ),
    time_in_force: timeInForce,
    expire_time: expiry(input.expire_time, timeInForce),
    post_only: input.post_only ?? false,
    reduce_only: input.reduce_only ?? false,
  };
}

/** A market order cannot rest; everything else rests until cancelled. */
function defaultTimeInForce(orderType: OrderType): TimeInForce {
  return orderType === 'MARKET' ? 'IOC' : 'GTC';
}

function known<T>(result: Result<T>, path: string, { catalogue }: IntakeContext): T {
  if (result.ok) return result.value;
  throw catalogue.problemOf(result.error, path);
}

function positive(input: string | number, path: string, context: IntakeContext): Decimal {
  const value = known(parseDecimal(input, path), path, context);
  if (value > 0n) return value;
  throw invalid({ path, expected: 'a number above 0', received: String(input).slice(0, 80) });
}

function price(
  input: string | number | undefined,
  path: string,
  { orderType, wants }: { readonly orderType: OrderType; readonly wants: boolean },
  context: IntakeContext,
): Decimal | null {
  if (input === undefined) {
    if (!wants) return null;
    throw invalid({ path, expected: `a price, for ${orderType}`, received: 'nothing' });
  }
  if (wants) return positive(input, path, context);
  throw invalid({ path, expected: `no such field for ${orderType}`, received: String(input) });
}

/** Both forms of an expiry that make no sense: none for GTD, one for anything else. */
function expiry(text: string | undefined, timeInForce: TimeInForce): EpochUs | null {
  if (text === undefined && timeInForce !== 'GTD') return null;
  const ms = text === undefined ? Number.NaN : Date.parse(text);
  if (timeInForce === 'GTD' && Number.isFinite(ms) && ms >= 0) return (ms * 1000) as EpochUs;
  const expected = timeInForce === 'GTD' ? 'an ISO 8601 time' : `no such field for ${timeInForce}`;
  throw invalid({ path: 'order.expire_time', expected, received: text ?? 'nothing' });
}

export function invalid(error: FieldError): HttpProblem {
  return new HttpProblem(GATEWAY_ERRORS.ORDER_INVALID, {
    detail: `${error.path}: expected ${error.expected}, received ${error.received}.`,
    errors: [error],
  });
}

export function unknownAccount(
  accountId: string,
  context: Pick<IntakeContext, 'accountIds'>,
  path = 'order.account_id',
): HttpProblem {
  const ids = context.accountIds();
  const shown = ids.slice(0, 10).join(', ');
  return new HttpProblem(GATEWAY_ERRORS.ACCOUNT_UNKNOWN, {
    errors: [
      {
        path,
        expected: ids.length === 0 ? 'an account; there is none yet' : `one of ${shown}`,
        received: accountId,
      },
    ],
  });
}
