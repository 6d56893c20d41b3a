import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type Bus,
  createKafkaTopics,
  EmbeddedBus,
  KafkaBus,
  LedgerWriter,
  outgoingRecord,
} from '@cerberus/bus';
import {
  type RunningService,
  type ServiceDefinition,
  ServiceHost,
  SystemClock,
  SystemRng,
  UuidV7Source,
} from '@cerberus/runtime';
import {
  Codecs,
  type MessageByTopic,
  registrySource,
  SchemaRegistry,
  TOPICS,
  type TopicName,
} from '@cerberus/schema';
import { Kafka, logLevel } from 'kafkajs';
import type { Static, TObject } from 'typebox';
import { MEMBER_HEADER, MemberBus } from './bus/member-bus.ts';
import { eventually } from './eventually.ts';

interface FleetPorts {
  readonly bus: Bus;
  readonly codecs: Codecs;
}

export interface FleetOptions {
  /** `host:port` of a broker; without it all instances share an embedded bus. */
  readonly broker?: string | undefined;
  /** The topics in use; on a broker they are made under names of their own and removed at the end. */
  readonly topics: readonly TopicName[];
  /** The fleet that another process has opened, for an instance in a process of its own. */
  readonly of?: { readonly prefix: string; readonly folder: string };
}

/** A service as another process finds it. */
export interface ServiceSource {
  /** URL of the module that exports it. */
  readonly module: string;
  /** Under this name. */
  readonly definition: string;
  readonly config: object;
}

export interface ProcessOrder extends ServiceSource {
  readonly broker: string;
  readonly prefix: string;
  readonly folder: string;
  readonly topics: readonly TopicName[];
  readonly instance: string;
}

const PROCESS_SCRIPT = join(dirname(fileURLToPath(import.meta.url)), 'fleet-process.ts');

export interface FleetInstance {
  readonly name: string;
  readonly host: ServiceHost;
  readonly service: RunningService;
  /** Drains, as on SIGTERM. */
  stop(): Promise<void>;
}

/** A message and the instance that sent it. */
export interface Told<T extends TopicName> {
  readonly message: MessageByTopic[T];
  readonly member: string;
}

/**
 * Several instances of services in one process: each with a host of its own and, on a broker, a
 * connection of its own, as processes have.
 */
export class ServiceFleet {
  readonly prefix: string;
  readonly folder: string;
  readonly codecs: Codecs;
  readonly #options: FleetOptions;
  readonly #clock = new SystemClock();
  readonly #embedded: EmbeddedBus | undefined;
  readonly #instances = new Set<FleetInstance>();
  readonly #processes = new Map<string, ChildProcess>();
  readonly #isFirst: boolean;
  /** The test's own place in the fleet. */
  #bus!: Bus;
  #host!: ServiceHost;
  #writer!: LedgerWriter;

