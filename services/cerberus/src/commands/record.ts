import { closeSync, openSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { CerberusError, type Clock, faultOf } from '@cerberus/core';
import { messageOf, SystemClock, SystemRng } from '@cerberus/runtime';
import {
  type ListingQuery,
  listInstruments,
  MarketRecorder,
  type RecorderCounts,
} from '@cerberus/service-market-data';
import { type Command, Option } from 'commander';
import { CLI_ERRORS } from './errors.ts';
import { Progress } from './progress.ts';

type Market = ListingQuery['market'];

interface RecordOptions {
  readonly out: string;
  readonly symbols: string;
  readonly markets: string;
  readonly rest?: string;
  readonly ws?: string;
  readonly minutes?: string;
  readonly json?: boolean;
}

interface RecordedFile extends RecorderCounts {
  readonly file: string;
  readonly market: Market;
  readonly symbol: string;
}

const MARKETS: readonly Market[] = ['spot', 'usdm', 'coinm'];
const PROGRESS_EVERY_MS = 500;
const MS_PER_MINUTE = 60_000;

export function addRecordCommand(program: Command): void {
  program
    .command('record')
    .description('write raw venue frames to files that "up --replay" plays')
    .addOption(new Option('--venue <name>', 'venue').choices(['binance']).default('binance'))
    .requiredOption(
      '--out <file>',
      'capture to write, compressed where it ends in .gz; with several symbols each has its own, e.g. FILE-spot-btcusdt',
    )
    .option('--symbols <list>', 'venue symbols, with commas', 'BTCUSDT')
    .option('--markets <list>', 'spot, usdm, coinm, with commas', 'spot')
    .option('--rest <url>', "REST base URL of one market; default: the venue's own")
    .option('--ws <url>', "WebSocket base URL of one market; default: the venue's own")
    .option('--minutes <n>', 'end after so long; else Ctrl-C ends it')
    .option('--json', 'print what was recorded as JSON')
    .addHelpText('after', '\nExample:\n  cerberus record --venue binance --out session.txt.gz\n')
    .action((options: RecordOptions) => record(options));
}

async function record(options: RecordOptions): Promise<void> {
  const progress = new Progress({ silent: options.json === true });
  const clock = new SystemClock();
  const recorders = await openRecorders(options, clock, progress);
  const stopped = ending(options, clock, recorders.failure);
  const startedMs = clock.monotonicMs();
  for (const recorder of recorders.all) recorder.start();
  const shown = clock.every(PROGRESS_EVERY_MS, () => {
    const seconds = Math.round((clock.monotonicMs() - startedMs) / 1000);
    progress.step(`recording, ${seconds} s: ${progressOf(recorders.all)}; Ctrl-C ends it`);
  });
  const reason = await stopped;
  shown.cancel();
  progress.end();
  const files = await Promise.all(
    recorders.all.map(async (recorder): Promise<RecordedFile> => {
      const counts = await recorder.stop();
      const { file, market, instrument } = recorder.options;
      return { file, market, symbol: instrument.symbol, ...counts };
    }),
  );
  console.log(options.json === true ? JSON.stringify({ reason, files }) : summary(files));
}

async function openRecorders(options: RecordOptions, clock: Clock, progress: Progress) {
  const markets = listOf(options.markets).map((name) => marketOf(name));
  const symbols = listOf(options.symbols.toUpperCase());
  const { rest = '', ws = '' } = options;
  if ((rest === '') !== (ws === '') || (rest !== '' && markets.length > 1)) {
    throw optionFault('--rest', 'comes with --ws and with one market');
  }
  const failure = Promise.withResolvers<unknown>();
  const all: MarketRecorder[] = [];
  for (const market of markets) {
    progress.step(`asking ${market} for ${symbols.join(', ')}`);
    const listing = await listInstruments({ market, symbols, rest, ws, clock });
    if (!listing.answered) {
      const message = `Binance ${market} does not answer at ${listing.url}: ${listing.reason}`;
      throw new CerberusError(faultOf(CLI_ERRORS.VENUE_UNREACHABLE, { message }));
    }
    if (listing.missing.length > 0) {
      throw optionFault('--symbols', `${market} does not list ${listing.missing.join(', ')}`);
    }
    const several = markets.length * symbols.length > 1;
    for (const instrument of listing.instruments) {
      const file = several ? fileOf(options.out, market, instrument.symbol) : resolve(options.out);
      createFile(file);
      const onFailure = failure.resolve;
      const rng = new SystemRng();
      all.push(new MarketRecorder({ market, instrument, file, rest, ws, clock, rng, onFailure }));
    }
  }
  return { all, failure: failure.promise };
}

/** A capture is never appended to: at the seam its book would have a gap. */
function createFile(file: string): void {
  try {
    closeSync(openSync(file, 'wx'));
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    const message = exists ? 'exists already' : `cannot be written: ${messageOf(error)}`;
    const definition = exists ? CLI_ERRORS.OPTION_INVALID : CLI_ERRORS.OUTPUT_UNWRITABLE;
    throw new CerberusError(faultOf(definition, { path: file, message }));
  }
}

/** Why the recording ends: in time, at a signal, or because a file cannot be written. */
function ending(
  { minutes }: RecordOptions,
  clock: Clock,
  failure: Promise<unknown>,
): Promise<string> {
  const durationMs = minutes === undefined ? undefined : Number(minutes) * MS_PER_MINUTE;
  if (durationMs !== undefined && !(durationMs > 0)) {
    throw optionFault('--minutes', `takes a positive number, not "${minutes}"`);
  }
  return new Promise((resolveReason, reject) => {
    const end = (reason: string) => {
      timer?.cancel();
      resolveReason(reason);
    };
    const timer = durationMs === undefined ? undefined : clock.after(durationMs, () => end('time'));
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end(signal));
    failure.then(reject, reject);
  });
}

/** `x.txt.gz` becomes `x-spot-btcusdt.txt.gz`. */
function fileOf(out: string, market: Market, symbol: string): string {
  const ending = /(\.[a-z0-9]+)?(\.gz)?$/i.exec(out)?.[0] ?? extname(out);
  const stem = ending === '' ? out : out.slice(0, -ending.length);
  return resolve(`${stem}-${market}-${symbol.toLowerCase()}${ending}`);
}

function progressOf(recorders: readonly MarketRecorder[]): string {
  return recorders
    .map(({ options, counts }) => {
      const state = counts.live ? '' : ', not live';
      return `${options.market} ${options.instrument.symbol} ${counts.lines} lines${state}`;
    })
    .join('; ');
}

function summary(files: readonly RecordedFile[]): string {
  return files
    .map(({ file, lines, gaps, reconnects, dropped }) => {
      const trouble = [
        ...(gaps > 0 ? [`${gaps} gaps`] : []),
        ...(reconnects > 0 ? [`${reconnects} reconnections`] : []),
        ...(dropped > 0 ? [`${dropped} FRAMES LOST: the disk is too slow`] : []),
      ];
      return `${file}: ${lines} lines${trouble.length > 0 ? `, ${trouble.join(', ')}` : ', no gap'}`;
    })
    .join('\n');
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function marketOf(name: string): Market {
  const market = MARKETS.find((known) => known === name);
  if (market === undefined)
    throw optionFault('--markets', `"${name}" is none of ${MARKETS.join()}`);
  return market;
}

function optionFault(path: string, message: string): CerberusError {
  return new CerberusError(faultOf(CLI_ERRORS.OPTION_INVALID, { path, message }));
}
