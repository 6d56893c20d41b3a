import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddedBus, LedgerWriter, outgoingRecord, StreamReader } from '@cerberus/bus';
import type { Cache } from '@cerberus/cache';
import { decimal, type EpochUs } from '@cerberus/core';
import { evaluate } from '@cerberus/limits';
import { ServiceHost } from '@cerberus/runtime';
import {
  Codecs,
  type Instrument,
  type Limit,
  type MessageByTopic,
  type OrderRequest,
  type Quote,
  registrySource,
  SchemaRegistry,
  TOPICS,
  type TopicName,
} from '@cerberus/schema';
import { PostgresStore, type Store, startEmbeddedPostgres } from '@cerberus/store';
import { type GatewayConfig, type RunningGateway, startGateway } from '../src/index.ts';

export const ACCOUNT = 'demo';
export const BTC = 'BTCUSDT.BINANCE';

export interface World {
  readonly host: ServiceHost;
  readonly bus: EmbeddedBus;
  readonly codecs: Codecs;
  readonly store: Store;
  readonly folder: string;
  ledger<T extends TopicName>(
    topic: T,
    value: MessageByTopic[T],
    headers?: Record<string, string>,
  ): Promise<void>;
  stream<T extends TopicName>(topic: T, value: MessageByTopic[T]): Promise<void>;
  gateway(config?: Partial<GatewayConfig>, cache?: Cache): Promise<RunningGateway>;
  nowUs(): EpochUs;
  close(): Promise<void>;
}

