import { CerberusError, decimal, faultOf } from '@cerberus/core';
import type { ServiceHost } from '@cerberus/runtime';
import { listInstruments } from '@cerberus/service-market-data';
import { listedSymbol, type MirrorConfig, type SymbolSpec } from '@cerberus/service-venue-sim';
import { CLI_ERRORS } from '../commands/errors.ts';
import type { PlatformConfig } from './platform.ts';
import { openSimulator, tradingOn, withDemoBook } from './simulated-venue.ts';
import { spotPrices } from './spot-prices.ts';

const BINANCE_SPOT = 'https://api.binance.com';
const MARKETS = ['spot', 'usdm'] as const;
const ANY_NOTIONAL = decimal('5');
/** Where old bars start that nobody asks the simulator for. */
const NOMINAL_PRICE = 1;

/**
 * Public data of the real venue, paper orders: they go to a simulator that mirrors the venue's books
 * and never leave this machine, because the emitter is given no other address and no key.
 */
export async function paperVenue(
  host: ServiceHost,
  config: PlatformConfig,
): Promise<PlatformConfig> {
  const feeds = config['market-data'];
  const symbols: SymbolSpec[] = [];
  const mirror: MirrorConfig[] = [];
  for (const market of MARKETS) {
    const { symbols: wanted, rest, ws } = feeds[market];
    if (wanted.length === 0) continue;
    const specs = await listed(host, config, market);
    symbols.push(...specs);
    mirror.push({ market, symbols: specs.map(({ symbol }) => symbol), rest, ws });
  }
  const sim = await openSimulator(host, config, { symbols, mirror });
  const withBook = await withDemoBook(host, config, async () => ({
    spots: await spotPrices(feeds.spot.rest || BINANCE_SPOT, feeds.spot.symbols),
  }));
  return tradingOn(sim, withBook);
}

/** The venue's own grids, so that what the simulator takes the venue would take too. */
async function listed(
  host: ServiceHost,
  config: PlatformConfig,
  market: (typeof MARKETS)[number],
): Promise<SymbolSpec[]> {
  const { symbols, rest, ws } = config['market-data'][market];
  const listing = await listInstruments({ market, symbols, rest, ws, clock: host.clock });
  if (!listing.answered) {
    throw new CerberusError(
      faultOf(CLI_ERRORS.VENUE_UNREACHABLE, {
        message: `Binance ${market} does not answer at ${listing.url}: ${listing.reason}`,
        expected: 'a connection to the venue; "cerberus up" alone runs on a simulated market',
      }),
    );
  }
  if (listing.missing.length > 0) {
    throw new CerberusError(
      faultOf(CLI_ERRORS.INPUT_INVALID, {
        path: `market-data.${market}.symbols`,
        message: `the venue does not list ${listing.missing.join(', ')}`,
      }),
    );
  }
  return listing.instruments.map((instrument) => {
    const { symbol, base, quote, tick, lot, grid, minNotional = ANY_NOTIONAL } = instrument;
    return listedSymbol({
      ...{ market, symbol, base, quote, tick, lot, grid, minNotional, price: NOMINAL_PRICE },
    });
  });
}
