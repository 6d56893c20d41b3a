import type { BinanceMarket } from './frame-events.ts';

/** Where one market is reached. Stream URLs are complete up to their `?streams=` or `?listenKey=`. */
export interface BinanceEndpoints {
  readonly rest: string;
  /** Order books, best quotes and trades. */
  readonly bookStreams: string;
  /** Aggregate trades, bars, marks: a server of its own on USD-M since 2026. */
  readonly marketStreams: string;
  /** Futures user streams by listen key. */
  readonly userStreams: string;
  /** Spot user streams by signed subscription (listen keys ended on 2026-02-20). */
  readonly webSocketApi: string;
}

/** The venue's hosts, or any other server speaking the same paths, as `services/venue-sim` does. */
export interface EndpointBase {
  readonly rest: string;
  readonly ws: string;
  readonly wsApi?: string;
}

const HOSTS: Readonly<Record<BinanceMarket, Required<EndpointBase>>> = {
  spot: {
    rest: 'https://api.binance.com',
    ws: 'wss://stream.binance.com:9443',
    wsApi: 'wss://ws-api.binance.com:443',
  },
  usdm: {
    rest: 'https://fapi.binance.com',
    ws: 'wss://fstream.binance.com',
    wsApi: 'wss://ws-fapi.binance.com',
  },
  coinm: {
    rest: 'https://dapi.binance.com',
    ws: 'wss://dstream.binance.com',
    wsApi: 'wss://ws-dapi.binance.com',
  },
};

export function binanceEndpoints(market: BinanceMarket, base?: EndpointBase): BinanceEndpoints {
  const { rest, ws, wsApi = ws } = base ?? HOSTS[market];
  const split = market === 'usdm';
  return {
    rest,
    bookStreams: `${ws}${split ? '/public' : ''}/stream`,
    marketStreams: `${ws}${split ? '/market' : ''}/stream`,
    userStreams: split ? `${ws}/private/ws?listenKey=` : `${ws}/ws/`,
    webSocketApi: `${wsApi}${market === 'spot' ? '/ws-api/v3' : '/ws-fapi/v1'}`,
  };
}
