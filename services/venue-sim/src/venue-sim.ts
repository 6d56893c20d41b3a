import type { Clock, TimerHandle } from '@cerberus/core';
import { type ControlHandles, ControlRoutes } from './control/control-routes.ts';
import { FaultPlan } from './control/faults.ts';
import type { Exchange } from './exchange/exchange.ts';
import { VenueLedger } from './exchange/ledger.ts';
import type { ReplaySpeed } from './market/replayed-market.ts';
import type { SimMarket, SymbolSpec } from './market/symbol-spec.ts';
import type { ApiKey } from './server/authentication.ts';
import { buildMarket, type SimulatedMarket } from './simulated-market.ts';

export interface SimAccountConfig extends ApiKey {
  /** First balances, decimal text per asset. */
  readonly spot: Readonly<Record<string, string>>;
  readonly futures: Readonly<Record<string, string>>;
}

export interface ReplayConfig {
  readonly market: SimMarket;
  readonly symbol: string;
  readonly file: string;
  readonly speed: ReplaySpeed;
}

/** Symbols of a market that show the book of another venue. */
export interface MirrorConfig {
  readonly market: SimMarket;
  readonly symbols: readonly string[];
  /** Where that venue is; empty is Binance itself. */
  readonly rest: string;
  readonly ws: string;
}

export interface VenueSimOptions {
  readonly clock: Clock;
  readonly accounts: readonly SimAccountConfig[];
  readonly seed?: number;
  readonly host?: string;
  /** 0 takes any free port. */
  readonly spotPort?: number;
  readonly futuresPort?: number;
  readonly ledgerFile?: string;
  /** Flush each ledger group to the disk: survives a crash of the machine too. */
  readonly flushLedger?: boolean;
  readonly latencyMs?: number;
  readonly fees?: { readonly maker: string; readonly taker: string };
  readonly leverage?: number;
  readonly symbols?: readonly SymbolSpec[];
  readonly stepMs?: number;
  /** Symbols named here play a capture … */
  readonly replay?: readonly ReplayConfig[];
  /** … and those named here mirror another venue; all others are generated. */
  readonly mirror?: readonly MirrorConfig[];
  readonly weightLimits?: Readonly<Record<SimMarket, number>>;
}

export interface VenueSim {
  readonly spotUrl: string;
  readonly spotWsUrl: string;
  readonly futuresUrl: string;
  readonly futuresWsUrl: string;
  readonly ledger: VenueLedger;
  readonly faults: FaultPlan;
  /** For tests that drive the market by hand. */
  readonly exchanges: Readonly<Record<SimMarket, Exchange>>;
  /** True where every mirrored book is in step with its venue, also where none is mirrored. */
  mirrorsLive(): boolean;
  stop(): Promise<void>;
}

const STEP_MS = 100;
const SECOND_MS = 1000;

/** Starts a simulated Binance: spot and USD-M, each on a port of its own. */
export async function startVenueSim(options: VenueSimOptions): Promise<VenueSim> {
  const { clock, host = '127.0.0.1' } = options;
  const ledger = new VenueLedger({
    ...(options.ledgerFile === undefined ? {} : { file: options.ledgerFile }),
    ...(options.flushLedger === undefined ? {} : { flush: options.flushLedger }),
  });
  const faults = new FaultPlan();
  const stopping = new AbortController();
  const latency = { ms: options.latencyMs ?? 0 };
  const markets: SimulatedMarket[] = [];
  const setLatencyMs = (ms: number) => {
    latency.ms = ms;
  };
  const control = new ControlRoutes({ faults, ledger, setLatencyMs, ...controlOf(markets) });
  const shared = { options, ledger, faults, control, latency, signal: stopping.signal };
  const spot = buildMarket('spot', shared);
  const usdm = buildMarket('usdm', shared);
  markets.push(spot, usdm);
  const timers = runMarkets(markets, clock, options.stepMs ?? STEP_MS);
  const replays = markets.flatMap((market) => market.replays.map((replay) => replay.run()));
  const mirrors = markets.flatMap((market) => market.mirrors);
  for (const mirror of mirrors) mirror.start();
  const stop = async () => {
    stopping.abort();
    for (const timer of timers) timer.cancel();
    for (const mirror of mirrors) mirror.stop();
    for (const market of markets) market.api.countdowns.stop();
    await Promise.all(markets.map((market) => market.server.close()));
    await Promise.all(replays);
    ledger.close();
  };
  const ports = await Promise.all([spot.server.listen(), usdm.server.listen()]).catch(
    async (error: unknown) => {
      await stop();
      throw error;
    },
  );
  return {
    spotUrl: `http://${host}:${ports[0]}`,
    spotWsUrl: `ws://${host}:${ports[0]}`,
    futuresUrl: `http://${host}:${ports[1]}`,
    futuresWsUrl: `ws://${host}:${ports[1]}`,
    ledger,
    faults,
    exchanges: { spot: spot.api.exchange, usdm: usdm.api.exchange },
    mirrorsLive: () => mirrors.every((mirror) => mirror.live),
    stop,
  };
}

/** The handles of the control API on the markets; `markets` fills up after this is made. */
function controlOf(
  markets: readonly SimulatedMarket[],
): Pick<ControlHandles, 'disconnect' | 'shock' | 'halt' | 'state'> {
  const having = (symbol: string) => markets.filter((market) => market.generated.has(symbol));
  return {
    disconnect: (who) => markets.reduce((sum, market) => sum + market.api.hub.disconnect(who), 0),
    shock: (symbol, factor) => {
      for (const market of having(symbol)) market.models.get(symbol)?.shock(factor);
      return having(symbol).length > 0;
    },
    halt: (symbol, halted) => {
      for (const market of having(symbol)) market.generated.get(symbol)?.halt(halted);
      return having(symbol).length > 0;
    },
    state: () =>
      Object.fromEntries(
        markets.map(({ api, replays }) => [
          api.exchange.market,
          {
            connections: api.hub.connections,
            open_orders: [...api.exchange.book.openOrders()].length,
            replays: replays.map((replay) => ({ ended: replay.ended, ...replay.counts.total })),
          },
        ]),
      ),
  };
}

function runMarkets(
  markets: readonly SimulatedMarket[],
  clock: Clock,
  stepMs: number,
): TimerHandle[] {
  const step = () => {
    const timeMs = Math.floor(clock.nowUs() / 1000);
    for (const market of markets) {
      for (const generated of market.generated.values()) generated.step(timeMs, stepMs);
      market.api.feed.flushDepth(timeMs);
    }
  };
  // The first book stands before the first client comes.
  step();
  return [
    clock.every(stepMs, step),
    clock.every(SECOND_MS, () => {
      const timeMs = Math.floor(clock.nowUs() / 1000);
      for (const market of markets) market.api.feed.onSecond(timeMs);
    }),
  ];
}
