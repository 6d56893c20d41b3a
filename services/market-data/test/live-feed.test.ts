import { toNumber } from '@cerberus/core';
import { SystemClock } from '@cerberus/runtime';
import type { FeedStatus, MessageByTopic, TopicName } from '@cerberus/schema';
import { startVenueSim, type VenueSim } from '@cerberus/service-venue-sim';
import { eventually, ServiceRig } from '@cerberus/testkit';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { MarketDataConfig } from '../src/config.ts';
import { marketData } from '../src/index.ts';
import { MarketPublisher } from '../src/market-publisher.ts';

const clock = new SystemClock();
const SPOT = 'BTCUSDT.BINANCE';
const PERPETUAL = 'BTCUSDT-PERP.BINANCE';

let rig: ServiceRig;
let sim: VenueSim;

beforeEach(async () => {
  rig = await ServiceRig.open();
  sim = await startVenueSim({ clock, accounts: [], seed: 3 });
});
afterEach(async () => {
  await rig.close();
  await sim.stop();
});

function config(over: Partial<MarketDataConfig> = {}): MarketDataConfig {
  return {
    spot: { symbols: ['BTCUSDT'], rest: sim.spotUrl, ws: sim.spotWsUrl },
    usdm: { symbols: ['BTCUSDT'], rest: sim.futuresUrl, ws: sim.futuresWsUrl },
    coinm: { symbols: [], rest: '', ws: '' },
    ...{ staleAfterMs: 1000, bookLevels: 5, bookSnapshotMs: 200, historyBars: 20 },
    ...{ lateTradeBars: 5, replay: { files: [], speed: 1 } },
    ...over,
  };
}

/** Everything published on a topic from now on. */
async function watch<T extends TopicName>(topic: T): Promise<MessageByTopic[T][]> {
  const seen: MessageByTopic[T][] = [];
  await rig.bus.follow({
    ...{ topics: [topic], from: 'end' },
    onRecord: ({ value }) => {
      const decoded = rig.codecs.decode(topic, value!);
      if (decoded.ok) seen.push(decoded.value);
    },
  });
  return seen;
}

function fault(action: string, over: Record<string, unknown> = {}): void {
  const planned = sim.faults.add({ target: 'stream', action, market: 'spot', ...over });
  if (typeof planned === 'string') throw new Error(planned);
}

/** States of a feed in the order they were taken. */
function path(statuses: readonly FeedStatus[], id = SPOT): string[] {
  const states = statuses.filter((s) => s.instrument_id === id).map(({ state }) => state);
  return states.filter((state, index) => state !== states[index - 1]);
}

const last = (statuses: readonly FeedStatus[], id = SPOT) =>
  statuses.findLast((status) => status.instrument_id === id);

describe('a live market', () => {
  test('quotes, trades, books, bars and marks carry the ids of what they are about', async () => {
    const quotes = await watch('md.quote');
    const trades = await watch('md.trade');
    const books = await watch('md.book');
    const marks = await watch('md.mark');
    const bars = await watch('md.bar');
    const service = await rig.start(marketData, config());
    await rig.ready(service);
    const both = (seen: readonly { readonly instrument_id: string }[]) =>
      [SPOT, PERPETUAL].every((id) => seen.some(({ instrument_id }) => instrument_id === id));
    for (const seen of [quotes, trades, books, bars]) await eventually('both', () => both(seen));
    await eventually('a mark price', () => marks.length > 0);
    await eventually('a delta', () => books.some(({ kind }) => kind === 'DELTA'));
    expect(new Set(marks.map(({ instrument_id }) => instrument_id))).toEqual(new Set([PERPETUAL]));
    expect(bars.every(({ interval, source }) => interval !== '1d' || source === 'VENUE')).toBe(
      true,
    );
    expect(quotes.every((quote) => quote.bid_price < quote.ask_price)).toBe(true);
    const snapshots = books.filter(({ kind }) => kind === 'SNAPSHOT');
    for (const { bid_prices, ask_prices } of snapshots) {
      expect(bid_prices.length).toBeLessThanOrEqual(5);
      expect(bid_prices[0]!).toBeLessThan(ask_prices[0]!);
    }
    for (const all of [quotes, trades, books]) {
      expect(all.every(({ venue }) => venue === 'BINANCE')).toBe(true);
    }
  });

  test('instruments are told once, and again only when something of them changed', async () => {
    const told = await watch('ref.instrument');
    const service = await rig.start(marketData, config());
    await rig.ready(service);
    expect(told.map(({ instrument_id }) => instrument_id).sort()).toEqual([PERPETUAL, SPOT]);
    const perpetual = told.find(({ instrument_id }) => instrument_id === PERPETUAL)!;
    expect(perpetual).toMatchObject({ kind: 'PERPETUAL', venue_symbol: 'BTCUSDT', inverse: false });
    expect(toNumber(perpetual.tick_size)).toBe(0.1);
    // What another start finds changed is told again, and nothing else.
    await rig.append('ref.instrument', { ...perpetual, lot_size: perpetual.tick_size });
    await rig.restart();
    const again = await watch('ref.instrument');
    await rig.ready(await rig.start(marketData, config()));
    expect(again.map(({ instrument_id }) => instrument_id)).toEqual([PERPETUAL]);
    expect(again[0]!.lot_size).toBe(perpetual.lot_size);
  });

  test('an unknown symbol is left out, and the others are followed', async () => {
    const quotes = await watch('md.quote');
    const spot = { ...config().spot, symbols: ['BTCUSDT', 'NOSUCHCOIN'] };
    await rig.start(marketData, config({ spot }));
    await eventually('quotes', () => quotes.some(({ instrument_id }) => instrument_id === SPOT));
  });
});

