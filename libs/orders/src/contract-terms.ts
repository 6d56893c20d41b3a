import { type Decimal, divide, multiply, negate } from '@cerberus/core';
import type { Instrument } from '@cerberus/schema';

/**
 * How a contract turns price and quantity into money.
 * `cash`: the whole value is paid (spot, shares, option premium). `margin`: only profit and loss
 * are paid, when realised (futures, perpetuals).
 */
export interface ContractTerms {
  readonly instrumentId: string;
  readonly settlement: 'cash' | 'margin';
  readonly currency: string;
  /** Currency that spot trades deliver, in which a venue may also take its fee. */
  readonly deliveredCurrency: string | null;
  /** Linear: units of the base per contract. Inverse: units of quote currency per contract. */
  readonly multiplier: Decimal;
  /** Settled in the base currency: value per contract −multiplier / price. */
  readonly inverse: boolean;
}

export function contractTerms(instrument: Instrument): ContractTerms {
  const { kind } = instrument;
  return {
    instrumentId: instrument.instrument_id,
    settlement: kind === 'FUTURE' || kind === 'PERPETUAL' ? 'margin' : 'cash',
    currency: instrument.settlement_currency,
    deliveredCurrency: kind === 'SPOT' ? instrument.base_currency : null,
    multiplier: instrument.contract_multiplier,
    inverse: instrument.inverse,
  };
}

/** Magnitude limit of a decimal, in its units. */
const LIMIT = 10n ** 38n;
const UNIT = 10n ** 18n;

export function inRange(value: bigint): value is Decimal {
  return value < LIMIT && value > -LIMIT;
}

/**
 * Value of a signed quantity at a price, in the settlement currency; profit is the difference of two
 * values. Linear: quantity · multiplier · price. Inverse: −quantity · multiplier / price, so that a
 * long gains as the price rises. Undefined where it leaves the range of decimals.
 */
export function tradeValue(
  terms: ContractTerms,
  quantity: Decimal,
  price: Decimal,
): Decimal | undefined {
  const contracts = quantity * terms.multiplier;
  if (!inRange(contracts / UNIT)) return undefined;
  const amount = multiply(quantity, terms.multiplier);
  if (!terms.inverse) {
    return inRange((amount * price) / UNIT) ? multiply(amount, price) : undefined;
  }
  if (price === 0n || !inRange((amount * UNIT) / price)) return undefined;
  return negate(divide(amount, price));
}
