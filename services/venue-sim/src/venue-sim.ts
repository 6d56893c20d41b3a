import { type Clock, type Decimal, decimal, type Rng, type TimerHandle } from '@cerberus/core';
import { SeededRng } from '@cerberus/runtime';
import { ControlRoutes } from './control/control-routes.ts';
import { FaultPlan } from './control/faults.ts';
import type { SimAccount } from './exchange/account-book.ts';
import { Exchange } from './exchange/exchange.ts';
import { VenueLedger } from './exchange/ledger.ts';
import { GeneratedMarket } from './market/generated-market.ts';
import { PriceModel } from './market/price-model.ts';
import { ReplayedMarket } from './market/replayed-market.ts';
import { DEFAULT_SYMBOLS, type SimMarket, type SymbolSpec } from './market/symbol-spec.ts';
import { futuresAccountUpdate, spotPosition } from './server/account-json.ts';
import { Countdowns, ListenKeys, type MarketApi } from './server/api-context.ts';
import { type ApiKey, Authentication } from './server/authentication.ts';
import { futuresRoutes } from './server/futures-routes.ts';
import { MarketFeed } from './server/market-feed.ts';
import { futuresOrderUpdate, momentOf, spotExecutionReport } from './server/order-json.ts';
import { spotRoutes } from './server/spot-routes.ts';
import { StreamHub } from './server/stream-hub.ts';
import { VenueServer } from './server/venue-server.ts';

export interface SimAccountConfig extends ApiKey {
  /** First balances, decimal text per asset. */
  readonly spot: Readonly<Record<string, string>>;
  readonly futures: Readonly<Record<string, string>>;
}

export interface ReplayConfig {
  readonly market: SimMarket;
  readonly symbol: string;
  readonly file: string;
  readonly speed: number | 'max';
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
  /** Symbols named here play a capture; all others are generated. */
  readonly replay?: readonly ReplayConfig[];
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
  stop(): Promise<void>;
}

const STEP_MS = 100;
const DEFAULT_LEVERAGE = 20;
const WEIGHT_LIMITS: Readonly<Record<SimMarket, number>> = { spot: 6000, usdm: 2400 };

interface RunningMarket {
  readonly api: MarketApi;
  readonly server: VenueServer;
  readonly generated: ReadonlyMap<string, GeneratedMarket>;
  readonly models: ReadonlyMap<string, PriceModel>;
  readonly replays: readonly ReplayedMarket[];
}

/** Starts a simulated Binance: spot and USD-M, each on a port of its own. */
export async function startVenueSim(options: VenueSimOptions): Promise<VenueSim> {
  const { clock } = options;
  const host = options.host ?? '127.0.0.1';
  const ledger = new VenueLedger({
    ...(options.ledgerFile === undefined ? {} : { file: options.ledgerFile }),
    ...(options.flushLedger === undefined ? {} : { flush: options.flushLedger }),
  });
  const faults = new FaultPlan();
  const stopping = new AbortController();
  const latency = { ms: options.latencyMs ?? 0 };
  const markets: Partial<Record<SimMarket, RunningMarket>> = {};
  const control = new ControlRoutes({
    faults,
    ledger,
    setLatencyMs: (ms) => {
      latency.ms = ms;
    },
    disconnect: (who) => sumOf(markets, (market) => market.api.hub.disconnect(who)),
    shock: (symbol, factor) =>
      sumOf(markets, (market) => {
        market.models.get(symbol)?.shock(factor);
        return market.generated.has(symbol) ? 1 : 0;
      }) > 0,
    halt: (symbol, halted) =>
      sumOf(markets, (market) => {
        market.generated.get(symbol)?.halt(halted);
        return market.generated.has(symbol) ? 1 : 0;
      }) > 0,
    state: () =>
      Object.fromEntries(
        Object.entries(markets).map(([name, market]) => [
          name,
          {
            connections: market.api.hub.connections,
            open_orders: [...market.api.exchange.book.openOrders()].length,
            replays_ended: market.replays.filter((replay) => replay.ended).length,
          },
        ]),
      ),
  });
  const spot = startMarket('spot', { options, ledger, faults, control, latency });
  const usdm = startMarket('usdm', { options, ledger, faults, control, latency });
  markets.spot = spot;
  markets.usdm = usdm;
  const all = [spot, usdm];
  const timers = runMarkets(all, clock, options.stepMs ?? STEP_MS);
  const replays = all.flatMap((market) => market.replays.map((replay) => replay.run()));
  const [spotPort, futuresPort] = await Promise.all([spot.server.listen(), usdm.server.listen()]);
  return {
    spotUrl: `http://${host}:${spotPort}`,
    spotWsUrl: `ws://${host}:${spotPort}`,
    futuresUrl: `http://${host}:${futuresPort}`,
    futuresWsUrl: `ws://${host}:${futuresPort}`,
    ledger,
    faults,
    exchanges: { spot: spot.api.exchange, usdm: usdm.api.exchange },
    stop: async () => {
      stopping.abort();
      for (const timer of timers) timer.cancel();
      for (const market of all) market.api.countdowns.stop();
      await Promise.all(all.map((market) => market.server.close()));
      await Promise.all(replays);
      ledger.close();
    },
  };

  function startMarket(name: SimMarket, parts: MarketParts): RunningMarket {
    return buildMarket(name, parts, stopping.signal);
  }
}

