import { assertNever, type Decimal, decimal, type EpochUs, ONE, ZERO } from '@cerberus/core';
import type { Instrument, InstrumentKind } from '@cerberus/schema';
import { instrumentId } from './instrument-id.ts';
import { type OptionTerms, optionSymbol } from './option-symbol.ts';

export type AssetClass = 'equity' | 'option' | 'crypto' | 'future';

/** The public contract's asset class of an instrument kind. */
export function assetClassOf(kind: InstrumentKind): AssetClass {
  switch (kind) {
    case 'EQUITY':
    case 'ETF':
    case 'INDEX':
      return 'equity';
    case 'SPOT':
      return 'crypto';
    case 'FUTURE':
    case 'PERPETUAL':
      return 'future';
    case 'OPTION':
      return 'option';
    default:
      return assertNever(kind);
  }
}

/** Venue of contracts that no connected venue lists; they are valued, not traded. */
export const OTC = 'OTC';

export interface OptionDefaults {
  readonly currency: string;
  readonly multiplier?: Decimal;
  readonly volatility?: number | null;
  readonly updatedAt: EpochUs;
}

/** Reference data of a European option that is held but not listed on a connected venue. */
export function otcOption(terms: OptionTerms, defaults: OptionDefaults): Instrument {
  const symbol = optionSymbol(terms);
  return {
    instrument_id: instrumentId({ symbol, venue: OTC }),
    symbol,
    venue: OTC,
    venue_symbol: symbol,
    kind: 'OPTION',
    underlying: terms.underlying,
    base_currency: terms.underlying,
    quote_currency: defaults.currency,
    settlement_currency: defaults.currency,
    tick_size: decimal('0.01'),
    lot_size: decimal('0.01'),
    min_quantity: decimal('0.01'),
    max_quantity: null,
    min_notional: ZERO,
    contract_multiplier: defaults.multiplier ?? ONE,
    inverse: false,
    option_type: terms.optionType,
    strike: terms.strike,
    expiration: terms.expiration,
    style: 'EUROPEAN',
    volatility: defaults.volatility ?? null,
    status: 'TRADING',
    updated_at: defaults.updatedAt,
  };
}
