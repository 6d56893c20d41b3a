import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createKafkaTopics,
  type Follower,
  KafkaBus,
  LedgerWriter,
  outgoingRecord,
  RegistryServer,
} from '@cerberus/bus';
import { decimal, type EpochUs } from '@cerberus/core';
import {
  type HostConfig,
  ServiceHost,
  SystemClock,
  SystemRng,
  UuidV7Source,
} from '@cerberus/runtime';
import {
  Codecs,
  type Fill,
  type Leader,
  type MessageByTopic,
  type OrderDecision,
  type OrderEvent,
  registrySource,
  SchemaRegistry,
  TOPICS,
  type TopicName,
} from '@cerberus/schema';
import { DEFAULT_SYMBOLS, startVenueSim, type VenueSim } from '@cerberus/service-venue-sim';
import { eventually } from '@cerberus/testkit';
import { approval, instruments } from '../approvals.ts';
import { type Account, auditOf } from '../audit.ts';
import { EmitterProcess } from './emitter-process.ts';

const clock = new SystemClock();
const ids = new UuidV7Source(clock, new SystemRng());
const DESK = { apiKey: 'desk-key', secret: 'desk-secret', account: 'desk' };
const MARKET = DEFAULT_SYMBOLS.filter(({ symbol }) => symbol === 'BTCUSDT').map((spec) => ({
  ...spec,
  generator: { ...spec.generator, tradesPerSecond: 0, halfSpread: 1e-3 },
}));

/** Infrastructure of its own: the emitter's topics and tables have fixed names. */
export interface Infrastructure {
  readonly kafka: string;
  readonly zookeeper: string;
  readonly postgres: string;
}

/** Emitters as processes over real infrastructure, a simulated venue, and whoever approves orders. */
export class EmitterCluster {
  readonly emitters: EmitterProcess[] = [];
  readonly events: OrderEvent[] = [];
  readonly fills: Fill[] = [];
  readonly leaders: (Leader & { readonly heardMs: number })[] = [];
  readonly approvals: OrderDecision[] = [];
  readonly #last = new Map<string, OrderEvent>();
  readonly #folder = mkdtempSync(join(tmpdir(), 'cerberus-emitters-'));
  readonly #run = ids.next().slice(-8);
  sim!: VenueSim;
  #registry!: RegistryServer;
  #codecs!: Codecs;
  #bus!: KafkaBus;
  #writer!: LedgerWriter;
  #follower!: Follower;
  #orders = 0;

  static async open(infrastructure: Infrastructure, emitters: number): Promise<EmitterCluster> {
    const cluster = new EmitterCluster();
    await cluster.#open(infrastructure);
    const { sim } = cluster;
    const environment = {
      CERBERUS_BUS_KAFKA_BROKERS: JSON.stringify([infrastructure.kafka]),
      CERBERUS_COORDINATION_ZOOKEEPER_SERVERS: JSON.stringify([infrastructure.zookeeper]),
      CERBERUS_STORE_URL: infrastructure.postgres,
      CERBERUS_SCHEMA_REGISTRY_URL: await cluster.#registry.start(),
      CERBERUS_EXECUTION_SPOT_REST: sim.spotUrl,
      CERBERUS_EXECUTION_SPOT_WS: sim.spotWsUrl,
      CERBERUS_EXECUTION_SPOT_API_KEY: DESK.apiKey,
      CERBERUS_EXECUTION_SPOT_API_SECRET: DESK.secret,
    };
    for (let index = 0; index < emitters; index += 1) {
      cluster.emitters.push(new EmitterProcess(String.fromCharCode(97 + index), environment));
    }
    for (const emitter of cluster.emitters) emitter.start();
    return cluster;
  }

  get leader(): EmitterProcess | undefined {
    const last = this.leaders.at(-1);
    if (last?.state !== 'LEADING') return undefined;
    return this.emitters.find(({ name }) => name === last.instance_id);
  }

  /** The first word of a leader with a token above this one. */
  async leadingAbove(token: number): Promise<Leader & { readonly heardMs: number }> {
    const heard = () => this.leaders.find((l) => l.token > token && l.state === 'LEADING');
    await eventually(`a leader above ${token}`, () => heard() !== undefined, 60_000);
    return heard()!;
  }