interface MarketParts {
  readonly options: VenueSimOptions;
  readonly ledger: VenueLedger;
  readonly faults: FaultPlan;
  readonly control: ControlRoutes;
  readonly latency: { readonly ms: number };
}

function buildMarket(name: SimMarket, parts: MarketParts, signal: AbortSignal): RunningMarket {
  const { options, ledger, faults, control, latency } = parts;
  const { clock, seed = 1 } = options;
  const nowMs = () => Math.floor(clock.nowUs() / 1000);
  const specs = (options.symbols ?? DEFAULT_SYMBOLS).filter((spec) => spec.market === name);
  const hub = new StreamHub({ market: name, faults, clock });
  const models = new Map(specs.map((spec) => [spec.symbol, new PriceModel(seed, spec)]));
  const accounts = new Map<string, SimAccount>();
  const weightLimit = (options.weightLimits ?? WEIGHT_LIMITS)[name];
  let feed: MarketFeed | undefined;
  const exchange = new Exchange({
    market: name,
    symbols: specs,
    accounts,
    ledger,
    fees: feesOf(name, options.fees),
    leverage: options.leverage ?? DEFAULT_LEVERAGE,
    nowMs,
    listener: {
      onTrade: (trade) => feed?.onTrade(trade),
      onBookChanged: (symbol, timeMs) => feed?.onBookChanged(symbol, timeMs),
      onOrderRecord: (order, record) => {
        const moment = momentOf(order, record);
        if (moment === undefined) return;
        const account = exchange.book.account(order.account);
        const timeMs = record.time_ms;
        if (name === 'spot') {
          const spec = exchange.spec(order.symbol);
          hub.publishUser(order.account, spotExecutionReport(order, moment));
          hub.publishUser(order.account, spotPosition(account, [spec.base, spec.quote], timeMs));
        } else {
          if (record.kind === 'fill') {
            hub.publishUser(order.account, futuresAccountUpdate(account, order.symbol, timeMs));
          }
          hub.publishUser(order.account, futuresOrderUpdate(order, moment));
        }
      },
    },
  });
  for (const account of options.accounts) {
    exchange.openAccount(account.account, account[name === 'spot' ? 'spot' : 'futures']);
  }
  feed = new MarketFeed({ exchange, hub, models, nowMs: nowMs() });
  const replayed = (options.replay ?? []).filter((replay) => replay.market === name);
  const generated = new Map(
    specs
      .filter((spec) => !replayed.some((replay) => replay.symbol === spec.symbol))
      .map((spec) => [
        spec.symbol,
        new GeneratedMarket(
          exchange.target(spec.symbol),
          models.get(spec.symbol) as PriceModel,
          seededRng(`${seed}:${name}:${spec.symbol}`),
        ),
      ]),
  );
  const api: MarketApi = {
    exchange,
    feed,
    hub,
    clock,
    listenKeys: new ListenKeys(),
    weightLimit,
    countdowns: new Countdowns(clock),
  };
  const server = new VenueServer({
    api,
    routes: name === 'spot' ? spotRoutes(api) : futuresRoutes(api),
    authentication: new Authentication(options.accounts),
    faults,
    control,
    clock,
    host: options.host ?? '127.0.0.1',
    port: (name === 'spot' ? options.spotPort : options.futuresPort) ?? 0,
    latencyMs: () => latency.ms,
  });
  const replays = replayed.map(
    (replay) =>
      new ReplayedMarket({
        file: replay.file,
        speed: replay.speed,
        target: exchange.target(replay.symbol),
        clock,
        signal,
      }),
  );
  return { api, server, generated, models, replays };
}

function runMarkets(
  markets: readonly RunningMarket[],
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
    clock.every(1000, () => {
      const timeMs = Math.floor(clock.nowUs() / 1000);
      for (const market of markets) market.api.feed.onSecond(timeMs);
    }),
  ];
}

/** The venue's own base rates: spot 0.1 %, USD-M 0.02 % and 0.05 %. */
function feesOf(
  market: SimMarket,
  fees: VenueSimOptions['fees'],
): { readonly maker: Decimal; readonly taker: Decimal } {
  const base =
    market === 'spot' ? { maker: '0.001', taker: '0.001' } : { maker: '0.0002', taker: '0.0005' };
  const { maker, taker } = fees ?? base;
  return { maker: decimal(maker), taker: decimal(taker) };
}

function seededRng(seed: string): Rng {
  return new SeededRng(seed);
}

function sumOf(
  markets: Partial<Record<SimMarket, RunningMarket>>,
  count: (market: RunningMarket) => number,
): number {
  return Object.values(markets).reduce((sum, market) => sum + count(market), 0);
}
