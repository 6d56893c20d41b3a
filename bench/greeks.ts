import { strict as assert } from 'node:assert';
import { type Follower, outgoingRecord, type StreamProducer } from '@cerberus/bus';
import { decimal, type EpochUs, unwrap } from '@cerberus/core';
import {
  allocateEuropeanColumns,
  allocateGreekColumns,
  europeanGreeksBatch,
  setEuropeanRow,
} from '@cerberus/pricing';
import { loadConfig } from '@cerberus/runtime';
import type { Instrument, Position, Quote } from '@cerberus/schema';
import { riskEngine } from '@cerberus/service-risk-engine';
import { ServiceRig } from '../libs/testkit/src/service-rig.ts';
import { type BenchResult, meanUs, median, printResults, quantile } from './result.ts';

/*
 * Quotes on the bus to the risk engine as it runs, until Greeks of a book of 200 options with that
 * quote's price are on the bus. Once as fast as one tick can follow the update of the last; once with
 * the settings as shipped and ticks at a steady rate. The peer is the pricing kernel alone.
 */

const OPTIONS = 200;
const SPOT = 60_000;
const SPOT_ID = 'BTCUSDT.BINANCE';
const DAY_US = 86_400_000_000;
const ROUNDS = 5;
const TICKS = 1000;
const WARM_UP = 2000;
const GOAL_TICKS = 1000;
const STEADY_TICKS = 200;
const STEADY_EVERY_MS = 25;
const GOAL_STEADY_MS = 50;
const PEER = `europeanGreeksBatch of the same ${OPTIONS} options alone`;

export async function run(): Promise<BenchResult[]> {
  return [await closedLoop(), await steady()];
}

async function closedLoop(): Promise<BenchResult> {
  const engine = await Engine.start({ CERBERUS_RISK_ENGINE_GREEKS_EVERY_MS: '0' });
  const price = batchOf();
  for (let tick = 0; tick < WARM_UP; tick += 1) await engine.tick();
  meanUs(WARM_UP, price);
  const own: number[] = [];
  const peer: number[] = [];
  const delays: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    peer.push(1e6 / meanUs(TICKS, price));
    const start = performance.now();
    for (let tick = 0; tick < TICKS; tick += 1) delays.push(await engine.tick());
    own.push(TICKS / ((performance.now() - start) / 1000));
  }
  engine.verify();
  await engine.stop();
  const value = median(own);
  const peerValue = median(peer);
  return {
    name: `ticks to a Greek update of a ${OPTIONS}-option book, one after the other`,
    unit: 'ticks/s',
    value,
    n: ROUNDS * TICKS,
    p50: quantile(delays, 0.5),
    p99: quantile(delays, 0.99),
    peer: PEER,
    peer_value: peerValue,
    ratio: value / peerValue,
    goal: `at least ${GOAL_TICKS} ticks/s, no conflation; p50 and p99 in ms from tick to update`,
    met: value >= GOAL_TICKS,
  };
}

async function steady(): Promise<BenchResult> {
  const engine = await Engine.start({});
  const delays: number[] = [];
  for (let tick = 0; tick < STEADY_TICKS; tick += 1) {
    delays.push(await engine.tick());
    // Off the engine's own beat, so that every phase of it is met.
    await new Promise((resolve) => setTimeout(resolve, STEADY_EVERY_MS + (tick % 60)));
  }
  engine.verify();
  await engine.stop();
  const p99 = quantile(delays, 0.99);
  return {
    name: `tick to Greek update of a ${OPTIONS}-option book, as shipped`,
    unit: 'ms',
    value: p99,
    n: delays.length,
    p50: quantile(delays, 0.5),
    p99,
    goal: `p99 at most ${GOAL_STEADY_MS} ms with conflation as shipped`,
    met: p99 <= GOAL_STEADY_MS,
  };
}

/** The risk engine on the rig's bus with a book of options, a feed of quotes and an ear on its Greeks. */
class Engine {
  readonly #rig: ServiceRig;
  readonly #quotes: StreamProducer;
  #follower: Follower | undefined;
  #sequence = 0;
  #last: Buffer | null = null;
  #onUpdate: (() => void) | undefined;

  private constructor(rig: ServiceRig) {
    this.#rig = rig;
    this.#quotes = rig.bus.streamProducer();
  }

