import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';

const ROOT =
  process.env['CERBERUS_SHARED_DIR'] ?? resolve(import.meta.dirname, '../../../../../shared');
const file = (name: string) =>
  resolve(ROOT, `data/ticks/binance_${name}_2024-08-08_2354utc.txt.gz`);

export const SESSIONS = {
  spot: file('spot_btcusdt'),
  usdm: file('usdm_btcusdt'),
  coinm: file('coinm_btcusd_perp'),
};
export const sessionsPresent = Object.values(SESSIONS).every((path) => existsSync(path));

interface NaiveBook {
  readonly lines: number;
  readonly sha256: string;
  readonly bestBid: number;
  readonly bestAsk: number;
  readonly bidLevels: number;
  readonly askLevels: number;
}

/** The reference: every line by `JSON.parse` into two maps, and no code of the platform. */
export function naiveBook(path: string): NaiveBook {
  const lines = gunzipSync(readFileSync(path)).toString().trimEnd().split('\n');
  const frames = lines.map((line) => {
    const json = JSON.parse(line.slice(line.indexOf(' ') + 1));
    return json.data ?? json;
  });
  const snapshot = frames.find((frame) => frame.lastUpdateId !== undefined);
  const sides = { b: new Map<string, string>(), a: new Map<string, string>() };
  const put = (side: Map<string, string>, levels: [string, string][]) => {
    for (const [price, quantity] of levels) {
      if (Number(quantity) === 0) side.delete(plain(price));
      else side.set(plain(price), plain(quantity));
    }
  };
  put(sides.b, snapshot.bids);
  put(sides.a, snapshot.asks);
  for (const frame of frames) {
    if (frame.e !== 'depthUpdate' || frame.u <= snapshot.lastUpdateId) continue;
    put(sides.b, frame.b);
    put(sides.a, frame.a);
  }
  const bids = [...sides.b].sort(([a], [b]) => Number(b) - Number(a));
  const asks = [...sides.a].sort(([a], [b]) => Number(a) - Number(b));
  const text = [...bids, ...asks].map(([price, quantity]) => `${price} ${quantity}\n`).join('');
  return {
    lines: lines.length,
    sha256: createHash('sha256').update(text).digest('hex'),
    bestBid: Number(bids[0]?.[0]),
    bestAsk: Number(asks[0]?.[0]),
    bidLevels: bids.length,
    askLevels: asks.length,
  };
}

function plain(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
