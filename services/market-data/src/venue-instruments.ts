import { type EpochUs, epochUsFromMs, ONE, ZERO } from '@cerberus/core';
import { instrumentId } from '@cerberus/model';
import type { Instrument } from '@cerberus/schema';
import type { VenueInstrument } from '@cerberus/venues';

export const VENUE = 'BINANCE';

/** Our symbol: spot as the venue writes it, perpetuals with `-PERP`, dated futures with their date. */
export function symbolOf({ contract, symbol, base, quote }: VenueInstrument): string {
  switch (contract) {
    case 'spot':
      return symbol;
    case 'perpetual':
      return `${base}${quote}-PERP`;
    case 'delivery':
      return symbol.replace('_', '-');
  }
}

/** Reference data of a listed instrument, as every other service knows it. */
export function instrumentOf(listed: VenueInstrument, updatedAt: EpochUs): Instrument {
  const symbol = symbolOf(listed);
  const spot = listed.contract === 'spot';
  return {
    instrument_id: instrumentId({ symbol, venue: VENUE }),
    symbol,
    venue: VENUE,
    venue_symbol: listed.symbol,
    kind: spot ? 'SPOT' : listed.contract === 'perpetual' ? 'PERPETUAL' : 'FUTURE',
    underlying: listed.base,
    base_currency: listed.base,
    quote_currency: listed.quote,
    settlement_currency: spot ? listed.quote : listed.settle,
    tick_size: listed.tick,
    lot_size: listed.lot,
    min_quantity: listed.minQuantity,
    max_quantity: listed.maxQuantity > 0n ? listed.maxQuantity : null,
    min_notional: listed.minNotional ?? ZERO,
    contract_multiplier: listed.inverse ? listed.contractSize : ONE,
    inverse: listed.inverse,
    option_type: null,
    strike: null,
    expiration: listed.deliveryTimeMs === undefined ? null : epochUsFromMs(listed.deliveryTimeMs),
    style: null,
    volatility: null,
    status: listed.trading ? 'TRADING' : 'HALTED',
    updated_at: updatedAt,
  };
}

/** True where two records say the same of an instrument; when it was said does not count. */
export function sameInstrument(a: Instrument, b: Instrument): boolean {
  const told = (instrument: Instrument) =>
    JSON.stringify({ ...instrument, updated_at: 0 }, (_key, value) =>
      typeof value === 'bigint' ? value.toString() : value,
    );
  return told(a) === told(b);
}