/** A process with the real embedded bus and PostgreSQL, in a folder of its own. */
export async function openWorld(): Promise<World> {
  const folder = mkdtempSync(join('/tmp', 'cerberus-gateway-'));
  chmodSync(folder, 0o755);
  const host = ServiceHost.open({
    name: 'gateway-test',
    config: {
      dataDir: join(folder, 'data'),
      instance: 'main',
      logLevel: 'fatal',
      logFormat: 'json',
      bind: '127.0.0.1',
      port: 0,
      drainTimeoutMs: 10_000,
      recentSpans: 1000,
    },
    logStream: 'stderr',
    exit: (code) => {
      throw new Error(`the process would have ended with ${code}`);
    },
  });
  const { clock, log } = host;
  const bus = new EmbeddedBus({
    file: join(folder, 'log.sqlite'),
    topics: Object.values(TOPICS),
    clock,
  });
  await bus.start();
  const registry = new SchemaRegistry({ persist: () => undefined });
  const codecs = await Codecs.open(registrySource(registry));
  const engine = await startEmbeddedPostgres({
    folder: join(folder, 'store'),
    privateRoot: folder,
    startTimeoutMs: 30_000,
    clock,
    log,
  });
  const store = await PostgresStore.connect({
    connection: engine.connection,
    poolSize: 5,
    statementTimeoutMs: 15_000,
    connectTimeoutMs: 3000,
    clock,
    log,
    metrics: host.metrics,
  });
  const context = host.contextFor('world');
  const writer = new LedgerWriter({ bus, host: context, id: 'world' });
  const producer = bus.streamProducer();
  let gateways = 0;
  return {
    host,
    bus,
    codecs,
    store,
    folder,
    ledger: (topic, value, headers = {}) =>
      writer.append([outgoingRecord(codecs, { topic, value }, { headers })]),
    stream: async (topic, value) => {
      await producer.send(outgoingRecord(codecs, { topic, value }));
      await producer.flush();
    },
    gateway: (config, cache) =>
      startGateway({
        ...host.contextFor('gateway'),
        // Two of one name would fence each other.
        instance: `${++gateways}`,
        bus,
        codecs,
        store,
        ...(cache === undefined ? {} : { cache }),
        config: { ...CONFIG, ...config },
      }),
    nowUs: () => clock.nowUs(),
    close: async () => {
      await producer.close();
      await writer.close();
      await bus.stop();
      await store.close();
      await engine.stop();
      await host.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const CONFIG: GatewayConfig = {
  host: '127.0.0.1',
  port: 0,
  dashboardDir: '/nowhere',
  origins: [],
  firstKey: true,
  decisionWaitMs: 2000,
  requestsPerSecond: 10_000,
  requestBurst: 10_000,
  checksPerSecond: 1_000_000,
  staleAfterMs: 60_000,
};

export function spot(symbol = 'BTCUSDT', base = 'BTC'): Instrument {
  return {
    instrument_id: `${symbol}.BINANCE`,
    symbol,
    venue: 'BINANCE',
    venue_symbol: symbol,
    kind: 'SPOT',
    underlying: base,
    base_currency: base,
    quote_currency: 'USDT',
    settlement_currency: 'USDT',
    tick_size: decimal('0.01'),
    lot_size: decimal('0.00001'),
    min_quantity: decimal('0.00001'),
    max_quantity: decimal('9000'),
    min_notional: decimal('5'),
    contract_multiplier: decimal('1'),
    inverse: false,
    option_type: null,
    strike: null,
    expiration: null,
    style: null,
    volatility: null,
    status: 'TRADING',
    updated_at: 1_700_000_000_000_000 as EpochUs,
  };
}

export function quote(nowUs: EpochUs, price = 60_000): Quote {
  return {
    instrument_id: BTC,
    venue: 'BINANCE',
    event_time: nowUs,
    receive_time: nowUs,
    sequence: 1,
    bid_price: price - 0.5,
    bid_quantity: 2,
    ask_price: price + 0.5,
    ask_quantity: 3,
    quality: 'OK',
  };
}

export function limit(type: string, hard: string, unit: string, account = ACCOUNT): Limit {
  return {
    limit_id: `${account}-${type}-${unit.replace('/', '-')}`,
    limit_type: type,
    scope: 'ACCOUNT',
    scope_id: account,
    soft: null,
    hard: decimal(hard),
    unit,
    enabled: true,
    effective_time: 1 as EpochUs,
    proposed_by: 'test',
    approved_by: 'test',
    revision: 1,
  };
}

/** Every limit that the gate demands, wide enough for an order of 1 BTC. */
export const LIMITS: readonly Limit[] = [
  limit('order_size', '5', 'quantity'),
  limit('notional', '400000', 'USD'),
  limit('price_collar', '500', 'bps'),
  limit('fat_finger', '1000', 'multiple'),
  limit('position', '10', 'quantity'),
  limit('stale_price', '600000', 'ms'),
  limit('duplicate_order', '1', 'ms'),
  limit('order_rate', '1000', 'orders/s'),
];

/** Reference data, limits, a live feed and a price: an order of 1 BTC would pass. */
export async function openMarket(world: World): Promise<void> {
  await world.ledger('ref.instrument', spot());
  await world.ledger('ref.instrument', {
    ...spot(),
    instrument_id: 'BTCUSDT.OTHER',
    venue: 'OTHER',
    symbol: 'TWINUSDT',
  });
  await world.ledger('ref.instrument', { ...spot('TWINUSDT', 'TWIN') });
  for (const each of LIMITS) await world.ledger('control.limit', each);
  await world.stream('md.status', {
    instrument_id: BTC,
    venue: 'BINANCE',
    state: 'LIVE',
    reason: '',
    since: world.nowUs(),
    last_event_time: world.nowUs(),
    gaps: 0,
    resyncs: 0,
    duplicates: 0,
    refused: 0,
    conflated: 0,
    clock_offset_ms: 0,
  });
}

export interface TestGate {
  /** Requests in the order they came. */
  readonly requests: OrderRequest[];
  stop(): Promise<void>;
}

/**
 * Answers order requests as the pre-trade service does, with the same checks but no reservations:
 * a service's test may not run another service.
 */
export async function startGate(
  world: World,
  view: Parameters<typeof evaluate>[0],
): Promise<TestGate> {
  const requests: OrderRequest[] = [];
  const reader = new StreamReader({
    name: 'test gate',
    bus: world.bus,
    codecs: world.codecs,
    host: world.host.contextFor('test-gate'),
    topics: ['order.request'],
    handle: ({ message, record }) => {
      requests.push(message);
      const nowUs = world.nowUs();
      const order = { ...message, kind: 'NEW' as const };
      const judged =
        message.kind === 'CANCEL'
          ? {
              passed: true,
              checks: [],
              referencePrice: null,
              arrivalMid: null,
              referenceTimeUs: null,
            }
          : evaluate(view, order, { nowUs });
      const {
        source: _s,
        requested_by: _r,
        request_time: _t,
        parent_order_id: _p,
        ...terms
      } = message;
      void world.ledger(
        'order.decision',
        {
          ...terms,
          decision_id: `d-${message.request_id}`,
          outcome: judged.passed ? 'APPROVED' : 'BLOCKED',
          checks: judged.checks,
          reference_price: judged.referencePrice,
          arrival_mid: judged.arrivalMid,
          reference_time: judged.referenceTimeUs,
          decision_time: nowUs,
          expires_at: (nowUs + 10_000_000) as EpochUs,
          elapsed_us: 1,
        },
        { ...record.headers },
      );
    },
  });
  await reader.start();
  return { requests, stop: () => reader.stop() };
}
