import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { unwrap } from '@cerberus/core';
import {
  BINANCE_FUTURES_RULE,
  BINANCE_SPOT_RULE,
  type BinanceMarket,
  DepthSynchroniser,
  FrameParser,
  parseInstrumentGrid,
} from '@cerberus/venues';

/**
 * Mean time from the text of a recorded depth frame to its event, with the limit it must keep and
 * `JSON.parse` alone on the same frames as the peer. Prints one JSON line per market.
 * Usage: node bench/binance-depth.ts [directory of recordings]
 */
const LIMIT_US_PER_FRAME = 15;
const ROUNDS = 5;
const directory = process.argv[2] ?? '../shared/data/ticks';
const RECORDINGS: readonly (readonly [BinanceMarket, string, string, string, string])[] = [
  ['spot', 'binance_spot_btcusdt_2024-08-08_2354utc.txt.gz', 'BTCUSDT', '0.01', '0.00001'],
  ['usdm', 'binance_usdm_btcusdt_2024-08-08_2354utc.txt.gz', 'BTCUSDT', '0.1', '0.001'],
  ['coinm', 'binance_coinm_btcusd_perp_2024-08-08_2354utc.txt.gz', 'BTCUSD_PERP', '0.1', '1'],
];

for (const [market, file, symbol, tick, lot] of RECORDINGS) {
  const frames = gunzipSync(readFileSync(`${directory}/${file}`))
    .toString('utf8')
    .split('\n')
    .filter((line) => line.includes('"depthUpdate"') || line.includes('"lastUpdateId"'))
    .map((line) => line.slice(line.indexOf(' ') + 1));
  const grid = unwrap(parseInstrumentGrid({ symbol, tick, lot }));
  const scanning = new FrameParser({ market, gridOf: () => grid });
  const general = new FrameParser({ market, gridOf: () => grid, scanDepth: false });
  const rule = market === 'spot' ? BINANCE_SPOT_RULE : BINANCE_FUTURES_RULE;
  let sync = new DepthSynchroniser(grid, rule);
  const book = (text: string) => {
    const event = scanning.parse(text, symbol);
    if (event.kind === 'depth') sync.onDelta(event);
    else if (event.kind === 'snapshot') sync.onSnapshot(event);
  };
  const parseOnly = best(frames, (text) => scanning.parse(text, symbol));
  process.stdout.write(
    `${JSON.stringify({
      bench: 'binance-depth',
      market,
      frames: frames.length,
      mean_bytes: Math.round(frames.reduce((sum, text) => sum + text.length, 0) / frames.length),
      us_per_frame: parseOnly,
      us_per_frame_with_book: best(frames, book, () => {
        sync = new DepthSynchroniser(grid, rule);
      }),
      peer_json_parse_and_convert_us: best(frames, (text) => general.parse(text, symbol)),
      peer_json_parse_alone_us: best(frames, (text) => JSON.parse(text)),
      limit_us: LIMIT_US_PER_FRAME,
      pass: parseOnly <= LIMIT_US_PER_FRAME,
    })}\n`,
  );
}

/** Best of several rounds, µs per frame: the machine may be shared. */
function best(frames: readonly string[], run: (text: string) => void, reset?: () => void): number {
  let bestUs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round += 1) {
    reset?.();
    const start = performance.now();
    for (const text of frames) run(text);
    bestUs = Math.min(bestUs, ((performance.now() - start) * 1000) / frames.length);
  }
  return Math.round(bestUs * 100) / 100;
}