  static async start(environment: Record<string, string>): Promise<Engine> {
    const rig = await ServiceRig.open();
    const engine = new Engine(rig);
    const now = rig.host.clock.nowUs();
    const options = Array.from({ length: OPTIONS }, (_each, index) => option(index, now));
    await rig.append('ref.instrument', spot(now), ...options);
    await rig.append('position', ...options.map((each, index) => position(each, index, now)));
    const sections = { 'risk-engine': riskEngine.config };
    const { values } = unwrap(loadConfig({ sections, environment }));
    const service = await rig.start(riskEngine, values['risk-engine']);
    await rig.ready(service);
    engine.#follower = await rig.bus.follow({
      topics: ['risk.greeks'],
      from: 'end',
      onRecord: ({ value }) => {
        engine.#last = value;
        engine.#onUpdate?.();
      },
    });
    await engine.tick();
    return engine;
  }

  /** Sends a quote; resolves with the ms until the Greeks that follow from it. */
  async tick(): Promise<number> {
    const start = performance.now();
    const updated = new Promise<void>((resolve) => {
      this.#onUpdate = resolve;
    });
    this.#sequence += 1;
    const value = quote(this.#sequence, this.#rig.host.clock.nowUs());
    await this.#quotes.send(outgoingRecord(this.#rig.codecs, { topic: 'md.quote', value }));
    await updated;
    return performance.now() - start;
  }

  /** The last update is of the last price and values every option. */
  verify(): void {
    assert(this.#last !== null);
    const report = unwrap(this.#rig.codecs.decode('risk.greeks', this.#last));
    assert.equal(report.spot_price, mid(this.#sequence));
    assert.equal(report.positions.length, OPTIONS);
    assert(report.positions.every(({ delta }) => delta !== null));
  }

  async stop(): Promise<void> {
    await this.#follower?.stop();
    await this.#quotes.close();
    await this.#rig.close();
  }
}

function mid(sequence: number): number {
  return SPOT + (sequence % 100) * 10;
}

function quote(sequence: number, now: EpochUs): Quote {
  return {
    instrument_id: SPOT_ID,
    venue: 'BINANCE',
    event_time: now,
    receive_time: now,
    sequence,
    bid_price: mid(sequence) - 0.5,
    bid_quantity: 1,
    ask_price: mid(sequence) + 0.5,
    ask_quantity: 1,
    quality: 'OK',
  };
}

function spot(now: EpochUs): Instrument {
  return {
    instrument_id: SPOT_ID,
    symbol: 'BTCUSDT',
    venue: 'BINANCE',
    venue_symbol: 'BTCUSDT',
    kind: 'SPOT',
    underlying: 'BTC',
    base_currency: 'BTC',
    quote_currency: 'USDT',
    settlement_currency: 'USDT',
    tick_size: decimal('0.01'),
    lot_size: decimal('0.00001'),
    min_quantity: decimal('0.00001'),
    max_quantity: null,
    min_notional: decimal('5'),
    contract_multiplier: decimal('1'),
    inverse: false,
    option_type: null,
    strike: null,
    expiration: null,
    style: null,
    volatility: null,
    status: 'TRADING',
    updated_at: now,
  };
}

/** Ten strikes around the money, calls and puts, ten expiries. */
function terms(index: number) {
  return {
    strike: 45_000 + (index % 10) * 3000,
    days: 7 + 30 * Math.floor(index / 20),
    put: Math.floor(index / 10) % 2 === 1,
    volatility: 0.5 + (index % 10) * 0.01,
  };
}

function option(index: number, now: EpochUs): Instrument {
  const { strike, days, put, volatility } = terms(index);
  const symbol = `BTC-D${days}-${strike}-${put ? 'P' : 'C'}`;
  return {
    ...spot(now),
    ...{ instrument_id: `${symbol}.OTC`, symbol, venue: 'OTC', venue_symbol: symbol },
    kind: 'OPTION',
    option_type: put ? 'PUT' : 'CALL',
    strike: decimal(strike),
    expiration: (now + days * DAY_US) as EpochUs,
    style: 'EUROPEAN',
    volatility,
  };
}

function position({ instrument_id }: Instrument, index: number, now: EpochUs): Position {
  return {
    position_id: `demo|${instrument_id}`,
    account_id: 'demo',
    instrument_id,
    quantity: decimal(index % 3 === 0 ? '-2' : '1.5'),
    average_price: decimal('2500'),
    realized_pnl: decimal('0'),
    fees: decimal('0'),
    currency: 'USDT',
    updated_at: now,
    revision: 1,
  };
}

function batchOf(): () => void {
  const columns = allocateEuropeanColumns(OPTIONS);
  const greeks = allocateGreekColumns(OPTIONS);
  for (let row = 0; row < OPTIONS; row += 1) {
    const { strike, days, put, volatility } = terms(row);
    setEuropeanRow(columns, row, {
      ...{ kind: put ? 'put' : 'call', spot: SPOT, strike, timeYears: days / 365 },
      ...{ rate: 0, dividendYield: 0, volatility },
    });
  }
  return () => assert(europeanGreeksBatch(columns, greeks).ok);
}

if (import.meta.main) await printResults(run);
