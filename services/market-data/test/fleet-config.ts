import type { TopicName } from '@cerberus/schema';
import type { MarketDataConfig } from '../src/config.ts';

/** The topics of market-data services under test. */
export const FLEET_TOPICS: readonly TopicName[] = [
  ...(['md.quote', 'md.trade', 'md.book', 'md.bar', 'md.mark', 'md.status', 'md.anomaly'] as const),
  'ref.instrument',
];
export const SYMBOLS = ['BTCUSDT', 'ETHUSDT'];
export const SPOT = SYMBOLS.map((symbol) => `${symbol}.BINANCE`);
export const INSTRUMENTS = [...SPOT, ...SYMBOLS.map((symbol) => `${symbol}-PERP.BINANCE`)];

/** Addresses of a simulated venue. */
export interface VenueUrls {
  readonly spotUrl: string;
  readonly spotWsUrl: string;
  readonly futuresUrl: string;
  readonly futuresWsUrl: string;
}

export function fleetConfig(venue: VenueUrls): MarketDataConfig {
  return {
    spot: { symbols: SYMBOLS, rest: venue.spotUrl, ws: venue.spotWsUrl },
    usdm: { symbols: SYMBOLS, rest: venue.futuresUrl, ws: venue.futuresWsUrl },
    coinm: { symbols: [], rest: '', ws: '' },
    ...{ staleAfterMs: 60_000, bookLevels: 5, bookSnapshotMs: 60_000, historyBars: 3 },
    ...{ lateTradeBars: 5, replay: { files: [], speed: 1 } },
  };
}

/** The simulated venue's own list of a spot symbol's trades. */
export async function venueTrades({ spotUrl }: VenueUrls, symbol: string): Promise<string[]> {
  const answer = await fetch(`${spotUrl}/api/v3/trades?symbol=${symbol}&limit=1000`);
  return ((await answer.json()) as { id: number }[]).map(({ id }) => String(id));
}
