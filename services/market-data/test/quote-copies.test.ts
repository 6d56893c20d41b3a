import { CACHE_ERRORS, LatestQuotes, MemoryCache } from '@cerberus/cache';
import { CerberusError, type EpochUs, faultOf } from '@cerberus/core';
import { Metrics } from '@cerberus/runtime';
import type { Quote } from '@cerberus/schema';
import { VirtualClock } from '@cerberus/testkit';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { QuoteCopies } from '../src/quote-copies.ts';

const BTC = 'BTCUSDT.BINANCE';
const ETH = 'ETHUSDT.BINANCE';

/** A server that can be lost and comes back empty. */
class LosableCache extends MemoryCache {
  isLost = false;
  writes = 0;

  override async set(...args: Parameters<MemoryCache['set']>): Promise<boolean> {
    this.writes += 1;
    if (this.isLost) throw new CerberusError(faultOf(CACHE_ERRORS.UNAVAILABLE));
    return super.set(...args);
  }
}

describe('QuoteCopies', () => {
  let clock: VirtualClock;
  let cache: LosableCache;
  let copies: QuoteCopies;
  let problems: unknown[];

  beforeEach(() => {
    clock = new VirtualClock();
    cache = new LosableCache({ clock, metrics: new Metrics('test'), maxEntries: 1000 });
    problems = [];
    const watch = (_name: string, task: Promise<unknown>) =>
      void task.catch((error: unknown) => problems.push(error));
    const supervisor = { watch, judge: () => ({ action: 'stop' as const }), stop: () => undefined };
    copies = new QuoteCopies(cache, { clock, supervisor });
  });

  const quote = (instrument_id: string, price: number): Quote => ({
    ...{ instrument_id, venue: 'BINANCE', event_time: clock.nowUs(), receive_time: clock.nowUs() },
    ...{ sequence: 1, bid_price: price, bid_quantity: 1, ask_price: price + 1, ask_quantity: 1 },
    quality: 'OK',
  });
  const prices = async () =>
    (await new LatestQuotes(cache).read([BTC, ETH])).map(({ bid_price }) => bid_price);

  test('a thousand ticks are one write a second, of the newest', async () => {
    for (let tick = 1; tick <= 1000; tick += 1) {
      copies.note(quote(BTC, tick));
      await clock.advanceAsync(2);
    }
    expect(cache.writes).toBe(2);
    expect(await prices()).toEqual([1000]);
    copies.note(quote(BTC, 1001));
    await clock.advanceAsync(999);
    expect(await prices()).toEqual([1000]);
    await clock.advanceAsync(1);
    expect(await prices()).toEqual([1001]);
    await clock.advanceAsync(10_000);
    // Nothing new, nothing written.
    expect(cache.writes).toBe(3);
  });

  test('what a lost cache did not take is written when it is back', async () => {
    cache.isLost = true;
    copies.note(quote(BTC, 1));
    copies.note(quote(ETH, 2));
    await clock.advanceAsync(5000);
    cache.isLost = false;
    await clock.advanceAsync(1000);
    expect(await prices()).toEqual([1, 2]);
    expect(problems).toEqual([]);
  });

  test('a cache that came back empty is filled again, quiet instruments too', async () => {
    copies.note(quote(BTC, 1));
    await clock.advanceAsync(1000);
    await cache.delete(`quote:${BTC}`);
    await clock.advanceAsync(61_000);
    expect(await prices()).toEqual([1]);
  });

  test('stopped, it writes no more; a fault of its own is not hidden', async () => {
    copies.note({ ...quote(BTC, 1), event_time: Number.NaN as EpochUs });
    await clock.advanceAsync(1000);
    expect(String(problems)).toContain('a version is a finite number');
    copies.stop();
    copies.note(quote(BTC, 2));
    await clock.advanceAsync(5000);
    expect(await prices()).toEqual([]);
  });
});
