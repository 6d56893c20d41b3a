import { StreamReader, TableView } from '@cerberus/bus';
import type { GreeksReport } from '@cerberus/schema';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Platform } from '../../src/up/platform.ts';
import { Recording } from '../../src/up/recorded-venue.ts';
import { Client, marketBuy } from '../end-to-end.ts';
import { naiveBook, SESSIONS, sessionsPresent } from './recorded-sessions.ts';
import { openTestPlatform, type TestPlatform } from './test-platform.ts';

const FIRST_DAY = Date.UTC(2024, 7, 8) * 1000;
const AFTER = Date.UTC(2024, 7, 9, 0, 10) * 1000;

(sessionsPresent ? describe : describe.skip)(
  'a replay of the BTC sessions of 2024-08-08 (skipped without the shared data directory)',
  () => {
    let running: TestPlatform;
    let recording: Recording;
    let platform: Platform;
    const greeks: GreeksReport[] = [];

    beforeAll(async () => {
      recording = await Recording.open(Object.values(SESSIONS), 0, () => undefined);
      running = await openTestPlatform({
        tape: recording.tape,
        venue: (host, config) => recording.venue(host, config),
      });
      platform = running.platform;
      const { bus, codecs, host } = platform;
      const reader = new StreamReader({
        ...{ name: 'replay test', bus, codecs, topics: ['risk.greeks'] },
        host: host.contextFor('replay-test'),
        handle: ({ message }) => greeks.push(message),
      });
      await reader.start();
      await positionsKnown();
      recording.begin();
      await recording.ended;
      await host.clock.sleep(200);
      await reader.stop();
    }, 120_000);

    afterAll(async () => {
      await running?.stop();
    }, 30_000);

    /** The tape waits for the opening positions, as it does for the command line. */
    async function positionsKnown(): Promise<void> {
      const { bus, codecs, host } = platform;
      const context = host.contextFor('replay-test-positions');
      const positions = new TableView({ bus, codecs, host: context, topic: 'position' });
      await positions.start();
      while ([...positions.values()].length < 6) await host.clock.sleep(50);
      await host.clock.sleep(200);
      await positions.stop();
    }

    test('accounts for every line, without a gap, and ends in the books of a naive reference', async () => {
      const report = await recording.ended;
      expect(report.files.map(({ market }) => market)).toEqual(['spot', 'usdm', 'coinm']);
      for (const file of report.files) {
        const reference = naiveBook(file.file);
        const parsed = Object.values(file.parsed).reduce((sum, count) => sum + count, 0);
        expect(file).toMatchObject({
          every_line_accounted: true,
          lines: reference.lines,
          ...{ ignored: {}, refused: {}, bad_lines: 0, truncated_tail: false, damage: null },
        });
        expect(parsed).toBe(reference.lines);
        expect(file.books).toHaveLength(1);
        const [book] = file.books;
        expect(book).toMatchObject({
          ...{ synced: true, gaps: 0, crossed: 0, duplicates: 0 },
          book_sha256: reference.sha256,
          bid_levels: reference.bidLevels,
          ask_levels: reference.askLevels,
        });
        expect(Number(book?.best_bid)).toBe(reference.bestBid);
        expect(Number(book?.best_ask)).toBe(reference.bestAsk);
      }
    });

    test('revalues the options of the demo book throughout, in the time of the recording', () => {
      const ours = greeks.filter(({ account_id }) => account_id === 'demo');
      const played = ours.filter(({ as_of }) => as_of < AFTER);
      expect(played.length).toBeGreaterThan(10);
      for (const { as_of, underlying, positions } of played) {
        expect(underlying).toBe('BTC');
        expect(as_of).toBeGreaterThan(FIRST_DAY);
        const options = positions.filter(({ asset_class }) => asset_class === 'option');
        expect(options).toHaveLength(4);
        for (const option of options) {
          expect(option.market_value).not.toBeNull();
          expect(Number.isFinite(option.delta)).toBe(true);
        }
      }
      const moving = (values: (number | null)[]) => new Set(values).size;
      // Spot, perpetual and options move with the market: hardly two revaluations are the same.
      expect(moving(played.map(({ totals }) => totals.delta))).toBeGreaterThan(played.length / 2);
      expect(moving(played.map(({ totals }) => totals.gamma))).toBeGreaterThan(played.length / 2);
      const times = played.map(({ as_of }) => as_of);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      // From the first minute of the recording to its last.
      expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(280_000_000);
    });

    test('lets no order through once the recording has ended', async () => {
      const client = new Client(running);
      const checked = await client.post('/pre-trade-check', marketBuy());
      expect(checked).toMatchObject({ status: 200, body: { passed: false } });
      expect(JSON.stringify(checked.body['blocks'])).toMatch(
        /CRB_LIMITS_FEED_NOT_LIVE|stale_price/,
      );
    });
  },
);
