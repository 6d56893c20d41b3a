import { type Bus, busPort, codecsPort } from '@cerberus/bus';
import { cachePort } from '@cerberus/cache';
import { electionPort } from '@cerberus/coordination';
import { type Clock, unwrap } from '@cerberus/core';
import {
  type ConfigValues,
  type HttpRoute,
  type LoadedConfig,
  loadConfig,
  type RunningService,
  ServiceHost,
} from '@cerberus/runtime';
import type { Codecs } from '@cerberus/schema';
import { alerting } from '@cerberus/service-alerting';
import { execution } from '@cerberus/service-execution';
import { features } from '@cerberus/service-features';
import { gateway } from '@cerberus/service-gateway';
import { marketData, type Tape } from '@cerberus/service-market-data';
import { portfolio } from '@cerberus/service-portfolio';
import { preTrade } from '@cerberus/service-pre-trade';
import { reporting } from '@cerberus/service-reporting';
import { riskEngine } from '@cerberus/service-risk-engine';
import { tca } from '@cerberus/service-tca';
import { storePort } from '@cerberus/store';
import { SECTIONS } from './sections.ts';

export type PlatformConfig = ConfigValues<typeof SECTIONS>;

export interface PlatformOptions {
  readonly configFile?: string | undefined;
  readonly overrides?: Parameters<typeof loadConfig>[0]['overrides'];
  /** Where durable state goes unless configuration or an option says otherwise. */
  readonly dataDir?: string | undefined;
  readonly clock?: Clock | undefined;
  /** Captures that stand in for live feeds; its clock is then the process clock. */
  readonly tape?: Tape | undefined;
  /** Opens the venue and says what follows from it for the services. */
  readonly venue: (host: ServiceHost, config: PlatformConfig) => Promise<PlatformConfig>;
  readonly onProgress?: (step: string) => void;
}

export interface Platform {
  readonly host: ServiceHost;
  readonly bus: Bus;
  readonly codecs: Codecs;
  readonly config: PlatformConfig;
}

/** Every service in one process over one embedded log, in the order of the data flow. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const loaded = unwrap(
    loadConfig({
      sections: SECTIONS,
      file: options.configFile,
      ...(options.overrides === undefined ? {} : { overrides: options.overrides }),
    }),
  );
  const clock = options.tape?.clock ?? options.clock;
  const values = withDataDir(loaded, options.dataDir);
  const host = ServiceHost.open({
    name: 'cerberus',
    config: values.host,
    logStream: 'stderr',
    ...(clock === undefined ? {} : { clock }),
  });
  host.handleProcessEvents();
  host.log.debug({ config: loaded.redacted(), file: loaded.file }, 'configuration');
  try {
    return await startServices(host, values, options);
  } catch (error) {
    await host.stop();
    throw error;
  }
}

function withDataDir(
  loaded: LoadedConfig<typeof SECTIONS>,
  dataDir: string | undefined,
): PlatformConfig {
  const { values } = loaded;
  if (dataDir === undefined || loaded.isSet('host.dataDir')) return values;
  return { ...values, host: { ...values.host, dataDir } };
}

async function startServices(
  host: ServiceHost,
  loaded: PlatformConfig,
  { venue, tape, onProgress = () => undefined }: PlatformOptions,
): Promise<Platform> {
  onProgress('event log, PostgreSQL');
  const [[bus, codecs], store, cache, election] = await Promise.all([
    (async () =>
      [
        await host.openPort(busPort, loaded.bus),
        await host.openPort(codecsPort, loaded.schemaRegistry),
      ] as const)(),
    host.openPort(storePort, loaded.store),
    host.openPort(cachePort, loaded.cache),
    host.openPort(electionPort, loaded.coordination),
  ]);
  onProgress('venue');
  const config = await venue(host, loaded);
  const log = { bus, codecs };
  const routes: HttpRoute[] = [];
  const started = async (service: Promise<RunningService>): Promise<void> => {
    routes.push(...((await service).routes ?? []));
  };
  onProgress('services');
  const feeds = { ...log, cache, ...(tape === undefined ? {} : { tape }) };
  // Waits for the database more than it works: beside the others, its failure told where it is awaited.
  const history = started(host.startService(reporting, config.reporting, { ...log, store }));
  history.catch(() => undefined);
  await started(host.startService(marketData, config['market-data'], feeds));
  await started(host.startService(features, config.features, log));
  await started(host.startService(portfolio, config.portfolio, log));
  await started(host.startService(preTrade, config['pre-trade'], log));
  await started(host.startService(riskEngine, config['risk-engine'], { ...log, cache }));
  await started(host.startService(execution, config.execution, { ...log, store, election }));
  await started(host.startService(tca, config.tca, log));
  await started(host.startService(alerting, config.alerting, log));
  await history;
  onProgress('gateway');
  const mounted = { open: host.healthRoutes(), keyed: routes };
  await host.startService(gateway, config.gateway, { ...log, store, cache, routes: mounted });
  return { host, config, ...log };
}
