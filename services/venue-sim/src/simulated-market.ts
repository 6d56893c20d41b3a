import { decimal } from '@cerberus/core';
import { SeededRng } from '@cerberus/runtime';
import type { ControlRoutes } from './control/control-routes.ts';
import type { FaultPlan } from './control/faults.ts';
import { Exchange, type ExchangeListener, type FeeRates } from './exchange/exchange.ts';
import type { VenueLedger } from './exchange/ledger.ts';
import { GeneratedMarket } from './market/generated-market.ts';
import { MirroredMarket } from './market/mirrored-market.ts';
import { PriceModel } from './market/price-model.ts';
import { ReplayedMarket } from './market/replayed-market.ts';
import { DEFAULT_SYMBOLS, type SimMarket, type SymbolSpec } from './market/symbol-spec.ts';
import { futuresAccountUpdate, spotPosition } from './server/account-json.ts';
import { Countdowns, ListenKeys, type MarketApi } from './server/api-context.ts';
import { Authentication } from './server/authentication.ts';
import { futuresRoutes } from './server/futures-routes.ts';
import { MarketFeed } from './server/market-feed.ts';
import { futuresOrderUpdate, momentOf, spotExecutionReport } from './server/order-json.ts';
import { spotRoutes } from './server/spot-routes.ts';
import { StreamHub } from './server/stream-hub.ts';
import { VenueServer } from './server/venue-server.ts';
import type { VenueSimOptions } from './venue-sim.ts';

const DEFAULT_LEVERAGE = 20;
const WEIGHT_LIMITS: Readonly<Record<SimMarket, number>> = { spot: 6000, usdm: 2400 };

/** What both markets of one simulated venue share. */
export interface SharedParts {
  readonly options: VenueSimOptions;
  readonly ledger: VenueLedger;
  readonly faults: FaultPlan;
  readonly control: ControlRoutes;
  readonly latency: { readonly ms: number };
  /** Ends replays. */
  readonly signal: AbortSignal;
}

/** One market put together: exchange, feed, sources of its prices, server. */
export interface SimulatedMarket {
  readonly api: MarketApi;
  readonly server: VenueServer;
  readonly generated: ReadonlyMap<string, GeneratedMarket>;
  readonly models: ReadonlyMap<string, PriceModel>;
  readonly replays: readonly ReplayedMarket[];
  readonly mirrors: readonly MirroredMarket[];
}

export function buildMarket(name: SimMarket, parts: SharedParts): SimulatedMarket {
  const { options, faults } = parts;
  const { clock, seed = 1 } = options;
  const specs = (options.symbols ?? DEFAULT_SYMBOLS).filter((spec) => spec.market === name);
  const models = new Map(specs.map((spec) => [spec.symbol, new PriceModel(seed, spec)]));
  const hub = new StreamHub({ market: name, faults, clock });
  const { exchange, feed } = buildExchange(name, parts, { specs, models, hub });
  const api: MarketApi = {
    exchange,
    feed,
    hub,
    clock,
    listenKeys: new ListenKeys(),
    weightLimit: (options.weightLimits ?? WEIGHT_LIMITS)[name],
    countdowns: new Countdowns(clock),
  };
  const server = new VenueServer({
    api,
    routes: name === 'spot' ? spotRoutes(api) : futuresRoutes(api),
    authentication: new Authentication(options.accounts),
    faults,
    control: parts.control,
    clock,
    host: options.host ?? '127.0.0.1',
    port: (name === 'spot' ? options.spotPort : options.futuresPort) ?? 0,
    latencyMs: () => parts.latency.ms,
  });
  return { api, server, models, ...buildSources(exchange, parts, models) };
}

