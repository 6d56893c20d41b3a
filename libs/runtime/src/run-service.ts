import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CerberusError, unwrap } from '@cerberus/core';
import type { Static, TObject } from 'typebox';
import { loadConfig } from './config/load.ts';
import type { Sections } from './config/schema-node.ts';
import { renderConfigTable } from './config/table.ts';
import { startHealthServer } from './health-server.ts';
import { ServiceHost } from './host.ts';
import { HOST_SECTION, type HostConfig } from './host-section.ts';
import { notReady, READY } from './readiness.ts';
import type { PortProvider, PortProviders, ServiceDefinition } from './service.ts';
import { messageOf } from './supervisor.ts';

/**
 * Runs one service as a process of its own: `src/main.ts` of a service is a call of this. The
 * process ends with 0 after a clean drain and 1 after anything else.
 */
export async function runService<Section extends TObject, Ports>(
  definition: ServiceDefinition<Section, Ports>,
  providers: PortProviders<Ports>,
  argv: readonly string[] = process.argv.slice(2),
): Promise<void> {
  let host: ServiceHost | undefined;
  try {
    const ports = Object.entries(providers) as [string, PortProvider<unknown>][];
    const sections: Sections = {
      host: HOST_SECTION,
      [definition.name]: definition.config,
      ...Object.fromEntries(ports.map(([, provider]) => [provider.section, provider.config])),
    };
    const options = readOptions(definition.name, argv, sections);
    if (options === undefined) return;
    const config = unwrap(
      loadConfig({ sections, file: options.config, foreignSections: 'ignore' }),
    );
    const values = config.values as Readonly<Record<string, never>>;
    const hostConfig = config.values['host'] as HostConfig;
    host = ServiceHost.open({
      name: definition.name,
      // Processes on one machine share a configuration, not a folder.
      config: { ...hostConfig, dataDir: folderOf(definition.name, hostConfig) },
    });
    host.handleProcessEvents();
    host.log.debug({ config: config.redacted(), file: config.file }, 'configuration');
    await start({ host, definition, providers: ports, values, hostConfig });
  } catch (error) {
    if (host?.signal.aborted) return;
    reportFailure(definition.name, error, host);
    await host?.stop();
    process.exit(1);
  }
}

function folderOf(service: string, { dataDir, instance }: HostConfig): string {
  return join(dataDir, 'services', service, instance);
}

interface StartOptions<Section extends TObject, Ports> {
  readonly host: ServiceHost;
  readonly definition: ServiceDefinition<Section, Ports>;
  readonly providers: readonly [string, PortProvider<unknown>][];
  readonly values: Readonly<Record<string, never>>;
  readonly hostConfig: HostConfig;
}

async function start<Section extends TObject, Ports>(
  options: StartOptions<Section, Ports>,
): Promise<void> {
  const { host, definition, providers, values, hostConfig } = options;
  // Answers from the first moment on: whoever waits for a dependency says for which.
  const waitingFor = new Set(['configuration']);
  let routes = host.healthRoutes();
  await host.addPart({
    name: 'start',
    ready: () =>
      waitingFor.size === 0 ? READY : notReady(`opening ${[...waitingFor].join(', ')}`),
    stop: () => Promise.resolve(),
  });
  const server = await startHealthServer({
    bind: hostConfig.bind,
    port: hostConfig.port,
    portKey: 'host.port (CERBERUS_HOST_PORT)',
    routes: () => routes,
    log: host.log,
  });
  await host.addPart({ name: 'health-server', ready: () => READY, stop: () => server.close() });
  host.log.info(`answering on http://${hostConfig.bind}:${server.port}/ready`);
  waitingFor.clear();
  // Side by side: each waits for a server of its own.
  const ports: Record<string, unknown> = Object.fromEntries(
    await Promise.all(
      providers.map(async ([name, provider]) => {
        const { section } = provider;
        waitingFor.add(section);
        const port = await host.openPort(provider, values[section] as never);
        waitingFor.delete(section);
        return [name, port] as const;
      }),
    ),
  );
  waitingFor.add(definition.name);
  const service = await host.startService(
    definition,
    values[definition.name] as unknown as Static<Section>,
    ports as Ports,
  );
  routes = [...routes, ...(service.routes ?? [])];
  waitingFor.clear();
  // With NODE_COMPILE_CACHE the next start is quicker; a process that is killed would never write it.
  flushCompileCache();
}

function readOptions(
  name: string,
  argv: readonly string[],
  sections: Sections,
): { readonly config: string | undefined } | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: { config: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help !== true) return { config: values.config };
  process.stdout.write(
    `${name}: one service of Cerberus.\n\n  --config FILE   YAML configuration (default cerberus.yaml)\n  --help          this text\n\n${renderConfigTable(sections)}`,
  );
  return undefined;
}

function reportFailure(name: string, error: unknown, host: ServiceHost | undefined): void {
  // A stack helps with what nobody foresaw and hides the message of what somebody did.
  const isExpected = error instanceof CerberusError || isWrongOption(error);
  if (host !== undefined) {
    const code = error instanceof CerberusError ? error.code : undefined;
    host.log.fatal(isExpected ? { code } : { err: error }, messageOf(error));
    return;
  }
  const detail =
    isExpected || !(error instanceof Error) ? messageOf(error) : (error.stack ?? error.message);
  const hint = isWrongOption(error) ? ' (--help lists the options)' : '';
  process.stderr.write(`${name}: ${detail}${hint}\n`);
}

function isWrongOption(error: unknown): boolean {
  return (
    error instanceof Error &&
    String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS')
  );
}
