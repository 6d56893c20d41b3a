import { type Static, Type } from 'typebox';

const MARKET = (symbols: readonly string[], description: string) =>
  Type.Object(
    {
      symbols: Type.Array(Type.String({ pattern: '^[A-Z0-9_]{3,30}$' }), {
        default: [...symbols],
        maxItems: 100,
        description: 'Venue symbols followed; none switches the market off',
      }),
      rest: Type.String({ default: '', description: "REST base URL; empty is the venue's own" }),
      ws: Type.String({ default: '', description: "WebSocket base URL; empty is the venue's own" }),
    },
    { description },
  );

export const MARKET_DATA_SECTION = Type.Object(
  {
    spot: MARKET(['BTCUSDT', 'ETHUSDT'], 'Binance spot'),
    usdm: MARKET(['BTCUSDT', 'ETHUSDT'], 'Binance USD-M futures'),
    coinm: MARKET([], 'Binance coin-M futures, market data only'),
    staleAfterMs: Type.Integer({
      default: 3000,
      minimum: 100,
      maximum: 600_000,
      description: 'A feed silent for so long is STALE, and orders on it are blocked',
    }),
    bookLevels: Type.Integer({
      default: 50,
      minimum: 1,
      maximum: 1000,
      description: 'Levels of each side in a published snapshot',
    }),
    bookSnapshotMs: Type.Integer({
      default: 500,
      minimum: 50,
      maximum: 60_000,
      description: 'Time between published snapshots of a book; deltas flow in between',
    }),
    historyBars: Type.Integer({
      default: 500,
      minimum: 0,
      maximum: 1000,
      description: 'Daily bars fetched at start as price history for value at risk',
    }),
    lateTradeBars: Type.Integer({
      default: 5,
      minimum: 0,
      maximum: 1440,
      description: 'Closed one-minute bars that a late trade still amends',
    }),
    replay: Type.Object(
      {
        files: Type.Array(Type.String({ minLength: 1 }), {
          default: [],
          maxItems: 100,
          description: 'Captures played instead of the venue feeds; one market a file',
        }),
        speed: Type.Number({
          default: 1,
          minimum: 0,
          maximum: 1_000_000,
          description: '1 as recorded, N times as fast; 0 as fast as the machine goes',
        }),
      },
      { description: 'Recorded sessions in place of live ones' },
    ),
  },
  { description: 'Venue feeds: what is followed, and when a feed is no longer trusted.' },
);

export type MarketDataConfig = Static<typeof MARKET_DATA_SECTION>;
