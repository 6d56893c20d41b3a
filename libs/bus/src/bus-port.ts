import { join } from 'node:path';
import {
  definePort,
  type HostContext,
  type OpenPort,
  type Static,
  Type,
  UNNAMED_INSTANCE,
} from '@cerberus/runtime';
import { TOPICS } from '@cerberus/schema';
import { EmbeddedBus } from './embedded/embedded-bus.ts';
import { KafkaBus } from './kafka/kafka-bus.ts';
import { readSecurity, SECURITY_SETTINGS } from './kafka/security-config.ts';
import type { Bus } from './port.ts';

export const BUS_SECTION = Type.Object(
  {
    recordStreams: Type.Boolean({
      default: false,
      description:
        'Write streams (quotes, trades, books, Greeks) to the file of the built-in log too',
    }),
    kafka: Type.Object({
      brokers: Type.Array(
        Type.String({ pattern: '^[^\\s:]+:\\d+$', description: 'host:port of a Kafka broker' }),
        {
          default: [],
          maxItems: 16,
          description: 'host:port of some of the Kafka brokers; none uses the built-in log',
        },
      ),
      clientId: Type.String({
        default: 'cerberus',
        minLength: 1,
        maxLength: 64,
        description: 'Name of this process in the log of the brokers',
      }),
      sessionTimeoutMs: Type.Integer({
        minimum: 500,
        maximum: 60_000,
        default: 1500,
        description:
          'Partitions of a process that died move to another after this time; the brokers must allow it (group.min.session.timeout.ms)',
      }),
      transactionTimeoutMs: Type.Integer({
        minimum: 1000,
        maximum: 60_000,
        default: 5000,
        description:
          'Records of a writer that died in the middle of a commit hold up readers for this time at most; no commit may take longer',
      }),
      ...SECURITY_SETTINGS,
    }),
  },
  { description: 'The event log.' },
);

export type BusConfig = Static<typeof BUS_SECTION>;

const LAG_PERIOD_MS = 5000;

type Opened = Promise<OpenPort<Bus>>;
type Context = HostContext & { readonly config: BusConfig };

/** The event log for `runService` and the all-in-one. */
export const busPort = definePort<Bus, typeof BUS_SECTION>({
  section: 'bus',
  config: BUS_SECTION,
  open: (context) =>
    context.config.kafka.brokers.length > 0 ? openKafka(context) : openEmbedded(context),
});

async function openEmbedded({ data, clock, config, log, metrics, supervisor }: Context): Opened {
  const bus = new EmbeddedBus({
    file: join(data.folder('bus'), 'log.sqlite'),
    topics: Object.values(TOPICS),
    clock,
    recorded: config.recordStreams ? 'all' : [],
    onError: (what, error) => log.warn({ err: error }, `bus: ${what} failed, will be tried again`),
    onFailure: (error) => supervisor.stop(error, { component: 'bus' }),
  });
  await bus.start();
  countStreams(metrics, (count) =>
    Object.values(bus.counts()).reduce((sum, counts) => sum + counts[count], 0),
  );
  return { port: bus, ready: () => bus.ready(), close: () => bus.stop() };
}

async function openKafka(context: Context): Opened {
  const { clock, ids, config, log, metrics, supervisor, signal } = context;
  const transactions = metrics.histogram(
    'bus_transaction_seconds',
    'Transaction of any writer, from its begin until its records are visible',
  );
  const rebalances = metrics.counter(
    'bus_rebalances_total',
    'Times the partitions of a group were dealt out with this process in it',
    ['group'],
  );
  const { tls: _tls, sasl: _sasl, ...kafka } = config.kafka;
  const bus = new KafkaBus({
    ...kafka,
    security: readSecurity(config.kafka),
    topics: Object.values(TOPICS),
    clock,
    ids,
    signal,
    // Processes that were given no name all have the same one.
    instanceId: context.instance === UNNAMED_INSTANCE ? undefined : context.instance,
    onError: (what, error) => log.warn({ err: error }, `bus: ${what} failed, will be tried again`),
    onLog: (message, detail) => log.warn(detail, message),
    onCommitted: (tookMs) => transactions.observe(tookMs / 1000),
    onRebalanced: (group) => rebalances.inc({ group }),
    onFailure: (error) => supervisor.stop(error, { component: 'bus' }),
  });
  await bus.start();
  countStreams(metrics, (count) => bus.counts()[count]);
  const lags = clock.every(LAG_PERIOD_MS, () => measureLags(bus, metrics));
  const close = async () => {
    lags.cancel();
    await bus.stop();
  };
  return { port: bus, ready: () => bus.ready(), close };
}

function measureLags(bus: KafkaBus, metrics: HostContext['metrics']): void {
  const gauge = metrics.consumerLag();
  for (const { at, records } of bus.followerLags()) {
    gauge.set(records, { topic: at.topic, partition: at.partition });
  }
}

function countStreams(
  metrics: HostContext['metrics'],
  total: (count: 'conflated' | 'dropped') => number,
): void {
  metrics.gaugeOf(
    'bus_stream_conflated',
    'Stream records replaced by a newer one of their key before a slow reader saw them',
    () => total('conflated'),
  );
  metrics.gaugeOf(
    'bus_stream_dropped',
    'Stream records lost because a slow reader left too many keys unread',
    () => total('dropped'),
  );
}