function buildExchange(
  name: SimMarket,
  parts: SharedParts,
  wiring: {
    readonly specs: readonly SymbolSpec[];
    readonly models: ReadonlyMap<string, PriceModel>;
    readonly hub: StreamHub;
  },
): { readonly exchange: Exchange; readonly feed: MarketFeed } {
  const { options, ledger } = parts;
  const nowMs = () => Math.floor(options.clock.nowUs() / 1000);
  const listener: ExchangeListener = {
    onTrade: (trade) => feed.onTrade(trade),
    onBookChanged: (symbol, timeMs) => feed.onBookChanged(symbol, timeMs),
    onOrderRecord: (order, record) => tellAccount(exchange, wiring.hub, { order, record }),
  };
  const exchange: Exchange = new Exchange({
    market: name,
    symbols: wiring.specs,
    accounts: new Map(),
    ledger,
    fees: feesOf(name, options.fees),
    leverage: options.leverage ?? DEFAULT_LEVERAGE,
    nowMs,
    listener,
  });
  const feed = new MarketFeed({
    exchange,
    hub: wiring.hub,
    models: wiring.models,
    nowMs: nowMs(),
  });
  for (const account of options.accounts) {
    exchange.openAccount(account.account, account[name === 'spot' ? 'spot' : 'futures']);
  }
  return { exchange, feed };
}

/** Order and balance events for the user streams of the account. */
function tellAccount(
  exchange: Exchange,
  hub: StreamHub,
  what: Readonly<{
    order: Parameters<ExchangeListener['onOrderRecord']>[0];
    record: Parameters<ExchangeListener['onOrderRecord']>[1];
  }>,
): void {
  const { order, record } = what;
  const moment = momentOf(order, record);
  if (moment === undefined) return;
  const account = exchange.book.account(order.account);
  if (exchange.market === 'spot') {
    const spec = exchange.spec(order.symbol);
    hub.publishUser(order.account, spotExecutionReport(order, moment));
    hub.publishUser(order.account, spotPosition(account, [spec.base, spec.quote], record.time_ms));
    return;
  }
  if (record.kind === 'fill') {
    hub.publishUser(order.account, futuresAccountUpdate(account, order.symbol, record.time_ms));
  }
  hub.publishUser(order.account, futuresOrderUpdate(order, moment));
}

/** Every symbol is generated unless a capture is named for it, or a venue whose book it mirrors. */
function buildSources(
  exchange: Exchange,
  parts: SharedParts,
  models: ReadonlyMap<string, PriceModel>,
): Pick<SimulatedMarket, 'generated' | 'replays' | 'mirrors'> {
  const { options, signal } = parts;
  const { market } = exchange;
  const replayed = (options.replay ?? []).filter((replay) => replay.market === market);
  const mirrored = (options.mirror ?? []).filter((mirror) => mirror.market === market);
  const given = new Set([
    ...replayed.map((replay) => replay.symbol),
    ...mirrored.flatMap((mirror) => mirror.symbols),
  ]);
  const generated = new Map<string, GeneratedMarket>();
  for (const [symbol, model] of models) {
    if (given.has(symbol)) continue;
    const rng = new SeededRng(`${options.seed ?? 1}:${market}:${symbol}`);
    generated.set(symbol, new GeneratedMarket(exchange.target(symbol), model, rng));
  }
  const replays = replayed.map(
    ({ symbol, file, speed }) =>
      new ReplayedMarket({
        file,
        speed,
        target: exchange.target(symbol),
        clock: options.clock,
        signal,
      }),
  );
  const mirrors = mirrored.map(
    ({ symbols, rest, ws }) =>
      new MirroredMarket({
        market,
        targets: new Map(symbols.map((symbol) => [symbol, exchange.target(symbol)])),
        base: rest === '' || ws === '' ? undefined : { rest, ws },
        clock: options.clock,
        rng: new SeededRng(`${options.seed ?? 1}:${market}:mirror`),
      }),
  );
  return { generated, replays, mirrors };
}

/** The venue's own base rates: spot 0.1 %, USD-M 0.02 % and 0.05 %. */
function feesOf(market: SimMarket, fees: VenueSimOptions['fees']): FeeRates {
  const base =
    market === 'spot' ? { maker: '0.001', taker: '0.001' } : { maker: '0.0002', taker: '0.0005' };
  const { maker, taker } = fees ?? base;
  return { maker: decimal(maker), taker: decimal(taker) };
}
