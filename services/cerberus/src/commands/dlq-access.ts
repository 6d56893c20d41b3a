import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  BUS_ERRORS,
  BUS_SECTION,
  type Bus,
  busError,
  busPort,
  codecsPort,
  KafkaBus,
  RegistryClient,
  readSecurity,
  SCHEMA_REGISTRY_SECTION,
} from '@cerberus/bus';
import { type Clock, faultOf, unwrap } from '@cerberus/core';
import {
  type ConfigValues,
  HOST_SECTION,
  loadConfig,
  ServiceHost,
  SystemClock,
  SystemRng,
  UuidV7Source,
} from '@cerberus/runtime';
import { Codecs, TOPICS } from '@cerberus/schema';
import { DLQ_ERRORS } from './dlq-errors.ts';
import { faulty } from './input.ts';

export interface AccessOptions {
  readonly config?: string;
  readonly dataDir?: string;
}

/** An open event log, embedded or Kafka. */
export interface LogAccess {
  readonly bus: Bus;
  /** Undefined where no registry is configured. */
  readonly codecs: Codecs | undefined;
  readonly clock: Clock;
  close(): Promise<void>;
}

const SECTIONS = { host: HOST_SECTION, bus: BUS_SECTION, schemaRegistry: SCHEMA_REGISTRY_SECTION };
type Config = ConfigValues<typeof SECTIONS>;
/** A person waits for the answer; services wait for ever. */
const CONNECT_LIMIT_MS = 20_000;

/** The log that the services of the same configuration use. */
export async function openLog(options: AccessOptions): Promise<LogAccess> {
  const { dataDir } = options;
  const overrides =
    dataDir === undefined ? {} : { 'host.dataDir': { value: dataDir, option: '--data-dir' } };
  const { values } = unwrap(
    loadConfig({
      sections: SECTIONS,
      file: options.config,
      foreignSections: 'ignore',
      overrides,
    }),
  );
  return values.bus.kafka.brokers.length > 0 ? openKafka(values) : openEmbedded(values);
}

/** Under the lock of the data folder, so never beside the process that it belongs to. */
async function openEmbedded(config: Config): Promise<LogAccess> {
  const folder = resolve(config.host.dataDir);
  if (!existsSync(join(folder, 'bus', 'log.sqlite'))) {
    throw faulty(
      faultOf(DLQ_ERRORS.LOG_MISSING, {
        path: folder,
        expected:
          'the data folder of a stopped process (--data-dir), or Kafka (bus.kafka.brokers in --config or CERBERUS_BUS_KAFKA_BROKERS)',
      }),
    );
  }
  const host = ServiceHost.open({
    name: 'dlq',
    config: { ...config.host, dataDir: folder, logLevel: 'warn' },
    logStream: 'stderr',
  });
  try {
    const bus = await host.openPort(busPort, config.bus);
    const { port: _served, url: _elsewhere, ...local } = config.schemaRegistry;
    const codecs = await host.openPort(codecsPort, local);
    const close = async () => {
      await host.stop();
    };
    return { bus, codecs, clock: host.clock, close };
  } catch (error) {
    await host.stop();
    throw error;
  }
}

async function openKafka(config: Config): Promise<LogAccess> {
  const { brokers, tls: _tls, sasl: _sasl, ...kafka } = config.bus.kafka;
  const clock = new SystemClock();
  const given = new AbortController();
  const timer = clock.after(CONNECT_LIMIT_MS, () => {
    const message = `${brokers.join(', ')} for ${CONNECT_LIMIT_MS / 1000} s`;
    given.abort(busError(BUS_ERRORS.BROKER_UNREACHABLE, { message }));
  });
  const bus = new KafkaBus({
    ...kafka,
    ...{ brokers, clientId: `${kafka.clientId}-dlq`, topics: Object.values(TOPICS), clock },
    ids: new UuidV7Source(clock, new SystemRng()),
    security: readSecurity(config.bus.kafka),
    signal: given.signal,
    onError: (what, error) => process.stderr.write(`${what}: ${textOf(error)}\n`),
  });
  try {
    await bus.start();
  } finally {
    timer.cancel();
  }
  try {
    const { url } = config.schemaRegistry;
    const codecs = url === undefined ? undefined : await Codecs.open(new RegistryClient(url));
    return { bus, codecs, clock, close: () => bus.stop() };
  } catch (error) {
    await bus.stop();
    throw error;
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
