import type { Instrument } from '@cerberus/schema';
import { productUp, UNIT } from './fixed-point.ts';

export interface Amount {
  /** Contracts, units of decimals, either sign. */
  readonly quantity: bigint;
  readonly price: bigint;
  /** Dollars per unit of the quote currency. */
  readonly rate: bigint;
}

/** Value of a quantity in dollars: contracts · multiplier, times the price unless inverse. */
export function orderNotional(instrument: Instrument, { quantity, price, rate }: Amount): bigint {
  const contracts = productUp(quantity, instrument.contract_multiplier);
  const inQuote = instrument.inverse ? contracts : productUp(contracts, price);
  return rate === UNIT ? inQuote : productUp(inQuote, rate);
}

/** Largest quantity whose value does not exceed `usd`; undefined where it is worth nothing. */
export function quantityForNotional(
  instrument: Instrument,
  { usd, price, rate }: { readonly usd: bigint; readonly price: bigint; readonly rate: bigint },
): bigint | undefined {
  const each = orderNotional(instrument, { quantity: UNIT, price, rate });
  return each <= 0n ? undefined : (usd * UNIT) / each;
}
