import { unwrap } from '@cerberus/core';
import {
  BINANCE_FUTURES_RULE,
  BINANCE_SPOT_RULE,
  type BinanceMarket,
  CaptureReader,
  DepthSynchroniser,
  FrameCounts,
  FrameParser,
  parseInstrumentGrid,
} from '@cerberus/venues';
import { describe, expect, test } from '@jest/globals';
import { sharedDataPresent, sharedPath } from '../shared-data.ts';

interface Recording {
  readonly market: BinanceMarket;
  readonly symbol: string;
  readonly file: string;
  readonly tick: string;
  readonly lot: string;
  /** Line counts from the data directory's own index. */
  readonly lines: number;
}

const RECORDINGS: readonly Recording[] = [
  {
    market: 'spot',
    symbol: 'BTCUSDT',
    file: 'ticks/binance_spot_btcusdt_2024-08-08_2354utc.txt.gz',
    tick: '0.01',
    lot: '0.00001',
    lines: 41249,
  },
  {
    market: 'usdm',
    symbol: 'BTCUSDT',
    file: 'ticks/binance_usdm_btcusdt_2024-08-08_2354utc.txt.gz',
    tick: '0.1',
    lot: '0.001',
    lines: 93954,
  },
  {
    market: 'coinm',
    symbol: 'BTCUSD_PERP',
    file: 'ticks/binance_coinm_btcusd_perp_2024-08-08_2354utc.txt.gz',
    tick: '0.1',
    lot: '1',
    lines: 48270,
  },
];

/** The naive reference: text prices in a map, deltas after the snapshot id, and nothing clever. */
class NaiveBook {
  readonly bids = new Map<string, string>();
  readonly asks = new Map<string, string>();
  #held: { u: number; b: [string, string][]; a: [string, string][] }[] = [];
  #snapshotId: number | undefined;

  line(text: string): void {
    const frame = JSON.parse(text);
    const data = frame.data ?? frame;
    if (data.lastUpdateId !== undefined) {
      this.#snapshotId = data.lastUpdateId;
      this.#levels(this.bids, data.bids);
      this.#levels(this.asks, data.asks);
      for (const held of this.#held) this.#delta(held);
      this.#held = [];
    } else if (data.e === 'depthUpdate') {
      if (this.#snapshotId === undefined) this.#held.push(data);
      else this.#delta(data);
    }
  }

  #delta(data: { u: number; b: [string, string][]; a: [string, string][] }): void {
    if (data.u <= (this.#snapshotId ?? 0)) return;
    this.#levels(this.bids, data.b);
    this.#levels(this.asks, data.a);
  }

  #levels(side: Map<string, string>, levels: [string, string][]): void {
    for (const [price, quantity] of levels) {
      if (Number(quantity) === 0) side.delete(shortest(price));
      else side.set(shortest(price), shortest(quantity));
    }
  }
}

function shortest(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function sorted(side: ReadonlyMap<string, string>, best: 'highest' | 'lowest'): string[][] {
  const sign = best === 'highest' ? -1 : 1;
  return [...side].sort((a, b) => sign * (Number(a[0]) - Number(b[0])));
}

(sharedDataPresent ? describe : describe.skip)(
  'recorded Binance sessions of 2024-08-08 (skipped without the shared data directory)',
  () => {
    test.each(RECORDINGS)('$market $symbol replays without a gap', async (recording) => {
      const grid = unwrap(parseInstrumentGrid(recording));
      const parser = new FrameParser({
        market: recording.market,
        gridOf: (symbol) => (symbol === grid.symbol ? grid : undefined),
      });
      const slowParser = new FrameParser({
        market: recording.market,
        gridOf: () => grid,
        scanDepth: false,
      });
      const rule = recording.market === 'spot' ? BINANCE_SPOT_RULE : BINANCE_FUTURES_RULE;
      const sync = new DepthSynchroniser(grid, rule);
      const counts = new FrameCounts();
      const naive = new NaiveBook();
      const reader = new CaptureReader(sharedPath(recording.file));
      let quotesSeen = 0;
      let scannerDisagreements = 0;
      for await (const line of reader) {
        const event = parser.parse(line.text, recording.symbol);
        counts.count(event);
        naive.line(line.text);
        if (event.kind === 'depth') {
          sync.onDelta(event);
          const slow = JSON.stringify(slowParser.parse(line.text, recording.symbol));
          if (slow !== JSON.stringify(event)) scannerDisagreements += 1;
        } else if (event.kind === 'snapshot') sync.onSnapshot(event);
        else if (event.kind === 'quote') quotesSeen += 1;
      }

      expect(reader.end).toEqual({
        lines: recording.lines,
        badLines: 0,
        truncatedTail: false,
        streamError: undefined,
      });
      expect(counts.total).toEqual({ parsed: recording.lines, ignored: 0, refused: 0 });
      expect(quotesSeen).toBe(counts.parsed['quote']);
      expect(scannerDisagreements).toBe(0);
      expect(sync.counts).toMatchObject({
        gaps: 0,
        crossed: 0,
        duplicates: 0,
        overflowed: 0,
        snapshots: 1,
        staleSnapshots: 0,
      });
      expect(sync.counts.applied + sync.counts.droppedAsOld).toBe(counts.parsed['depth']);
      const levels = (flat: number[]) =>
        Array.from({ length: flat.length / 2 }, (_, i) => [
          grid.price.text(flat[2 * i] as number),
          grid.quantity.text(flat[2 * i + 1] as number),
        ]);
      expect(sync.book.bids.size).toBeGreaterThan(500);
      expect(levels(sync.book.bids.top(1e6))).toEqual(sorted(naive.bids, 'highest'));
      expect(levels(sync.book.asks.top(1e6))).toEqual(sorted(naive.asks, 'lowest'));
    });
  },
);
