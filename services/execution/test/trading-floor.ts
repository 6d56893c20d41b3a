import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Follower } from '@cerberus/bus';
import { EmbeddedElection } from '@cerberus/coordination';
import { type Clock, decimal } from '@cerberus/core';
import {
  createLogger,
  type HostConfig,
  Metrics,
  type RunningService,
  ServiceHost,
  SystemClock,
} from '@cerberus/runtime';
import type { Fill, KillSwitch, Leader, OrderDecision, OrderEvent } from '@cerberus/schema';
import { DEFAULT_SYMBOLS, startVenueSim, type VenueSim } from '@cerberus/service-venue-sim';
import { PostgresStore, type Store, startEmbeddedPostgres } from '@cerberus/store';
import { eventually, ServiceRig } from '@cerberus/testkit';
import {
  ApiCredentials,
  BinanceTradingClient,
  binanceEndpoints,
  FUTURES_LIMITS,
  type NewVenueOrder,
  SPOT_LIMITS,
} from '@cerberus/venues';
import type { ExecutionConfig } from '../src/config.ts';
import { clientOrderId, execution } from '../src/index.ts';
import { IntentLedger } from '../src/intent-ledger.ts';
import { approval, instruments, kill } from './approvals.ts';
import { type Account, auditOf } from './audit.ts';
import { CuttableProcess } from './cuttable-process.ts';

const clock = new SystemClock();
const log = createLogger({ name: 'test', level: 'silent', format: 'json' });

const DESK = { apiKey: 'desk-key', secret: 'desk-secret', account: 'desk' };
/** Whoever trades against the desk. */
const OTHERS = { apiKey: 'others-key', secret: 'others-secret', account: 'others' };
const MONEY = { spot: { USDT: '10000000', BTC: '10' }, futures: { USDT: '1000000' } };

/** Wide open spreads and no trades of the market's own: what happens is what the test does. */
const QUIET_MARKET = DEFAULT_SYMBOLS.filter(({ symbol }) => symbol === 'BTCUSDT').map((spec) => ({
  ...spec,
  generator: { ...spec.generator, tradesPerSecond: 0, halfSpread: 1e-3 },
}));

export interface Database {
  readonly store: Store;
  /** The server goes, in the middle of whatever is asked of it, and comes back on the same data. */
  stopServer(): Promise<void>;
  startServer(): Promise<void>;
  close(): Promise<void>;
}

