import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  BUS_SECTION,
  busPort,
  codecsPort,
  SCHEMA_REGISTRY_SECTION,
  StreamReader,
} from '@cerberus/bus';
import { epochUs, unwrap } from '@cerberus/core';
import { HOST_SECTION, loadConfig, ServiceHost, TapeClock } from '@cerberus/runtime';
import type { Book, Quote } from '@cerberus/schema';
import { type CaptureReport, marketData } from '@cerberus/service-market-data';
import { afterAll, describe, expect, test } from '@jest/globals';
import { depth, line, quote, SESSION, snapshot } from './capture-text.ts';

const folder = mkdtempSync(join(tmpdir(), 'capture-feed-'));
afterAll(() => rmSync(folder, { recursive: true }));

const START = epochUs(1_723_161_253_000_000);
let replays = 0;

interface Played {
  readonly report: CaptureReport;
  readonly quotes: readonly Quote[];
  readonly books: readonly Book[];
  readonly clock: TapeClock;
}

/** Plays files through the real service on a real log, as the all-in-one does. */
async function play(contents: readonly (string | Buffer)[], speed = 0): Promise<Played> {
  replays += 1;
  const files = contents.map((content, index) => {
    const file = join(folder, `replay-${replays}-${index}`);
    writeFileSync(file, content);
    return file;
  });
  const sections = {
    host: HOST_SECTION,
    bus: BUS_SECTION,
    schemaRegistry: SCHEMA_REGISTRY_SECTION,
    'market-data': marketData.config,
  };
  const { values } = unwrap(loadConfig({ sections, environment: {}, yaml: EMPTY }));
  const dataDir = join(folder, `data-${replays}`);
  const clock = new TapeClock(START);
  const host = ServiceHost.open({
    ...{ name: 'test', clock, config: { ...values.host, dataDir, logLevel: 'silent' } },
  });
  const bus = await host.openPort(busPort, values.bus);
  const codecs = await host.openPort(codecsPort, values.schemaRegistry);
  const begin = Promise.withResolvers<void>();
  const end = Promise.withResolvers<CaptureReport>();
  const tape = { clock, begun: begin.promise, ended: end.resolve };
  const config = { ...values['market-data'], replay: { files, speed } };
  await host.startService(marketData, config, { bus, codecs, tape });
  const quotes: Quote[] = [];
  const books: Book[] = [];
  const reader = new StreamReader({
    ...{ name: 'test', bus, codecs, host: host.contextFor('reader') },
    topics: ['md.quote', 'md.book'],
    handle: ({ topic, message }) => {
      if (topic === 'md.quote') quotes.push(message as Quote);
      else books.push(message as Book);
    },
  });
  await reader.start();
  begin.resolve();
  const report = await end.promise;
  await clock.sleep(50);
  await host.stop();
  return { report, quotes, books, clock };
}

const EMPTY = { file: 'none.yaml', text: '' };
const only = ({ report }: Played) => report.files[0];

