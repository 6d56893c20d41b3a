// What it costs a process to follow topics of a Kafka: node bench/kafka-followers.ts HOST:PORT
import { createRequire } from 'node:module';
import {
  createKafkaTopics,
  type Follower,
  KafkaBus,
  LedgerWriter,
  type TopicSpec,
} from '@cerberus/bus';
import { createLogger, SystemClock, SystemRng, UuidV7Source } from '@cerberus/runtime';

const TABLES = 20;
const PARTITIONS = 6;
const RECORDS = 200;
const QUOTES = 3000;
const IDLE_MS = 5000;
const BULK_RECORDS = 300_000;

const [broker = '127.0.0.1:9092'] = process.argv.slice(2);
const clock = new SystemClock();
const ids = new UuidV7Source(clock, new SystemRng());
const name = `bench.${process.pid}`;
const spec = (topic: string, of: Partial<TopicSpec>): TopicSpec => ({
  name: `${name}.${topic}`,
  class: 'ledger',
  partitions: PARTITIONS,
  cleanup: 'compact',
  retentionHours: 1,
  conflate: false,
  ...of,
});
const tables = Array.from({ length: TABLES }, (_, n) => spec(`table-${n}`, {}));
const quotes = spec('quotes', { class: 'stream', cleanup: 'delete', partitions: 8 });
const bulk = spec('bulk', { class: 'stream', cleanup: 'delete', partitions: 8 });
const topics = [...tables, quotes, bulk];

let requests = 0;
const require = createRequire(import.meta.url);
const connection = (
  require('kafkajs/src/network/connection') as { prototype: { send(r: unknown): unknown } }
).prototype;
const send = connection.send;
connection.send = function (request) {
  requests += 1;
  return send.call(this, request);
};

const result: Record<string, number> = {};
const round = (value: number) => Math.round(value * 100) / 100;
const quantile = (values: number[], q: number) =>
  round(values.sort((a, b) => a - b)[Math.floor(q * values.length)] ?? Number.NaN);

async function latencies(bus: KafkaBus, during?: () => boolean): Promise<number[]> {
  const took: number[] = [];
  const producer = bus.streamProducer();
  let seen = 0;
  const follower = await bus.follow({
    topics: [quotes.name],
    from: 'end',
    onRecord: ({ value }) => {
      seen += 1;
      took.push(clock.monotonicMs() - Number(value));
    },
  });
  await follower.caughtUp;
  await clock.sleep(1000);
  took.length = 0;
  seen = 0;
  let sent = 0;
  while (during === undefined ? sent < QUOTES : during()) {
    for (let n = 0; n < 3; n += 1) {
      await producer.send({
        topic: quotes.name,
        key: `k${sent % 40}`,
        value: Buffer.from(`${clock.monotonicMs()}`),
      });
      sent += 1;
    }
    await clock.sleep(3);
  }
  const deadline = clock.monotonicMs() + 20_000;
  while (seen < sent && clock.monotonicMs() < deadline) await clock.sleep(20);
  if (seen !== sent) console.error(`quotes: ${seen} of ${sent}`);
  await follower.stop();
  return took;
}

async function main(): Promise<void> {
  await createKafkaTopics({
    connection: { brokers: [broker], clientId: 'bench', clock },
    topics,
    replicas: 1,
  });
  const bus = new KafkaBus({
    brokers: [broker],
    clientId: 'bench',
    clock,
    ids,
    topics,
    onError: (what, error) => console.error(what, String(error)),
  });
  await bus.start();
  const log = createLogger({ name: 'bench', level: 'fatal', format: 'json' });
  const writer = new LedgerWriter({ bus, host: { clock, log }, id: name });
  for (const { name: topic } of tables) {
    await writer.append(
      Array.from({ length: RECORDS }, (_, n) => ({
        topic,
        key: `k${n}`,
        value: Buffer.alloc(200, n),
      })),
    );
  }
  await writer.close();
  let records = 0;
  let startMs = clock.monotonicMs();
  let cpu = process.cpuUsage();
  const followers = await Promise.all(
    tables.map(async ({ name: topic }): Promise<Follower> => {
      const follower = await bus.follow({
        topics: [topic],
        from: 'beginning',
        onRecord: () => {
          records += 1;
        },
      });
      await follower.caughtUp;
      return follower;
    }),
  );
  result['start_ms_20_tables'] = round(clock.monotonicMs() - startMs);
  result['start_cpu_ms'] = round(process.cpuUsage(cpu).user / 1000);
  if (records !== TABLES * RECORDS) console.error(`tables: ${records}`);
  startMs = clock.monotonicMs();
  const one = await bus.follow({
    topics: [tables[0]!.name],
    from: 'beginning',
    onRecord: () => undefined,
  });
  await one.caughtUp;
  result['start_ms_one_more'] = round(clock.monotonicMs() - startMs);
  await clock.sleep(1000);
  requests = 0;
  cpu = process.cpuUsage();
  await clock.sleep(IDLE_MS);
  const used = process.cpuUsage(cpu);
  result['idle_requests_per_s'] = round(requests / (IDLE_MS / 1000));
  result['idle_cpu_percent'] = round((used.user + used.system) / 10 / IDLE_MS);
  requests = 0;
  cpu = process.cpuUsage();
  startMs = clock.monotonicMs();
  const calm = await latencies(bus);
  result['quote_p50_ms'] = quantile(calm, 0.5);
  result['quote_p99_ms'] = quantile(calm, 0.99);
  const usedQuotes = process.cpuUsage(cpu);
  result['quote_cpu_percent'] = round(
    (usedQuotes.user + usedQuotes.system) / 10 / (clock.monotonicMs() - startMs),
  );
  const producer = bus.streamProducer();
  for (let n = 0; n < BULK_RECORDS; n += 1) {
    await producer.send({ topic: bulk.name, key: `k${n}`, value: Buffer.alloc(200, n) });
  }
  await producer.flush();
  let isDone = false;
  const during = latencies(bus, () => !isDone);
  await clock.sleep(1500);
  startMs = clock.monotonicMs();
  let bulked = 0;
  const restored = await bus.follow({
    topics: [bulk.name],
    from: 'beginning',
    onRecord: () => {
      bulked += 1;
    },
  });
  await restored.caughtUp;
  result['bulk_records_per_s'] = round(bulked / ((clock.monotonicMs() - startMs) / 1000));
  isDone = true;
  const busy = await during;
  result['quote_during_restore_p50_ms'] = quantile(busy, 0.5);
  result['quote_during_restore_p99_ms'] = quantile(busy, 0.99);
  result['rss_mb'] = round(process.memoryUsage().rss / 1e6);
  startMs = clock.monotonicMs();
  await Promise.all(followers.map((follower) => follower.stop()));
  await bus.stop();
  result['stop_ms'] = round(clock.monotonicMs() - startMs);
  console.log(JSON.stringify(result, null, 1));
}

await main();