  get token(): number {
    return this.leaders.at(-1)?.token ?? 0;
  }

  /** An order at the market, or every third one a resting one that is canceled later. */
  async order(): Promise<void> {
    this.#orders += 1;
    const orderId = `${this.#run}-${this.#orders}`;
    const rests = this.#orders % 3 === 0;
    const over: Partial<OrderDecision> = rests
      ? { order_type: 'LIMIT', limit_price: decimal('30000'), time_in_force: 'GTC' }
      : {};
    const at = clock.nowUs();
    const decision = approval(orderId, at, {
      ...over,
      ...{ quantity: decimal('0.001'), account_id: `demo-${this.#orders % 5}` },
      expires_at: (at + 10_000_000) as EpochUs,
    });
    this.approvals.push(decision);
    await this.#append('order.decision', decision);
  }

  async cancel(decision: OrderDecision): Promise<void> {
    await this.#append('order.decision', {
      ...decision,
      ...{ kind: 'CANCEL', decision_id: `${decision.decision_id}-x` },
    });
  }

  readonly last = (orderId: string): OrderEvent | undefined => this.#last.get(orderId);

  audit(): Account {
    const { sim, approvals, fills, last } = this;
    return auditOf({ sim, account: DESK.account, approvals, fills, last });
  }

  async close(): Promise<void> {
    await Promise.all(this.emitters.map((emitter) => emitter.close()));
    await this.#follower.stop();
    await this.#writer.close();
    await this.#bus.stop();
    await this.#registry.stop();
    await this.sim.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #append<T extends TopicName>(topic: T, ...messages: MessageByTopic[T][]): Promise<void> {
    await this.#writer.append(
      messages.map((value) => outgoingRecord(this.#codecs, { topic, value })),
    );
  }

  async #open({ kafka }: Infrastructure): Promise<void> {
    const registry = new SchemaRegistry({ persist: () => undefined });
    this.#registry = new RegistryServer({ registry, host: '127.0.0.1', port: 0 });
    this.#codecs = await Codecs.open(registrySource(registry));
    const topics = Object.values(TOPICS);
    const connection = { brokers: [kafka], clientId: `drill-${this.#run}`, clock };
    await createKafkaTopics({ connection, topics, replicas: 1 });
    this.#bus = new KafkaBus({ ...connection, topics, ids });
    await this.#bus.start();
    const host = ServiceHost.open({
      name: 'drill',
      config: {
        ...{ dataDir: this.#folder, instance: 'drill', logLevel: 'silent', logFormat: 'json' },
        ...{ bind: '127.0.0.1', port: 0, drainTimeoutMs: 10_000, recentSpans: 16 },
      } as HostConfig,
      exit: () => undefined,
    });
    const context = host.contextFor('drill');
    this.#writer = new LedgerWriter({ bus: this.#bus, host: context, id: `drill-${this.#run}` });
    await this.#append('ref.instrument', ...instruments(clock.nowUs()));
    this.sim = await startVenueSim({
      ...{ clock, seed: 7, stepMs: 3_600_000, symbols: MARKET },
      accounts: [{ ...DESK, spot: { USDT: '100000000', BTC: '1000' }, futures: { USDT: '1' } }],
    });
    await this.#follow();
  }

  async #follow(): Promise<void> {
    const topics = ['order.event', 'fill', 'control.leader'] as const;
    this.#follower = await this.#bus.follow({
      topics: [...topics],
      from: 'end',
      onRecord: ({ topic, value }) => {
        const decoded = this.#codecs.decode(topic as (typeof topics)[number], value!);
        if (!decoded.ok) throw new Error(decoded.error.code);
        if (topic === 'control.leader') {
          this.leaders.push({ ...(decoded.value as Leader), heardMs: clock.monotonicMs() });
        } else if (topic === 'fill') this.fills.push(decoded.value as Fill);
        else {
          const event = decoded.value as OrderEvent;
          this.events.push(event);
          this.#last.set(event.order_id, event);
        }
      },
    });
    await this.#follower.caughtUp;
  }
}
