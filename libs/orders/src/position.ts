import { type Decimal, divide, fail, faultOf, negate, ok, type Result, ZERO } from '@cerberus/core';
import { type ContractTerms, inRange, tradeValue } from './contract-terms.ts';
import { ORDERS_ERRORS } from './errors.ts';

/**
 * A position by average cost. Always, exactly: Σ value of its trades = cost − realizedPnl, so that
 * realised plus unrealised profit does not depend on the order of the trades.
 */
export interface PositionState {
  /** Signed. */
  readonly quantity: Decimal;
  /** Value, as `tradeValue` gives it, at which the open quantity was traded. */
  readonly cost: Decimal;
  /** Settlement currency, before fees. */
  readonly realizedPnl: Decimal;
  /** Settlement currency, paid positive. */
  readonly fees: Decimal;
}

export const FLAT: PositionState = Object.freeze({
  quantity: ZERO,
  cost: ZERO,
  realizedPnl: ZERO,
  fees: ZERO,
});

export interface SignedTrade {
  /** Positive bought, negative sold. */
  readonly quantity: Decimal;
  readonly price: Decimal;
}

export interface Traded {
  readonly position: PositionState;
  readonly value: Decimal;
  /** Realised by this trade. */
  readonly realized: Decimal;
}

/** Adds a trade: the part against the position realises profit at average cost, the rest opens. */
export function applyTrade(
  position: PositionState,
  trade: SignedTrade,
  terms: ContractTerms,
): Result<Traded> {
  const value = tradeValue(terms, trade.quantity, trade.price);
  if (value === undefined) return outOfRange('value');
  const closing = closedQuantity(position.quantity, trade.quantity);
  const released = closing === 0n ? 0n : (position.cost * closing) / magnitude(position.quantity);
  const closedValue = closing === 0n ? 0n : (value * closing) / magnitude(trade.quantity);
  const realized = -closedValue - released;
  const quantity = position.quantity + trade.quantity;
  const cost = position.cost - released + (value - closedValue);
  const realizedPnl = position.realizedPnl + realized;
  if (!inRange(quantity) || !inRange(cost) || !inRange(realizedPnl) || !inRange(realized)) {
    return outOfRange('position');
  }
  return ok({ position: { ...position, quantity, cost, realizedPnl }, value, realized });
}

/**
 * Moves the quantity without a trade (opening balance, transfer, reconciliation): what adds enters
 * at `price`, or at the average where that is null; what takes away leaves at average cost. Nothing
 * is realised.
 */
export function applyShift(
  position: PositionState,
  shift: { readonly quantity: Decimal; readonly price: Decimal | null },
  terms: ContractTerms,
): Result<PositionState> {
  const closing = closedQuantity(position.quantity, shift.quantity);
  const released = closing === 0n ? 0n : (position.cost * closing) / magnitude(position.quantity);
  const added = shift.quantity < 0n ? shift.quantity + closing : shift.quantity - closing;
  const price = shift.price ?? averagePrice(position, terms);
  const value = added === 0n || price === 0n ? ZERO : tradeValue(terms, added as Decimal, price);
  if (value === undefined) return outOfRange('value');
  const quantity = position.quantity + shift.quantity;
  const cost = position.cost - released + value;
  if (!inRange(quantity) || !inRange(cost)) return outOfRange('position');
  return ok({ ...position, quantity, cost });
}

/** Price per unit at which the open quantity was traded on average; 0 when flat. Harmonic for inverse contracts. */
export function averagePrice(position: PositionState, terms: ContractTerms): Decimal {
  const { quantity, cost } = position;
  if (quantity === 0n || cost === 0n) return ZERO;
  const contracts = (quantity * terms.multiplier) / 10n ** 18n;
  if (!inRange(contracts) || contracts === 0n) return ZERO;
  return terms.inverse ? negate(divide(contracts, cost)) : divide(cost, contracts);
}

/** Undefined where it leaves the range of decimals. */
export function unrealizedPnl(
  position: PositionState,
  mark: Decimal,
  terms: ContractTerms,
): Decimal | undefined {
  const value = tradeValue(terms, position.quantity, mark);
  if (value === undefined || !inRange(value - position.cost)) return undefined;
  return (value - position.cost) as Decimal;
}

/** How much of the position the trade takes away, unsigned. */
function closedQuantity(position: Decimal, trade: Decimal): bigint {
  if (position === 0n || trade === 0n || position > 0n === trade > 0n) return 0n;
  const [open, against] = [magnitude(position), magnitude(trade)];
  return open < against ? open : against;
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function outOfRange(path: string): Result<never> {
  return fail(faultOf(ORDERS_ERRORS.OUT_OF_RANGE, { path, expected: 'a magnitude below 10^20' }));
}
