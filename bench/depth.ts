import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { unwrap } from '@cerberus/core';
import { SeededRng } from '@cerberus/runtime';
import {
  BINANCE_FUTURES_RULE,
  BINANCE_SPOT_RULE,
  type BinanceMarket,
  DepthSynchroniser,
  FrameParser,
  type InstrumentGrid,
  parseInstrumentGrid,
} from '@cerberus/venues';
import { type BenchResult, median, note, printResults } from './result.ts';

/*
 * From the text of a Binance depth frame to the book that has it, on recorded frames. The peer does
 * the same with what the language gives: `JSON.parse`, and a `Map` of price text to number per side.
 */

const GOAL_US = 15;
const ROUNDS = 7;
const GENERATED_FRAMES = 1500;
/** Mean distance of a generated level from the middle. */
const REACH = 20;
const TICKS = process.env['CERBERUS_SHARED_DIR'] ?? join(import.meta.dirname, '..', '..', 'shared');
const PEER = 'JSON.parse and two Maps of price to quantity, same frames';

interface Recording {
  readonly market: BinanceMarket;
  readonly file: string;
  readonly symbol: string;
  readonly tick: string;
  readonly lot: string;
}

const RECORDINGS: readonly Recording[] = [
  {
    market: 'spot',
    file: 'binance_spot_btcusdt_2024-08-08_2354utc.txt.gz',
    ...{ symbol: 'BTCUSDT', tick: '0.01', lot: '0.00001' },
  },
  {
    market: 'usdm',
    file: 'binance_usdm_btcusdt_2024-08-08_2354utc.txt.gz',
    ...{ symbol: 'BTCUSDT', tick: '0.1', lot: '0.001' },
  },
  {
    market: 'coinm',
    file: 'binance_coinm_btcusd_perp_2024-08-08_2354utc.txt.gz',
    ...{ symbol: 'BTCUSD_PERP', tick: '0.1', lot: '1' },
  },
];

export async function run(): Promise<BenchResult[]> {
  return RECORDINGS.map((recording) => {
    const path = join(TICKS, 'data', 'ticks', recording.file);
    const recorded = existsSync(path);
    if (!recorded) note(`    ${path} is not there: generated ${recording.market} frames instead`);
    const frames = recorded ? readFrames(path) : generateFrames(recording);
    return measure(recording, frames, recorded ? 'recorded' : 'GENERATED');
  });
}

function measure(recording: Recording, frames: readonly string[], origin: string): BenchResult {
  const { market, symbol } = recording;
  const grid = unwrap(parseInstrumentGrid(recording));
  const own: number[] = [];
  const peer: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    peer.push(perFrameUs(frames, naiveBook()));
    own.push(perFrameUs(frames, ownBook(market, symbol, grid)));
  }
  const value = median(own);
  const peerValue = median(peer);
  return {
    name: `depth frame to book event, ${market}, ${origin} frames`,
    unit: 'µs/frame',
    value,
    n: frames.length * ROUNDS,
    peer: PEER,
    peer_value: peerValue,
    ratio: value / peerValue,
    goal: `mean at most ${GOAL_US} µs`,
    met: value <= GOAL_US,
  };
}

function ownBook(market: BinanceMarket, symbol: string, grid: InstrumentGrid) {
  const parser = new FrameParser({ market, gridOf: () => grid });
  const rule = market === 'spot' ? BINANCE_SPOT_RULE : BINANCE_FUTURES_RULE;
  const book = new DepthSynchroniser(grid, rule);
  return (text: string): void => {
    const event = parser.parse(text, symbol);
    if (event.kind === 'depth') book.onDelta(event);
    else if (event.kind === 'snapshot') book.onSnapshot(event);
  };
}

type Levels = readonly (readonly [string, string])[];

interface NaiveFrame {
  readonly b?: Levels;
  readonly a?: Levels;
  readonly bids?: Levels;
  readonly asks?: Levels;
  readonly data?: NaiveFrame;
}

function naiveBook() {
  const bids = new Map<string, number>();
  const asks = new Map<string, number>();
  const take = (side: Map<string, number>, levels: Levels = []): void => {
    for (const [price, quantity] of levels) {
      const amount = Number(quantity);
      if (amount === 0) side.delete(price);
      else side.set(price, amount);
    }
  };
  return (text: string): void => {
    const parsed = JSON.parse(text) as NaiveFrame;
    const frame = parsed.data ?? parsed;
    take(bids, frame.b ?? frame.bids);
    take(asks, frame.a ?? frame.asks);
  };
}

function perFrameUs(frames: readonly string[], onFrame: (text: string) => void): number {
  const start = performance.now();
  for (const text of frames) onFrame(text);
  return ((performance.now() - start) * 1000) / frames.length;
}

/** Depth updates and the snapshots they go on from; each line is a time and a frame. */
function readFrames(path: string): string[] {
  return gunzipSync(readFileSync(path))
    .toString('utf8')
    .split('\n')
    .filter((line) => line.includes('"depthUpdate"') || line.includes('"lastUpdateId"'))
    .map((line) => line.slice(line.indexOf(' ') + 1));
}

/** Frames of the shape and, about, the size of recorded ones, in sequence from a snapshot. */
function generateFrames({ market, symbol, tick }: Recording): string[] {
  const rng = new SeededRng(1);
  const decimals = tick.length - 2;
  const levels = (count: number, sign: number): Levels =>
    Array.from({ length: count }, () => [
      (60_000 - sign * Math.log(1 - rng.nextDouble()) * REACH).toFixed(decimals),
      rng.nextDouble() < 0.3 ? '0' : (rng.nextDouble() * 5).toFixed(3),
    ]);
  const snapshot = { lastUpdateId: 100, bids: levels(1000, -1), asks: levels(1000, 1) };
  const frames = [JSON.stringify(snapshot)];
  for (let id = 101; frames.length <= GENERATED_FRAMES; id += 1) {
    const futures = market === 'spot' ? {} : { T: id, pu: id - 1 };
    const head = { e: 'depthUpdate', E: id, s: symbol, U: id, u: id, ...futures };
    frames.push(JSON.stringify({ ...head, b: levels(25, -1), a: levels(25, 1) }));
  }
  return frames;
}

if (import.meta.main) await printResults(run);