/** PostgreSQL for all tests of a file: starting it takes longer than any of them. */
export async function openStore(): Promise<Database> {
  const folder = mkdtempSync(join('/tmp', 'cerberus-execution-store-'));
  chmodSync(folder, 0o755);
  const start = () => startEmbeddedPostgres({ folder, startTimeoutMs: 60_000, clock, log });
  let engine = await start();
  const store = await PostgresStore.connect({
    ...{ connection: engine.connection, poolSize: 5, clock, log, metrics: new Metrics('test') },
    ...{ statementTimeoutMs: 15_000, connectTimeoutMs: 2000 },
  });
  return {
    store,
    stopServer: () => engine.stop(),
    startServer: async () => {
      engine = await start();
    },
    close: async () => {
      await store.close();
      await engine.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One process that may lead, with its own host. */
export interface Contender {
  readonly name: string;
  readonly service: RunningService;
  /** Codes with which the process would have ended. */
  readonly exits: readonly number[];
  stop(): Promise<void>;
  /** Nothing leaves it any more and nothing reaches it; what was on its way arrives. */
  kill(): Promise<void>;
  /** From now on the log takes nothing of this one. */
  failCommits(fail: boolean): void;
  failedCommits(): number;
}

export { FLAWLESS } from './audit.ts';

/** The venue, the log and the candidates of one test. */
export class TradingFloor {
  readonly #store: Store;
  readonly #folder = mkdtempSync(join(tmpdir(), 'cerberus-floor-'));
  readonly #contenders: Contender[] = [];
  readonly #elections: EmbeddedElection[] = [];
  #follower!: Follower;
  rig!: ServiceRig;
  sim!: VenueSim;
  events: OrderEvent[] = [];
  fills: Fill[] = [];
  leaders: Leader[] = [];
  approvals: OrderDecision[] = [];

  private constructor(store: Store) {
    this.#store = store;
  }

  static async open(store: Store): Promise<TradingFloor> {
    const floor = new TradingFloor(store);
    // Terms of earlier tests were counted by another election.
    await new IntentLedger(store, clock).migrate();
    await store.query('TRUNCATE execution.emitter_term, execution.intents');
    floor.rig = await ServiceRig.open();
    floor.sim = await startVenueSim({
      ...{ clock, seed: 7, stepMs: 3_600_000, symbols: QUIET_MARKET },
      accounts: [
        { ...DESK, ...MONEY },
        { ...OTHERS, ...MONEY },
      ],
    });
    await floor.#follow();
    await floor.rig.append('ref.instrument', ...instruments(floor.now));
    return floor;
  }

  get now() {
    return clock.nowUs();
  }

  async close(): Promise<void> {
    await Promise.all(this.#contenders.map((contender) => contender.stop()));
    for (const election of this.#elections) await election.stop();
    await this.#follower.stop();
    await this.rig.close();
    await this.sim.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A coordination service; candidates of the same one see each other. */
  async election(name = 'coordination'): Promise<EmbeddedElection> {
    const election = new EmbeddedElection({
      ...{ folder: join(this.#folder, name), clock, leaseMs: 4000, marginMs: 1500 },
    });
    await election.start();
    this.#elections.push(election);
    return election;
  }

  async contender(
    election: EmbeddedElection,
    name: string,
    over: Partial<ExecutionConfig> = {},
    hostClock: Clock = clock,
  ): Promise<Contender> {
    const exits: number[] = [];
    const host = ServiceHost.open({
      name,
      config: {
        ...{
          dataDir: mkdtempSync(join(this.#folder, name)),
          logLevel: process.env['FLOOR_LOG'] ?? 'silent',
        },
        ...{ logFormat: 'json', bind: '127.0.0.1', port: 0, drainTimeoutMs: 10_000 },
        recentSpans: 16,
      } as HostConfig,
      exit: (code) => exits.push(code),
      clock: hostClock,
    });
    const { bus, codecs } = this.rig;
    const config = { ...this.config(), instanceId: name, ...over };
    const cuttable = new CuttableProcess({ bus, store: this.#store, election });
    const service = await host.startService(execution, config, { ...cuttable.ports, codecs });
    const contender = {
      ...{ name, service, exits },
      stop: async () => {
        const stopped = host.stop();
        cuttable.release();
        await stopped;
      },
      kill: () => cuttable.cut(),
      failCommits: (fail: boolean) => {
        cuttable.failsCommits = fail;
      },
      failedCommits: () => cuttable.failedCommits,
    };
    this.#contenders.push(contender);
    return contender;
  }

  contenderNamed(name: string): Contender {
    return this.#contenders.find((contender) => contender.name === name)!;
  }

  config(): ExecutionConfig {
    const { sim } = this;
    const key = { apiKey: DESK.apiKey, apiSecret: DESK.secret };
    return {
      instanceId: '',
      spot: { ...SPOT_LIMITS, rest: sim.spotUrl, ws: sim.spotWsUrl, ...key },
      usdm: { ...FUTURES_LIMITS, rest: sim.futuresUrl, ws: sim.futuresWsUrl, ...key },
      ...{ recvWindowMs: 1000, clockErrorMs: 250, deadlineMs: 400, settleMs: 1000 },
      sweepEveryMs: 3_600_000,
    };
  }

  /** A leader that acts, on a coordination service of its own. */
  async lead(over: Partial<ExecutionConfig> = {}, hostClock?: Clock): Promise<Contender> {
    const contender = await this.contender(await this.election(), 'first', over, hostClock);
    await this.leadingBy('first');
    return contender;
  }

  leadingBy(name: string): Promise<void> {
    return eventually(`${name} leads`, () => {
      const last = this.leaders.at(-1);
      return last?.state === 'LEADING' && last.instance_id === name;
    });
  }

  async approve(orderId: string, over: Partial<OrderDecision> = {}): Promise<void> {
    const decision = approval(orderId, this.now, over);
    if (decision.kind === 'NEW' && decision.outcome === 'APPROVED') this.approvals.push(decision);
    await this.rig.append('order.decision', decision);
  }

  /** A good-till-cancelled order at a price inside the spread: it rests, first in its side. */
  rest(orderId: string, over: Partial<OrderDecision> = {}): Promise<void> {
    const limit_price = this.inside(over.instrument_id === undefined ? 'spot' : 'usdm');
    return this.approve(orderId, { order_type: 'LIMIT', limit_price, ...over });
  }

  cancel(orderId: string, over: Partial<OrderDecision> = {}): Promise<void> {
    const cancelled = { kind: 'CANCEL', decision_id: `dc-${orderId}`, ...over } as const;
    return this.approve(orderId, cancelled);
  }

  kill(over: Partial<KillSwitch> = {}): Promise<void> {
    return this.rig.append('control.kill', kill(this.now, over));
  }

  /** A price between the best bid and the best ask. */
  inside(market: 'spot' | 'usdm') {
    const { bid, ask } = this.touch(market);
    return decimal(((bid + ask) / 2).toFixed(1));
  }

  touch(market: 'spot' | 'usdm'): { readonly bid: number; readonly ask: number } {
    const engine = this.sim.exchanges[market].engine('BTCUSDT');
    const tick = market === 'spot' ? 0.01 : 0.1;
    return { bid: engine.bestTicks('BUY')! * tick, ask: engine.bestTicks('SELL')! * tick };
  }

  /** Somebody else sells into the desk's resting order. */
  async sellInto(orderId: string, quantity: string): Promise<void> {
    const { instrument_id, limit_price } = this.approvals.find((a) => a.order_id === orderId)!;
    const market = instrument_id.includes('PERP') ? 'usdm' : 'spot';
    const client = new BinanceTradingClient({
      ...{ market, clock, credentials: new ApiCredentials(OTHERS.apiKey, OTHERS.secret) },
      endpoints: binanceEndpoints(market, {
        rest: market === 'spot' ? this.sim.spotUrl : this.sim.futuresUrl,
        ws: market === 'spot' ? this.sim.spotWsUrl : this.sim.futuresWsUrl,
      }),
    });
    const order: NewVenueOrder = {
      ...{ symbol: 'BTCUSDT', side: 'SELL', type: 'limit', timeInForce: 'IOC' },
      ...{ quantity: decimal(quantity), price: limit_price!, clientOrderId: `x${this.now}` },
    };
    const placed = await client.place(order);
    client.close();
    if (!placed.ok || placed.value.outcome !== 'ok') throw new Error(JSON.stringify(placed));
  }

  fault(fault: Record<string, unknown>): void {
    const planned = this.sim.faults.add(fault);
    if (typeof planned === 'string') throw new Error(planned);
  }

  /** Strikes the next order that is placed. */
  faultOnPlace(action: string, over: Record<string, unknown> = {}): void {
    this.fault({ target: 'rest', action, method: 'POST', path: '/order', ...over });
  }

  /** How often a kind of fault has struck. */
  struck(kind: string): number {
    return this.sim.faults.struck[kind] ?? 0;
  }

  history(orderId: string): string[] {
    return this.events.filter((e) => e.order_id === orderId).map((e) => e.status);
  }

  last(orderId: string): OrderEvent | undefined {
    return this.events.findLast((event) => event.order_id === orderId);
  }

  reaches(orderId: string, ...statuses: string[]): Promise<void> {
    return eventually(
      `${orderId} reaches ${statuses.join(' or ')}`,
      () => statuses.includes(this.last(orderId)?.status ?? ''),
      20_000,
    ).catch((error: Error) => {
      throw new Error(`${error.message}; it went ${this.history(orderId).join(', ')}`);
    });
  }

  /** Acceptances of an order in the venue's ledger. */
  arrivals(orderId: string): number {
    const id = clientOrderId(`d-${orderId}`);
    const same = (r: { kind: string; client_order_id?: string }) =>
      r.kind === 'accept' && r.client_order_id === id;
    return this.sim.ledger.read().filter((record) => same(record)).length;
  }

  /** The venue's ledger against the approvals and the log. */
  audit(): Account {
    const { sim, approvals, fills } = this;
    const last = (orderId: string) => this.last(orderId);
    return auditOf({ sim, account: DESK.account, approvals, fills, last });
  }

  /** A leader says again and again that it leads. */
  #hear(leader: Leader): void {
    const last = this.leaders.at(-1);
    if (last?.token === leader.token && last.state === leader.state) this.leaders.pop();
    this.leaders.push(leader);
  }

  async #follow(): Promise<void> {
    const { bus, codecs } = this.rig;
    const topics = ['order.event', 'fill', 'control.leader'] as const;
    this.#follower = await bus.follow({
      topics: [...topics],
      from: 'beginning',
      onRecord: ({ topic, value }) => {
        const decoded = codecs.decode(topic as (typeof topics)[number], value!);
        if (!decoded.ok) throw new Error(decoded.error.code);
        if (topic === 'order.event') this.events.push(decoded.value as OrderEvent);
        else if (topic === 'fill') this.fills.push(decoded.value as Fill);
        else this.#hear(decoded.value as Leader);
      },
    });
  }
}
