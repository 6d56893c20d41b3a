import { busPort, codecsPort } from '@cerberus/bus';
import { electionPort } from '@cerberus/coordination';
import { type Clock, unwrap } from '@cerberus/core';
import {
  type ConfigValues,
  type HttpRoute,
  loadConfig,
  type RunningService,
  ServiceHost,
} from '@cerberus/runtime';
import { alerting } from '@cerberus/service-alerting';
import { execution } from '@cerberus/service-execution';
import { features } from '@cerberus/service-features';
import { gateway } from '@cerberus/service-gateway';
import { marketData } from '@cerberus/service-market-data';
import { portfolio } from '@cerberus/service-portfolio';
import { preTrade } from '@cerberus/service-pre-trade';
import { riskEngine } from '@cerberus/service-risk-engine';
import { tca } from '@cerberus/service-tca';
import { storePort } from '@cerberus/store';
import { SECTIONS } from './sections.ts';

export type PlatformConfig = ConfigValues<typeof SECTIONS>;

export interface PlatformOptions {
  readonly configFile?: string | undefined;
  readonly overrides?: Parameters<typeof loadConfig>[0]['overrides'];
  readonly clock?: Clock;
  /** Opens the venue and says what follows from it for the services. */
  readonly venue: (host: ServiceHost, config: PlatformConfig) => Promise<PlatformConfig>;
  readonly onProgress?: (step: string) => void;
}

export interface Platform {
  readonly host: ServiceHost;
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
  const host = ServiceHost.open({
    name: 'cerberus',
    config: loaded.values.host,
    logStream: 'stderr',
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  });
  host.handleProcessEvents();
  host.log.debug({ config: loaded.redacted(), file: loaded.file }, 'configuration');
  try {
    const config = await startServices(host, loaded.values, options);
    return { host, config };
  } catch (error) {
    await host.stop();
    throw error;
  }
}

async function startServices(
  host: ServiceHost,
  loaded: PlatformConfig,
  { venue, onProgress = () => undefined }: PlatformOptions,
): Promise<PlatformConfig> {
  onProgress('event log, PostgreSQL');
  const [[bus, codecs], store, election] = await Promise.all([
    (async () =>
      [
        await host.openPort(busPort, loaded.bus),
        await host.openPort(codecsPort, loaded.schemaRegistry),
      ] as const)(),
    host.openPort(storePort, loaded.store),
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
  await started(host.startService(marketData, config['market-data'], log));
  await started(host.startService(features, config.features, log));
  await started(host.startService(portfolio, config.portfolio, log));
  await started(host.startService(preTrade, config['pre-trade'], log));
  await started(host.startService(riskEngine, config['risk-engine'], log));
  await started(host.startService(execution, config.execution, { ...log, store, election }));
  await started(host.startService(tca, config.tca, log));
  await started(host.startService(alerting, config.alerting, log));
  onProgress('gateway');
  const mounted = { open: host.healthRoutes(), keyed: routes };
  await host.startService(gateway, config.gateway, { ...log, store, routes: mounted });
  return config;
}
