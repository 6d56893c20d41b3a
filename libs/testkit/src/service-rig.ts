import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bus, EmbeddedBus, LedgerWriter, outgoingRecord } from '@cerberus/bus';
import type { Clock } from '@cerberus/core';
import { type RunningService, type ServiceDefinition, ServiceHost } from '@cerberus/runtime';
import {
  Codecs,
  type MessageByTopic,
  registrySource,
  SchemaRegistry,
  TOPICS,
  type TopicName,
} from '@cerberus/schema';
import type { Static, TObject } from 'typebox';
import { eventually } from './eventually.ts';

interface RigPorts {
  readonly bus: Bus;
  readonly codecs: Codecs;
}

/** A host with the real embedded bus in a folder of its own, to run services of one process in. */
export class ServiceRig {
  readonly folder = mkdtempSync(join(tmpdir(), 'cerberus-service-'));
  readonly #registry = new SchemaRegistry({ persist: () => undefined });
  readonly #clock: Clock | undefined;
  host!: ServiceHost;
  bus!: EmbeddedBus;
  codecs!: Codecs;
  #writer!: LedgerWriter;

  private constructor(clock: Clock | undefined) {
    this.#clock = clock;
  }

  static async open(options: { readonly clock?: Clock } = {}): Promise<ServiceRig> {
    const rig = new ServiceRig(options.clock);
    await rig.#open();
    return rig;
  }

  /** Runs a service with the bus and codecs of the rig as its ports. */
  start<Section extends TObject>(
    definition: ServiceDefinition<Section, RigPorts>,
    config: Static<Section>,
  ): Promise<RunningService> {
    return this.host.startService(definition, config, { bus: this.bus, codecs: this.codecs });
  }

  /** Ends every service and the bus, and opens the same folder again, as after a restart. */
  async restart(): Promise<void> {
    await this.#close();
    await this.#open();
  }

  async close(): Promise<void> {
    await this.#close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Appends to a ledger topic; together, durable when it resolves. */
  append<T extends TopicName>(topic: T, ...messages: MessageByTopic[T][]): Promise<void> {
    const records = messages.map((value) => outgoingRecord(this.codecs, { topic, value }));
    return this.#writer.append(records);
  }

  appendRaw(topic: TopicName, key: string, value: Buffer | null): Promise<void> {
    return this.#writer.append([{ topic, key, value }]);
  }

  /** Publishes on a stream topic. */
  async publish<T extends TopicName>(topic: T, ...messages: MessageByTopic[T][]): Promise<void> {
    const producer = this.bus.streamProducer();
    for (const value of messages) {
      await producer.send(outgoingRecord(this.codecs, { topic, value }));
    }
    await producer.flush();
    await producer.close();
  }

  /** Everything in a topic now; what cannot be decoded is left out. */
  async read<T extends TopicName>(topic: T): Promise<MessageByTopic[T][]> {
    const messages: MessageByTopic[T][] = [];
    await this.#follow(topic, (value) => {
      const decoded = this.codecs.decode(topic, value);
      if (decoded.ok) messages.push(decoded.value);
    });
    return messages;
  }

  async deadLetters(topic: TopicName): Promise<number> {
    let count = 0;
    await this.#follow(`${topic}.dlq`, () => {
      count += 1;
    });
    return count;
  }

  async ready(service: RunningService): Promise<void> {
    await eventually('the service is ready', () => service.ready().ready);
  }

  async #follow(topic: string, onValue: (value: Buffer) => void): Promise<void> {
    const follower = await this.bus.follow({
      topics: [topic],
      from: 'beginning',
      onRecord: ({ value }) => {
        if (value !== null) onValue(value);
      },
    });
    await follower.caughtUp;
    await follower.stop();
  }

  async #open(): Promise<void> {
    this.host = ServiceHost.open({
      name: 'rig',
      config: {
        ...{ dataDir: join(this.folder, 'data'), logLevel: 'silent', logFormat: 'json' },
        ...{ instance: 'main', bind: '127.0.0.1', port: 0, drainTimeoutMs: 10_000 },
        recentSpans: 1024,
      },
      exit: () => undefined,
      ...(this.#clock === undefined ? {} : { clock: this.#clock }),
    });
    this.codecs = await Codecs.open(registrySource(this.#registry));
    this.bus = new EmbeddedBus({
      file: join(this.folder, 'log.sqlite'),
      topics: Object.values(TOPICS),
      clock: this.host.clock,
    });
    await this.bus.start();
    this.#writer = new LedgerWriter({ bus: this.bus, host: this.host, id: 'rig' });
  }

  async #close(): Promise<void> {
    await this.host.stop();
    await this.#writer.close();
    await this.bus.stop();
  }
}
