import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CerberusError, faultOf } from '@cerberus/core';
import { readinessOf } from '@cerberus/runtime';
import type { CaptureReport } from '@cerberus/service-market-data';
import { type Command, Option } from 'commander';
import { captureTable } from '../up/capture-table.ts';
import { paperVenue } from '../up/paper-venue.ts';
import { type Platform, type PlatformOptions, startPlatform } from '../up/platform.ts';
import { Recording } from '../up/recorded-venue.ts';
import { simulatedVenue } from '../up/simulated-venue.ts';
import { CLI_ERRORS } from './errors.ts';
import { Progress } from './progress.ts';

interface UpOptions {
  readonly config?: string;
  readonly dataDir?: string;
  readonly port?: string;
  readonly seed?: string;
  readonly positions?: string;
  readonly venue: 'simulated' | 'binance';
  readonly replay?: readonly string[];
  readonly speed?: string;
  readonly exitAtEnd?: boolean;
  readonly logLevel: string;
  readonly json?: boolean;
}

/** Where prices come from and where orders go. */
interface VenueMode extends Pick<PlatformOptions, 'venue' | 'tape' | 'dataDir'> {
  /** What the banner says of both. */
  readonly says: string;
  readonly ends: string;
  readonly recording?: Recording;
}

/** How long start-up may take before what is missing is told. */
const READY_WAIT_MS = 30_000;
const READY_POLL_MS = 50;
/** Parts that cannot be ready before the tape plays. */
const WAITING_FOR_PRICES = new Set(['market-data', 'pre-trade']);
const GOES_ON = 'Ctrl-C stops it; the next start goes on where this one ends.';
const PAPER_FOLDER = join('.cerberus', 'paper');

export function addUpCommand(program: Command): void {
  program
    .command('up')
    .description('run every service in one process, with a simulated venue and a demo book')
    .option('--config <file>', 'YAML configuration (default: cerberus.yaml where it exists)')
    .option(
      '--data-dir <dir>',
      `folder of all durable state (default: .cerberus; with --venue binance ${PAPER_FOLDER}; with --replay a new one, removed at the end)`,
    )
    .option('--port <n>', 'port of dashboard, REST and streams (default: 8080)')
    .addOption(
      new Option(
        '--venue <name>',
        'simulated: a generated market; binance: public data of the real venue, orders on paper',
      )
        .choices(['simulated', 'binance'])
        .default('simulated'),
    )
    .option('--seed <n>', 'seed of the simulated market (default: 1)')
    .option('--replay <file...>', 'play captures as feeds, in their own time; see "record"')
    .option('--speed <x>', 'of the replay: 1 as recorded, N times as fast, or max (default: 1)')
    .option('--exit-at-end', 'end when the replay has ended')
    .option('--positions <file>', 'CSV of start-up positions instead of the demo book')
    .option('--log-level <level>', 'trace, debug, info, warn, error or silent', 'warn')
    .option('--json', 'print where everything is, and the account of a replay, as JSON')
    .addHelpText('after', '\nExample:\n  cerberus up --port 8080\n  cerberus up --venue binance\n')
    .action((options: UpOptions) => up(options));
}

async function up(options: UpOptions): Promise<void> {
  const progress = new Progress({ silent: options.json === true });
  const mode = await modeOf(options, progress);
  const platform = await startPlatform({
    configFile: options.config,
    overrides: overridesOf(options),
    onProgress: (step) => progress.step(step),
    ...mode,
  });
  const { recording } = mode;
  if (recording !== undefined) {
    progress.step('waiting for the services');
    await untilReady(platform, WAITING_FOR_PRICES);
    recording.begin();
  }
  progress.step('waiting for prices');
  // A short tape at full speed may end before every part has said that it is ready.
  const ended = recording?.ended.then(() => undefined) ?? new Promise<never>(() => undefined);
  const missing = await Promise.race([untilReady(platform), ended]);
  progress.end();
  console.log(
    options.json === true
      ? JSON.stringify(places(platform))
      : banner(platform, { ...mode, missing }),
  );
  if (recording === undefined) return;
  const report = await recording.ended;
  console.log(options.json === true ? JSON.stringify(report) : captureTable(report));
  if (options.exitAtEnd === true) await leave(platform, report);
}

