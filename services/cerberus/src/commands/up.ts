import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { ensureDemoBook } from '../up/demo-book.ts';
import { type Platform, type PlatformConfig, startPlatform } from '../up/platform.ts';
import { openSimulatedVenue, SIMULATED_KEY } from '../up/simulated-venue.ts';
import { Progress } from './progress.ts';

interface UpOptions {
  readonly config?: string;
  readonly dataDir?: string;
  readonly port?: string;
  readonly seed?: string;
  readonly positions?: string;
  readonly logLevel: string;
  readonly json?: boolean;
}

/** How long start-up may take before what is missing is told. */
const READY_WAIT_MS = 30_000;
const READY_POLL_MS = 50;

export function addUpCommand(program: Command): void {
  program
    .command('up')
    .description('run every service in one process, with a simulated venue and a demo book')
    .option('--config <file>', 'YAML configuration (default: cerberus.yaml where it exists)')
    .option('--data-dir <dir>', 'folder of all durable state (default: .cerberus)')
    .option('--port <n>', 'port of dashboard, REST and streams (default: 8080)')
    .option('--seed <n>', 'seed of the simulated market (default: 1)')
    .option('--positions <file>', 'CSV of start-up positions instead of the demo book')
    .option('--log-level <level>', 'trace, debug, info, warn, error or silent', 'warn')
    .option('--json', 'print where everything is as JSON')
    .action((options: UpOptions) => up(options));
}

async function up(options: UpOptions): Promise<void> {
  const progress = new Progress({ silent: options.json === true });
  const platform = await startPlatform({
    configFile: options.config,
    overrides: overridesOf(options),
    onProgress: (step) => progress.step(step),
    venue: (host, config) => simulated(host, config),
  });
  progress.step('waiting for prices');
  const missing = await untilReady(platform);
  progress.end();
  console.log(options.json === true ? JSON.stringify(places(platform)) : banner(platform, missing));
}

function overridesOf(options: UpOptions) {
  const given: Record<string, { value: unknown; option: string }> = {
    'host.logLevel': { value: options.logLevel, option: '--log-level' },
  };
  const put = (path: string, value: string | undefined, option: string) => {
    if (value !== undefined) given[path] = { value, option };
  };
  put('host.dataDir', options.dataDir, '--data-dir');
  put('gateway.port', options.port, '--port');
  put('simulator.seed', options.seed, '--seed');
  put('portfolio.openingPositions', options.positions, '--positions');
  return given;
}

/** Feeds and orders of the simulator, and a demo book where no positions are given. */
async function simulated(host: Platform['host'], config: PlatformConfig): Promise<PlatformConfig> {
  const sim = await openSimulatedVenue(host, config.simulator);
  const spot = { rest: sim.spotUrl, ws: sim.spotWsUrl };
  const usdm = { rest: sim.futuresUrl, ws: sim.futuresWsUrl };
  const book = config.portfolio.openingPositions || join(host.data.path, 'demo-positions.csv');
  if (config.portfolio.openingPositions === '') ensureDemoBook(book, host.clock.nowUs());
  return {
    ...config,
    'market-data': {
      ...config['market-data'],
      spot: { ...config['market-data'].spot, ...spot },
      usdm: { ...config['market-data'].usdm, ...usdm },
    },
    execution: {
      ...config.execution,
      spot: { ...spot, ...SIMULATED_KEY },
      usdm: { ...usdm, ...SIMULATED_KEY },
    },
    portfolio: { ...config.portfolio, openingPositions: book },
  };
}

/** What is still missing when patience ends; start-up goes on behind it. */
async function untilReady({ host }: Platform): Promise<string | undefined> {
  const deadline = host.clock.monotonicMs() + READY_WAIT_MS;
  for (;;) {
    const state = host.ready();
    if (state.ready) return undefined;
    if (host.clock.monotonicMs() > deadline || host.signal.aborted) return state.detail;
    await host.clock.sleep(READY_POLL_MS, host.signal).catch(() => undefined);
  }
}

function places({ host, config }: Platform) {
  const url = `http://${config.gateway.host}:${config.gateway.port}`;
  return {
    dashboard: `${url}/`,
    api: `${url}/api/v1/risk`,
    docs: `${url}/docs`,
    data_dir: resolve(host.data.path),
    api_key_file: join(resolve(host.data.path), 'api-key'),
  };
}

function banner(platform: Platform, missing: string | undefined): string {
  const { dashboard, api, docs, data_dir, api_key_file } = places(platform);
  const warning = missing === undefined ? [] : [`  NOT READY  ${missing}`];
  return [
    'Cerberus is up: simulated venue, orders are not real.',
    `  dashboard  ${dashboard}`,
    `  REST       ${api}   (docs ${docs})`,
    `  API key    ${api_key_file}`,
    `  data       ${data_dir}`,
    ...warning,
    'Ctrl-C stops it; the next start goes on where this one ends.',
  ].join('\n');
}
