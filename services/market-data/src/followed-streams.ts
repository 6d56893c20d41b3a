import type { BinanceMarket } from '@cerberus/venues';

/** What is subscribed per symbol, live and for a recording. */
export const FOLLOWED_STREAMS: Readonly<Record<BinanceMarket, readonly string[]>> = {
  spot: ['depth@100ms', 'bookTicker', 'trade'],
  usdm: ['depth@100ms', 'bookTicker', 'trade', 'markPrice@1s'],
  coinm: ['depth@100ms', 'bookTicker', 'trade', 'markPrice@1s'],
};
