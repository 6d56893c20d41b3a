import { BUS_ERRORS, busError } from '../errors.ts';
import type { TopicPartition } from '../port.ts';
import { type BrokerAddress, BrokerConnection } from './broker-connection.ts';
import type { ClientFactory } from './client-factory.ts';

export interface ClusterMapOptions {
  readonly clients: ClientFactory;
  readonly topics: readonly string[];
  onError(what: string, error: unknown): void;
}

/** Which broker leads which partition, as last heard. */
export class ClusterMap {
  readonly #options: ClusterMapOptions;
  readonly #logger: unknown;
  #brokers = new Map<number, BrokerAddress>();
  #leaders = new Map<string, number>();
  #topicErrors = new Map<string, number>();

  constructor(options: ClusterMapOptions) {
    this.#options = options;
    this.#logger = options.clients.plain().logger();
  }

  get isRead(): boolean {
    return this.#leaders.size > 0;
  }

  leader(at: TopicPartition): number | undefined {
    const nodeId = this.#leaders.get(placeName(at));
    return nodeId !== undefined && this.#brokers.has(nodeId) ? nodeId : undefined;
  }

  /** Kafka's code for why the brokers tell nothing of a topic. */
  topicError(topic: string): number | undefined {
    return this.#topicErrors.get(topic);
  }

  connect(nodeId: number): Promise<BrokerConnection> {
    const address = this.#brokers.get(nodeId);
    if (address === undefined) {
      throw busError(BUS_ERRORS.BROKER_UNREACHABLE, { message: `broker ${nodeId} is unknown` });
    }
    return this.#open(address);
  }

  /** Asks the brokers that are known, then those that were configured, until one answers. */
  async refresh(): Promise<void> {
    let failure: unknown;
    for (const address of this.#candidates()) {
      try {
        await this.#ask(address);
        return;
      } catch (error) {
        failure = error;
      }
    }
    const { brokers } = this.#options.clients.connection;
    throw busError(BUS_ERRORS.BROKER_UNREACHABLE, { message: brokers.join(', ') }, failure);
  }

  #candidates(): BrokerAddress[] {
    const { brokers } = this.#options.clients.connection;
    const seeds = brokers.map((broker) => {
      const colon = broker.lastIndexOf(':');
      return { host: broker.slice(0, colon), port: Number(broker.slice(colon + 1)) };
    });
    const all = [...this.#brokers.values(), ...seeds];
    return [
      ...new Map(all.map((address) => [`${address.host}:${address.port}`, address])).values(),
    ];
  }

  async #ask(address: BrokerAddress): Promise<void> {
    const broker = await this.#open(address);
    try {
      const { brokers, topicMetadata } = await broker.metadata(this.#options.topics);
      this.#brokers = new Map(brokers.map(({ nodeId, host, port }) => [nodeId, { host, port }]));
      this.#topicErrors = new Map(
        topicMetadata
          .filter(({ topicErrorCode }) => topicErrorCode !== 0)
          .map(({ topic, topicErrorCode }) => [topic, topicErrorCode]),
      );
      this.#leaders = new Map(
        topicMetadata.flatMap(({ topic, partitionMetadata }) =>
          partitionMetadata
            .filter(({ leader }) => leader >= 0)
            .map(({ partitionId, leader }): [string, number] => [
              placeName({ topic, partition: partitionId }),
              leader,
            ]),
        ),
      );
    } finally {
      broker.close().catch((error: unknown) => {
        this.#options.onError(`closing the connection to ${address.host}:${address.port}`, error);
      });
    }
  }

  #open(address: BrokerAddress): Promise<BrokerConnection> {
    const { connection } = this.#options.clients;
    return BrokerConnection.open({ connection, logger: this.#logger, address });
  }
}

export function placeName({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
