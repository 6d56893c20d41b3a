import { Kafka, logLevel, type Message } from 'kafkajs';

const TOPIC = 'bench.round-trip';
const BYTES = 120;

export interface Pace {
  readonly perSecond: number;
  readonly seconds: number;
  readonly warmUpS: number;
  readonly partitions: number;
  /** Between two batches. */
  readonly tickMs: number;
}

/** Records through a broker with bare kafkajs: one producer, one consumer, one process. */
export const RawRoundTrip = {
  /** ms from before the send of a record until it is in the consumer's hands. */
  async measure(brokers: readonly string[], pace: Pace): Promise<number[]> {
    const kafka = new Kafka({
      brokers: [...brokers],
      clientId: 'bench',
      logLevel: logLevel.NOTHING,
    });
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: pace.partitions }] });
    await admin.disconnect();
    const producer = kafka.producer({ allowAutoTopicCreation: false });
    const consumer = kafka.consumer({ groupId: 'bench-round-trip', maxWaitTimeInMs: 100 });
    await Promise.all([producer.connect(), consumer.connect()]);
    await consumer.subscribe({ topic: TOPIC, fromBeginning: false });
    const samples: number[] = [];
    let isWarm = false;
    const { promise: assigned, resolve: joined } = Promise.withResolvers<void>();
    consumer.on('consumer.group_join', () => joined());
    await consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: pace.partitions,
      eachBatch: ({ batch }) => {
        const now = performance.now();
        for (const { value } of batch.messages) {
          if (isWarm && value !== null) samples.push(now - value.readDoubleLE(0));
        }
        return Promise.resolve();
      },
    });
    await assigned;
    const startMs = performance.now();
    let sent = 0;
    const sends = new Set<Promise<unknown>>();
    for (let now = startMs; now - startMs < (pace.warmUpS + pace.seconds) * 1000; ) {
      isWarm ||= now - startMs > pace.warmUpS * 1000;
      const due = Math.floor(((now - startMs) * pace.perSecond) / 1000);
      const messages: Message[] = [];
      for (; sent < due; sent += 1) messages.push(messageOf(sent % pace.partitions));
      if (messages.length > 0) {
        const send = producer.send({ topic: TOPIC, acks: 1, messages });
        sends.add(send);
        void send.finally(() => sends.delete(send));
      }
      await new Promise((resolve) => setTimeout(resolve, pace.tickMs));
      now = performance.now();
    }
    await Promise.all(sends);
    await Promise.all([producer.disconnect(), consumer.disconnect()]);
    return samples;
  },
};

function messageOf(partition: number): Message {
  const value = Buffer.alloc(BYTES);
  value.writeDoubleLE(performance.now());
  return { value, partition };
}