describe('a capture as a feed', () => {
  test('joins the snapshot as a live start does, and accounts for every line', async () => {
    const played = await play([SESSION.join('')]);
    expect(only(played)).toMatchObject({
      ...{ lines: 9, bad_lines: 0, every_line_accounted: true, truncated_tail: false },
      parsed: { ack: 1, depth: 4, snapshot: 1, quote: 1, trade: 1 },
      ignored: { ticker_statistics: 1 },
      ...{ refused: {}, damage: null, out_of_order: 0 },
      books: [
        {
          instrument_id: 'BTCUSDT.BINANCE',
          ...{ synced: true, state: 'DOWN', last_update_id: 104 },
          ...{ best_bid: '61000.15', best_ask: '61000.20', bid_levels: 3, ask_levels: 2 },
          // U 98 to u 102 is the first after the snapshot at 100; 103 came twice.
          ...{ deltas_before_snapshot: 1, deltas_applied: 2, duplicates: 1, gaps: 0, crossed: 0 },
        },
      ],
    });
    expect(played.quotes).toMatchObject([{ bid_price: 61_000.1, receive_time: START + 40_000 }]);
    expect(played.books[0]).toMatchObject({ kind: 'SNAPSHOT', quality: 'OK' });
    expect(played.clock.nowUs()).toBeGreaterThanOrEqual(START + 80_000);
  });

  test('several files are one tape in the order of receipt', async () => {
    const spot = [0, 20, 40].map((ms) => line(ms, quote('61000.1', '61000.2', ms))).join('');
    const usdm = [10, 30]
      .map((ms) => {
        const data = { e: 'bookTicker', s: 'BTCUSDT', b: '1', B: '1', a: '2', A: '1', u: ms };
        return line(ms, { stream: 'btcusdt@bookTicker', data: { ...data, E: 1_723_161_254_000 } });
      })
      .join('');
    const { quotes, report } = await play([spot, usdm]);
    expect(quotes.map(({ sequence }) => sequence)).toEqual([0, 10, 20, 30, 40]);
    expect(report.files.map(({ market, lines }) => [market, lines])).toEqual([
      ['spot', 3],
      ['usdm', 2],
    ]);
  });

  test('keeps the time of the recording, divided by the speed', async () => {
    const text = line(0, quote('1', '2')) + line(1000, quote('1', '3'));
    const { report } = await play([text], 4);
    expect(report).toMatchObject({ speed: 4, tape_seconds: 1, state: 'ended' });
    expect(report.wall_seconds).toBeGreaterThan(0.24);
  });

  test('a gap voids the book until the next snapshot', async () => {
    const played = await play([
      [
        ...SESSION,
        line(90, depth(200, 201)),
        line(100, depth(202, 203)),
        line(110, snapshot(201)),
        line(120, depth(204, 205)),
      ].join(''),
    ]);
    expect(only(played)?.books[0]).toMatchObject({ gaps: 1, synced: true, last_update_id: 205 });
  });

  test('a snapshot that the book does not need changes nothing', async () => {
    const played = await play([[...SESSION, line(90, snapshot(50))].join('')]);
    expect(only(played)).toMatchObject({
      parsed: { snapshot: 2 },
      books: [{ synced: true, last_update_id: 104, best_bid: '61000.15' }],
    });
  });

  test('lines that say nothing usable are counted by why', async () => {
    const played = await play([
      [
        ...SESSION,
        'no time stamp\n',
        `1723161253090000000 {"stream":"btcusdt@depth\n`,
        line(100, { stream: 'x', data: { e: 'surprise', s: 'BTCUSDT' } }),
        line(85, quote('61000.1', '61000.2')),
        '17231612531000',
      ].join(''),
    ]);
    expect(only(played)).toMatchObject({
      ...{ lines: 13, bad_lines: 1, out_of_order: 1, truncated_tail: true },
      refused: { malformed_json: 1, unknown_type: 1 },
      every_line_accounted: true,
    });
  });

  test('a damaged gzip file plays up to the damage, and says so', async () => {
    const many = Array.from({ length: 3000 }, (_, i) =>
      line(i, quote(`6${i}.1`, `7${i}.25`, (i * 7919) % 10_007)),
    );
    const packed = gzipSync(many.join(''));
    const played = await play([packed.subarray(0, packed.length - 2000)]);
    const file = only(played);
    expect(file).toMatchObject({
      damage: expect.stringMatching(/unexpected end/),
      every_line_accounted: true,
    });
    expect(file?.lines).toBeGreaterThan(1000);
    expect(file?.lines).toBeLessThan(3000);
  });

  test('without a snapshot there are quotes and trades, no book, and that is said', async () => {
    const played = await play([line(0, quote('1', '2')) + line(5, depth(1, 2))]);
    expect(played.quotes).toHaveLength(1);
    expect(played.quotes[0]?.quality).not.toBe('OK');
    expect(only(played)?.books[0]).toMatchObject({ synced: false, best_bid: null });
  });
});