async function modeOf(options: UpOptions, progress: Progress): Promise<VenueMode> {
  if (options.replay !== undefined) return replayMode(options, options.replay, progress);
  for (const name of ['speed', 'exitAtEnd'] as const) {
    if (options[name] === undefined) continue;
    throw optionFault(name === 'speed' ? '--speed' : '--exit-at-end', 'belongs to --replay');
  }
  if (options.venue === 'binance') {
    return {
      venue: paperVenue,
      dataDir: PAPER_FOLDER,
      ends: GOES_ON,
      says: 'public data of Binance. Orders are PAPER: they go to a simulator on this machine that mirrors the book, never to Binance.',
    };
  }
  return { venue: simulatedVenue, ends: GOES_ON, says: 'simulated venue, orders are not real.' };
}

async function replayMode(
  options: UpOptions,
  files: readonly string[],
  progress: Progress,
): Promise<VenueMode> {
  if (options.venue !== 'simulated') throw optionFault('--venue', 'cannot be with --replay');
  const speed = speedOf(options.speed ?? '1');
  const recording = await Recording.open(files, speed, (file) => progress.step(`reading ${file}`));
  const speedText = speed === 0 ? 'as fast as it goes' : `at ${speed} × recorded speed`;
  const counted = files.length === 1 ? 'one capture' : `${files.length} captures`;
  const orders = recording.tradable
    ? 'orders meet the recorded books of spot and USD-M in a simulator.'
    : 'trading is off (orders need a recorded spot or USD-M book and a speed other than max).';
  return {
    recording,
    tape: recording.tape,
    venue: (host, config) => recording.venue(host, config),
    dataDir: options.dataDir ?? temporaryFolder(),
    ends: 'Ctrl-C stops it.',
    says: `replay of ${counted} ${speedText}, in the recording's time; ${orders}`,
  };
}

function speedOf(text: string): number {
  const speed = text === 'max' ? 0 : Number(text);
  if (text === 'max' || (speed > 0 && speed <= 1_000_000)) return speed;
  throw optionFault('--speed', `takes max or a number up to 1000000, not "${text}"`);
}

function optionFault(path: string, message: string): CerberusError {
  return new CerberusError(faultOf(CLI_ERRORS.OPTION_INVALID, { path, message }));
}

/** A replay is a world of its own: what it leaves behind would be years old for the next start. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cerberus-replay-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A file that could not be read to its end is a failure for a script. */
async function leave({ host }: Platform, report: CaptureReport): Promise<void> {
  const isWhole = report.files.every(
    ({ damage, every_line_accounted }) => damage === null && every_line_accounted,
  );
  const isClean = await host.stop();
  process.exit(isWhole && isClean ? 0 : 1);
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

/** What is still missing when patience ends; start-up goes on behind it. */
async function untilReady(
  { host }: Platform,
  except: ReadonlySet<string> = new Set(),
): Promise<string | undefined> {
  const deadline = host.clock.monotonicMs() + READY_WAIT_MS;
  for (;;) {
    const parts = Object.entries(host.ready().dependencies ?? {});
    const state = readinessOf(Object.fromEntries(parts.filter(([name]) => !except.has(name))));
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

function banner(
  platform: Platform,
  told: { readonly says: string; readonly ends: string; readonly missing: string | undefined },
): string {
  const { dashboard, api, docs, data_dir, api_key_file } = places(platform);
  const { says, ends, missing } = told;
  const warning = missing === undefined ? [] : [`  NOT READY  ${missing}`];
  return [
    `Cerberus is up: ${says}`,
    `  dashboard  ${dashboard}`,
    `  REST       ${api}   (docs ${docs})`,
    `  API key    ${api_key_file}`,
    `  data       ${data_dir}`,
    ...warning,
    ends,
  ].join('\n');
}
