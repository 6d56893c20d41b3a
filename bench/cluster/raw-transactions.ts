import { Kafka, logLevel, type Producer } from 'kafkajs';

const TOPIC = 'bench.raw';
const GROUP = 'bench-raw';
const VALUE = Buffer.alloc(300, 1);
/** Without it one transaction after another waits 300 ms for the markers of the last. */
const SHORT_RETRIES = {
  initialRetryTime: 2,
  factor: 0,
  multiplier: 1.2,
  maxRetryTime: 200,
  retries: 120,
};

/** What a transaction costs a bare client of the same broker: one record, one offset, commit. */
export class RawTransactions {
  readonly #producer: Producer;
  #offset = 0;

  private constructor(producer: Producer) {
    this.#producer = producer;
  }

  static async open(brokers: readonly string[]): Promise<RawTransactions> {
    const settings = { brokers: [...brokers], logLevel: logLevel.NOTHING };
    const kafka = new Kafka({ ...settings, clientId: 'bench', retry: SHORT_RETRIES });
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 1 }] });
    await admin.disconnect();
    const producer = kafka.producer({
      ...{ transactionalId: 'bench-raw', idempotent: true, maxInFlightRequests: 1 },
    });
    await producer.connect();
    return new RawTransactions(producer);
  }

  /** ms of each. */
  async commit(count: number): Promise<number[]> {
    const samples: number[] = [];
    for (let index = 0; index < count; index += 1) {
      const startMs = performance.now();
      const transaction = await this.#producer.transaction();
      await transaction.send({ topic: TOPIC, acks: -1, messages: [{ key: 'k', value: VALUE }] });
      this.#offset += 1;
      await transaction.sendOffsets({
        consumerGroupId: GROUP,
        topics: [{ topic: TOPIC, partitions: [{ partition: 0, offset: `${this.#offset}` }] }],
      });
      await transaction.commit();
      samples.push(performance.now() - startMs);
    }
    return samples;
  }

  close(): Promise<void> {
    return this.#producer.disconnect();
  }
}