describe('the trust state of a feed', () => {
  test('goes from connecting to live, stale when silent, down when cut, and live again', async () => {
    const statuses = await watch('md.status');
    const usdm = { ...config().usdm, symbols: [] };
    await rig.ready(await rig.start(marketData, config({ usdm })));
    await eventually('live', () => last(statuses)?.state === 'LIVE');
    expect(path(statuses).at(-1)).toBe('LIVE');
    fault('silence', { delay_ms: 2500 });
    await eventually('stale', () => last(statuses)?.state === 'STALE');
    await eventually('live after the silence', () => last(statuses)?.state === 'LIVE');
    fault('disconnect');
    await eventually('down', () => path(statuses).includes('DOWN'));
    await eventually('live after the cut', () => last(statuses)?.state === 'LIVE');
    // Where a book was joined anew between two of them, SYNCING may have been seen or been too short.
    const whole = path(statuses).filter((state) => state !== 'SYNCING');
    expect(whole.slice(whole.indexOf('STALE'))).toEqual(['STALE', 'LIVE', 'DOWN', 'LIVE']);
    expect(['CONNECTING', 'LIVE']).toContain(whole[0]);
  });

  test('a gap is counted and the book joined anew; a duplicate and a torn frame are counted', async () => {
    const statuses = await watch('md.status');
    const anomalies = await watch('md.anomaly');
    const usdm = { ...config().usdm, symbols: [] };
    await rig.ready(await rig.start(marketData, config({ usdm })));
    fault('gap', { symbol: 'BTCUSDT' });
    await eventually('the gap', () => (last(statuses)?.gaps ?? 0) >= 1);
    fault('duplicate', { symbol: 'BTCUSDT' });
    await eventually('the duplicate', () => (last(statuses)?.duplicates ?? 0) >= 1);
    fault('malformed', { symbol: 'BTCUSDT' });
    await eventually('the torn frame', () =>
      anomalies.some(({ rule }) => rule === 'refused_frame'),
    );
    await eventually('live again', () => last(statuses)?.state === 'LIVE');
    expect(last(statuses)!.resyncs).toBeGreaterThanOrEqual(1);
    const rules = new Set(anomalies.map(({ rule }) => rule));
    expect([...rules]).toEqual(expect.arrayContaining(['gap', 'duplicate', 'refused_frame']));
  });

  test('a venue that is not there yet is waited for, and stopping meanwhile leaves nothing behind', async () => {
    const nowhere = { symbols: ['BTCUSDT'], rest: 'http://127.0.0.1:9', ws: 'ws://127.0.0.1:9' };
    const service = await rig.start(marketData, config({ spot: nowhere }));
    expect(service.ready().ready).toBe(false);
    await service.stop();
  });
});

test('a log slower than the feed loses no trade and keeps their order (MD-12)', async () => {
  const TRADES = 90_000;
  const ids: string[] = [];
  await rig.bus.follow({
    ...{ topics: ['md.trade'], from: 'end' },
    onRecord: ({ value }) => {
      const decoded = rig.codecs.decode('md.trade', value!);
      if (decoded.ok) ids.push(decoded.value.trade_id);
    },
  });
  const publisher = new MarketPublisher(
    rig.host.contextFor('publisher'),
    rig.bus.streamProducer(),
    rig.codecs,
  );
  const at = clock.nowUs();
  for (let id = 0; id < TRADES; id += 1) {
    publisher.publish('md.trade', {
      ...{ instrument_id: SPOT, venue: 'BINANCE', event_time: at, receive_time: at },
      ...{ trade_id: String(id), price: 1, quantity: 1, aggressor: 'BUY' },
    });
  }
  await publisher.settled();
  await eventually('every trade', () => ids.length === TRADES);
  expect(ids.every((id, index) => id === String(index))).toBe(true);
});