  private constructor(options: FleetOptions, codecs: Codecs) {
    this.#options = options;
    this.codecs = codecs;
    this.#isFirst = options.of === undefined;
    this.folder = options.of?.folder ?? mkdtempSync(join(tmpdir(), 'cerberus-fleet-'));
    const { broker, topics } = options;
    this.prefix =
      options.of?.prefix ??
      (broker === undefined ? '' : `fleet.${process.pid}.${this.#clock.nowUs()}.`);
    if (broker !== undefined) return;
    this.#embedded = new EmbeddedBus({
      ...{ file: join(this.folder, 'log.sqlite'), clock: this.#clock },
      topics: topics.map((topic) => TOPICS[topic]),
    });
  }

  static async open(options: FleetOptions): Promise<ServiceFleet> {
    const registry = new SchemaRegistry({ persist: () => undefined });
    const fleet = new ServiceFleet(options, await Codecs.open(registrySource(registry)));
    await fleet.#open();
    return fleet;
  }

  async start<Section extends TObject>(
    definition: ServiceDefinition<Section, FleetPorts>,
    config: Static<Section>,
    name: string,
  ): Promise<FleetInstance> {
    const host = this.#newHost(name);
    const bus = await this.#newBus(name);
    const ports = { bus, codecs: this.codecs };
    const service = await host.startService(definition, config, ports);
    const instance: FleetInstance = {
      ...{ name, host, service },
      stop: async () => {
        if (!this.#instances.delete(instance)) return;
        await host.stop();
        if (this.#embedded === undefined) await bus.stop();
      },
    };
    this.#instances.add(instance);
    await eventually(`${name} is ready`, () => service.ready().ready);
    return instance;
  }

  /** Runs an instance in a process of its own, to be killed; only on a broker. */
  run(source: ServiceSource, name: string): void {
    const { broker, topics } = this.#options;
    if (broker === undefined) throw new Error('an embedded log belongs to one process');
    const { prefix, folder } = this;
    const order = { ...source, broker, prefix, folder, topics, instance: name };
    const given = ['--disable-warning=ExperimentalWarning', PROCESS_SCRIPT, JSON.stringify(order)];
    const stdio: ['ignore', 'inherit', 'inherit'] = ['ignore', 'inherit', 'inherit'];
    this.#processes.set(name, spawn(process.execPath, given, { stdio }));
  }

  /** `kill -9`; resolves when the process is gone. */
  async kill(name: string): Promise<void> {
    const child = this.#processes.get(name);
    this.#processes.delete(name);
    if (child?.pid === undefined || child.exitCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** Appends to a ledger topic; together, durable when it resolves. */
  append<T extends TopicName>(topic: T, ...messages: MessageByTopic[T][]): Promise<void> {
    const records = messages.map((value) => outgoingRecord(this.codecs, { topic, value }));
    return this.#writer.append(records);
  }

  /** Publishes on a stream topic. */
  async publish<T extends TopicName>(topic: T, ...messages: MessageByTopic[T][]): Promise<void> {
    const producer = this.#bus.streamProducer();
    for (const value of messages) {
      await producer.send(outgoingRecord(this.codecs, { topic, value }));
    }
    await producer.flush();
    await producer.close();
  }

  /** Everything that is told on a topic from now on, in the order of the log. */
  async watch<T extends TopicName>(topic: T): Promise<Told<T>[]> {
    const seen: Told<T>[] = [];
    await this.#bus.follow({
      ...{ topics: [topic], from: 'end' },
      onRecord: ({ value, headers }) => {
        const decoded = value === null ? undefined : this.codecs.decode(topic, value);
        if (decoded?.ok !== true) return;
        seen.push({ message: decoded.value, member: headers[MEMBER_HEADER] ?? '' });
      },
    });
    return seen;
  }

  async close(): Promise<void> {
    for (const name of [...this.#processes.keys()]) await this.kill(name);
    for (const instance of [...this.#instances]) await instance.stop();
    await this.#writer.close();
    await this.#host.stop();
    await this.#bus.stop();
    await this.#embedded?.stop();
    if (!this.#isFirst) return;
    await this.#removeTopics();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #open(): Promise<void> {
    const { broker } = this.#options;
    await this.#embedded?.start();
    if (broker !== undefined && this.#isFirst) {
      const connection = { brokers: [broker], clientId: 'fleet', clock: this.#clock };
      await createKafkaTopics({ connection, topics: this.#topics(), replicas: 1 });
    }
    this.#host = this.#newHost(`test-${process.pid}`);
    this.#bus = await this.#newBus('test');
    await eventually('every topic has its leader', () => this.#areLed());
    this.#writer = new LedgerWriter({ bus: this.#bus, host: this.#host, id: 'fleet' });
  }

  /** A broker under load says that new topics are made some time before they can be used. */
  async #areLed(): Promise<boolean> {
    try {
      await this.#bus.endOffsets(this.#options.topics);
      return true;
    } catch {
      return false;
    }
  }

  #topics() {
    return this.#options.topics.map((topic) => {
      return { ...TOPICS[topic], name: this.prefix + TOPICS[topic].name };
    });
  }

  #newHost(name: string): ServiceHost {
    return ServiceHost.open({
      name,
      clock: this.#clock,
      config: {
        ...{ dataDir: join(this.folder, name), logLevel: 'silent', logFormat: 'json' },
        ...{ instance: name, bind: '127.0.0.1', port: 0, drainTimeoutMs: 10_000 },
        recentSpans: 1024,
      },
      exit: () => undefined,
    });
  }

  async #newBus(member: string): Promise<Bus> {
    const { broker } = this.#options;
    const options = { prefix: this.prefix, member };
    if (this.#embedded !== undefined) return new MemberBus(this.#embedded, options);
    const bus = new KafkaBus({
      ...{ brokers: [broker!], clientId: `fleet-${member}`, clock: this.#clock },
      ...{ topics: this.#topics(), ids: new UuidV7Source(this.#clock, new SystemRng()) },
    });
    await bus.start();
    return new MemberBus(bus, options);
  }

  async #removeTopics(): Promise<void> {
    const { broker } = this.#options;
    if (broker === undefined) return;
    const admin = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const topics = (await admin.listTopics()).filter((name) => name.startsWith(this.prefix));
    await admin.deleteTopics({ topics });
    await admin.disconnect();
  }
}
